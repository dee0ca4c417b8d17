variable "project_id" {
  description = "The project that Recsmith lives in."
  type        = string
  validation {
    condition     = can(regex("^[a-z][-a-z0-9]{4,28}[a-z0-9]$", var.project_id))
    error_message = "A project id has 6 to 30 lower-case letters, digits and hyphens, and starts with a letter."
  }
}

variable "name" {
  description = "What everything is called. A second deployment in the same project, such as `staging`, has another name, another database and another state (`-backend-config=\"prefix=staging\"`). It cannot be changed later."
  type        = string
  default     = "recsmith"
  validation {
    # The longest account, NAME-launch-quick-test, may have 30 characters.
    condition     = can(regex("^[a-z][-a-z0-9]{1,10}[a-z0-9]$", var.name))
    error_message = "3 to 12 lower-case letters, digits and hyphens, starting with a letter."
  }
}

variable "database" {
  description = "The Firestore database. A project has one `(default)`; a second deployment names one of its own."
  type        = string
  default     = "(default)"
  validation {
    condition     = var.database == "(default)" || can(regex("^[a-z][-a-z0-9]{2,61}[a-z0-9]$", var.database))
    error_message = "(default), or 4 to 63 lower-case letters, digits and hyphens, starting with a letter."
  }
  validation {
    condition     = var.name == "recsmith" || var.database != "(default)"
    error_message = "A second deployment needs a database of its own: set database to the deployment's name, such as recsmith-staging."
  }
}

variable "region" {
  description = "Where everything runs and is stored: documents, artifacts, functions, training. It cannot be changed later."
  type        = string
  default     = "europe-west1"
  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "Give a region such as europe-west1, not a zone or a multi-region: Firestore, functions and pipelines share it."
  }
}

variable "release" {
  description = "The folder under templates/ in the artifacts bucket that the launcher reads, as Cloud Build wrote it (_RELEASE)."
  type        = string
  default     = "v1"
  validation {
    condition     = can(regex("^[a-z0-9][-a-z0-9.]{0,62}$", var.release))
    error_message = "A release has up to 63 lower-case letters, digits, dots and hyphens."
  }
}

variable "functions_bundle" {
  description = "The functions' source, as `make bundle` writes it."
  type        = string
  default     = "../../build/functions.zip"
  validation {
    condition     = fileexists(var.functions_bundle)
    error_message = "There is no such file. Run `make bundle` at the root of the repository first."
  }
}

variable "users" {
  description = "Who may use Recsmith: IAM members such as `group:analysts@example.com` or `user:…`."
  type        = set(string)
  default     = []
  validation {
    condition     = alltrue([for member in var.users : can(regex("^(user|group|serviceAccount|domain):.+$", member))])
    error_message = "Each is an IAM member: user:…, group:…, serviceAccount:… or domain:…. Nobody is let in without a name."
  }
}

variable "admins" {
  description = "E-mail addresses of those who may do everything in Recsmith. They are users too."
  type        = set(string)
  default     = []
  validation {
    condition     = alltrue([for email in var.admins : can(regex("^[^@:\\s,]+@[^@:\\s,]+$", email))])
    error_message = "Each is a plain e-mail address, without user: or group:."
  }
}

variable "editors" {
  description = "E-mail addresses, or whole domains (`@example.com`), of those who may create, change and run. They are users too. What is said of a person in Recsmith goes first."
  type        = set(string)
  default     = []
  validation {
    condition     = alltrue([for one in var.editors : can(regex("^[^@:\\s,]*@[^@:\\s,]+$", one))])
    error_message = "Each is a plain e-mail address, or a domain such as @example.com."
  }
}

variable "domain" {
  description = "Host name of the console, such as recsmith.example.com, for a load balancer with Identity-Aware Proxy. Empty: no console; the API answers those who show an identity token."
  type        = string
  default     = ""
  validation {
    condition     = var.domain == "" || can(regex("^([a-z0-9]([-a-z0-9]*[a-z0-9])?\\.)+[a-z]{2,}$", var.domain))
    error_message = "Give a host name without scheme and path, such as recsmith.example.com."
  }
}

