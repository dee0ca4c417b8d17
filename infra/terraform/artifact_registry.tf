resource "google_artifact_registry_repository" "trainer" {
  repository_id = var.name
  location      = var.region
  description   = "Recsmith: the trainer's image"
  format        = "DOCKER"
  kms_key_name  = local.kms_key

  docker_config {
    immutable_tags = true
  }

  # Templates name images by digest; an image without a tag is none of theirs.
  cleanup_policies {
    id     = "untagged"
    action = "DELETE"
    condition {
      tag_state  = "UNTAGGED"
      older_than = "30d"
    }
  }

  depends_on = [google_project_service.apis, google_kms_crypto_key_iam_member.agents]
}

resource "google_artifact_registry_repository" "functions" {
  repository_id = "${var.name}-functions"
  location      = var.region
  description   = "Recsmith: the functions' images, built by Cloud Functions"
  format        = "DOCKER"
  kms_key_name  = local.kms_key

  # An upgrade builds one for each function; going back builds the old ones anew.
  cleanup_policies {
    id     = "old"
    action = "DELETE"
    condition {
      older_than = "30d"
    }
  }
  cleanup_policies {
    id     = "recent"
    action = "KEEP"
    most_recent_versions {
      keep_count = 3
    }
  }

  depends_on = [google_project_service.apis, google_kms_crypto_key_iam_member.agents]
}

resource "google_artifact_registry_repository_iam_member" "build" {
  for_each = {
    trainer   = google_artifact_registry_repository.trainer.name
    functions = google_artifact_registry_repository.functions.name
  }
  location   = var.region
  repository = each.value
  role       = "roles/artifactregistry.writer"
  member     = google_service_account.build.member
}

resource "google_artifact_registry_repository_iam_member" "pipeline" {
  location   = var.region
  repository = google_artifact_registry_repository.trainer.name
  role       = "roles/artifactregistry.reader"
  member     = google_service_account.pipeline.member
}
