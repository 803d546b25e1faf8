# A JSON object, by project/name, of the secrets that sign the calls of HTTP agents. Terraform never sees its versions:
# they are added with gcloud, and signing_version says which one run reads.
resource "google_secret_manager_secret" "signing" {
  project   = var.project
  secret_id = "${var.name}-signing"

  replication {
    auto {}
  }

  deletion_protection = var.keep_data
  depends_on          = [google_project_service.this]
}
