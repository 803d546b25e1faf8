locals {
  functions = ["tick", "run", "trigger", "retry", "api"]
  # Those that people call, with an API key; the others are called by Cloud Scheduler and Cloud Tasks.
  people = ["trigger", "retry", "api"]

  # A function must be told its own address, so it is put together before the function exists: Cloud Run answers at it
  # besides the one that it draws (Cloud Run, "Deterministic URL"). The check in functions.tf looks whether it does.
  url = {
    for function in local.functions :
    function => "https://${var.name}-${function}-${data.google_project.this.number}.${var.region}.run.app"
  }

  # What `terraform destroy` does with data and with names that Google Cloud keeps blocked for days.
  deletion = var.keep_data ? "PREVENT" : "DELETE"
}
