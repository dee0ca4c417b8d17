locals {
  dataset_readers = {
    for pair in setproduct(var.bigquery_datasets, local.data_readers) : "${pair[0]}/${pair[1]}" => {
      project = split(".", pair[0])[0]
      dataset = split(".", pair[0])[1]
      reader  = pair[1]
    }
  }
}

resource "google_bigquery_dataset_iam_member" "readers" {
  for_each   = local.dataset_readers
  project    = each.value.project
  dataset_id = each.value.dataset
  role       = "roles/bigquery.dataViewer"
  member     = local.members[each.value.reader]
}

resource "google_project_iam_member" "queries" {
  for_each = toset(local.data_readers)
  project  = var.project_id
  role     = "roles/bigquery.jobUser"
  member   = local.members[each.key]
}

resource "google_project_iam_member" "read_sessions" {
  project = var.project_id
  role    = "roles/bigquery.readSessionUser"
  member  = google_service_account.pipeline.member
}
