resource "google_storage_bucket" "source" {
  #checkov:skip=CKV_GCP_62: the bucket contains deployed source, no data; Cloud Audit Logs record who reads it, if the project enables them
  project                     = var.project
  name                        = "${var.project}-${var.name}-source"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = !var.keep_data

  versioning {
    enabled = true
  }

  # A replaced archive is kept for 90 days, for inspection and rollback.
  lifecycle_rule {
    action {
      type = "Delete"
    }

    condition {
      days_since_noncurrent_time = 90
      with_state                 = "ARCHIVED"
    }
  }

  depends_on = [google_project_service.this]
}

resource "google_storage_bucket_object" "source" {
  bucket = google_storage_bucket.source.name
  # The name contains the content's hash, so new content gives a new name, which updates the functions.
  name   = "source-${filesha256(var.source_archive)}.zip"
  source = var.source_archive
}

resource "google_artifact_registry_repository" "images" {
  #checkov:skip=CKV_GCP_84: the images contain no secrets and Google encrypts them; a key of your own would be one more thing to lose
  project       = var.project
  location      = var.region
  repository_id = var.name
  description   = "The images of Tock's functions"
  format        = "DOCKER"

  cleanup_policies {
    id     = "keep-ten"
    action = "KEEP"

    most_recent_versions {
      keep_count = 10
    }
  }

  cleanup_policies {
    id     = "delete-old"
    action = "DELETE"

    condition {
      older_than = "2592000s"
    }
  }

  depends_on = [google_project_service.this]
}
