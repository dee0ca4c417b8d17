# Registered models behind HTTP: the trainer's image with another command, one service for each model.
# Each reads what is in production from the artifacts bucket, and asks whoever calls for an identity.
locals {
  served = {
    for id in var.served_models : id => "${var.name}-serve-${substr(sha256(id), 0, 10)}"
  }
  served_invokers = {
    for pair in setproduct(keys(local.served), var.serving_invokers) :
    "${pair[0]}/${pair[1]}" => { model = pair[0], member = pair[1] }
  }
}

resource "google_service_account" "serving" {
  count        = length(local.served) > 0 ? 1 : 0
  account_id   = "${var.name}-serving"
  display_name = "Recsmith: serves registered models"

  depends_on = [google_project_service.apis]
}

resource "google_storage_bucket_iam_member" "serving" {
  count  = length(local.served) > 0 ? 1 : 0
  bucket = google_storage_bucket.artifacts.name
  role   = "roles/storage.objectViewer"
  member = google_service_account.serving[0].member
}

resource "google_cloud_run_v2_service" "serving" {
  for_each            = local.served
  name                = each.value
  location            = var.region
  description         = "Recsmith: serves the registered model ${each.key}"
  ingress             = var.serving_ingress
  deletion_protection = false # it holds nothing; a model that is no longer named is served no longer

  template {
    service_account                  = google_service_account.serving[0].email
    timeout                          = "60s"
    max_instance_request_concurrency = 48 # fewer than the server lets wait
    encryption_key                   = local.kms_key

    scaling {
      min_instance_count = var.serving_min_instances
      max_instance_count = var.serving_max_instances
    }

    containers {
      image   = var.serving_image
      command = ["python", "-m", "trainer_image.http_server"]
      args = [
        "--host=0.0.0.0",
        "--model=${each.key}",
        "--store=${google_storage_bucket.artifacts.url}",
      ]

      ports {
        container_port = 8080
      }

      resources {
        limits            = { cpu = var.serving_cpu, memory = var.serving_memory }
        cpu_idle          = true
        startup_cpu_boost = true
      }

      # No request reaches an instance before its model has answered one.
      startup_probe {
        initial_delay_seconds = 5
        period_seconds        = 5
        timeout_seconds       = 4
        failure_threshold     = 46 # Cloud Run waits for 240 seconds at the most
        http_get {
          path = "/health"
        }
      }

      liveness_probe {
        period_seconds    = 30
        timeout_seconds   = 10
        failure_threshold = 3
        http_get {
          path = "/live"
        }
      }
    }

    dynamic "vpc_access" {
      for_each = local.connector == null ? [] : [local.connector]
      content {
        connector = vpc_access.value
        egress    = "ALL_TRAFFIC"
      }
    }
  }

  depends_on = [
    google_kms_crypto_key_iam_member.agents,
    google_project_service.apis,
    google_storage_bucket_iam_member.serving,
  ]
}

resource "google_cloud_run_v2_service_iam_member" "serving" {
  for_each = local.served_invokers
  name     = google_cloud_run_v2_service.serving[each.value.model].name
  location = var.region
  role     = "roles/run.invoker"
  member   = each.value.member
}

# The console's playground asks through the API.
resource "google_cloud_run_v2_service_iam_member" "playground" {
  for_each = local.served
  name     = google_cloud_run_v2_service.serving[each.key].name
  location = var.region
  role     = "roles/run.invoker"
  member   = google_service_account.functions["api"].member
}
