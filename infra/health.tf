# An uptime check reads /v1/health from outside, which answers 503 if no tick succeeded for three minutes or ever. It
# does not depend on logs, unlike the other alerts. If api is not open to allUsers, no check from outside is possible.

resource "google_monitoring_uptime_check_config" "health" {
  count = contains(var.api_callers, "allUsers") ? 1 : 0

  project          = var.project
  display_name     = "${var.name}: health"
  period           = "300s"
  timeout          = "30s"
  selected_regions = ["EUROPE", "USA_VIRGINIA", "ASIA_PACIFIC"]

  http_check {
    path         = "/v1/health"
    port         = 443
    use_ssl      = true
    validate_ssl = true
  }

  monitored_resource {
    type = "uptime_url"
    labels = {
      project_id = var.project
      host       = trimprefix(local.url["api"], "https://")
    }
  }

  # Cloud Monitoring refuses to delete a check that an alert uses.
  lifecycle {
    create_before_destroy = true
  }

  depends_on = [google_project_service.this]
}

resource "google_monitoring_alert_policy" "health" {
  count = length(google_monitoring_uptime_check_config.health)

  project      = var.project
  display_name = "${var.name}: health is late or silent"
  combiner     = "OR"
  severity     = "CRITICAL"

  conditions {
    display_name = "two places see no healthy answer"

    condition_threshold {
      filter          = "resource.type=\"uptime_url\" AND metric.type=\"monitoring.googleapis.com/uptime_check/check_passed\" AND metric.labels.check_id=\"${google_monitoring_uptime_check_config.health[0].uptime_check_id}\""
      comparison      = "COMPARISON_GT"
      threshold_value = 1
      duration        = "300s"

      aggregations {
        alignment_period     = "600s"
        per_series_aligner   = "ALIGN_NEXT_OLDER"
        cross_series_reducer = "REDUCE_COUNT_FALSE"
        group_by_fields      = ["resource.label.host"]
      }

      trigger {
        count = 1
      }
    }
  }

  notification_channels = local.channels

  documentation {
    mime_type = "text/markdown"
    content   = "See infra/README.md, \"Health\"."
  }

  depends_on = [google_cloud_scheduler_job.tick]
}
