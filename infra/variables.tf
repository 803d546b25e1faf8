variable "project" {
  description = "The id of the Google Cloud project that Tock is installed in."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project))
    error_message = "project must be a project's id (not its number or name): 6 to 30 lower-case letters, digits and hyphens."
  }
}

variable "region" {
  description = "Where functions, queues and the scheduler job are. Changing it makes another installation: queues do not move."
  type        = string
  default     = "europe-west1"

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "region must be a region such as europe-west1."
  }
}

variable "second_region" {
  description = "Another region whose Cloud Scheduler calls tick too; empty for none. Two ticks are safe, and cost two."
  type        = string
  default     = ""

  validation {
    condition     = var.second_region == "" || (can(regex("^[a-z]+-[a-z]+[0-9]+$", var.second_region)) && var.second_region != var.region)
    error_message = "second_region must be a region such as europe-west4, and another one than region."
  }
}

variable "name" {
  description = "What every resource's name begins with, so that several installations fit into one project."
  type        = string
  default     = "tock"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,15}$", var.name))
    error_message = "name must be 2 to 16 lower-case letters, digits and hyphens, and begin with a letter."
  }
}

variable "source_archive" {
  description = "The path of the source of all five functions, a zip file as `tock archive` builds it."
  type        = string
}

variable "firestore_location" {
  description = "Where the database is: a region such as europe-west1, or a multi-region such as eur3; empty for the region. It cannot be changed."
  type        = string
  default     = ""
}

variable "restored_database" {
  description = "A database of this project, restored from a backup, that is used instead of the installation's own; empty for the latter. See infra/README.md, \"Restore\"."
  type        = string
  default     = ""

  validation {
    condition     = can(regex("^([a-z][a-z0-9-]{2,61}[a-z0-9])?$", var.restored_database))
    error_message = "restored_database must be a database's id: 4 to 63 lower-case letters, digits and hyphens."
  }
}

variable "admin_key_hash" {
  description = "The SHA-256 (hex) of the key that opens every project; `tock deploy` makes the key and shows it once."
  type        = string

  validation {
    condition     = can(regex("^[0-9a-f]{64}$", var.admin_key_hash))
    error_message = "admin_key_hash must be 64 hexadecimal digits: the SHA-256 of the key, never the key itself."
  }
}

variable "api_callers" {
  description = "Who may reach api, trigger and retry, which ask for an API key themselves: IAM members. Others than allUsers send their identity token as X-Serverless-Authorization, since Authorization carries the key."
  type        = list(string)
  default     = ["allUsers"]

  validation {
    condition     = alltrue([for member in var.api_callers : member == "allUsers" || can(regex("^(user|group|domain|serviceAccount|principal|principalSet):.+$", member))])
    error_message = "api_callers must be allUsers, or members such as group:team@example.com."
  }
}

variable "python_modules" {
  description = "The modules in the source archive whose callables agents may name, such as acme.agents or acme.*."
  type        = list(string)
  default     = []
}

variable "allowed_hosts" {
  description = "Hosts that agents behind HTTP may have although they are not https or not public."
  type        = list(string)
  default     = []
}

variable "run_environment" {
  description = "What else the function run has in its environment, for your agents."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.run_environment) : can(regex("^[A-Za-z_][A-Za-z0-9_]*$", name)) && !can(regex("^(TOCK_|X_GOOGLE_|K_|FUNCTION_|GOOGLE_CLOUD_PROJECT$|PORT$)", name))])
    error_message = "run_environment must not set TOCK_*, GOOGLE_CLOUD_PROJECT, PORT, or what Cloud Run sets: K_*, FUNCTION_*, X_GOOGLE_*."
  }
}

variable "run_secrets" {
  description = "Secret Manager secrets of this project in the environment of run, for your agents: variable to secret id. Their latest version, as of an instance's start."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.run_secrets) : can(regex("^[A-Za-z_][A-Za-z0-9_]*$", name)) && !can(regex("^(TOCK_|X_GOOGLE_|K_|FUNCTION_|GOOGLE_CLOUD_PROJECT$|PORT$)", name)) && !contains(keys(var.run_environment), name)])
    error_message = "run_secrets must not set TOCK_*, what Cloud Run sets, or what run_environment sets."
  }
}

variable "signing_version" {
  description = "The version of the signing secret that run reads, such as 3; empty for none. Add the version first, then apply: all instances change at once, and back."
  type        = string
  default     = ""

  validation {
    condition     = can(regex("^([1-9][0-9]*)?$", var.signing_version))
    error_message = "signing_version must be a number such as 3: what is latest differs from instance to instance."
  }
}

variable "run_queues" {
  description = "Queues that share the runs: each carries 500 starts a second. It may be raised; an idle queue costs nothing, so there is no reason to lower it, which takes keep_data = false."
  type        = number
  default     = 1

  validation {
    condition     = var.run_queues >= 1 && var.run_queues <= 64 && floor(var.run_queues) == var.run_queues
    error_message = "run_queues must be a whole number from 1 to 64."
  }
}

