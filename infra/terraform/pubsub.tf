locals {
  topic_prefix = "${var.name}-"

  # The steps that listen to a topic, by the function's name.
  listeners = {
    validate-config   = "config-changed"
    generate-code     = "config-validated"
    launch-quick-test = "code-generated"
    track-quick-test  = "pipeline-status"
    advance-sweep     = "sweep-status"
    advance-tuning    = "tuning-status"
    record-experiment = "quick-test-ended"
    register-model    = "quick-test-ended"
    send-messages     = "run-ended"
  }
  topics = toset(values(local.listeners))

  pubsub_agent = "serviceAccount:service-${data.google_project.this.number}@gcp-sa-pubsub.iam.gserviceaccount.com"
}

resource "google_pubsub_topic" "events" {
  for_each                   = local.topics
  name                       = "${local.topic_prefix}${each.key}"
  kms_key_name               = local.kms_key
  message_retention_duration = "604800s" # what went wrong for a week can be replayed

  message_storage_policy {
    allowed_persistence_regions = [var.region]
  }

  depends_on = [google_project_service.apis, google_kms_crypto_key_iam_member.agents]
}

resource "google_pubsub_topic" "dead_letters" {
  name         = "${local.topic_prefix}dead-letters"
  kms_key_name = local.kms_key

  message_storage_policy {
    allowed_persistence_regions = [var.region]
  }

  depends_on = [google_project_service.apis, google_kms_crypto_key_iam_member.agents]
}

# Eventarc's own subscriptions take no dead letters. So these push, and functions-framework makes a
# CloudEvent of a push; the topic's name is in the path because the message does not tell it.
resource "google_pubsub_subscription" "steps" {
  for_each                   = local.listeners
  name                       = "${var.name}.${each.key}"
  topic                      = google_pubsub_topic.events[each.value].id
  ack_deadline_seconds       = 600
  message_retention_duration = "604800s"

  push_config {
    push_endpoint = "${google_cloudfunctions2_function.steps[each.key].service_config[0].uri}/${google_pubsub_topic.events[each.value].id}"

    oidc_token {
      service_account_email = google_service_account.invoker.email
      audience              = google_cloudfunctions2_function.steps[each.key].service_config[0].uri
    }
  }

  retry_policy {
    minimum_backoff = "10s"
    maximum_backoff = "600s"
  }

  dead_letter_policy {
    dead_letter_topic     = google_pubsub_topic.dead_letters.id
    max_delivery_attempts = 15 # about an hour and a half of trying
  }

  expiration_policy {
    ttl = "" # never
  }
}

resource "google_pubsub_subscription" "dead_letters" {
  name                       = "${var.name}.dead-letters"
  topic                      = google_pubsub_topic.dead_letters.id
  ack_deadline_seconds       = 60
  message_retention_duration = "2678400s" # 31 days to look into it

  expiration_policy {
    ttl = ""
  }
}

resource "google_pubsub_topic_iam_member" "dead_letters" {
  topic  = google_pubsub_topic.dead_letters.id
  role   = "roles/pubsub.publisher"
  member = local.pubsub_agent
}

resource "google_pubsub_subscription_iam_member" "dead_letters" {
  for_each     = local.listeners
  subscription = google_pubsub_subscription.steps[each.key].id
  role         = "roles/pubsub.subscriber"
  member       = local.pubsub_agent
}

resource "google_pubsub_topic_iam_member" "publishers" {
  for_each = local.publications
  topic    = google_pubsub_topic.events[each.value.topic].id
  role     = "roles/pubsub.publisher"
  member   = google_service_account.functions[each.value.function].member
}
