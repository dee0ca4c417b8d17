terraform {
  required_version = ">= 1.9"
  required_providers {
    google = {
      source = "hashicorp/google"
      # Minor releases change defaults: what is tried is what runs. `terraform init` notes its digest.
      version = "~> 6.50.0"
    }
  }
  # `terraform init -backend-config="bucket=…"` names the bucket; a second deployment names a prefix too.
  backend "gcs" {
    prefix = "recsmith"
  }
}

provider "google" {
  project = var.project_id
  region  = var.region
  # Budgets and identity answer only to a project that pays for the call.
  billing_project       = var.project_id
  user_project_override = true
  default_labels        = var.labels
}