variable "bigquery_datasets" {
  description = "BigQuery datasets that Recsmith may read, as project.dataset."
  type        = set(string)
  default     = []
  validation {
    condition     = alltrue([for name in var.bigquery_datasets : can(regex("^[a-z][-a-z0-9:.]+\\.[A-Za-z0-9_]+$", name))])
    error_message = "Each is project.dataset, such as shop-analytics.sales."
  }
}

variable "source_buckets" {
  description = "Buckets behind external tables of the datasets, which Recsmith may read."
  type        = set(string)
  default     = []
  validation {
    condition     = alltrue([for name in var.source_buckets : can(regex("^[a-z0-9][-_.a-z0-9]{1,220}[a-z0-9]$", name))])
    error_message = "Each is a bucket's name without gs:// and folders."
  }
}

variable "bigquery_max_gb" {
  description = "A dataset whose profile would scan more than this many GiB is refused, and so is a test that would read more."
  type        = number
  default     = 1024
  validation {
    condition     = var.bigquery_max_gb >= 1
    error_message = "At least 1."
  }
}

variable "alert_emails" {
  description = "Who is told of dead letters, failed and stuck tests, and the budget."
  type        = set(string)
  default     = []
  validation {
    condition     = alltrue([for email in var.alert_emails : can(regex("^[^@:\\s,]+@[^@:\\s,]+$", email))])
    error_message = "Each is a plain e-mail address."
  }
}

variable "billing_account" {
  description = "The billing account, XXXXXX-XXXXXX-XXXXXX, for the budget. Empty: no budget."
  type        = string
  default     = ""
  validation {
    condition     = var.billing_account == "" || can(regex("^[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}$", var.billing_account))
    error_message = "A billing account is written XXXXXX-XXXXXX-XXXXXX."
  }
}

variable "monthly_budget" {
  description = "Whole units of the billing account's currency a month. A budget warns; it stops nothing."
  type        = number
  default     = 200
  validation {
    condition     = var.monthly_budget >= 1 && floor(var.monthly_budget) == var.monthly_budget
    error_message = "A whole number, at least 1."
  }
}

variable "daily_budget" {
  description = "US dollars that all tests and trainings of a day (UTC) may cost, by the price table: what would cost more is refused. 0: no bound."
  type        = number
  default     = 0
  validation {
    condition     = var.daily_budget >= 0
    error_message = "At least 0."
  }
}

variable "keep_intermediates_days" {
  description = "How long what one task of a pipeline hands the next is kept. 0: for ever, which templates compiled with --cached need."
  type        = number
  default     = 14
  validation {
    condition     = var.keep_intermediates_days >= 0 && floor(var.keep_intermediates_days) == var.keep_intermediates_days
    error_message = "A whole number of days, or 0."
  }
}

variable "keep_quick_tests_days" {
  description = "How long the models and files of quick tests are kept; their results stay in the documents, and full trainings for ever. 0: for ever too."
  type        = number
  default     = 365
  validation {
    condition     = var.keep_quick_tests_days >= 0 && floor(var.keep_quick_tests_days) == var.keep_quick_tests_days
    error_message = "A whole number of days, or 0."
  }
}

variable "access_logs" {
  description = "Whether a bucket keeps who read the artifacts. Cloud Storage writes it as cloud-storage-analytics@google.com, which organisations with domain-restricted sharing must allow first."
  type        = bool
  default     = false
}

variable "api_min_instances" {
  description = "Instances of the API that never sleep. 0 costs nothing; 1 spares the first caller some seconds."
  type        = number
  default     = 0
  validation {
    condition     = var.api_min_instances >= 0 && var.api_min_instances <= 10
    error_message = "0 to 10."
  }
}

variable "use_dataflow" {
  description = "Whether the templates may run Transform on Dataflow (compiled with --dataflow-above-rows)."
  type        = bool
  default     = false
}

