variable "project" {
  description = "The id of the Google Cloud project that Tock is installed in."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project))
    error_message = "project must be the id of a project, not its number or name: 6 to 30 lower-case letters, digits and hyphens."
  }
}

variable "region" {
  description = "The region of the functions, the queues and the Cloud Scheduler job. Another region means another installation, because queues cannot move."
  type        = string
  default     = "europe-west1"

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "region must be a region such as europe-west1."
  }
}

variable "second_region" {
  description = "A second region whose Cloud Scheduler also calls tick; empty for none. Two ticks a minute are safe, and cost as much as two."
  type        = string
  default     = ""

  validation {
    condition     = var.second_region == "" || (can(regex("^[a-z]+-[a-z]+[0-9]+$", var.second_region)) && var.second_region != var.region)
    error_message = "second_region must be a region such as europe-west4, and must differ from region."
  }
}

variable "name" {
  description = "The prefix of every resource's name, so that one project can have several installations."
  type        = string
  default     = "tock"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,15}$", var.name))
    error_message = "name must be 2 to 16 lower-case letters, digits and hyphens, beginning with a letter."
  }
}

variable "source_archive" {
  description = "The path of the zip file with the source of all five functions, which `tock archive` builds."
  type        = string
}

variable "firestore_location" {
  description = "The database's location: a region such as europe-west1 or a multi-region such as eur3; empty for the variable region. It can never be changed."
  type        = string
  default     = ""
}

variable "restored_database" {
  description = "The id of a database in this project, restored from a backup, to use instead of the installation's own; empty to use its own. See infra/README.md, \"Restore\"."
  type        = string
  default     = ""

  validation {
    condition     = can(regex("^([a-z][a-z0-9-]{2,61}[a-z0-9])?$", var.restored_database))
    error_message = "restored_database must be the id of a database: 4 to 63 lower-case letters, digits and hyphens."
  }
}

variable "admin_key_hash" {
  description = "The SHA-256 (hex) of the admin key, which opens every project; `tock deploy` creates the key and shows it once."
  type        = string

  validation {
    condition     = can(regex("^[0-9a-f]{64}$", var.admin_key_hash))
    error_message = "admin_key_hash must be 64 hexadecimal digits: the SHA-256 of the key, never the key itself."
  }
}

variable "api_callers" {
  description = "The IAM members that may reach api, trigger and retry, which ask for an API key themselves. Without allUsers, callers must also send an identity token in X-Serverless-Authorization, because Authorization contains the key."
  type        = list(string)
  default     = ["allUsers"]

  validation {
    condition     = alltrue([for member in var.api_callers : member == "allUsers" || can(regex("^(user|group|domain|serviceAccount|principal|principalSet):.+$", member))])
    error_message = "api_callers must be a list of allUsers or IAM members such as group:team@example.com."
  }
}

variable "python_modules" {
  description = "The Python modules in the source archive whose callables agents of every project may name, such as acme.agents or acme.*."
  type        = list(string)
  default     = []
}

variable "deployed_modules" {
  description = "Further such modules: those that tock deploy was given. Do not set it yourself."
  type        = list(string)
  default     = []
}

variable "python_modules_by_project" {
  description = "Further such modules that only agents of one project may name, by the project's id: { demo = [\"acme.demo\"] }."
  type        = map(list(string))
  default     = {}

  validation {
    condition     = !contains(keys(var.python_modules_by_project), "*")
    error_message = "python_modules_by_project must have project ids as keys: put what every project may name into python_modules."
  }
}

variable "allowed_hosts" {
  description = "Hosts, or host:port, that HTTP agents of every project may use although they are not https or not public."
  type        = list(string)
  default     = []
}

variable "allowed_hosts_by_project" {
  description = "Further such hosts that only HTTP agents of one project may use, by the project's id."
  type        = map(list(string))
  default     = {}

  validation {
    condition     = !contains(keys(var.allowed_hosts_by_project), "*")
    error_message = "allowed_hosts_by_project must have project ids as keys: put what every project may use into allowed_hosts."
  }
}

variable "commands" {
  description = "The programs that command agents may name, by name: { coder = { argv = [\"acme-coder\"], projects = [\"demo\"] } }. docs/agents/command.md describes the entries."
  type        = any
  default     = {}
}

variable "repositories" {
  description = "The git repositories that command agents may name, by name: { shop = { url = \"https://github.com/acme/shop.git\", projects = [\"demo\"] } }."
  type        = any
  default     = {}
}

variable "model_prices" {
  description = "What models cost, in US dollars for a million tokens, by the name that agents state: { \"openai:gpt-5\" = { input = 1.25, output = 10 } }. They go before published prices."
  type        = map(object({ input = number, output = number }))
  default     = {}

  validation {
    condition     = alltrue([for price in values(var.model_prices) : price.input >= 0 && price.output >= 0])
    error_message = "model_prices must hold dollars from 0: { \"openai:gpt-5\" = { input = 1.25, output = 10 } }."
  }
}

