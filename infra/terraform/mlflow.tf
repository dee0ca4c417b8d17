# MLflow's server on Cloud Run, where an image is named: its tables in a database that a secret names, its
# files in a bucket of its own, which it alone reaches. Whoever asks shows who they are.
locals {
  with_mlflow = var.mlflow_image != ""
  mlflow_url  = local.with_mlflow ? google_cloud_run_v2_service.mlflow[0].uri : ""
  # Who records runs, catches up with them, and deletes them; tests/unit/shared/handlers/test_rights.py holds this to the code.
  trackers = ["api", "reconcile", "record-experiment"]
  # PROJECT:REGION:INSTANCE
  mlflow_sql = var.mlflow_cloud_sql == "" ? [] : [var.mlflow_cloud_sql]
  mlflow_settings = {
    MLFLOW_DISABLE_TELEMETRY           = "true"
    MLFLOW_SERVER_ENABLE_JOB_EXECUTION = "false" # it judges what language models say
  }
}

resource "google_service_account" "mlflow" {
  count        = local.with_mlflow ? 1 : 0
  account_id   = "${var.name}-mlflow"
  display_name = "Recsmith: MLflow's server"

  depends_on = [google_project_service.apis]
}

resource "google_storage_bucket" "mlflow" {
  count                       = local.with_mlflow ? 1 : 0
  name                        = "${var.project_id}-${var.name}-mlflow"
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
      log_object_prefix = "mlflow"
    }
  }

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
      days_since_noncurrent_time = 30
    }
  }

  depends_on = [google_kms_crypto_key_iam_member.agents]
}

resource "google_storage_bucket_iam_member" "mlflow" {
  count  = local.with_mlflow ? 1 : 0
  bucket = google_storage_bucket.mlflow[0].name
  role   = "roles/storage.objectUser"
  member = google_service_account.mlflow[0].member
}

resource "google_secret_manager_secret_iam_member" "mlflow" {
  count     = local.with_mlflow ? 1 : 0
  project   = var.project_id
  secret_id = var.mlflow_database_secret
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.mlflow[0].member

  depends_on = [google_project_service.apis]
}

# https://cloud.google.com/sql/docs/postgres/iam-conditions
resource "google_project_iam_member" "mlflow_database" {
  count   = local.with_mlflow ? length(local.mlflow_sql) : 0
  project = split(":", local.mlflow_sql[count.index])[0]
  role    = "roles/cloudsql.client"
  member  = google_service_account.mlflow[0].member

  condition {
    title = "MLflow's database alone"
    expression = format(
      "resource.name == \"projects/%s/instances/%s\" && resource.service == \"sqladmin.googleapis.com\"",
      split(":", local.mlflow_sql[count.index])[0], split(":", local.mlflow_sql[count.index])[2],
    )
  }
}

resource "google_cloud_run_v2_service" "mlflow" {
  count               = local.with_mlflow ? 1 : 0
  name                = "${var.name}-mlflow"
  location            = var.region
  description         = "Recsmith: MLflow's server"
  ingress             = "INGRESS_TRAFFIC_ALL" # functions without a connector come from outside; nobody is let in unknown
  deletion_protection = false                 # it holds nothing: tables and files are elsewhere

  template {
    service_account = google_service_account.mlflow[0].email
    timeout         = "60s"
    encryption_key  = local.kms_key

    scaling {
      min_instance_count = 0
      max_instance_count = 1 # as many connections as the smallest database takes
    }

    containers {
      image   = var.mlflow_image
      command = ["mlflow"]
      args = [
        "server",
        "--host=0.0.0.0",
        "--port=8080",
        "--workers=1",
        "--artifacts-destination=${google_storage_bucket.mlflow[0].url}",
        "--allowed-hosts=*", # Cloud Run has let the caller in, and nobody else
      ]

      ports {
        container_port = 8080
      }

      resources {
        limits            = { cpu = "1", memory = "2Gi" }
        cpu_idle          = true
        startup_cpu_boost = true
      }

      dynamic "env" {
        for_each = local.mlflow_settings
        content {
          name  = env.key
          value = env.value
        }
      }

      env {
        name = "MLFLOW_BACKEND_STORE_URI"
        value_source {
          secret_key_ref {
            secret  = var.mlflow_database_secret
            version = "latest"
          }
        }
      }

      dynamic "volume_mounts" {
        for_each = local.mlflow_sql
        content {
          name       = "cloudsql"
          mount_path = "/cloudsql"
        }
      }

      startup_probe {
        initial_delay_seconds = 5
        period_seconds        = 5
        timeout_seconds       = 4
        failure_threshold     = 46 # Cloud Run waits for 240 seconds at the most
        http_get {
          path = "/health"
        }
      }
    }

    dynamic "volumes" {
      for_each = local.mlflow_sql
      content {
        name = "cloudsql"
        cloud_sql_instance {
          instances = [volumes.value]
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
    google_project_iam_member.mlflow_database,
    google_project_service.apis,
    google_secret_manager_secret_iam_member.mlflow,
    google_storage_bucket_iam_member.mlflow,
  ]
}

# Brings the tables up to date, when somebody runs it: after a backup, before another version serves.
resource "google_cloud_run_v2_job" "mlflow_upgrade" {
  count               = local.with_mlflow ? 1 : 0
  name                = "${var.name}-mlflow-upgrade"
  location            = var.region
  deletion_protection = false

  template {
    template {
      service_account = google_service_account.mlflow[0].email
      max_retries     = 0
      timeout         = "3600s"
      encryption_key  = local.kms_key

      containers {
        image   = var.mlflow_image
        command = ["sh"] # so that the job's description shows no password
        args    = ["-c", "exec mlflow db upgrade \"$MLFLOW_BACKEND_STORE_URI\""]

        resources {
          limits = { cpu = "1", memory = "2Gi" }
        }

        dynamic "env" {
          for_each = local.mlflow_settings
          content {
            name  = env.key
            value = env.value
          }
        }

        env {
          name = "MLFLOW_BACKEND_STORE_URI"
          value_source {
            secret_key_ref {
              secret  = var.mlflow_database_secret
              version = "latest"
            }
          }
        }

        dynamic "volume_mounts" {
          for_each = local.mlflow_sql
          content {
            name       = "cloudsql"
            mount_path = "/cloudsql"
          }
        }
      }

      dynamic "volumes" {
        for_each = local.mlflow_sql
        content {
          name = "cloudsql"
          cloud_sql_instance {
            instances = [volumes.value]
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
  }

  depends_on = [
    google_kms_crypto_key_iam_member.agents,
    google_project_iam_member.mlflow_database,
    google_project_service.apis,
    google_secret_manager_secret_iam_member.mlflow,
  ]
}

resource "google_cloud_run_v2_service_iam_member" "mlflow" {
  for_each = local.with_mlflow ? toset(local.trackers) : toset([])
  name     = google_cloud_run_v2_service.mlflow[0].name
  location = var.region
  role     = "roles/run.invoker"
  member   = google_service_account.functions[each.key].member
}

resource "google_cloud_run_v2_service_iam_member" "mlflow_users" {
  for_each = local.with_mlflow ? var.mlflow_users : toset([])
  name     = google_cloud_run_v2_service.mlflow[0].name
  location = var.region
  role     = "roles/run.invoker"
  member   = each.key
}
