locals {
  functions = toset(concat(keys(local.steps), ["api"]))

  # Which function says what to whom; tests/unit/shared/handlers/test_rights.py holds this to the code.
  publications = {
    for pair in flatten([
      for function, topics in {
        publish-change  = ["config-changed", "sweep-status", "tuning-status", "quick-test-ended", "run-ended"]
        validate-config = ["config-changed", "config-validated", "sweep-status", "tuning-status"]
        generate-code   = ["config-changed", "code-generated"]
        reconcile       = ["config-changed", "config-validated", "code-generated", "tuning-status"]
      } : [for topic in topics : { function = function, topic = topic }]
    ]) : "${pair.function}/${pair.topic}" => pair
  }

  # Who reads the data itself: validation profiles it, the API names its columns, the pipeline trains.
  data_readers = ["api", "validate-config", "pipeline"]
  members = merge(
    { for name, account in google_service_account.functions : name => account.member },
    { pipeline = google_service_account.pipeline.member },
  )
}

locals {
  pipeline_permissions = flatten([
    for kind, verbs in {
      customJobs      = ["create", "get", "list", "cancel"]
      metadataStores  = ["create", "get", "list"]
      metadataSchemas = ["create", "get", "list"]
      artifacts       = ["create", "get", "list", "update"]
      executions = [
        "create", "get", "list", "update", "addExecutionEvents", "queryExecutionInputsAndOutputs",
      ]
      contexts = [
        "create", "get", "list", "update",
        "addContextArtifactsAndExecutions", "addContextChildren", "queryContextLineageSubgraph",
      ]
    } : [for verb in verbs : "aiplatform.${kind}.${verb}"]
  ])
}

resource "google_service_account" "functions" {
  for_each     = local.functions
  account_id   = "${var.name}-${each.key}"
  display_name = "Recsmith: ${each.key}"

  depends_on = [google_project_service.apis]
}

resource "google_service_account" "pipeline" {
  account_id   = "${var.name}-pipeline"
  display_name = "Recsmith: training pipelines"

  depends_on = [google_project_service.apis]
}

resource "google_service_account" "build" {
  account_id   = "${var.name}-build"
  display_name = "Recsmith: builds of the trainer's image and of the functions"

  depends_on = [google_project_service.apis]
}

resource "google_service_account" "invoker" {
  account_id   = "${var.name}-invoker"
  display_name = "Recsmith: delivers events and the clock to the functions"

  depends_on = [google_project_service.apis]
}

# Documents. Firestore knows no smaller role for writing.
resource "google_project_iam_member" "documents" {
  for_each = local.functions
  project  = var.project_id
  role     = "roles/datastore.user"
  member   = google_service_account.functions[each.key].member
}

resource "google_project_iam_member" "traces" {
  for_each = local.functions
  project  = var.project_id
  role     = "roles/cloudtrace.agent"
  member   = google_service_account.functions[each.key].member
}

# Pipeline jobs: no role of Google's is as small.
resource "google_project_iam_custom_role" "launcher" {
  role_id     = "${replace(var.name, "-", "_")}Launcher"
  title       = "Recsmith: launches pipeline jobs"
  description = "Creates pipeline jobs and asks about them."
  permissions = [
    "aiplatform.pipelineJobs.create",
    "aiplatform.pipelineJobs.get",
    "aiplatform.pipelineJobs.cancel",
  ]
}

resource "google_project_iam_custom_role" "tracker" {
  role_id     = "${replace(var.name, "-", "_")}Tracker"
  title       = "Recsmith: follows pipeline jobs"
  description = "Asks about pipeline jobs and cancels them."
  permissions = [
    "aiplatform.pipelineJobs.get",
    "aiplatform.pipelineJobs.cancel",
  ]
}

resource "google_project_iam_member" "jobs" {
  for_each = {
    launch-quick-test = google_project_iam_custom_role.launcher.id
    track-quick-test  = google_project_iam_custom_role.tracker.id
    advance-sweep     = google_project_iam_custom_role.tracker.id
    advance-tuning    = google_project_iam_custom_role.tracker.id
    reconcile         = google_project_iam_custom_role.tracker.id
    api               = google_project_iam_custom_role.tracker.id
  }
  project = var.project_id
  role    = each.value
  member  = google_service_account.functions[each.key].member
}

# The only account that anybody may act as: jobs run under it.
resource "google_service_account_iam_member" "launcher_acts_as_pipeline" {
  service_account_id = google_service_account.pipeline.name
  role               = "roles/iam.serviceAccountUser"
  member             = google_service_account.functions["launch-quick-test"].member
}

# Google's role for pipelines has endpoints, models, notebooks and data sets besides. `least` is what
# follows from what a pipeline does as this account: it starts its tasks and keeps its metadata.
resource "google_project_iam_custom_role" "pipeline" {
  count       = var.pipeline_rights == "least" ? 1 : 0
  role_id     = "${replace(var.name, "-", "_")}Pipeline"
  title       = "Recsmith: runs the tasks of a pipeline"
  description = "Starts custom jobs and writes Vertex ML Metadata."
  permissions = local.pipeline_permissions
}

resource "google_project_iam_member" "pipeline_vertex" {
  project = var.project_id
  role    = coalesce(one(google_project_iam_custom_role.pipeline[*].id), "roles/aiplatform.user")
  member  = google_service_account.pipeline.member
}

resource "google_project_iam_member" "pipeline" {
  for_each = toset(concat(
    ["roles/logging.logWriter"],
    var.use_dataflow ? ["roles/dataflow.developer", "roles/dataflow.worker"] : [],
  ))
  project = var.project_id
  role    = each.key
  member  = google_service_account.pipeline.member
}

resource "google_service_account_iam_member" "dataflow_acts_as_pipeline" {
  count              = var.use_dataflow ? 1 : 0
  service_account_id = google_service_account.pipeline.name
  role               = "roles/iam.serviceAccountUser"
  member             = google_service_account.pipeline.member
}

# What MLflow's server asks for, and the addresses of channels: each for the functions that need it.
resource "google_secret_manager_secret_iam_member" "functions" {
  for_each = merge([
    for function, secrets in local.secrets : {
      for name, secret in secrets : "${function}/${secret}" => { function = function, secret = secret }
    }
  ]...)
  secret_id = each.value.secret
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.functions[each.value.function].member

  depends_on = [google_project_service.apis]
}

resource "google_project_iam_member" "build" {
  project = var.project_id
  role    = "roles/logging.logWriter"
  member  = google_service_account.build.member
}

# Cloud Functions lays the source that it builds from into a bucket of its own.
resource "google_project_iam_member" "build_sources" {
  project = var.project_id
  role    = "roles/storage.objectViewer"
  member  = google_service_account.build.member

  condition {
    title      = "sources of functions"
    expression = "resource.name.startsWith(\"projects/_/buckets/gcf-v2-sources-\")"
  }
}

# Whoever delivers: Eventarc receives the documents' events; each service is named in functions.tf.
resource "google_project_iam_member" "invoker_events" {
  project = var.project_id
  role    = "roles/eventarc.eventReceiver"
  member  = google_service_account.invoker.member
}

# Pub/Sub signs its pushes as the invoker. Projects made before April 2021 need this said.
resource "google_service_account_iam_member" "pubsub_signs_as_invoker" {
  service_account_id = google_service_account.invoker.name
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = local.pubsub_agent
}