variable "run_rate" {
  description = "The most starts a second of each queue of runs."
  type        = number
  default     = 500

  validation {
    condition     = var.run_rate > 0 && var.run_rate <= 500
    error_message = "run_rate must be above 0 and at most 500 (Cloud Tasks)."
  }
}

variable "run_deliveries" {
  description = "The most runs of each queue that are under way at once."
  type        = number
  default     = 1000

  validation {
    condition     = var.run_deliveries >= 1 && var.run_deliveries <= 5000
    error_message = "run_deliveries must be 1 to 5000 (Cloud Tasks)."
  }
}

variable "run_concurrency" {
  description = "Runs that share an instance. Agents that wait for a model share well; blocking ones have a process each."
  type        = number
  default     = 20

  validation {
    condition     = var.run_concurrency >= 1 && var.run_concurrency <= 1000
    error_message = "run_concurrency must be 1 to 1000 (Cloud Run)."
  }
}

variable "run_instances" {
  description = "The most instances of run; times run_concurrency it should carry run_queues times run_deliveries."
  type        = number
  default     = 50

  validation {
    condition     = var.run_instances >= 1 && floor(var.run_instances) == var.run_instances
    error_message = "run_instances must be a whole number, at least 1."
  }
}

variable "run_memory" {
  description = "The memory of an instance of run, which has one CPU: 512Mi to 4Gi."
  type        = string
  default     = "1Gi"

  validation {
    condition     = contains(["512Mi", "1Gi", "2Gi", "4Gi"], var.run_memory)
    error_message = "run_memory must be 512Mi, 1Gi, 2Gi or 4Gi: what one CPU may have."
  }
}

variable "shards" {
  description = "Spread of the due times over the index: each carries 500 writes a second. It may be raised, never lowered."
  type        = number
  default     = 8

  validation {
    condition     = var.shards >= 1 && var.shards <= 30 && floor(var.shards) == var.shards
    error_message = "shards must be a whole number from 1 to 30 (Firestore, `in`)."
  }
}

variable "heartbeat" {
  description = "How often a run says that it lives, at most half of the lease (ISO 8601). Each costs a write."
  type        = string
  default     = "PT10S"

  validation {
    condition     = can(regex("^P([0-9]+D)?(T([0-9]+H)?([0-9]+M)?([0-9]+S)?)?$", var.heartbeat)) && can(regex("[0-9][DHMS]$", var.heartbeat))
    error_message = "heartbeat must be an ISO 8601 duration of days, hours, minutes and seconds, such as PT10S or P90D."
  }
}

variable "lease" {
  description = "After what silence a run's process is taken for dead (ISO 8601)."
  type        = string
  default     = "PT40S"

  validation {
    condition     = can(regex("^P([0-9]+D)?(T([0-9]+H)?([0-9]+M)?([0-9]+S)?)?$", var.lease)) && can(regex("[0-9][DHMS]$", var.lease))
    error_message = "lease must be an ISO 8601 duration of days, hours, minutes and seconds, such as PT10S or P90D."
  }
}

variable "retention" {
  description = "How long ended runs are kept (ISO 8601)."
  type        = string
  default     = "P90D"

  validation {
    condition     = can(regex("^P([0-9]+D)?(T([0-9]+H)?([0-9]+M)?([0-9]+S)?)?$", var.retention)) && can(regex("[0-9][DHMS]$", var.retention))
    error_message = "retention must be an ISO 8601 duration of days, hours, minutes and seconds, such as PT10S or P90D."
  }
}

variable "backup_days" {
  description = "How many days a daily backup is kept, at most 98; 0 for none."
  type        = number
  default     = 14

  validation {
    condition     = var.backup_days >= 0 && var.backup_days <= 98
    error_message = "backup_days must be 0 to 98 (Firestore: 14 weeks)."
  }
}

variable "keep_data" {
  description = "Whether `terraform destroy` leaves database, queues, signing secret and source bucket alone: it then ends with an error that names them. To destroy them too: false, apply, destroy."
  type        = bool
  default     = true
}

variable "alert_emails" {
  description = "Who is told when something is wrong."
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
  description = "What a month may cost, in whole units of the billing account's currency; it is told at 50, 90 and 100 %. Nothing is stopped."
  type        = number
  default     = 50

  validation {
    condition     = var.monthly_budget >= 1 && floor(var.monthly_budget) == var.monthly_budget
    error_message = "monthly_budget must be a whole number, at least 1."
  }
}

variable "lag_to_alert" {
  description = "How many seconds after its time a trigger may be claimed without an alert."
  type        = number
  default     = 120
}

variable "failures_to_alert" {
  description = "How many runs may fail or time out in ten minutes without an alert."
  type        = number
  default     = 20
}

variable "queue_depth_to_alert" {
  description = "How many tasks may wait in one queue for ten minutes without an alert; those of the next 90 s wait always."
  type        = number
  default     = 10000
}