variable "workspace_bytes" {
  description = "The most bytes of workspaces that an instance of run keeps after their runs. They are in its memory (run_memory)."
  type        = number
  default     = 268435456

  validation {
    condition     = var.workspace_bytes >= 0 && floor(var.workspace_bytes) == var.workspace_bytes
    error_message = "workspace_bytes must be a whole number of bytes, from 0."
  }
}

variable "run_environment" {
  description = "Additional environment variables of the function run, for your agents."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.run_environment) : can(regex("^[A-Za-z_][A-Za-z0-9_]*$", name)) && !can(regex("^(TOCK_|X_GOOGLE_|K_|FUNCTION_|GOOGLE_CLOUD_PROJECT$|PORT$)", name))])
    error_message = "run_environment must not set TOCK_*, GOOGLE_CLOUD_PROJECT, PORT or variables of Cloud Run: K_*, FUNCTION_*, X_GOOGLE_*."
  }
}

variable "run_secrets" {
  description = "Environment variables of the function run that contain secrets, for your agents, also TOCK_MODEL_PROVIDERS and TOCK_MCP_SERVERS: variable to the id of a Secret Manager secret in this project. Each instance uses the version that is the latest when it starts."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.run_secrets) : can(regex("^[A-Za-z_][A-Za-z0-9_]*$", name)) && (contains(["TOCK_MODEL_PROVIDERS", "TOCK_MCP_SERVERS"], name) || !can(regex("^(TOCK_|X_GOOGLE_|K_|FUNCTION_|GOOGLE_CLOUD_PROJECT$|PORT$)", name))) && !contains(keys(var.run_environment), name)])
    error_message = "run_secrets must not set TOCK_* other than TOCK_MODEL_PROVIDERS and TOCK_MCP_SERVERS, variables of Cloud Run, or variables that run_environment sets."
  }
}

variable "run_token_key" {
  description = "Counts the keys that sign the tokens of runs: a higher number makes a new key. The tokens of active runs then open nothing."
  type        = number
  default     = 1

  validation {
    condition     = var.run_token_key >= 1 && floor(var.run_token_key) == var.run_token_key
    error_message = "run_token_key must be a whole number from 1."
  }
}

variable "signing_version" {
  description = "The version of the signing secret that run and api read, such as 3; empty for none. Add the version with gcloud first, then apply: all instances change at the same time, and a rollback changes all of them back."
  type        = string
  default     = ""

  validation {
    condition     = can(regex("^([1-9][0-9]*)?$", var.signing_version))
    error_message = "signing_version must be a number such as 3. latest is not allowed, because it may differ between instances."
  }
}

variable "run_queues" {
  description = "How many queues share the runs; each starts at most 500 a second. It may be raised. There is no need to lower it, because an idle queue costs nothing; lowering it takes keep_data = false."
  type        = number
  default     = 1

  validation {
    condition     = var.run_queues >= 1 && var.run_queues <= 64 && floor(var.run_queues) == var.run_queues
    error_message = "run_queues must be a whole number from 1 to 64."
  }
}

variable "run_rate" {
  description = "How many runs each queue starts a second at most."
  type        = number
  default     = 500

  validation {
    condition     = var.run_rate > 0 && var.run_rate <= 500
    error_message = "run_rate must be above 0 and at most 500 (Cloud Tasks)."
  }
}

variable "run_deliveries" {
  description = "How many runs of each queue are in progress at once at most."
  type        = number
  default     = 1000

  validation {
    condition     = var.run_deliveries >= 1 && var.run_deliveries <= 5000
    error_message = "run_deliveries must be 1 to 5000 (Cloud Tasks)."
  }
}

variable "run_concurrency" {
  description = "How many runs share an instance of run at most. Agents that wait for a model share well; a blocking Python agent uses a process of its own."
  type        = number
  default     = 20

  validation {
    condition     = var.run_concurrency >= 1 && var.run_concurrency <= 1000
    error_message = "run_concurrency must be 1 to 1000 (Cloud Run)."
  }
}

variable "run_instances" {
  description = "The most instances of run. run_instances * run_concurrency should be at least run_queues * run_deliveries."
  type        = number
  default     = 50

  validation {
    condition     = var.run_instances >= 1 && floor(var.run_instances) == var.run_instances
    error_message = "run_instances must be a whole number, at least 1."
  }
}

variable "run_memory" {
  description = "The memory of an instance of run, which has one CPU: 512Mi, 1Gi, 2Gi or 4Gi."
  type        = string
  default     = "1Gi"

  validation {
    condition     = contains(["512Mi", "1Gi", "2Gi", "4Gi"], var.run_memory)
    error_message = "run_memory must be 512Mi, 1Gi, 2Gi or 4Gi, the sizes that are allowed with one CPU."
  }
}

