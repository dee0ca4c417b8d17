# Events that fail come again for 24 hours: without a retry policy, Eventarc retries. What is lost
# after that, `reconcile` finds.
resource "google_eventarc_trigger" "documents" {
  name                    = "${var.name}-documents"
  location                = google_firestore_database.documents.location_id
  service_account         = google_service_account.invoker.email
  event_data_content_type = "application/protobuf"

  matching_criteria {
    attribute = "type"
    value     = "google.cloud.firestore.document.v1.written"
  }
  matching_criteria {
    attribute = "database"
    value     = google_firestore_database.documents.name
  }
  # Documents of collections, not those under `versions`.
  matching_criteria {
    attribute = "document"
    operator  = "match-path-pattern"
    value     = "{collection}/{document}"
  }

  destination {
    cloud_run_service {
      service = google_cloudfunctions2_function.steps["publish-change"].name
      region  = var.region
    }
  }

  depends_on = [
    google_project_iam_member.invoker_events,
    google_cloud_run_v2_service_iam_member.invoker,
  ]
}
