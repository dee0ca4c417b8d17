# With a domain: a load balancer with Identity-Aware Proxy in front of the API, which serves the
# console too, so that one sign-in lets people in to both.
locals {
  with_console = var.domain != ""
  people = setunion(
    var.users,
    toset([for email in var.admins : "user:${email}"]),
    toset([for one in var.editors : startswith(one, "@") ? "domain:${trimprefix(one, "@")}" : "user:${one}"]),
  )
  iap_audience = local.with_console ? "/projects/${data.google_project.this.number}/global/backendServices/${google_compute_backend_service.console[0].generated_id}" : ""
  iap_agent    = "serviceAccount:service-${data.google_project.this.number}@gcp-sa-iap.iam.gserviceaccount.com"
}

resource "google_compute_global_address" "console" {
  count = local.with_console ? 1 : 0
  name  = "${var.name}-console"

  depends_on = [google_project_service.apis]
}

resource "google_compute_region_network_endpoint_group" "console" {
  count                 = local.with_console ? 1 : 0
  name                  = "${var.name}-console"
  region                = var.region
  network_endpoint_type = "SERVERLESS"

  cloud_run {
    # By name: the function's settings name the backend in turn.
    service = "${var.name}-api"
  }

  depends_on = [google_project_service.apis]
}

resource "google_compute_backend_service" "console" {
  count                 = local.with_console ? 1 : 0
  name                  = "${var.name}-console"
  protocol              = "HTTPS"
  load_balancing_scheme = "EXTERNAL_MANAGED"

  backend {
    group = google_compute_region_network_endpoint_group.console[0].id
  }

  iap {
    enabled = true
  }

  log_config {
    enable      = true
    sample_rate = 1
  }
}

resource "google_compute_url_map" "console" {
  count           = local.with_console ? 1 : 0
  name            = "${var.name}-console"
  default_service = google_compute_backend_service.console[0].id
}

resource "google_compute_managed_ssl_certificate" "console" {
  count = local.with_console ? 1 : 0
  name  = "${var.name}-console-${substr(sha256(var.domain), 0, 8)}"

  managed {
    domains = [var.domain]
  }

  lifecycle {
    create_before_destroy = true
  }

  depends_on = [google_project_service.apis]
}

resource "google_compute_ssl_policy" "console" {
  count           = local.with_console ? 1 : 0
  name            = "${var.name}-console"
  profile         = "RESTRICTED"
  min_tls_version = "TLS_1_2"

  depends_on = [google_project_service.apis]
}

resource "google_compute_target_https_proxy" "console" {
  count            = local.with_console ? 1 : 0
  name             = "${var.name}-console"
  url_map          = google_compute_url_map.console[0].id
  ssl_certificates = [google_compute_managed_ssl_certificate.console[0].id]
  ssl_policy       = google_compute_ssl_policy.console[0].id
}

resource "google_compute_global_forwarding_rule" "console" {
  count                 = local.with_console ? 1 : 0
  name                  = "${var.name}-console"
  target                = google_compute_target_https_proxy.console[0].id
  ip_address            = google_compute_global_address.console[0].id
  port_range            = "443"
  load_balancing_scheme = "EXTERNAL_MANAGED"
}

resource "google_iap_web_backend_service_iam_member" "users" {
  for_each            = local.with_console ? local.people : toset([])
  web_backend_service = google_compute_backend_service.console[0].name
  role                = "roles/iap.httpsResourceAccessor"
  member              = each.key
}

resource "google_cloud_run_v2_service_iam_member" "iap" {
  count    = local.with_console ? 1 : 0
  name     = google_cloudfunctions2_function.api.name
  location = var.region
  role     = "roles/run.invoker"
  member   = local.iap_agent
}
