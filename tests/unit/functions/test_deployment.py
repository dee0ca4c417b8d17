"""What is deployed fits together: the launcher and the template, Terraform and the settings."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, get_args

import pytest
from job_requests import TEMPLATES, request

from functions import settings
from shared.gcp import template
from shared.jobs import Purpose
from shared.prices import read_prices

REPOSITORY = Path(__file__).parents[3]
INFRA = REPOSITORY / "infra" / "terraform"
FUNCTIONS = (INFRA / "functions.tf").read_text(encoding="utf-8")


@pytest.mark.parametrize("purpose", get_args(Purpose))
def test_the_launcher_sends_what_the_template_takes_no_more_and_no_less(purpose: str) -> None:
    spec = template.pipeline_spec((TEMPLATES / f"{purpose}.json").read_bytes())
    declared: dict[str, Any] = spec["root"]["inputDefinitions"]["parameters"]
    known = template.parameters(request())
    sent = template.fit(spec, known)
    assert set(sent) == set(declared) <= set(known)
    assert purpose != "full_training" or sent == known
    assert all(isinstance(value, str) and value for value in sent.values())
    for missing in declared:
        with pytest.raises(template.TemplateError, match=missing):
            template.fit(spec, {name: sent[name] for name in sent if name != missing})


@pytest.mark.parametrize("purpose", get_args(Purpose))
def test_what_is_estimated_is_the_machine_that_is_asked_for(purpose: Purpose) -> None:
    spec = template.pipeline_spec((TEMPLATES / f"{purpose}.json").read_bytes())
    trains = {"quick_test": "QuickTest", "full_training": "Trainer"}[purpose]
    executor = spec["deploymentSpec"]["executors"][f"{trains}_executor"]
    wanted = executor["container"]["resources"]
    # e2-standard-N has N virtual CPUs and 4 N GB.
    family, _, cpus = read_prices().machines[purpose].rpartition("-")
    assert family == "e2-standard"
    assert wanted == {"cpuLimit": int(cpus), "memoryLimit": 4 * int(cpus)}


@pytest.mark.parametrize("purpose", get_args(Purpose))
def test_every_task_of_the_template_is_a_stage(purpose: str) -> None:
    spec = template.pipeline_spec((TEMPLATES / f"{purpose}.json").read_bytes())
    assert set(template.task_names(spec)) <= {template.WHOLE_JOB, *template.STAGE_OF}


def test_modules_are_sent_under_names_that_the_trainer_can_verify() -> None:
    sent = template.parameters(request())
    for name in ("preprocessing_module_uri", "trainer_module_uri"):
        assert re.search(r"[0-9a-f]{64}\.py$", sent[name])
    assert json.loads(sent["trainer_config"])["progress_file"].startswith("gs://b/jobs/")


def test_every_setting_that_terraform_gives_is_one_that_the_functions_know() -> None:
    blocks = re.findall(r"for name, value in \{(.*?)\n\s*\} :", FUNCTIONS, re.S)
    given = {name for block in blocks for name in re.findall(r"^\s*([A-Z_]+)\s*=", block, re.M)}
    assert {"PROJECT", "BUCKET", "TEMPLATE_URI", "AUTH"} <= given
    assert {name.lower() for name in given} <= set(settings.Settings.model_fields)
    required = {
        name for name, field in settings.Settings.model_fields.items() if field.is_required()
    }
    assert required <= {name.lower() for name in given}


def test_the_settings_that_the_variables_speak_of_are_ones_that_the_functions_know() -> None:
    text = (INFRA / "variables.tf").read_text(encoding="utf-8")
    spoken_of = re.findall(r"\{ ([A-Z_]+) = ", text)
    assert spoken_of
    assert {name.lower() for name in spoken_of} <= set(settings.Settings.model_fields)


@pytest.mark.parametrize("auth", [{"AUTH": "run"}, {"AUTH": "iap", "AUTH_AUDIENCE": "/projects/1"}])
def test_what_terraform_gives_is_accepted(auth: dict[str, str]) -> None:
    environment = {
        "PROJECT": "shop-recsmith",
        "LOCATION": "europe-west4",
        "BUCKET": "shop-recsmith-recsmith",
        "DATABASE": "(default)",
        "TOPIC_PREFIX": "recsmith-",
        "BIGQUERY_MAX_BYTES": str(1024**4),
        "TRACE": "google",
        "TEMPLATE_URI": "gs://shop-recsmith-recsmith/templates/v1",
        "PIPELINE_SERVICE_ACCOUNT": "recsmith-pipeline@shop-recsmith.iam.gserviceaccount.com",
        "LABELS": "app=recsmith",
        "ADMINS": "head@example.com",
        "CONSOLE": "console",
        **auth,
    }
    found = settings.read_settings({f"RECSMITH_{name}": text for name, text in environment.items()})
    assert found.topic_prefix == "recsmith-"