variable "shards" {
  description = "How many shards triggers and runs are spread over; each takes 500 index writes a second. It may be raised, never lowered. Each 30 take a query of their own in every read over all shards."
  type        = number
  default     = 8

  validation {
    condition     = var.shards >= 1 && var.shards <= 120 && floor(var.shards) == var.shards
    error_message = "shards must be a whole number from 1 to 120."
  }
}

variable "tick_instances" {
  description = "The most instances of tick; null for two more than shards, so that a crowd's continuations and the minute's tick have one each."
  type        = number
  default     = null

  validation {
    condition     = var.tick_instances == null || (coalesce(var.tick_instances, 1) >= 1 && floor(coalesce(var.tick_instances, 1)) == coalesce(var.tick_instances, 1))
    error_message = "tick_instances must be a whole number, at least 1, or null."
  }
}

variable "tick_concurrency" {
  description = "How many ticks share an instance at most. One tick uses a whole CPU."
  type        = number
  default     = 1

  validation {
    condition     = var.tick_concurrency >= 1 && var.tick_concurrency <= 1000 && floor(var.tick_concurrency) == var.tick_concurrency
    error_message = "tick_concurrency must be a whole number from 1 to 1000 (Cloud Run)."
  }
}

variable "heartbeat" {
  description = "The time between two heartbeats of a run (ISO 8601), at most half of the lease. Each heartbeat costs a write."
  type        = string
  default     = "PT10S"

  validation {
    condition     = can(regex("^P([0-9]+D)?(T([0-9]+H)?([0-9]+M)?([0-9]+S)?)?$", var.heartbeat)) && can(regex("[0-9][DHMS]$", var.heartbeat))
    error_message = "heartbeat must be an ISO 8601 duration of days, hours, minutes and seconds, such as PT10S or P90D."
  }
}

variable "lease" {
  description = "How long a lease lasts without a heartbeat (ISO 8601); afterwards the attempt is lost and the run is rescued."
  type        = string
  default     = "PT40S"

  validation {
    condition     = can(regex("^P([0-9]+D)?(T([0-9]+H)?([0-9]+M)?([0-9]+S)?)?$", var.lease)) && can(regex("[0-9][DHMS]$", var.lease))
    error_message = "lease must be an ISO 8601 duration of days, hours, minutes and seconds, such as PT10S or P90D."
  }
}

variable "retention" {
  description = "How long settled runs are stored (ISO 8601)."
  type        = string
  default     = "P90D"

  validation {
    condition     = can(regex("^P([0-9]+D)?(T([0-9]+H)?([0-9]+M)?([0-9]+S)?)?$", var.retention)) && can(regex("[0-9][DHMS]$", var.retention))
    error_message = "retention must be an ISO 8601 duration of days, hours, minutes and seconds, such as PT10S or P90D."
  }
}

variable "backup_days" {
  description = "How many days each daily backup is kept, at most 98; 0 for no backups."
  type        = number
  default     = 14

  validation {
    condition     = var.backup_days >= 0 && var.backup_days <= 98
    error_message = "backup_days must be 0 to 98 (Firestore's limit is 14 weeks)."
  }
}

variable "keep_data" {
  description = "Whether `terraform destroy` keeps database, queues, signing secret and source bucket; it then ends with errors that name them. To destroy them too, set false, apply, then destroy."
  type        = bool
  default     = true
}

variable "alert_emails" {
  description = "The email addresses that receive alerts and budget notifications."
  type        = list(string)
  default     = []
}

variable "billing_account" {
  description = "The billing account of the budget, such as 000000-000000-000000; empty for no budget."
  type        = string
  default     = ""

  validation {
    condition     = can(regex("^([0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6})?$", var.billing_account))
    error_message = "billing_account must be an id such as 012345-6789AB-CDEF01, or empty."
  }
}

variable "monthly_budget" {
  description = "The budget of a month, in whole units of the billing account's currency. Notifications are sent at 50, 90 and 100 %; nothing is stopped."
  type        = number
  default     = 50

  validation {
    condition     = var.monthly_budget >= 1 && floor(var.monthly_budget) == var.monthly_budget
    error_message = "monthly_budget must be a whole number, at least 1."
  }
}

variable "lag_to_alert" {
  description = "How many seconds after its due time a trigger may be claimed without an alert."
  type        = number
  default     = 120
}

variable "failures_to_alert" {
  description = "How many runs may fail or time out within ten minutes without an alert."
  type        = number
  default     = 20
}

variable "queue_depth_to_alert" {
  description = "How many tasks may wait in one queue for ten minutes without an alert. The tasks of the next 90 s always wait there, and those of a crowd ten minutes."
  type        = number
  default     = 10000
}
