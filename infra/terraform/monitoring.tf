# What each alert means, and what to do, is in docs/google-cloud.md under the same names.
locals {
  handbook = "See docs/google-cloud.md, section Alerts."
  alerts = {
    dead-letters = {
      name    = "Recsmith: events became dead letters"
      means   = "A step failed 15 times on an event, which now waits in ${var.name}.dead-letters."
      filter  = "resource.type = \"pubsub_subscription\" AND resource.labels.subscription_id = \"${var.name}.dead-letters\" AND metric.type = \"pubsub.googleapis.com/subscription/num_undelivered_messages\""
      above   = 0
      seconds = 0
      aligner = "ALIGN_MAX"
    }
    # Eventarc names its subscription after the trigger.
    stuck-events = {
      name    = "Recsmith: events wait too long"
      means   = "The oldest event of a step is older than 15 minutes: the step fails, or cannot keep up."
      filter  = "resource.type = \"pubsub_subscription\" AND resource.labels.subscription_id = monitoring.regex.full_match(\"${var.name}[.].*|.*${var.name}-documents.*\") AND resource.labels.subscription_id != \"${var.name}.dead-letters\" AND metric.type = \"pubsub.googleapis.com/subscription/oldest_unacked_message_age\""
      above   = 900
      seconds = 300
      aligner = "ALIGN_MAX"
    }
    stuck-tests = {
      name    = "Recsmith: a pipeline runs too long"
      means   = "A pipeline has run for more than six hours, twice the limit of a quick test."
      filter  = "resource.type = \"aiplatform.googleapis.com/PipelineJob\" AND metric.type = \"aiplatform.googleapis.com/pipelinejob/duration\""
      above   = 21600
      seconds = 0
      aligner = "ALIGN_MAX"
    }
    failing-functions = {
      name    = "Recsmith: a function answers with errors"
      means   = "More than 20 answers of one function within 10 minutes were errors of the server."
      filter  = "resource.type = \"cloud_run_revision\" AND resource.labels.service_name = starts_with(\"${var.name}-\") AND metric.type = \"run.googleapis.com/request_count\" AND metric.labels.response_code_class = \"5xx\""
      above   = 20
      seconds = 0
      aligner = "ALIGN_DELTA"
    }
  }
  other_alerts = {
    failed-tests = {
      name  = "Recsmith: a test failed"
      means = "A valid quick test or full training failed, in its pipeline or before it; its page says why."
    }
    late-clock = {
      name  = "Recsmith: the clock does not reach reconcile"
      means = "reconcile has not answered Cloud Scheduler for ten minutes; lost events are not found."
    }
  }
}

resource "google_monitoring_notification_channel" "email" {
  for_each     = var.alert_emails
  display_name = "Recsmith: ${each.key}"
  type         = "email"
  labels = {
    email_address = each.key
  }

  depends_on = [google_project_service.apis]
}

resource "google_monitoring_alert_policy" "alerts" {
  for_each              = local.alerts
  display_name          = each.value.name
  combiner              = "OR"
  notification_channels = [for channel in google_monitoring_notification_channel.email : channel.id]

  conditions {
    display_name = each.value.name

    condition_threshold {
      filter          = each.value.filter
      comparison      = "COMPARISON_GT"
      threshold_value = each.value.above
      duration        = "${each.value.seconds}s"

      aggregations {
        alignment_period   = "600s"
        per_series_aligner = each.value.aligner
      }
    }
  }

  documentation {
    subject = each.value.name
    content = "${each.value.means} ${local.handbook}"
  }

  alert_strategy {
    auto_close = "86400s"
  }

  depends_on = [google_project_service.apis]
}

# By the lines themselves: a metric of them could be asked for only some minutes after it is made.
# `publish-change` sees every test end, whoever ended it.
resource "google_monitoring_alert_policy" "failed_tests" {
  display_name          = local.other_alerts.failed-tests.name
  combiner              = "OR"
  notification_channels = [for channel in google_monitoring_notification_channel.email : channel.id]

  conditions {
    display_name = local.other_alerts.failed-tests.name

    condition_matched_log {
      filter = <<-EOT
        resource.type="cloud_run_revision"
        resource.labels.service_name="${google_cloudfunctions2_function.steps["publish-change"].name}"
        jsonPayload.message=~"^A test failed: "
      EOT
    }
  }

  documentation {
    subject = local.other_alerts.failed-tests.name
    content = "${local.other_alerts.failed-tests.means} ${local.handbook}"
  }

  alert_strategy {
    auto_close = "86400s"
    notification_rate_limit {
      period = "600s"
    }
  }
}

# Cloud Scheduler calls it every minute: where it does not answer for ten, lost events are not found.
resource "google_monitoring_alert_policy" "late_clock" {
  display_name          = local.other_alerts.late-clock.name
  combiner              = "OR"
  notification_channels = [for channel in google_monitoring_notification_channel.email : channel.id]

  conditions {
    display_name = local.other_alerts.late-clock.name

    condition_absent {
      filter   = "resource.type = \"cloud_run_revision\" AND resource.labels.service_name = \"${google_cloudfunctions2_function.steps["reconcile"].name}\" AND metric.type = \"run.googleapis.com/request_count\" AND metric.labels.response_code_class = \"2xx\""
      duration = "600s"

      aggregations {
        alignment_period     = "60s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }

  documentation {
    subject = local.other_alerts.late-clock.name
    content = "${local.other_alerts.late-clock.means} ${local.handbook}"
  }

  alert_strategy {
    auto_close = "86400s"
  }
}
