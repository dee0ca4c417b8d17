"""The template for Vertex AI: what it declares."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest

from shared.jobs import (
    Purpose,
)
from tests.integration.trainer.conftest import IMAGE
from tests.integration.trainer.support import (
    TrainerProcess,
    probe,
)

pytestmark = pytest.mark.trainer


GOLDEN = Path(__file__).parents[2] / "golden" / "templates"


@pytest.mark.parametrize("purpose", get_args(Purpose))
def test_the_templates_are_the_recorded_ones(
    request: pytest.FixtureRequest, templates: dict[str, Any], purpose: str
) -> None:
    """Tests without TensorFlow hold the launcher to the recorded ones."""
    recorded = GOLDEN / f"{purpose}.json"
    if request.config.getoption("--write-golden"):
        recorded.write_text(json.dumps(templates[purpose], indent=2, sort_keys=True) + "\n")
    assert templates[purpose] == json.loads(recorded.read_bytes()), "meant? make golden-templates"


def test_the_settings_reach_every_container(
    compile_templates: Callable[..., dict[str, Any]],
) -> None:
    templates = compile_templates(
        *("--machine", "2x8", "--training-machine", "32x128", "--timeout-minutes", "90"),
        *("--separate-tasks", "--cached"),
        *("--dataflow-above-rows", "1000000", "--project", "p"),
        *("--dataflow-region", "europe-west4", "--dataflow-temp", "gs://bucket/dataflow"),
        *("--dataflow-subnetwork", "regions/europe-west4/subnetworks/recsmith"),
    )
    for template in templates.values():
        spec = template["pipelineSpec"]
        executors = spec["deploymentSpec"]["executors"]
        resources = {name: one["container"]["resources"] for name, one in executors.items()}
        assert resources.pop("Trainer_executor") == {"cpuLimit": 32, "memoryLimit": 128}
        assert all(one == {"cpuLimit": 2, "memoryLimit": 8} for one in resources.values())
        for executor in executors.values():
            assert executor["container"]["image"] == IMAGE
            assert executor["container"]["command"][-4:] == [
                *("--timeout_minutes", "90", "--billed_project", "p")
            ]
            arguments = executor["container"]["args"]
            assert "--dataflow_above_rows=1000000" in arguments
            assert {"--project=p", "--region=europe-west4", "--no_use_public_ips"} < set(arguments)
        for task in spec["root"]["dag"]["tasks"].values():
            assert task["cachingOptions"] == {"enableCache": True}


def test_only_the_trainer_of_a_full_training_gets_a_gpu(
    templates: dict[str, Any], compile_templates: Callable[..., dict[str, Any]]
) -> None:
    found = compile_templates("--gpu", "NVIDIA_TESLA_T4")
    assert found["quick_test"] == templates["quick_test"]
    executors = found["full_training"]["pipelineSpec"]["deploymentSpec"]["executors"]
    asked = {name: one["container"]["resources"] for name, one in executors.items()}
    assert asked.pop("Trainer_executor") == {
        "cpuLimit": 8,
        "memoryLimit": 30,
        "accelerator": {"type": "NVIDIA_TESLA_T4", "count": "1"},
    }
    assert all(one == {"cpuLimit": 4, "memoryLimit": 16} for one in asked.values())
    command = executors["Trainer_executor"]["container"]["command"]
    assert command[-2:] == ["--training_gpu", "NVIDIA_TESLA_T4"]


def test_each_of_several_gpus_gets_a_worker(
    templates: dict[str, Any], compile_templates: Callable[..., dict[str, Any]]
) -> None:
    found = compile_templates("--gpu", "NVIDIA_TESLA_T4", "--gpus", "4")
    assert found["quick_test"] == templates["quick_test"]
    executors = found["full_training"]["pipelineSpec"]["deploymentSpec"]["executors"]
    assert executors["Trainer_executor"]["container"]["resources"] == {
        "cpuLimit": 32,
        "memoryLimit": 120,
        "accelerator": {"type": "NVIDIA_TESLA_T4", "count": "4"},
    }
    command = executors["Trainer_executor"]["container"]["command"]
    assert command[-4:] == ["--training_gpu", "NVIDIA_TESLA_T4", "--training_workers", "4"]
    one = compile_templates("--gpu", "NVIDIA_TESLA_T4", "--gpus", "1")
    assert one == compile_templates("--gpu", "NVIDIA_TESLA_T4")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--gpus", "2"], "--gpus needs --gpu as well."),
        (
            ["--gpu", "NVIDIA_TESLA_T4", "--gpus", "3"],
            "argument --gpus: invalid choice: 3 (choose from 1, 2, 4, 8, 16)",
        ),
    ],
)
def test_gpus_that_no_machine_has_are_refused(tmp_path: Path, given: list[str], said: str) -> None:
    arguments = ["--image", IMAGE, "--out", str(tmp_path / "templates"), *given]
    ended = TrainerProcess(tmp_path, "trainer_image.compile", *arguments).wait()
    assert ended.returncode != 0
    assert ended.last_line.endswith(said)
    assert not (tmp_path / "templates").exists()


def test_the_only_task_of_a_quick_test_knows_neither_dataflow_nor_the_cache(
    compile_templates: Callable[..., dict[str, Any]],
) -> None:
    templates = compile_templates(
        *("--cached", "--dataflow-above-rows", "1000", "--project", "p"),
        *("--dataflow-region", "europe-west4", "--dataflow-temp", "gs://bucket/dataflow"),
    )
    text = {purpose: json.dumps(template) for purpose, template in templates.items()}
    for word in ("dataflow", "enableCache"):
        assert [purpose for purpose in text if word in text[purpose]] == ["full_training"]


def test_beam_understands_what_it_is_told_for_dataflow(
    compile_templates: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    template = compile_templates(
        *("--dataflow-above-rows", "1000", "--project", "shop-recsmith"),
        *("--dataflow-region", "europe-west4", "--dataflow-temp", "gs://shop-recsmith/dataflow"),
        *("--dataflow-service-account", "pipeline@shop-recsmith.iam.gserviceaccount.com"),
        *("--dataflow-subnetwork", "regions/europe-west4/subnetworks/recsmith"),
    )["full_training"]
    executors = template["pipelineSpec"]["deploymentSpec"]["executors"]
    arguments = executors["Transform_executor"]["container"]["args"]
    beam = arguments[arguments.index("--dataflow_above_rows=1000") :]
    folder = probe(
        tmp_path, ("beam_options", {"arguments": beam, "rows": 1001, "out": str(tmp_path)})
    )
    found = json.loads((folder / "beam.json").read_bytes())
    assert found == {
        "runner": "DataflowRunner",
        "project": "shop-recsmith",
        "region": "europe-west4",
        "temp_location": "gs://shop-recsmith/dataflow",
        "staging_location": "gs://shop-recsmith/dataflow",
        "service_account_email": "pipeline@shop-recsmith.iam.gserviceaccount.com",
        "subnetwork": "regions/europe-west4/subnetworks/recsmith",
        "use_public_ips": False,
        "labels": ["app=recsmith"],
        "experiments": ["use_runner_v2"],
        "sdk_container_image": IMAGE,
    }


def test_dataflow_needs_its_settings(tmp_path: Path) -> None:
    arguments = ["--image", IMAGE, "--out", str(tmp_path), "--dataflow-above-rows", "5"]
    ended = TrainerProcess(tmp_path, "trainer_image.compile", *arguments).wait()
    assert ended.returncode == 1
    assert ended.last_line == "--dataflow-above-rows needs --project as well."
