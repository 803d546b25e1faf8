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

# The key that signs the tokens of runs. Terraform makes it, and neither the plan nor the state contains it.
ephemeral "random_password" "run_tokens" {
  length  = 64
  special = false
}

# Nothing is lost with it: the next installation makes another key.
resource "google_secret_manager_secret" "run_tokens" {
  project   = var.project
  secret_id = "${var.name}-run-tokens"

  replication {
    auto {}
  }

  deletion_protection = false
  depends_on          = [google_project_service.this]
}

resource "google_secret_manager_secret_version" "run_tokens" {
  secret                 = google_secret_manager_secret.run_tokens.id
  secret_data_wo         = ephemeral.random_password.run_tokens.result
  secret_data_wo_version = var.run_token_key
}
