# A queue dispatches at most 500 tasks a second. An idle queue costs nothing. The name of a deleted queue is blocked for
# days.
resource "google_cloud_tasks_queue" "runs" {
  count = var.run_queues

  project  = var.project
  location = var.region
  name     = "${var.name}-runs-${count.index}"

  rate_limits {
    max_dispatches_per_second = var.run_rate
    max_concurrent_dispatches = var.run_deliveries
  }

  # Cloud Tasks retries a failed delivery for ten minutes; then the sweep sends another task. Cloud Tasks gives up only
  # when both limits are reached, so max_attempts is the number of attempts that fit into this time.
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

  # Each shard has one continuation at a time, and those of a crowd begin together.
  rate_limits {
    max_dispatches_per_second = max(var.shards, 10)
    max_concurrent_dispatches = max(var.shards, 30)
  }

  # If Cloud Tasks gives up a continuation, the next minute's tick enqueues another.
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

# For notifications about runs. No function sends any yet, so none has permission to use this queue.
resource "google_cloud_tasks_queue" "notifications" {
  project  = var.project
  location = var.region
  name     = "${var.name}-notifications"

  rate_limits {
    max_dispatches_per_second = 50
    max_concurrent_dispatches = 100
  }

  # Retries for a day, in case a receiver is down.
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
