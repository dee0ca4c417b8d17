locals {
  # A query that filters and orders needs an index for each of its filters; Firestore joins them.
  # tests/unit/shared/gcp/test_firestore_indexes.py holds this list to the queries that the code makes.
  indexes = {
    for index in [
      ["feature_configs", "spec.dataset_id", "updated_at"],
      ["feature_configs", "status.lifecycle", "updated_at"],
      ["quick_tests", "created_by", "updated_at"],
      ["quick_tests", "marks.archived", "updated_at"],
      ["quick_tests", "spec.feature_config_id", "updated_at"],
      ["quick_tests", "spec.model_config_id", "updated_at"],
      ["quick_tests", "spec.purpose", "updated_at"],
      ["quick_tests", "spec.sweep_id", "updated_at"],
      ["quick_tests", "status.pinned.dataset_id", "status.ended_at"],
      ["quick_tests", "status.pinned.dataset_id", "updated_at"],
      ["quick_tests", "status.state", "updated_at"],
      ["quick_tests", "status.state", "status.ended_at"],
      ["quick_tests", "spec.tuning_id", "updated_at"],
      ["schedules", "spec.model_id", "updated_at"],
      ["sweeps", "created_by", "updated_at"],
      ["sweeps", "marks.archived", "updated_at"],
      ["sweeps", "status.state", "updated_at"],
      ["tunings", "created_by", "updated_at"],
      ["tunings", "marks.archived", "updated_at"],
      ["tunings", "status.state", "updated_at"],
    ] : join("/", index) => { collection = index[0], filter = index[1], order = index[2] }
  }

  # Never searched, often large: each value of theirs would cost an entry in an index.
  unindexed = {
    for field in [
      ["datasets", "_traceparent"],
      ["datasets", "spec.column_mapping"],
      ["datasets", "status.columns"],
      ["feature_configs", "_traceparent"],
      ["feature_configs", "spec.buyer_model_features"],
      ["feature_configs", "spec.product_model_features"],
      ["idempotency_keys", "answer"],
      ["model_configs", "_traceparent"],
      ["quick_tests", "_traceparent"],
      ["quick_tests", "status.epochs"],
      ["quick_tests", "status.results"],
      ["quick_tests", "status.timeline"],
      ["quick_tests", "status.vocabulary"],
      ["registered_models", "_traceparent"],
      ["registered_models", "status.audit"],
      ["registered_models", "status.ended_experiments"],
      ["rule_sets", "_traceparent"],
      ["rule_sets", "spec.rules"],
      ["schedules", "_traceparent"],
      ["schedules", "status.history"],
      ["sweeps", "_traceparent"],
      ["tunings", "_traceparent"],
      ["tunings", "status.trials"],
      ["versions", "spec"],
    ] : join("/", field) => { collection = field[0], field = field[1] }
  }
}

resource "google_firestore_database" "documents" {
  name                              = var.database
  location_id                       = var.region
  type                              = "FIRESTORE_NATIVE"
  concurrency_mode                  = "PESSIMISTIC"
  point_in_time_recovery_enablement = "POINT_IN_TIME_RECOVERY_ENABLED"
  delete_protection_state           = "DELETE_PROTECTION_ENABLED"
  deletion_policy                   = "ABANDON"

  dynamic "cmek_config" {
    for_each = var.kms_documents ? local.kms_keys : []
    content {
      kms_key_name = cmek_config.value
    }
  }

  depends_on = [google_project_service.apis, google_kms_crypto_key_iam_member.agents]
}

resource "google_firestore_index" "queries" {
  for_each   = local.indexes
  database   = google_firestore_database.documents.name
  collection = each.value.collection

  fields {
    field_path = each.value.filter
    order      = "ASCENDING"
  }
  fields {
    field_path = each.value.order
    order      = "DESCENDING"
  }
}

resource "google_firestore_field" "unindexed" {
  for_each   = local.unindexed
  database   = google_firestore_database.documents.name
  collection = each.value.collection
  field      = each.value.field

  index_config {}
}

# No field has a time to live: `reconcile` deletes the keys of requests once they have expired.

resource "google_firestore_backup_schedule" "daily" {
  database  = google_firestore_database.documents.name
  retention = "604800s" # 7 days

  daily_recurrence {}
}

resource "google_firestore_backup_schedule" "weekly" {
  database  = google_firestore_database.documents.name
  retention = "8467200s" # 14 weeks, the most there is

  weekly_recurrence {
    day = "SUNDAY"
  }
}

resource "google_firebaserules_ruleset" "documents" {
  source {
    files {
      name    = "firestore.rules"
      content = file("${path.module}/firestore.rules")
    }
  }

  depends_on = [google_firestore_database.documents]
}

resource "google_firebaserules_release" "documents" {
  name         = var.database == "(default)" ? "cloud.firestore" : "cloud.firestore/${var.database}"
  ruleset_name = google_firebaserules_ruleset.documents.name

  lifecycle {
    replace_triggered_by = [google_firebaserules_ruleset.documents]
  }
}
