output "url" {
  description = "The address of the api function: what `tock` calls."
  value       = local.url["api"]
}

output "trigger_url" {
  description = "The address of the trigger function."
  value       = local.url["trigger"]
}

output "retry_url" {
  description = "The address of the retry function."
  value       = local.url["retry"]
}

output "project" {
  description = "The Google Cloud project."
  value       = var.project
}

output "region" {
  description = "Where functions, queues and the scheduler job are."
  value       = var.region
}

output "admin_key_hash" {
  description = "The SHA-256 of the key that opens every project: whether a key at hand is the one."
  value       = var.admin_key_hash
}

output "database" {
  description = "The Firestore database in use."
  value       = local.database
}

output "queues" {
  description = "The queues that share the runs."
  value       = google_cloud_tasks_queue.runs[*].name
}

output "tick_queue" {
  description = "The queue of further ticks."
  value       = google_cloud_tasks_queue.ticks.name
}

output "scheduler_jobs" {
  description = "The Cloud Scheduler jobs that call tick, by their region: pause them, and nothing new is claimed."
  value       = { for job in google_cloud_scheduler_job.tick : job.region => job.name }
}

output "functions" {
  description = "The names of the functions, by what they do."
  value       = { for key, function in google_cloudfunctions2_function.this : key => function.name }
}

output "service_accounts" {
  description = "The emails of the identities: of each function, of the caller of tick and run, and of the build."
  value = merge(
    { for key, account in google_service_account.function : key => account.email },
    { caller = google_service_account.caller.email, build = google_service_account.build.email },
  )
}

output "signing_secret" {
  description = "The secret to which the JSON object of signing secrets is added as a version."
  value       = google_secret_manager_secret.signing.secret_id
}
