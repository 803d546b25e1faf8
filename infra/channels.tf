# Who is told. Other channels, such as a pager, may be added in the console: what Terraform did not make it leaves alone.
resource "google_monitoring_notification_channel" "email" {
  for_each = toset(var.alert_emails)

  project      = var.project
  display_name = "${var.name}: ${each.key}"
  type         = "email"
  labels       = { email_address = each.key }
  # Whoever leaves the list leaves the alerts.
  force_delete = true

  depends_on = [google_project_service.this]
}

locals {
  channels = [for channel in google_monitoring_notification_channel.email : channel.id]
}
