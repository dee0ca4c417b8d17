locals {
  connector = var.vpc_connector == "" ? null : var.vpc_connector
}

# With an access policy: data stays inside. People come in through the load balancer, which is not
# subject to the perimeter; whoever deploys needs an access level of their own.
resource "google_access_context_manager_service_perimeter" "this" {
  count       = var.access_policy == "" ? 0 : 1
  parent      = "accessPolicies/${var.access_policy}"
  name        = "accessPolicies/${var.access_policy}/servicePerimeters/${replace(var.name, "-", "_")}_${replace(var.project_id, "-", "_")}"
  title       = "${replace(var.name, "-", "_")}_${replace(var.project_id, "-", "_")}"
  description = "Recsmith's documents, artifacts and pipelines."

  status {
    resources = ["projects/${data.google_project.this.number}"]
    restricted_services = [
      "aiplatform.googleapis.com",
      "artifactregistry.googleapis.com",
      "bigquery.googleapis.com",
      "dataflow.googleapis.com",
      "firestore.googleapis.com",
      "pubsub.googleapis.com",
      "secretmanager.googleapis.com",
      "storage.googleapis.com",
    ]
  }

  depends_on = [google_project_service.apis]
}