variable "pipeline_rights" {
  description = "What trainings may do in Vertex AI: `google`, the role that Google names for pipelines, or `least`, their own tasks and metadata alone."
  type        = string
  default     = "google"
  validation {
    condition     = contains(["google", "least"], var.pipeline_rights)
    error_message = "Give google or least."
  }
}

variable "network" {
  description = "A peered VPC for pipelines, projects/NUMBER/global/networks/NAME. Empty: Google's."
  type        = string
  default     = ""
  validation {
    condition     = var.network == "" || can(regex("^projects/[0-9]+/global/networks/[^/]+$", var.network))
    error_message = "Vertex AI wants projects/NUMBER/global/networks/NAME, with the project's number."
  }
}

variable "kms_key" {
  description = "A Cloud KMS key in the region for everything that is stored, projects/…/locations/…/keyRings/…/cryptoKeys/…. Empty: Google's keys."
  type        = string
  default     = ""
  validation {
    condition     = var.kms_key == "" || can(regex("^projects/[^/]+/locations/${var.region}/keyRings/[^/]+/cryptoKeys/[^/]+$", var.kms_key))
    error_message = "Give the whole name of a key in the same region: projects/…/locations/REGION/keyRings/…/cryptoKeys/…."
  }
}

variable "kms_documents" {
  description = "Whether Firestore takes kms_key too. In some organisations Google has to admit the project first; false leaves documents to Google's keys. It cannot be changed later."
  type        = bool
  default     = true
}

variable "kms_more_services" {
  description = "Further service agents that may use kms_key, by the part between @ and .iam, such as gcp-sa-aiplatform-cc, which is there once a first job has run."
  type        = set(string)
  default     = []
  validation {
    condition     = alltrue([for name in var.kms_more_services : can(regex("^[a-z][-a-z0-9]+$", name))])
    error_message = "Each is the name of a service agent's domain, such as gcp-sa-aiplatform-cc."
  }
}

variable "access_policy" {
  description = "Number of the organisation's access policy, for a VPC Service Controls perimeter around the project. Empty: none."
  type        = string
  default     = ""
  validation {
    condition     = var.access_policy == "" || can(regex("^[0-9]+$", var.access_policy))
    error_message = "The number of an access policy."
  }
}

variable "vpc_connector" {
  description = "A Serverless VPC Access connector, projects/PROJECT/locations/REGION/connectors/NAME, that all calls of the functions take. A perimeter wants it: what does not come out of a network of the project is outside."
  type        = string
  default     = ""
  validation {
    condition     = var.vpc_connector == "" || can(regex("^projects/[^/]+/locations/${var.region}/connectors/[^/]+$", var.vpc_connector))
    error_message = "Give the whole name of a connector in the same region: projects/…/locations/REGION/connectors/…."
  }
  validation {
    condition     = var.access_policy == "" || var.vpc_connector != ""
    error_message = "With access_policy the functions need a way inside: give vpc_connector (see docs/google-cloud.md, More safety)."
  }
}

variable "labels" {
  description = "Labels of everything, for the bill."
  type        = map(string)
  default     = { app = "recsmith" }
  validation {
    condition     = alltrue([for key, value in var.labels : can(regex("^[a-z][-_a-z0-9]{0,62}$", key)) && can(regex("^[-_a-z0-9]{0,63}$", value))])
    error_message = "Keys and values are up to 63 lower-case letters, digits, hyphens and underscores; a key starts with a letter."
  }
}

variable "channels_secret" {
  description = "A secret of Secret Manager in the project that says who is told when tests, sweeps and tunings end: a JSON array of channels (docs/google-cloud.md, Messages). Empty: nobody."
  type        = string
  default     = ""
  validation {
    condition     = var.channels_secret == "" || can(regex("^[A-Za-z0-9_-]{1,255}$", var.channels_secret))
    error_message = "The name of a secret, without its project and version."
  }
}

