# One account for each function, one that Cloud Scheduler and Cloud Tasks call with, one that builds. No keys are made.

resource "google_service_account" "function" {
  for_each = toset(local.functions)

  project      = var.project
  account_id   = "${var.name}-${each.key}"
  display_name = "Tock: the function ${each.key}"

  depends_on = [google_project_service.this]
}

resource "google_service_account" "caller" {
  project      = var.project
  account_id   = "${var.name}-caller"
  display_name = "Tock: what Cloud Scheduler and Cloud Tasks call tick and run as"

  depends_on = [google_project_service.this]
}

resource "google_service_account" "build" {
  project      = var.project
  account_id   = "${var.name}-build"
  display_name = "Tock: builds the functions"

  depends_on = [google_project_service.this]
}
