# Who receives alerts. Other channels, such as a pager, may be added in the console; Terraform does not change them.
resource "google_monitoring_notification_channel" "email" {
  for_each = toset(var.alert_emails)

  project      = var.project
  display_name = "${var.name}: ${each.key}"
  type         = "email"
  labels       = { email_address = each.key }
  # An address that is removed from the list is also removed from the alerts.
  force_delete = true

  depends_on = [google_project_service.this]
}

locals {
  channels = [for channel in google_monitoring_notification_channel.email : channel.id]
}
