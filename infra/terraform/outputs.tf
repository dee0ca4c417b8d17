output "api_url" {
  description = "The HTTP API. Without a domain, send `Authorization: Bearer $(gcloud auth print-identity-token)`."
  value       = local.with_console ? "https://${var.domain}/api/" : "${google_cloudfunctions2_function.api.service_config[0].uri}/api/"
}

output "console_address" {
  description = "What the domain's A record has to say."
  value       = one(google_compute_global_address.console[*].address)
}

output "bucket" {
  description = "Where generated code, models, metrics and templates are."
  value       = google_storage_bucket.artifacts.url
}

output "trainer_repository" {
  description = "Where the trainer's images go (_REPOSITORY of its build)."
  value       = "${google_artifact_registry_repository.trainer.location}-docker.pkg.dev/${var.project_id}/${google_artifact_registry_repository.trainer.repository_id}"
}

output "templates" {
  description = "Where the pipeline's templates go, a folder for each release (_TEMPLATES of their build)."
  value       = local.templates
}

output "build_service_account" {
  description = "Builds of the trainer's image run as this."
  value       = google_service_account.build.id
}

output "pipeline_service_account" {
  description = "Pipelines run as this: it needs to read whatever they train on."
  value       = google_service_account.pipeline.email
}

output "experiments_service_accounts" {
  description = "Record runs in MLflow and delete them: let them in to a server elsewhere (roles/run.invoker, or roles/iap.httpsResourceAccessor)."
  value       = [for function in local.trackers : google_service_account.functions[function].email]
}

output "mlflow_url" {
  description = "MLflow's server on Cloud Run: see its pages by `gcloud run services proxy`."
  value       = local.mlflow_url
}

output "dead_letters" {
  description = "The subscription to look into when an alert speaks of dead letters."
  value       = google_pubsub_subscription.dead_letters.id
}

output "serving_urls" {
  description = "Where the served models answer, by their ids: POST …/predict with `Authorization: Bearer` and an ID token for that address."
  value       = { for id, service in google_cloud_run_v2_service.serving : id => service.uri }
}
