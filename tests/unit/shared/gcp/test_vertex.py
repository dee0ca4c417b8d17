"""What Vertex AI is asked for, besides what a job is about."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import pytest
from fakes import FakeArtifacts
from google.cloud.aiplatform_v1 import PipelineJob
from job_requests import TEMPLATES, request

from shared.gcp.template import pipeline_spec
from shared.gcp.vertex import Launch, VertexPipelines
from shared.jobs import Purpose

PARENT = "projects/shop/locations/europe-west4"
KEY = f"{PARENT}/keyRings/r/cryptoKeys/k"
NETWORK = "projects/12345/global/networks/vpc"


class Client:
    """Keeps what it is asked to create."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def create_pipeline_job(self, **asked: Any) -> None:
        self.asked.append(asked)


def launched(purpose: Purpose, launch: Launch | None = None) -> dict[str, Any]:
    client: Any = Client()
    spec = pipeline_spec((Path(TEMPLATES) / f"{purpose}.json").read_bytes())
    service = VertexPipelines(client, PARENT, FakeArtifacts(), lambda _: spec, launch)
    service.launch(request().model_copy(update={"purpose": purpose}))
    (asked,) = client.asked
    return asked


@pytest.mark.parametrize("purpose", get_args(Purpose))
def test_a_job_runs_as_its_account_in_its_network_under_its_key_and_is_billed_by_its_labels(
    purpose: Purpose,
) -> None:
    launch = Launch("pipeline@shop.example", NETWORK, KEY, {"team": "shop"})
    asked = launched(purpose, launch)
    assert (asked["parent"], asked["pipeline_job_id"]) == (PARENT, "quick-test-1")
    job: PipelineJob = asked["pipeline_job"]
    assert job.service_account == "pipeline@shop.example"
    assert job.network == NETWORK
    assert job.encryption_spec.kms_key_name == KEY
    assert dict(job.labels) == {"team": "shop", "recsmith-purpose": purpose}
    values = dict(job.runtime_config.parameter_values)
    assert json.loads(values["job_request"])["purpose"] == purpose


def test_what_is_not_set_is_left_to_vertex_ai() -> None:
    job: PipelineJob = launched("quick_test")["pipeline_job"]
    assert (job.service_account, job.network, job.encryption_spec.kms_key_name) == ("", "", "")
    assert "encryption_spec" not in job
