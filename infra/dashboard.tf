locals {
  # title, filter, aligner, reducer, grouped by
  charts = [
    ["Successful ticks, a minute", "${local.user_metric}/ticks\"", "ALIGN_DELTA", "REDUCE_SUM", []],
    ["Lag of the oldest due trigger, s", "${local.user_metric}/tick_lag\"", "ALIGN_PERCENTILE_99", "REDUCE_MAX", []],
    ["How late runs start, s (99 %)", "${local.user_metric}/run_lateness\"", "ALIGN_PERCENTILE_99", "REDUCE_MAX", []],
    ["How long a tick takes, s", "${local.user_metric}/tick_duration\"", "ALIGN_PERCENTILE_99", "REDUCE_MAX", []],
    ["Runs claimed by a tick", "${local.user_metric}/tick_claimed\"", "ALIGN_PERCENTILE_99", "REDUCE_MAX", []],
    ["Fire times missed by a tick", "${local.user_metric}/tick_missed\"", "ALIGN_PERCENTILE_99", "REDUCE_MAX", []],
    ["Attempts ended, a minute, by the run's status", "${local.user_metric}/ended\"", "ALIGN_DELTA", "REDUCE_SUM", ["metric.label.status"]],
    ["Runs rescued or sent again, a minute", "${local.user_metric}/repaired\"", "ALIGN_DELTA", "REDUCE_SUM", ["metric.label.message"]],
    ["Requests refused, a minute, by the reason", "${local.user_metric}/refused\"", "ALIGN_DELTA", "REDUCE_SUM", ["metric.label.code"]],
    ["Tasks in the queues", "resource.type=\"cloud_tasks_queue\" AND metric.type=\"cloudtasks.googleapis.com/queue/depth\" AND resource.labels.queue_id=monitoring.regex.full_match(\"${var.name}-.*\")", "ALIGN_MAX", "REDUCE_SUM", ["resource.label.queue_id"]],
    ["Instances", "resource.type=\"cloud_run_revision\" AND metric.type=\"run.googleapis.com/container/instance_count\" AND resource.labels.service_name=monitoring.regex.full_match(\"${var.name}-(${join("|", local.functions)})\")", "ALIGN_MAX", "REDUCE_SUM", ["resource.label.service_name"]],
  ]
}

resource "google_monitoring_dashboard" "this" {
  project = var.project

  dashboard_json = jsonencode({
    displayName = "Tock: ${var.name}"
    mosaicLayout = {
      columns = 12
      tiles = [
        for number, chart in local.charts : {
          xPos   = 6 * (number % 2)
          yPos   = 4 * floor(number / 2)
          width  = 6
          height = 4
          widget = {
            title = chart[0]
            xyChart = {
              dataSets = [{
                plotType = "LINE"
                timeSeriesQuery = {
                  timeSeriesFilter = {
                    filter = chart[1]
                    aggregation = {
                      alignmentPeriod    = "60s"
                      perSeriesAligner   = chart[2]
                      crossSeriesReducer = chart[3]
                      groupByFields      = chart[4]
                    }
                  }
                }
              }]
            }
          }
        }
      ]
    }
  })

  depends_on = [google_logging_metric.counter, google_logging_metric.measure]
}
