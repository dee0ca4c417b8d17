locals {
  kms_key  = var.kms_key == "" ? null : var.kms_key
  kms_keys = var.kms_key == "" ? [] : [var.kms_key]

  # Google's own accounts that encrypt and decrypt on behalf of a service.
  kms_agents = var.kms_key == "" ? {} : {
    storage           = data.google_storage_project_service_account.this.member
    pubsub            = local.pubsub_agent
    firestore         = "serviceAccount:service-${data.google_project.this.number}@gcp-sa-firestore.iam.gserviceaccount.com"
    artifact-registry = "serviceAccount:service-${data.google_project.this.number}@gcp-sa-artifactregistry.iam.gserviceaccount.com"
    functions         = "serviceAccount:service-${data.google_project.this.number}@gcf-admin-robot.iam.gserviceaccount.com"
    run               = "serviceAccount:service-${data.google_project.this.number}@serverless-robot-prod.iam.gserviceaccount.com"
    eventarc          = "serviceAccount:service-${data.google_project.this.number}@gcp-sa-eventarc.iam.gserviceaccount.com"
    vertex            = "serviceAccount:service-${data.google_project.this.number}@gcp-sa-aiplatform.iam.gserviceaccount.com"
    vertex-custom     = "serviceAccount:service-${data.google_project.this.number}@gcp-sa-aiplatform-cc.iam.gserviceaccount.com"
    compute           = "serviceAccount:service-${data.google_project.this.number}@compute-system.iam.gserviceaccount.com"
    dataflow          = "serviceAccount:service-${data.google_project.this.number}@dataflow-service-producer-prod.iam.gserviceaccount.com"
  }
}

resource "google_kms_crypto_key_iam_member" "agents" {
  for_each      = local.kms_agents
  crypto_key_id = var.kms_key
  role          = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
  member        = each.value
}
