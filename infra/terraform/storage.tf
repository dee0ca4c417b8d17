data "google_storage_project_service_account" "this" {
  depends_on = [google_project_service.apis]
}

# code/, jobs/ and models/ (models and metrics), registry/ (which of them is in use), rule_sets/, batches/ (tables and vectors), pipeline/ (what tasks hand each other), templates/, settings/, functions/
resource "google_storage_bucket" "artifacts" {
  name                        = "${var.project_id}-${var.name}"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = false

  versioning {
    enabled = true
  }

  soft_delete_policy {
    retention_duration_seconds = 604800
  }

  dynamic "logging" {
    for_each = google_storage_bucket.access_logs[*].name
    content {
      log_bucket        = logging.value
      log_object_prefix = "artifacts"
    }
  }

  dynamic "encryption" {
    for_each = local.kms_keys
    content {
      default_kms_key_name = encryption.value
    }
  }

  dynamic "lifecycle_rule" {
    for_each = var.keep_intermediates_days > 0 ? [var.keep_intermediates_days] : []
    content {
      action {
        type = "Delete"
      }
      condition {
        age = lifecycle_rule.value
        matches_prefix = [
          "pipeline/", "dataflow/",
          # Lists of customers, files that were to be loaded into tables, and why jobs failed.
          "batches/lists/", "batches/tables/", "batches/told/",
        ]
      }
    }
  }

  # What training has read of a job's files; its model and its results are kept.
  dynamic "lifecycle_rule" {
    for_each = var.keep_intermediates_days > 0 ? [var.keep_intermediates_days] : []
    content {
      action {
        type = "Delete"
      }
      condition {
        age            = lifecycle_rule.value
        matches_prefix = ["jobs/", "models/"]
        matches_suffix = [".gz"]
      }
    }
  }

  # Of quick tests alone: models/ is of full trainings.
  dynamic "lifecycle_rule" {
    for_each = var.keep_quick_tests_days > 0 ? [var.keep_quick_tests_days] : []
    content {
      action {
        type = "Delete"
      }
      condition {
        age            = lifecycle_rule.value
        matches_prefix = ["jobs/"]
      }
    }
  }

  # progress.json is replaced after each epoch.
  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      days_since_noncurrent_time = 30
    }
  }

  lifecycle_rule {
    action {
      type          = "SetStorageClass"
      storage_class = "NEARLINE"
    }
    condition {
      age                   = 90
      matches_prefix        = ["jobs/"]
      matches_storage_class = ["STANDARD"]
    }
  }

  lifecycle_rule {
    action {
      type = "AbortIncompleteMultipartUpload"
    }
    condition {
      age = 7
    }
  }

  depends_on = [google_kms_crypto_key_iam_member.agents]
}

resource "google_storage_bucket" "access_logs" {
  count = var.access_logs ? 1 : 0
  #checkov:skip=CKV_GCP_62:It holds the access logs; a log of its log would feed itself.
  #checkov:skip=CKV_GCP_78:Logs are appended as new objects and never replaced.
  name                        = "${var.project_id}-${var.name}-access-logs"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = false

  dynamic "encryption" {
    for_each = local.kms_keys
    content {
      default_kms_key_name = encryption.value
    }
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      age = 90
    }
  }

  depends_on = [google_kms_crypto_key_iam_member.agents]
}

# Cloud Storage writes them as this group, which domain-restricted sharing does not let in.
resource "google_storage_bucket_iam_member" "access_logs" {
  count  = var.access_logs ? 1 : 0
  bucket = google_storage_bucket.access_logs[0].name
  role   = "roles/storage.objectCreator"
  member = "group:cloud-storage-analytics@google.com"
}

resource "google_storage_bucket_object" "functions" {
  # By its content: an unchanged bundle deploys nothing, and an older one is still there to go back.
  name            = "functions/${filesha256(var.functions_bundle)}.zip"
  bucket          = google_storage_bucket.artifacts.name
  source          = var.functions_bundle
  deletion_policy = "ABANDON"
}

