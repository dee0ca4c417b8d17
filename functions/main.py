"""The entry points that are deployed, each one function.

What an entry point needs is imported when it is called: all of them share this file, and none
should wait for the libraries of another.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import functions_framework
import functions_framework.aio

from shared import garbage

with garbage.loading():
    from functions import deployed, telemetry

telemetry.set_up()


def _loaded() -> Any:
    with garbage.loading():
        from functions import deliveries

    return deliveries


_deliveries = cache(_loaded)


@functions_framework.aio.http
async def api(request: Any) -> Any:
    """The whole HTTP API: functions-framework runs a returned ASGI application."""
    return deployed.app()


@functions_framework.cloud_event
def publish_change(event: Any) -> None:
    """A Firestore document was written (Eventarc)."""
    _deliveries().document_written(event, deployed.ports())


@functions_framework.cloud_event
def validate_config(event: Any) -> None:
    """A message of `config-changed`."""
    _deliveries().published("validate_config", event, deployed.ports())


@functions_framework.cloud_event
def generate_code(event: Any) -> None:
    """A message of `config-validated`."""
    _deliveries().published("generate_code", event, deployed.ports())


@functions_framework.cloud_event
def launch_quick_test(event: Any) -> None:
    """A message of `code-generated`."""
    _deliveries().published("launch_quick_test", event, deployed.ports())


@functions_framework.cloud_event
def track_quick_test(event: Any) -> None:
    """A message of `pipeline-status`: Vertex AI's logs, Cloud Storage's notifications."""
    _deliveries().job_has_news(event, deployed.ports())


@functions_framework.cloud_event
def advance_sweep(event: Any) -> None:
    """A message of `sweep-status`."""
    _deliveries().published("advance_sweep", event, deployed.ports())


@functions_framework.cloud_event
def advance_tuning(event: Any) -> None:
    """A message of `tuning-status`."""
    _deliveries().published("advance_tuning", event, deployed.ports())


@functions_framework.cloud_event
def record_experiment(event: Any) -> None:
    """A message of `quick-test-ended`."""
    _deliveries().published("record_experiment", event, deployed.ports())


@functions_framework.cloud_event
def register_model(event: Any) -> None:
    """A message of `quick-test-ended`."""
    _deliveries().published("register_model", event, deployed.ports())


@functions_framework.cloud_event
def send_messages(event: Any) -> None:
    """A message of `run-ended`."""
    _deliveries().published("send_messages", event, deployed.ports())


@functions_framework.http
def reconcile(_: Any) -> str:
    """Called by Cloud Scheduler."""
    _deliveries().timer_fired(deployed.ports(), deployed.patience())
    return "OK"
