output "url" {
  description = "The URL of the api function, which the command line calls (TOCK_SERVER)."
  value       = local.url["api"]
}

output "trigger_url" {
  description = "The URL of the trigger function."
  value       = local.url["trigger"]
}

output "retry_url" {
  description = "The URL of the retry function."
  value       = local.url["retry"]
}

output "project" {
  description = "The id of the Google Cloud project."
  value       = var.project
}

output "region" {
  description = "The region of the functions, the queues and the first Cloud Scheduler job."
  value       = var.region
}

output "admin_key_hash" {
  description = "The SHA-256 (hex) of the admin key, to check whether a key is the current one."
  value       = var.admin_key_hash
}

output "database" {
  description = "The id of the Firestore database in use."
  value       = local.database
}

output "queues" {
  description = "The names of the queues of runs."
  value       = google_cloud_tasks_queue.runs[*].name
}

output "tick_queue" {
  description = "The name of the queue of continuations."
  value       = google_cloud_tasks_queue.ticks.name
}

output "scheduler_jobs" {
  description = "The names of the Cloud Scheduler jobs that call tick, by region. While they are paused, nothing new is claimed."
  value       = { for job in google_cloud_scheduler_job.tick : job.region => job.name }
}

output "functions" {
  description = "The deployed names of the functions, by their short names: tick, run, trigger, retry, api."
  value       = { for key, function in google_cloudfunctions2_function.this : key => function.name }
}

output "service_accounts" {
  description = "The email addresses of the service accounts: of each function, of the caller of tick and run, and of the build."
  value = merge(
    { for key, account in google_service_account.function : key => account.email },
    { caller = google_service_account.caller.email, build = google_service_account.build.email },
  )
}

output "signing_secret" {
  description = "The id of the secret whose versions are the JSON objects of signing secrets."
  value       = google_secret_manager_secret.signing.secret_id
}
