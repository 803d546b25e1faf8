"""Deployment: builds the source archive, and calls gcloud and Terraform for `tock deploy`."""
