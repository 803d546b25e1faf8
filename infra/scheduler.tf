locals {
  # A second job in another region ticks when the first region's Cloud Scheduler is down. Two ticks a minute are safe.
  tick_sources = merge(
    { tick = var.region },
    var.second_region == "" ? {} : { second-tick = var.second_region },
  )
}

resource "google_cloud_scheduler_job" "tick" {
  for_each = local.tick_sources

  project          = var.project
  region           = each.value
  name             = "${var.name}-${each.key}"
  description      = "Calls tick each minute"
  schedule         = "* * * * *"
  time_zone        = "Etc/UTC"
  attempt_deadline = "60s"

  # Nothing depends on these retries: a tick may come late, twice or not at all. They only save a failed minute.
  retry_config {
    retry_count          = 2
    min_backoff_duration = "5s"
    max_backoff_duration = "10s"
  }

  http_target {
    http_method = "POST"
    uri         = local.url["tick"]

    oidc_token {
      service_account_email = google_service_account.caller.email
      audience              = local.url["tick"]
    }
  }

  depends_on = [google_cloud_run_service_iam_member.called]
}