variable "mlflow_token_secret" {
  description = "A secret of Secret Manager in the project that holds the bearer token of MLflow's server. Empty: it wants none, or an ID token."
  type        = string
  default     = ""
  validation {
    condition     = var.mlflow_token_secret == "" || can(regex("^[A-Za-z0-9_-]{1,255}$", var.mlflow_token_secret))
    error_message = "The name of a secret, without its project and version."
  }
}

variable "mlflow_audience" {
  description = "The audience of the ID token that MLflow's server wants: the address of a service on Cloud Run, or the OAuth client of Identity-Aware Proxy. Empty: it wants none."
  type        = string
  default     = ""
  validation {
    condition     = var.mlflow_audience == "" || var.mlflow_token_secret == ""
    error_message = "Give mlflow_token_secret or mlflow_audience, not both: a server takes one bearer token."
  }
}

variable "mlflow_image" {
  description = "The image of infra/mlflow, by its digest, to run MLflow's server on Cloud Run: LOCATION-docker.pkg.dev/PROJECT/NAME/mlflow@sha256:… Empty: no server of this deployment's own."
  type        = string
  default     = ""
  validation {
    condition     = var.mlflow_image == "" || can(regex("^[-a-z0-9.]+-docker\\.pkg\\.dev/[^@]+@sha256:[0-9a-f]{64}$", var.mlflow_image))
    error_message = "Name an image of Artifact Registry by its digest (…@sha256:…), so that what runs does not change by itself."
  }
  validation {
    condition     = var.mlflow_image == "" || var.mlflow_database_secret != ""
    error_message = "Give mlflow_database_secret too: a secret with the address of MLflow's database."
  }
  validation {
    condition     = var.mlflow_image == "" || (var.mlflow_audience == "" && var.mlflow_token_secret == "" && !contains(keys(var.settings), "MLFLOW_TRACKING_URI"))
    error_message = "Give mlflow_image, or a server elsewhere (mlflow_audience, mlflow_token_secret, MLFLOW_TRACKING_URI in settings), not both."
  }
}

variable "mlflow_database_secret" {
  description = "A secret of Secret Manager in the project with the address of the database of mlflow_image, such as postgresql+psycopg2://USER:PASSWORD@/DATABASE?host=/cloudsql/PROJECT:REGION:INSTANCE."
  type        = string
  default     = ""
  validation {
    condition     = var.mlflow_database_secret == "" || can(regex("^[A-Za-z0-9_-]{1,255}$", var.mlflow_database_secret))
    error_message = "The name of a secret, without its project and version."
  }
}

variable "mlflow_cloud_sql" {
  description = "The instance of Cloud SQL that the database of mlflow_image lies in, PROJECT:REGION:INSTANCE. Empty: it is reached without Google's connector."
  type        = string
  default     = ""
  validation {
    condition     = var.mlflow_cloud_sql == "" || can(regex("^[a-z][-a-z0-9]+:[a-z0-9-]+:[a-z][-a-z0-9]*$", var.mlflow_cloud_sql))
    error_message = "The connection name of an instance, PROJECT:REGION:INSTANCE, as `gcloud sql instances describe` shows it."
  }
}

variable "mlflow_users" {
  description = "Who may open the pages of mlflow_image, and change runs there: IAM members such as `group:analysts@example.com`."
  type        = set(string)
  default     = []
  validation {
    condition     = alltrue([for member in var.mlflow_users : can(regex("^(user|group|serviceAccount|domain):.+$", member))])
    error_message = "Each is an IAM member: user:…, group:…, serviceAccount:… or domain:…. Nobody is let in without a name."
  }
}

variable "settings" {
  description = "Further settings of all functions, by name without RECSMITH_, such as { MLFLOW_TRACKING_URI = \"https://…\" }. No secrets: they can be read by whoever sees the functions."
  type        = map(string)
  default     = {}
  validation {
    condition     = alltrue([for name in keys(var.settings) : can(regex("^[A-Z][A-Z0-9_]*$", name))])
    error_message = "Names are upper-case letters, digits and underscores."
  }
}

