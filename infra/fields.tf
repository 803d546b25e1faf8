# An index entry costs storage and a part of every write, and a time that always grows lets an index take only 500
# writes a second: everything is exempt but what a list is ordered by.

locals {
  # Of each collection, the field that its list is ordered by, and the direction. Such an index belongs to one parent:
  # a project lists its runs, and so records up to 500 new ones a second; other projects have their own.
  ordered = {
    agents    = { field = "created.at", order = "DESCENDING" }
    triggers  = { field = "created.at", order = "DESCENDING" }
    runs      = { field = "scheduled_for", order = "DESCENDING" }
    chunks    = { field = "last_seq", order = "ASCENDING" }
    revisions = { field = "number", order = "DESCENDING" }
  }

  # A collection's exemptions and its expiry stay as they are while its documents stay.
  fields_deletion = var.keep_data ? "ABANDON" : "DELETE"
}

resource "google_firestore_field" "exempt" {
  for_each = toset(["projects", "agents", "triggers", "runs", "chunks", "revisions", "locks", "api_keys", "system"])

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

  # Two changes of one collection at once get in each other's way.
  depends_on = [google_firestore_field.exempt]
}

# What has ended is kept for the retention, then deleted by Firestore itself, within about a day.
resource "google_firestore_field" "expiry" {
  for_each = toset(["runs", "chunks"])

  project         = var.project
  database        = local.database
  collection      = each.key
  field           = "expire_at"
  deletion_policy = local.fields_deletion

  index_config {}
  ttl_config {}

  depends_on = [google_firestore_field.ordered]
}
