# Each alert names its section of infra/README.md. Alerts are created after the functions, because Cloud Monitoring
# recognises a new metric only after some minutes, and until then refuses alerts on it.

locals {
  user_metric = "resource.type=\"cloud_run_revision\" AND metric.type=\"logging.googleapis.com/user/${var.name}"

  # Attempts of one minute's tick: each job makes three (scheduler.tf). "Ticks fail" is raised when all attempts of
  # three minutes in five have failed.
  attempts = (var.second_region == "" ? 1 : 2) * 3

  # metric = { title, alert above this count, within this window in seconds, severity, section of the runbook }
  counted = {
    failed_ticks = { title = "ticks fail", above = 3 * local.attempts - 1, window = 300, severity = "ERROR", section = "Ticks fail" }
    late_ticks   = { title = "triggers are claimed late", above = 1, window = 300, severity = "ERROR", section = "Lag" }
    missing      = { title = "fire times are missed", above = 0, window = 300, severity = "ERROR", section = "Missed" }
    unenqueued   = { title = "tasks cannot be created", above = 5, window = 300, severity = "ERROR", section = "Tasks cannot be created" }
    repaired     = { title = "runs are rescued", above = 20, window = 900, severity = "WARNING", section = "Runs are rescued" }
    disabled     = { title = "a trigger was disabled", above = 0, window = 300, severity = "WARNING", section = "A trigger was disabled" }
    broken       = { title = "requests break", above = 0, window = 300, severity = "ERROR", section = "Requests break" }
  }
}

# No minute's tick has succeeded for five minutes. This alert works only after the first tick, health.tf before it too.
resource "google_monitoring_alert_policy" "no_tick" {
  project      = var.project
  display_name = "${var.name}: no successful tick in 5 minutes"
  combiner     = "OR"
  severity     = "CRITICAL"

  conditions {
    display_name = "no tick_finished"

    condition_absent {
      filter   = "${local.user_metric}/ticks\""
      duration = "300s"

      aggregations {
        alignment_period     = "60s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }

  notification_channels = local.channels

  documentation {
    mime_type = "text/markdown"
    content   = "Nothing new starts; claimed runs still start. See infra/README.md, \"No tick\"."
  }

  depends_on = [google_logging_metric.counter, google_cloud_scheduler_job.tick]
}

resource "google_monitoring_alert_policy" "counted" {
  for_each = local.counted

  project      = var.project
  display_name = "${var.name}: ${each.value.title}"
  combiner     = "OR"
  severity     = each.value.severity

  conditions {
    display_name = "more than ${each.value.above} in ${each.value.window / 60} minutes"

    condition_threshold {
      filter          = "${local.user_metric}/${each.key}\""
      comparison      = "COMPARISON_GT"
      threshold_value = each.value.above
      duration        = "0s"

      aggregations {
        alignment_period     = "${each.value.window}s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }

  # A counter without events has no data, so an incident would stay open. Half an hour without data closes it; the next
  # event opens another.
  alert_strategy {
    auto_close = "1800s"
  }

  notification_channels = local.channels

  documentation {
    mime_type = "text/markdown"
    content   = "See infra/README.md, \"${each.value.section}\"."
  }

  depends_on = [google_logging_metric.counter, google_cloud_scheduler_job.tick]
}

# Runs that failed or timed out, after all their retries.
resource "google_monitoring_alert_policy" "failures" {
  project      = var.project
  display_name = "${var.name}: many runs fail"
  combiner     = "OR"
  severity     = "WARNING"

  conditions {
    display_name = "more than ${var.failures_to_alert} failed or timed out in 10 minutes"

    condition_threshold {
      filter          = "${local.user_metric}/ended\" AND metric.labels.status=monitoring.regex.full_match(\"failed|timed_out\")"
      comparison      = "COMPARISON_GT"
      threshold_value = var.failures_to_alert
      duration        = "0s"

      aggregations {
        alignment_period     = "600s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }

  alert_strategy {
    auto_close = "1800s"
  }

  notification_channels = local.channels

  documentation {
    mime_type = "text/markdown"
    content   = "See infra/README.md, \"Many runs fail\"."
  }

  depends_on = [google_logging_metric.counter, google_cloud_scheduler_job.tick]
}

# More tasks wait in a queue than usual: run has too little capacity, or does not answer.
resource "google_monitoring_alert_policy" "queue_depth" {
  project      = var.project
  display_name = "${var.name}: tasks pile up"
  combiner     = "OR"
  severity     = "WARNING"

  conditions {
    display_name = "more than ${var.queue_depth_to_alert} tasks in a queue for 10 minutes"

    condition_threshold {
      filter          = "resource.type=\"cloud_tasks_queue\" AND metric.type=\"cloudtasks.googleapis.com/queue/depth\" AND resource.labels.queue_id=monitoring.regex.full_match(\"${var.name}-(runs-[0-9]+|ticks|notifications)\")"
      comparison      = "COMPARISON_GT"
      threshold_value = var.queue_depth_to_alert
      duration        = "600s"

      aggregations {
        alignment_period   = "60s"
        per_series_aligner = "ALIGN_MAX"
      }
    }
  }

  alert_strategy {
    auto_close = "1800s"
  }

  notification_channels = local.channels

  documentation {
    mime_type = "text/markdown"
    content   = "See infra/README.md, \"Tasks pile up\"."
  }

  depends_on = [google_cloud_scheduler_job.tick]
}
