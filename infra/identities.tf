# One service account for each function, one that Cloud Scheduler and Cloud Tasks call as, and one for the build. None
# of them gets a key.

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
  display_name = "Tock: Cloud Scheduler and Cloud Tasks call tick and run as this account"

  depends_on = [google_project_service.this]
}

resource "google_service_account" "build" {
  project      = var.project
  account_id   = "${var.name}-build"
  display_name = "Tock: builds the functions"

  depends_on = [google_project_service.this]
}
