# A limit: a queue carries 500 starts a second. A price: an idle one costs nothing, but the name of a deleted one is
# blocked for days.
resource "google_cloud_tasks_queue" "runs" {
  count = var.run_queues

  project  = var.project
  location = var.region
  name     = "${var.name}-runs-${count.index}"

  rate_limits {
    max_dispatches_per_second = var.run_rate
    max_concurrent_dispatches = var.run_deliveries
  }

  # A delivery that finds no answer is repeated for ten minutes; then the sweep sends another. The number of attempts is
  # what fits into that time: both must be reached before Cloud Tasks gives up.
  retry_config {
    max_attempts       = 16
    max_retry_duration = "600s"
    min_backoff        = "1s"
    max_backoff        = "60s"
    max_doublings      = 6
  }

  stackdriver_logging_config {
    sampling_ratio = 0.01
  }

  deletion_policy = local.deletion
  depends_on      = [google_project_service.this]
}

resource "google_cloud_tasks_queue" "ticks" {
  project  = var.project
  location = var.region
  name     = "${var.name}-ticks"

  # Each shard has one further tick at a time.
  rate_limits {
    max_dispatches_per_second = 10
    max_concurrent_dispatches = 30
  }

  # What is given up here, the next minute's tick hands over again.
  retry_config {
    max_attempts       = 3
    max_retry_duration = "60s"
    min_backoff        = "1s"
    max_backoff        = "10s"
    max_doublings      = 3
  }

  stackdriver_logging_config {
    sampling_ratio = 1
  }

  deletion_policy = local.deletion
  depends_on      = [google_project_service.this]
}

# For what tells people about their runs; no function may use it before one does.
resource "google_cloud_tasks_queue" "notifications" {
  project  = var.project
  location = var.region
  name     = "${var.name}-notifications"

  rate_limits {
    max_dispatches_per_second = 50
    max_concurrent_dispatches = 100
  }

  # A day for a receiver that is down.
  retry_config {
    max_attempts       = 33
    max_retry_duration = "86400s"
    min_backoff        = "5s"
    max_backoff        = "3600s"
    max_doublings      = 10
  }

  stackdriver_logging_config {
    sampling_ratio = 1
  }

  deletion_policy = local.deletion
  depends_on      = [google_project_service.this]
}
