variable "project_id" {
  description = "The project that Recsmith lives in."
  type        = string
  validation {
    condition     = can(regex("^[a-z][-a-z0-9]{4,28}[a-z0-9]$", var.project_id))
    error_message = "A project id has 6 to 30 lower-case letters, digits and hyphens, and starts with a letter."
  }
}

variable "region" {
  description = "Where everything runs and is stored: documents, artifacts, functions, training. It cannot be changed later."
  type        = string
  default     = "europe-west4"
  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "Give a region such as europe-west4, not a zone or a multi-region: Firestore, functions and pipelines share it."
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
  description = "A dataset whose profile would scan more than this many GiB is refused. What a test reads of it, its columns once, is not bounded."
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

variable "keep_intermediates_days" {
  description = "How long what one task of a pipeline hands the next is kept. 0: for ever, which templates compiled with --cached need."
  type        = number
  default     = 14
  validation {
    condition     = var.keep_intermediates_days >= 0 && floor(var.keep_intermediates_days) == var.keep_intermediates_days
    error_message = "A whole number of days, or 0."
  }
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

variable "access_policy" {
  description = "Number of the organisation's access policy, for a VPC Service Controls perimeter around the project. Empty: none."
  type        = string
  default     = ""
  validation {
    condition     = var.access_policy == "" || can(regex("^[0-9]+$", var.access_policy))
    error_message = "The number of an access policy."
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

variable "settings" {
  description = "Further settings of all functions, by name without RECSMITH_, such as { MLFLOW_TRACKING_URI = \"https://…\" }. No secrets: they can be read by whoever sees the functions."
  type        = map(string)
  default     = {}
  validation {
    condition     = alltrue([for name in keys(var.settings) : can(regex("^[A-Z][A-Z0-9_]*$", name))])
    error_message = "Names are upper-case letters, digits and underscores."
  }
}
