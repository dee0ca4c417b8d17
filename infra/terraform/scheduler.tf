resource "google_cloud_scheduler_job" "reconcile" {
  name             = "${var.name}-reconcile"
  description      = "Asks about tests whose events were lost."
  region           = var.region
  schedule         = "* * * * *"
  time_zone        = "Etc/UTC"
  attempt_deadline = "600s"

  http_target {
    http_method = "POST"
    uri         = google_cloudfunctions2_function.steps["reconcile"].service_config[0].uri

    oidc_token {
      service_account_email = google_service_account.invoker.email
      audience              = google_cloudfunctions2_function.steps["reconcile"].service_config[0].uri
    }
  }

  # The next minute tries again.
  retry_config {
    retry_count = 0
  }

  depends_on = [google_cloud_run_v2_service_iam_member.invoker]
}
