resource "google_storage_bucket" "source" {
  #checkov:skip=CKV_GCP_62: it holds the source that is deployed, no data; who reads it says Cloud Audit Logs, where a project wants them
  project                     = var.project
  name                        = "${var.project}-${var.name}-source"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = !var.keep_data

  versioning {
    enabled = true
  }

  # An archive that was replaced stays for a while, to look into or to roll back to.
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
  # Another name for other content: a change of it is a change of the functions.
  name   = "source-${filesha256(var.source_archive)}.zip"
  source = var.source_archive
}

resource "google_artifact_registry_repository" "images" {
  #checkov:skip=CKV_GCP_84: images of code hold no secret; Google encrypts them, and a key of one's own would be one more thing to lose
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
