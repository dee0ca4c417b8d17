terraform {
  required_version = ">= 1.9"
  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 6.50"
    }
  }
  # `terraform init -backend-config="bucket=…"` names the bucket.
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
