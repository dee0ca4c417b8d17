# Batch predictions and embeddings are custom jobs that people start themselves, by the command line and
# as themselves: no function may. They run as the pipeline's account.

# Where they run, for the command (shared/gcp/vertex_batches.py).
resource "google_storage_bucket_object" "batch_place" {
  name   = "settings/batch.json"
  bucket = google_storage_bucket.artifacts.name
  content = jsonencode({
    project         = var.project_id
    region          = var.region
    service_account = google_service_account.pipeline.email
    templates       = "${local.templates}/${var.release}"
    network         = var.network
    kms_key         = var.kms_key
    labels          = var.labels
  })
}

resource "google_project_iam_custom_role" "batches" {
  count       = length(var.batch_users) > 0 ? 1 : 0
  role_id     = "${replace(var.name, "-", "_")}Batches"
  title       = "Recsmith: starts batch predictions"
  description = "Creates custom jobs, asks about them and cancels them."
  permissions = [
    "aiplatform.customJobs.create",
    "aiplatform.customJobs.get",
    "aiplatform.customJobs.list",
    "aiplatform.customJobs.cancel",
  ]
}

resource "google_project_iam_member" "batches" {
  for_each = var.batch_users
  project  = var.project_id
  role     = google_project_iam_custom_role.batches[0].id
  member   = each.key
}

resource "google_service_account_iam_member" "batch_users_act_as_pipeline" {
  for_each           = var.batch_users
  service_account_id = google_service_account.pipeline.name
  role               = "roles/iam.serviceAccountUser"
  member             = each.key
}

resource "google_storage_bucket_iam_member" "batch_users_read" {
  for_each = var.batch_users
  bucket   = google_storage_bucket.artifacts.name
  role     = "roles/storage.objectViewer"
  member   = each.key
}

resource "google_storage_bucket_iam_member" "batch_users_write" {
  for_each = var.batch_users
  bucket   = google_storage_bucket.artifacts.name
  role     = "roles/storage.objectUser"
  member   = each.key

  condition {
    title      = "batches alone"
    expression = "resource.name.startsWith(\"projects/_/buckets/${google_storage_bucket.artifacts.name}/objects/batches/\")"
  }
}
