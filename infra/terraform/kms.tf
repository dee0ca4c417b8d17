locals {
  kms_key  = var.kms_key == "" ? null : var.kms_key
  kms_keys = var.kms_key == "" ? [] : [var.kms_key]

  # Google's own accounts that encrypt and decrypt on behalf of a service. Those of a service that is
  # not used may not exist, and a right for an account that does not exist is refused.
  kms_services = concat(
    [
      "compute-system", "gcf-admin-robot", "gcp-sa-aiplatform", "gcp-sa-artifactregistry",
      "gcp-sa-eventarc", "gcp-sa-pubsub", "serverless-robot-prod",
    ],
    var.kms_documents ? ["gcp-sa-firestore"] : [],
    var.use_dataflow ? ["dataflow-service-producer-prod"] : [],
    sort(var.kms_more_services),
  )
  kms_agents = var.kms_key == "" ? {} : merge(
    { storage = data.google_storage_project_service_account.this.member },
    {
      for service in local.kms_services :
      service => "serviceAccount:service-${data.google_project.this.number}@${service}.iam.gserviceaccount.com"
    },
  )
}

resource "google_kms_crypto_key_iam_member" "agents" {
  for_each      = local.kms_agents
  crypto_key_id = var.kms_key
  role          = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
  member        = each.value
}
