locals {
  functions = ["tick", "run", "trigger", "retry", "api"]
  # The functions that people call, with an API key. Cloud Scheduler and Cloud Tasks call the others.
  people = ["trigger", "retry", "api"]

  # Functions need their own URLs as settings, so the URLs must be known before the functions exist. Cloud Run gives
  # every service this deterministic URL in addition to a random one (Cloud Run, "Deterministic URL"). The check in
  # functions.tf verifies it.
  url = {
    for function in local.functions :
    function => "https://${var.name}-${function}-${data.google_project.this.number}.${var.region}.run.app"
  }

  # What `terraform destroy` does with data, and with queues, whose names Google Cloud blocks for days after a deletion.
  deletion = var.keep_data ? "PREVENT" : "DELETE"
}
