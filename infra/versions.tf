terraform {
  # Validations that look at other variables came with 1.9.
  required_version = ">= 1.9"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 7.45"
    }
  }

  # A bucket of your own, named at `terraform init`; `tock deploy` makes one.
  backend "gcs" {}
}

provider "google" {
  project = var.project
  region  = var.region
  # Calls count against this project: budgets, above all, take no other.
  billing_project       = var.project
  user_project_override = true
}

# It waits for nothing: where its number is unknown, all that is made of it would be made anew.
data "google_project" "this" {
  project_id = var.project
}
