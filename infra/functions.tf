locals {
  # For each function: memory, the longest request in seconds, concurrent requests per instance, the most instances, and
  # where calls may come from. Cloud Scheduler and Cloud Tasks of the same project count as internal (Cloud Run,
  # "Restrict network ingress").
  shape = {
    # A tick uses a whole CPU, so it shares none. A crowd has a continuation for each shard, beside two of the minute.
    tick    = { memory = "512Mi", timeout = 60, concurrency = var.tick_concurrency, most = coalesce(var.tick_instances, var.shards + 2), ingress = "ALLOW_INTERNAL_ONLY" }
    run     = { memory = var.run_memory, timeout = 1800, concurrency = var.run_concurrency, most = var.run_instances, ingress = "ALLOW_INTERNAL_ONLY" }
    trigger = { memory = "512Mi", timeout = 60, concurrency = 80, most = 10, ingress = "ALLOW_ALL" }
    retry   = { memory = "512Mi", timeout = 60, concurrency = 80, most = 10, ingress = "ALLOW_ALL" }
    api     = { memory = "512Mi", timeout = 900, concurrency = 80, most = 10, ingress = "ALLOW_ALL" }
  }

  environment = {
    GOOGLE_CLOUD_PROJECT = var.project
    TOCK_DATABASE        = local.database
    TOCK_LOCATION        = var.region
    TOCK_QUEUES          = join(",", google_cloud_tasks_queue.runs[*].name)
    TOCK_TICK_QUEUE      = google_cloud_tasks_queue.ticks.name
    TOCK_SERVICE_ACCOUNT = google_service_account.caller.email
    TOCK_RUN_URL         = local.url["run"]
    TOCK_RUN_AUDIENCE    = local.url["run"]
    TOCK_TICK_URL        = local.url["tick"]
    TOCK_TICK_AUDIENCE   = local.url["tick"]
    TOCK_API_URL         = local.url["api"]
    TOCK_ADMIN_KEY_HASH  = var.admin_key_hash
    TOCK_PYTHON_MODULES  = jsonencode(merge(var.python_modules_by_project, { "*" = distinct(concat(var.python_modules, var.deployed_modules)) }))
    TOCK_ALLOWED_HOSTS   = jsonencode(merge(var.allowed_hosts_by_project, { "*" = var.allowed_hosts }))
    TOCK_COMMANDS        = jsonencode(var.commands)
    TOCK_REPOSITORIES    = jsonencode(var.repositories)
    TOCK_MODEL_PRICES    = jsonencode(var.model_prices)
    TOCK_WORKSPACE_BYTES = tostring(var.workspace_bytes)
    TOCK_SHARDS          = tostring(var.shards)
    TOCK_HEARTBEAT       = var.heartbeat
    TOCK_LEASE           = var.lease
    TOCK_RETENTION       = var.retention
  }

  # run signs the tokens of runs, and api reads them.
  run_token_key = {
    TOCK_RUN_TOKEN_KEY = {
      secret  = google_secret_manager_secret.run_tokens.secret_id
      version = google_secret_manager_secret_version.run_tokens.version
    }
  }

  # run sends the secrets of agents, and api masks them in what agents send to it.
  agents_secrets = var.signing_version == "" ? {} : {
    TOCK_SECRETS = { secret = google_secret_manager_secret.signing.secret_id, version = var.signing_version }
  }

  # Function = environment variable = secret and version.
  secrets = {
    api = merge(local.run_token_key, local.agents_secrets)
    run = merge(
      local.run_token_key,
      local.agents_secrets,
      { for variable, secret in var.run_secrets : variable => { secret = secret, version = "latest" } },
    )
  }
}

resource "google_cloudfunctions2_function" "this" {
  #checkov:skip=CKV_GCP_124: people call api, trigger and retry from anywhere, with a key; tick and run are internal (tests/infra/test_permissions.py)
  for_each = local.shape

  project     = var.project
  location    = var.region
  name        = "${var.name}-${each.key}"
  description = "Tock: ${each.key}"

  build_config {
    runtime           = "python313"
    entry_point       = each.key
    service_account   = google_service_account.build.id
    docker_repository = google_artifact_registry_repository.images.id

    source {
      storage_source {
        bucket = google_storage_bucket.source.name
        object = google_storage_bucket_object.source.name
      }
    }
  }

  service_config {
    # Cloud Run requires a whole CPU for more than one request at once.
    available_cpu                    = "1"
    available_memory                 = each.value.memory
    timeout_seconds                  = each.value.timeout
    max_instance_request_concurrency = each.value.concurrency
    min_instance_count               = 0
    max_instance_count               = each.value.most
    service_account_email            = google_service_account.function[each.key].email
    ingress_settings                 = each.value.ingress
    all_traffic_on_latest_revision   = true
    environment_variables = merge(
      each.key == "run" ? var.run_environment : {},
      local.environment,
      { TOCK_BEHIND_IAM = tostring(!contains(local.people, each.key)) },
    )

    dynamic "secret_environment_variables" {
      for_each = lookup(local.secrets, each.key, {})

      content {
        key        = secret_environment_variables.key
        project_id = var.project
        secret     = secret_environment_variables.value.secret
        version    = secret_environment_variables.value.version
      }
    }
  }

  # New code starts only when its permissions, its queues and the indexes of its queries exist. Building the indexes
  # takes some minutes, in which the permissions take effect.
  depends_on = [
    google_artifact_registry_repository_iam_member.build,
    google_cloud_tasks_queue_iam_member.runs,
    google_cloud_tasks_queue_iam_member.ticks,
    google_firestore_index.this,
    google_project_iam_member.build_log,
    google_project_iam_member.build_source,
    google_project_iam_member.documents,
    google_secret_manager_secret_iam_member.masked,
    google_secret_manager_secret_iam_member.own,
    google_secret_manager_secret_iam_member.run_tokens,
    google_secret_manager_secret_iam_member.signing,
    google_service_account_iam_member.acts_as_caller,
    google_storage_bucket_iam_member.build,
  ]
}

# No task and no tick arrives unless Cloud Run uses the address that locals.tf computes; this check warns if it does
# not.
check "addresses" {
  data "google_cloud_run_v2_service" "tick" {
    project  = var.project
    location = var.region
    name     = google_cloudfunctions2_function.this["tick"].name

    depends_on = [google_cloudfunctions2_function.this]
  }

  assert {
    condition     = contains(data.google_cloud_run_v2_service.tick.urls, local.url["tick"])
    error_message = "The function tick does not have the URL ${local.url["tick"]}, which Cloud Scheduler and Cloud Tasks call: compare the output of `gcloud run services describe` with locals.tf."
  }
}
