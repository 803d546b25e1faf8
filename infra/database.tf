resource "google_firestore_database" "this" {
  project                           = var.project
  name                              = "${var.name}-data"
  location_id                       = var.firestore_location == "" ? var.region : var.firestore_location
  type                              = "FIRESTORE_NATIVE"
  concurrency_mode                  = "OPTIMISTIC"
  point_in_time_recovery_enablement = "POINT_IN_TIME_RECOVERY_ENABLED"
  delete_protection_state           = var.keep_data ? "DELETE_PROTECTION_ENABLED" : "DELETE_PROTECTION_DISABLED"
  deletion_policy                   = local.deletion

  depends_on = [google_project_service.this]
}

# The database in use. A restored database already has its documents and composite indexes. Terraform adds exemptions,
# expiry and backups; protection and point-in-time recovery must be enabled by hand (infra/README.md, "Restore").
locals {
  database = var.restored_database == "" ? google_firestore_database.this.name : var.restored_database
}

resource "google_firestore_backup_schedule" "daily" {
  count = var.backup_days > 0 ? 1 : 0

  project   = var.project
  database  = local.database
  retention = "${var.backup_days * 86400}s"

  daily_recurrence {}
}
