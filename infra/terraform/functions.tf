locals {
  # Everything but the API. Events wait for a function that is busy; they are not lost.
  steps = {
    publish-change    = { memory = "512Mi", concurrency = 16, instances = 20, timeout = 60 }
    validate-config   = { memory = "1Gi", concurrency = 8, instances = 20, timeout = 540 }
    generate-code     = { memory = "512Mi", concurrency = 8, instances = 20, timeout = 120 }
    launch-quick-test = { memory = "1Gi", concurrency = 4, instances = 10, timeout = 120 }
    track-quick-test  = { memory = "1Gi", concurrency = 8, instances = 20, timeout = 120 }
    advance-sweep     = { memory = "512Mi", concurrency = 8, instances = 10, timeout = 120 }
    advance-tuning    = { memory = "1Gi", concurrency = 4, instances = 10, timeout = 120 }
    record-experiment = { memory = "512Mi", concurrency = 8, instances = 5, timeout = 120 }
    register-model    = { memory = "512Mi", concurrency = 8, instances = 5, timeout = 120 }
    send-messages     = { memory = "512Mi", concurrency = 8, instances = 5, timeout = 120 }
    # One at a time: two would only ask the same.
    reconcile = { memory = "1Gi", concurrency = 1, instances = 1, timeout = 540 }
  }

  settings = merge(
    {
      for name, value in {
        PROJECT             = var.project_id
        LOCATION            = var.region
        BUCKET              = google_storage_bucket.artifacts.name
        DATABASE            = google_firestore_database.documents.name
        TOPIC_PREFIX        = local.topic_prefix
        BIGQUERY_MAX_BYTES  = tostring(var.bigquery_max_gb * 1024 * 1024 * 1024)
        KMS_KEY             = var.kms_key
        DAILY_BUDGET_USD    = var.daily_budget == 0 ? "" : tostring(var.daily_budget)
        MLFLOW_AUDIENCE     = local.with_mlflow ? local.mlflow_url : var.mlflow_audience
        MLFLOW_TRACKING_URI = local.mlflow_url
        CONSOLE_URL         = local.with_console ? "https://${var.domain}" : ""
        TRACE               = "google"
      } : "RECSMITH_${name}" => value if value != ""
    },
    { for name, value in var.settings : "RECSMITH_${name}" => value },
  )

  # What some functions alone are told, by the name of the variable: the name of a secret.
  secrets = merge(
    { for function in local.trackers : function => { MLFLOW_TRACKING_TOKEN = var.mlflow_token_secret } if var.mlflow_token_secret != "" },
    { for name, secret in { RECSMITH_CHANNELS = var.channels_secret } : "send-messages" => { (name) = secret } if secret != "" },
  )

  templates = "gs://${google_storage_bucket.artifacts.name}/templates"
  launch_settings = {
    for name, value in {
      TEMPLATE_URI             = "${local.templates}/${var.release}"
      PIPELINE_SERVICE_ACCOUNT = google_service_account.pipeline.email
      NETWORK                  = var.network
      LABELS                   = join(",", [for key, value in var.labels : "${key}=${value}"])
    } : "RECSMITH_${name}" => value if value != ""
  }

  api_settings = {
    for name, value in {
      ADMINS        = join(",", var.admins)
      EDITORS       = join(",", var.editors)
      AUTH          = local.with_console ? "iap" : "run"
      AUTH_AUDIENCE = local.iap_audience
      CONSOLE       = local.with_console ? "console" : ""
      SERVING_URLS  = join(",", [for id in keys(local.served) : "${id}=${google_cloud_run_v2_service.serving[id].uri}"])
    } : "RECSMITH_${name}" => value if value != ""
  }
}

