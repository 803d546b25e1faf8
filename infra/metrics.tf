# The functions log one JSON object per log event; `message` is the event's name. These metrics rely on the names.

locals {
  from_tick = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=\"${var.name}-tick\""
  from_any  = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=~\"^${var.name}-(${join("|", local.functions)})$\""
  any_tick  = "${local.from_tick} AND jsonPayload.message=\"tick_finished\""
  minute    = "${local.any_tick} AND jsonPayload.tick=\"minute\""

  # name = { filter, the field that becomes a label, or "" }
  counters = {
    # A tick does not count as successful if the queue accepted none of its tasks.
    ticks        = { filter = "${local.minute} AND (jsonPayload.refused=0 OR jsonPayload.enqueued>0)", label = "" }
    late_ticks   = { filter = "${local.minute} AND jsonPayload.lag>${var.lag_to_alert}", label = "" }
    missing      = { filter = "${local.any_tick} AND jsonPayload.missed>0", label = "" }
    failed_ticks = { filter = "${local.from_tick} AND jsonPayload.message=\"tick_failed\"", label = "" }
    ended        = { filter = "${local.from_any} AND jsonPayload.message=(\"run_settled\" OR \"run_refused\" OR \"run_rescued\" OR \"unreadable_run_ended\")", label = "status" }
    repaired     = { filter = "${local.from_any} AND jsonPayload.message=(\"run_rescued\" OR \"run_redispatched\")", label = "message" }
    disabled     = { filter = "${local.from_any} AND jsonPayload.message=\"trigger_disabled\"", label = "" }
    unenqueued   = { filter = "${local.from_any} AND jsonPayload.message=(\"enqueue_failed\" OR \"tick_continuation_failed\")", label = "" }
    refused      = { filter = "${local.from_any} AND jsonPayload.message=\"request_refused\"", label = "code" }
    broken       = { filter = "${local.from_any} AND jsonPayload.message=(\"unhandled_error\" OR \"executor_error\" OR \"outcome_not_storable\" OR \"events_not_storable\" OR \"document_unreadable\")", label = "" }
  }

  # name = { filter, the field that is measured, its unit }
  measures = {
    tick_lag      = { filter = local.minute, field = "lag", unit = "s" }
    tick_duration = { filter = local.any_tick, field = "duration", unit = "s" }
    tick_claimed  = { filter = local.any_tick, field = "claimed", unit = "1" }
    tick_missed   = { filter = local.any_tick, field = "missed", unit = "1" }
    run_lateness  = { filter = "${local.from_any} AND jsonPayload.message=\"run_started\"", field = "lateness", unit = "s" }
  }
}

resource "google_logging_metric" "counter" {
  for_each = local.counters

  project = var.project
  name    = "${var.name}/${each.key}"
  filter  = each.value.filter

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
    unit        = "1"

    dynamic "labels" {
      for_each = each.value.label == "" ? [] : [each.value.label]

      content {
        key        = labels.value
        value_type = "STRING"
      }
    }
  }

  label_extractors = each.value.label == "" ? {} : { (each.value.label) = "EXTRACT(jsonPayload.${each.value.label})" }

  depends_on = [google_project_service.this]
}

resource "google_logging_metric" "measure" {
  for_each = local.measures

  project         = var.project
  name            = "${var.name}/${each.key}"
  filter          = each.value.filter
  value_extractor = "EXTRACT(jsonPayload.${each.value.field})"

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "DISTRIBUTION"
    unit        = each.value.unit
  }

  # From 10 ms to three hours; each bound is 1.5 times the previous one.
  bucket_options {
    exponential_buckets {
      num_finite_buckets = 34
      growth_factor      = 1.5
      scale              = 0.01
    }
  }

  depends_on = [google_project_service.this]
}