# The trainer replaces jobs/JOB/progress.json after each epoch, stages.json with each stage.
resource "google_storage_notification" "progress" {
  for_each           = toset(["jobs/", "models/"]) # of quick tests, and of full trainings
  bucket             = google_storage_bucket.artifacts.name
  topic              = google_pubsub_topic.events["pipeline-status"].id
  event_types        = ["OBJECT_FINALIZE"]
  object_name_prefix = each.key
  payload_format     = "JSON_API_V1"

  depends_on = [google_pubsub_topic_iam_member.progress]
}

resource "google_pubsub_topic_iam_member" "progress" {
  topic  = google_pubsub_topic.events["pipeline-status"].id
  role   = "roles/pubsub.publisher"
  member = data.google_storage_project_service_account.this.member
}

resource "google_storage_bucket_iam_member" "readers" {
  for_each = toset([
    "api", "generate-code", "launch-quick-test", "track-quick-test", "advance-sweep", "advance-tuning",
    "record-experiment", "reconcile", "validate-config",
  ])
  bucket = google_storage_bucket.artifacts.name
  role   = "roles/storage.objectViewer"
  member = google_service_account.functions[each.key].member
}

# They create files under new names; they may not replace or delete one.
resource "google_storage_bucket_iam_member" "creators" {
  for_each = toset(["generate-code", "launch-quick-test"])
  bucket   = google_storage_bucket.artifacts.name
  role     = "roles/storage.objectCreator"
  member   = google_service_account.functions[each.key].member
}

# They say which version of a registered model is in use, and what rule sets are, in files that servers
# read: nothing else is replaced.
locals {
  pointers = {
    validate-config = ["registry", "rule_sets"]
    reconcile       = ["registry"]
    api             = ["rule_sets"]
  }
}

resource "google_storage_bucket_iam_member" "pointers" {
  for_each = toset(["api", "reconcile", "validate-config"])
  bucket   = google_storage_bucket.artifacts.name
  role     = "roles/storage.objectUser"
  member   = google_service_account.functions[each.key].member

  condition {
    title = "pointers alone"
    expression = join(" || ", [
      for folder in local.pointers[each.key] :
      "resource.name.startsWith(\"projects/_/buckets/${google_storage_bucket.artifacts.name}/objects/${folder}/\")"
    ])
  }
}

# Jobs and builds read all, and write under folders of their own: what runs in them changes no code, and
# jobs no template.
locals {
  writers = {
    pipeline = { member = google_service_account.pipeline.member, folders = ["jobs", "models", "pipeline", "dataflow", "batches"] }
    build    = { member = google_service_account.build.member, folders = ["templates"] }
    # Deletes what a test has left when the test is deleted.
    api = { member = google_service_account.functions["api"].member, folders = ["jobs", "models"] }
  }
}

resource "google_storage_bucket_iam_member" "writers" {
  for_each = local.writers
  bucket   = google_storage_bucket.artifacts.name
  role     = "roles/storage.objectUser"
  member   = each.value.member

  condition {
    title = "its own folders"
    expression = join(" || ", [
      for folder in each.value.folders :
      "resource.name.startsWith(\"projects/_/buckets/${google_storage_bucket.artifacts.name}/objects/${folder}/\")"
    ])
  }
}

resource "google_storage_bucket_iam_member" "writers_read" {
  for_each = { for name, writer in local.writers : name => writer if name != "api" } # it reads anyway
  bucket   = google_storage_bucket.artifacts.name
  role     = "roles/storage.objectViewer"
  member   = each.value.member
}

# TensorFlow looks for the bucket itself before it makes the first folder in it.
resource "google_storage_bucket_iam_member" "pipeline_bucket" {
  bucket = google_storage_bucket.artifacts.name
  role   = "roles/storage.legacyBucketReader"
  member = google_service_account.pipeline.member
}

resource "google_storage_bucket_iam_member" "sources" {
  for_each = {
    for pair in setproduct(var.source_buckets, local.data_readers) : "${pair[0]}/${pair[1]}" => pair
  }
  bucket = each.value[0]
  role   = "roles/storage.objectViewer"
  member = local.members[each.value[1]]
}