variable "batch_users" {
  description = "Who may start batch predictions and embeddings as jobs (`recsmith batch` at this deployment): IAM members. They may act as the pipeline's account, and so read whatever trainings read."
  type        = set(string)
  default     = []
  validation {
    condition     = alltrue([for member in var.batch_users : can(regex("^(user|group|serviceAccount|domain):.+$", member))])
    error_message = "Each is an IAM member: user:…, group:…, serviceAccount:… or domain:…. Nobody is let in without a name."
  }
}

variable "served_models" {
  description = "Ids of registered models that are served on Cloud Run, as `recsmith models list` shows them. Empty: none."
  type        = set(string)
  default     = []
  validation {
    condition     = alltrue([for id in var.served_models : can(regex("^[A-Za-z0-9][-_.A-Za-z0-9]{0,99}$", id))])
    error_message = "Each is the id of a registered model, such as rm-grocery-0a1b2c3d4e, not its name."
  }
  validation {
    condition     = length(var.served_models) == 0 || var.serving_image != ""
    error_message = "Give serving_image too: the trainer's image, by its digest."
  }
}

variable "serving_image" {
  description = "The trainer's image that serves models, by its digest: LOCATION-docker.pkg.dev/PROJECT/NAME/trainer@sha256:…"
  type        = string
  default     = ""
  validation {
    condition     = var.serving_image == "" || can(regex("^[-a-z0-9.]+-docker\\.pkg\\.dev/[^@]+@sha256:[0-9a-f]{64}$", var.serving_image))
    error_message = "Name an image of Artifact Registry by its digest (…@sha256:…), so that what serves does not change by itself."
  }
}

variable "serving_invokers" {
  description = "Who may ask the served models: IAM members, such as the service account of the shop."
  type        = set(string)
  default     = []
  validation {
    condition     = alltrue([for member in var.serving_invokers : can(regex("^(user|group|serviceAccount|domain):.+$", member))])
    error_message = "Each is an IAM member: user:…, group:…, serviceAccount:… or domain:…. Nobody is let in without a name."
  }
}

variable "serving_ingress" {
  description = "From where the served models can be reached: INGRESS_TRAFFIC_INTERNAL_ONLY, the project's own networks, or INGRESS_TRAFFIC_ALL. Callers show who they are in both."
  type        = string
  default     = "INGRESS_TRAFFIC_INTERNAL_ONLY"
  validation {
    condition     = contains(["INGRESS_TRAFFIC_INTERNAL_ONLY", "INGRESS_TRAFFIC_ALL"], var.serving_ingress)
    error_message = "INGRESS_TRAFFIC_INTERNAL_ONLY or INGRESS_TRAFFIC_ALL."
  }
}

variable "serving_memory" {
  description = "Memory of an instance. While a version is changed it holds two models."
  type        = string
  default     = "4Gi"
  validation {
    condition     = can(regex("^[1-9][0-9]*(Mi|Gi)$", var.serving_memory))
    error_message = "A number with Mi or Gi, such as 4Gi."
  }
}

variable "serving_cpu" {
  description = "Processors of an instance: 1, 2, 4 or 8."
  type        = string
  default     = "2"
  validation {
    condition     = contains(["1", "2", "4", "8"], var.serving_cpu)
    error_message = "1, 2, 4 or 8."
  }
}

variable "serving_min_instances" {
  description = "Instances of each served model that never sleep. 0 costs nothing while nobody asks; the first request then waits until a model is loaded."
  type        = number
  default     = 0
  validation {
    condition     = var.serving_min_instances >= 0 && var.serving_min_instances <= var.serving_max_instances
    error_message = "0 up to serving_max_instances."
  }
}

variable "serving_max_instances" {
  description = "Instances of each served model at the most."
  type        = number
  default     = 4
  validation {
    condition     = var.serving_max_instances >= 1 && var.serving_max_instances <= 100
    error_message = "1 to 100."
  }
}