resource "google_cloudfunctions2_function" "steps" {
  for_each     = local.steps
  name         = "${var.name}-${each.key}"
  location     = var.region
  description  = "Recsmith: ${each.key}"
  kms_key_name = local.kms_key

  build_config {
    runtime           = "python311"
    entry_point       = replace(each.key, "-", "_")
    service_account   = google_service_account.build.id
    docker_repository = google_artifact_registry_repository.functions.id

    source {
      storage_source {
        bucket = google_storage_bucket.artifacts.name
        object = google_storage_bucket_object.functions.name
      }
    }
  }

  service_config {
    service_account_email            = google_service_account.functions[each.key].email
    available_memory                 = each.value.memory
    available_cpu                    = "1"
    timeout_seconds                  = each.value.timeout
    min_instance_count               = 0
    max_instance_count               = each.value.instances
    max_instance_request_concurrency = each.value.concurrency
    ingress_settings                 = "ALLOW_INTERNAL_ONLY"
    all_traffic_on_latest_revision   = true
    vpc_connector                    = local.connector
    vpc_connector_egress_settings    = local.connector == null ? null : "ALL_TRAFFIC"
    environment_variables = merge(
      local.settings,
      # functions-framework would take four, whatever the concurrency.
      { THREADS = tostring(each.value.concurrency) },
      each.key == "launch-quick-test" ? local.launch_settings : {},
    )

    dynamic "secret_environment_variables" {
      for_each = lookup(local.secrets, each.key, {})
      content {
        key        = secret_environment_variables.key
        project_id = var.project_id
        secret     = secret_environment_variables.value
        version    = "latest"
      }
    }
  }

  depends_on = [
    google_artifact_registry_repository_iam_member.build,
    google_project_iam_member.build,
    google_project_iam_member.build_sources,
    google_project_iam_member.documents,
    google_secret_manager_secret_iam_member.functions,
    google_storage_bucket_iam_member.writers_read,
  ]
}

resource "google_cloudfunctions2_function" "api" {
  name         = "${var.name}-api"
  location     = var.region
  description  = "Recsmith: the HTTP API and, with a domain, the console"
  kms_key_name = local.kms_key

  build_config {
    runtime           = "python311"
    entry_point       = "api"
    service_account   = google_service_account.build.id
    docker_repository = google_artifact_registry_repository.functions.id

    source {
      storage_source {
        bucket = google_storage_bucket.artifacts.name
        object = google_storage_bucket_object.functions.name
      }
    }
  }

  service_config {
    service_account_email            = google_service_account.functions["api"].email
    available_memory                 = "1Gi"
    available_cpu                    = "1"
    timeout_seconds                  = 300 # a live status is one long request
    min_instance_count               = var.api_min_instances
    max_instance_count               = 20
    max_instance_request_concurrency = 40
    ingress_settings                 = local.with_console ? "ALLOW_INTERNAL_AND_GCLB" : "ALLOW_ALL"
    all_traffic_on_latest_revision   = true
    vpc_connector                    = local.connector
    vpc_connector_egress_settings    = local.connector == null ? null : "ALL_TRAFFIC"
    environment_variables            = merge(local.settings, local.api_settings)

    dynamic "secret_environment_variables" {
      for_each = lookup(local.secrets, "api", {})
      content {
        key        = secret_environment_variables.key
        project_id = var.project_id
        secret     = secret_environment_variables.value
        version    = "latest"
      }
    }
  }

  depends_on = [
    google_artifact_registry_repository_iam_member.build,
    google_project_iam_member.build,
    google_project_iam_member.build_sources,
    google_project_iam_member.documents,
    google_secret_manager_secret_iam_member.functions,
    google_storage_bucket_iam_member.writers_read,
  ]
}

resource "google_cloud_run_v2_service_iam_member" "invoker" {
  for_each = local.steps
  name     = google_cloudfunctions2_function.steps[each.key].name
  location = var.region
  role     = "roles/run.invoker"
  member   = google_service_account.invoker.member
}

# Without a console people call the API themselves; with one, only its load balancer does.
resource "google_cloud_run_v2_service_iam_member" "users" {
  for_each = local.with_console ? toset([]) : local.people
  name     = google_cloudfunctions2_function.api.name
  location = var.region
  role     = "roles/run.invoker"
  member   = each.key
}
