# Every function may read and write documents, only in this database.
resource "google_project_iam_member" "documents" {
  for_each = google_service_account.function

  project = var.project
  role    = "roles/datastore.user"
  member  = each.value.member

  condition {
    title      = "only-${local.database}"
    expression = "resource.name == \"projects/${var.project}/databases/${local.database}\""
  }
}

# Every function may create tasks in the queues of runs, because each of the five creates, settles or edits runs.
resource "google_cloud_tasks_queue_iam_member" "runs" {
  for_each = {
    for pair in setproduct(range(var.run_queues), local.functions) : "${pair[0]}/${pair[1]}" => {
      queue    = google_cloud_tasks_queue.runs[pair[0]].name
      function = pair[1]
    }
  }

  project  = var.project
  location = var.region
  name     = each.value.queue
  role     = "roles/cloudtasks.enqueuer"
  member   = google_service_account.function[each.value.function].member
}

# Only tick may enqueue continuations.
resource "google_cloud_tasks_queue_iam_member" "ticks" {
  project  = var.project
  location = var.region
  name     = google_cloud_tasks_queue.ticks.name
  role     = "roles/cloudtasks.enqueuer"
  member   = google_service_account.function["tick"].member
}

# A task calls as the caller's account, so every function that creates tasks must be allowed to act as this account.
resource "google_service_account_iam_member" "acts_as_caller" {
  for_each = google_service_account.function

  service_account_id = google_service_account.caller.name
  role               = "roles/iam.serviceAccountUser"
  member             = each.value.member
}

# Only the caller's account may invoke tick and run.
resource "google_cloud_run_service_iam_member" "called" {
  for_each = toset(["tick", "run"])

  project  = var.project
  location = var.region
  service  = google_cloudfunctions2_function.this[each.key].name
  role     = "roles/run.invoker"
  member   = google_service_account.caller.member
}

# api_callers may invoke trigger, retry and api, which ask for an API key themselves.
resource "google_cloud_run_service_iam_member" "people" {
  for_each = {
    for pair in setproduct(local.people, var.api_callers) : "${pair[0]}/${pair[1]}" => {
      function = pair[0]
      member   = pair[1]
    }
  }

  project  = var.project
  location = var.region
  service  = google_cloudfunctions2_function.this[each.value.function].name
  role     = "roles/run.invoker"
  member   = each.value.member
}

# run and api may read the key of run tokens.
resource "google_secret_manager_secret_iam_member" "run_tokens" {
  for_each = toset(["run", "api"])

  project   = var.project
  secret_id = google_secret_manager_secret.run_tokens.secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.function[each.key].member
}

# Only run may read the secrets of agents, and only these; but for api, which masks those that it must not keep.
resource "google_secret_manager_secret_iam_member" "signing" {
  project   = var.project
  secret_id = google_secret_manager_secret.signing.secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.function["run"].member
}

resource "google_secret_manager_secret_iam_member" "masked" {
  project   = var.project
  secret_id = google_secret_manager_secret.signing.secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.function["api"].member
}

resource "google_secret_manager_secret_iam_member" "own" {
  for_each = toset(values(var.run_secrets))

  project   = var.project
  secret_id = each.value
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.function["run"].member

  depends_on = [google_project_service.this]
}

# The build may read the source, and write images and its own log.
resource "google_storage_bucket_iam_member" "build" {
  bucket = google_storage_bucket.source.name
  role   = "roles/storage.objectViewer"
  member = google_service_account.build.member
}

# Cloud Functions gives the build a copy of the source in another bucket, which the first deployment creates.
resource "google_project_iam_member" "build_source" {
  project = var.project
  role    = "roles/storage.objectViewer"
  member  = google_service_account.build.member

  condition {
    title      = "only-sources-of-functions"
    expression = "resource.name.startsWith(\"projects/_/buckets/gcf-v2-sources-${data.google_project.this.number}-${var.region}\")"
  }
}

resource "google_artifact_registry_repository_iam_member" "build" {
  project    = var.project
  location   = var.region
  repository = google_artifact_registry_repository.images.repository_id
  role       = "roles/artifactregistry.writer"
  member     = google_service_account.build.member
}

resource "google_project_iam_member" "build_log" {
  project = var.project
  role    = "roles/logging.logWriter"
  member  = google_service_account.build.member
}
