# Every index entry costs storage and part of the price of each write, and an index of a growing time takes only 500
# writes a second. So all fields are exempt from automatic indexes, except those that a list is ordered by.

locals {
  exempt = [
    "projects", "deleted_projects", "agents", "triggers", "runs", "chunks", "signals", "revisions", "locks", "api_keys",
    "sessions", "parts", "slots", "usage", "system",
  ]

  # For each collection, the field that its list is ordered by, and the direction. The limit of 500 writes a second
  # holds for each parent. Lists of runs use composite indexes that begin with the shard (indexes.tf).
  ordered = {
    agents    = { field = "created.at", order = "DESCENDING" }
    triggers  = { field = "created.at", order = "DESCENDING" }
    chunks    = { field = "last_seq", order = "ASCENDING" }
    slots     = { field = "scope", order = "ASCENDING" }
    signals   = { field = "number", order = "ASCENDING" }
    revisions = { field = "number", order = "DESCENDING" }
  }

  # `terraform destroy` leaves a collection's exemptions and expiry in place if it keeps the documents.
  fields_deletion = var.keep_data ? "ABANDON" : "DELETE"
}

resource "google_firestore_field" "exempt" {
  for_each = toset(local.exempt)

  project         = var.project
  database        = local.database
  collection      = each.key
  field           = "*"
  deletion_policy = local.fields_deletion

  index_config {}
}

resource "google_firestore_field" "ordered" {
  for_each = local.ordered

  project         = var.project
  database        = local.database
  collection      = each.key
  field           = each.value.field
  deletion_policy = local.fields_deletion

  index_config {
    indexes {
      order       = each.value.order
      query_scope = "COLLECTION"
    }
  }

  # Concurrent changes of one collection conflict, so this waits for the exemptions.
  depends_on = [google_firestore_field.exempt]
}

# Firestore deletes settled runs, their events, signals and sessions within about a day after the retention has passed,
# and the usage of a day after thirteen months.
resource "google_firestore_field" "expiry" {
  for_each = toset(["runs", "chunks", "signals", "sessions", "parts", "usage"])

  project         = var.project
  database        = local.database
  collection      = each.key
  field           = "expire_at"
  deletion_policy = local.fields_deletion

  index_config {}
  ttl_config {}

  depends_on = [google_firestore_field.ordered]
}
