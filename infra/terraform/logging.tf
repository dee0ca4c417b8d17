locals {
  vertex_log = "projects/${var.project_id}/logs/aiplatform.googleapis.com%2F"
}

# What Vertex AI logs of a job and of its tasks is the news that `track-quick-test` waits for.
resource "google_logging_project_sink" "pipeline_status" {
  name                   = "${var.name}-pipeline-status"
  destination            = "pubsub.googleapis.com/${google_pubsub_topic.events["pipeline-status"].id}"
  unique_writer_identity = true
  filter                 = <<-EOT
    resource.type="aiplatform.googleapis.com/PipelineJob"
    logName=("${local.vertex_log}pipeline_job_events" OR "${local.vertex_log}pipeline_job_task_events")
  EOT
}

resource "google_pubsub_topic_iam_member" "pipeline_status" {
  topic  = google_pubsub_topic.events["pipeline-status"].id
  role   = "roles/pubsub.publisher"
  member = google_logging_project_sink.pipeline_status.writer_identity
}
