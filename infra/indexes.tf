# Exactly the indexes that the code's queries need; tests/queries records every query of the tests and compares. For a
# list of runs with several filters, Firestore merges the indexes of the filters.

locals {
  # Fields in order. Firestore itself adds the document's name at the end, in the direction of the last field.
  indexes = [
    { collection = "triggers", scope = "COLLECTION_GROUP", fields = [["shard", "ASCENDING"], ["next_run_at", "ASCENDING"]] },
    { collection = "triggers", scope = "COLLECTION", fields = [["shard", "ASCENDING"], ["next_run_at", "ASCENDING"]] },
    { collection = "runs", scope = "COLLECTION_GROUP", fields = [["shard", "ASCENDING"], ["check_at", "ASCENDING"]] },
    { collection = "triggers", scope = "COLLECTION", fields = [["agent", "ASCENDING"], ["created.at", "DESCENDING"]] },
    # Lists of runs: these begin with the shard, so that one project may have more than 500 new runs a second.
    { collection = "runs", scope = "COLLECTION", fields = [["shard", "ASCENDING"], ["scheduled_for", "DESCENDING"]] },
    { collection = "runs", scope = "COLLECTION", fields = [["shard", "ASCENDING"], ["status", "ASCENDING"], ["scheduled_for", "DESCENDING"]] },
    { collection = "runs", scope = "COLLECTION", fields = [["shard", "ASCENDING"], ["agent", "ASCENDING"], ["scheduled_for", "DESCENDING"]] },
    { collection = "runs", scope = "COLLECTION", fields = [["shard", "ASCENDING"], ["source", "ASCENDING"], ["scheduled_for", "DESCENDING"]] },
    # Only runs on request and of conversations have a subject, and so an entry.
    { collection = "runs", scope = "COLLECTION", fields = [["shard", "ASCENDING"], ["subject", "ASCENDING"], ["scheduled_for", "DESCENDING"]] },
    # A trigger has few runs, and its indexes need no shard.
    { collection = "runs", scope = "COLLECTION", fields = [["trigger", "ASCENDING"], ["scheduled_for", "DESCENDING"]] },
    { collection = "runs", scope = "COLLECTION", fields = [["trigger", "ASCENDING"], ["source", "ASCENDING"], ["started", "DESCENDING"]] },
    { collection = "usage", scope = "COLLECTION", fields = [["shard", "ASCENDING"], ["day", "ASCENDING"]] },
    { collection = "runs", scope = "COLLECTION", fields = [["in_line", "ASCENDING"], ["scheduled_for", "ASCENDING"]] },
  ]
}

resource "google_firestore_index" "this" {
  for_each = {
    for index in local.indexes :
    "${lower(index.scope)}/${index.collection}/${join("/", [for field in index.fields : field[0]])}" => index
  }

  project     = var.project
  database    = google_firestore_database.this.name
  collection  = each.value.collection
  query_scope = each.value.scope

  dynamic "fields" {
    for_each = each.value.fields

    content {
      field_path = fields.value[0]
      order      = fields.value[1]
    }
  }

  # Delete an index that the new code no longer needs after the functions are updated, not before.
  lifecycle {
    create_before_destroy = true
  }

  depends_on = [google_firestore_field.expiry]
}
