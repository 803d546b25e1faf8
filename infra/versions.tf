terraform {
  # Arguments that are written and never stored need 1.11.
  required_version = ">= 1.11"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 7.45"
    }
    random = {
      source  = "hashicorp/random"
      version = "~> 3.7"
    }
  }

  # The state's bucket is named at `terraform init`; `tock deploy` creates it.
  backend "gcs" {}
}

provider "google" {
  project = var.project
  region  = var.region
  # API calls use this project's quota; the Budgets API accepts no calls without such a project.
  billing_project       = var.project
  user_project_override = true
}

# No depends_on: Terraform would then not know the project's number while it plans, and would replace all that uses it.
data "google_project" "this" {
  project_id = var.project
}
