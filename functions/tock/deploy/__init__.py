"""The way into the cloud: the source archive, and what `tock deploy` asks of gcloud and Terraform."""
