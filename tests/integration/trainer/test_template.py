"""The template for Vertex AI: what it declares, and its containers run one after the other."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, get_args

import pyarrow.parquet as pq
import pytest
from pydantic import TypeAdapter

from shared.gcp.template import WHOLE_JOB
from shared.jobs import (
    METRICS_FILE,
    PROGRESS_FILE,
    STAGES_FILE,
    MetricsReport,
    Purpose,
    Stage,
    State,
    Task,
)
from tests.integration.trainer.support import (
    EPOCHS,
    ROWS,
    Documents,
    TrainerJob,
    TrainerProcess,
    make_job,
    probe,
)
from tests.integration.trainer.vertex import PROJECT_NUMBER, VertexJob

pytestmark = [pytest.mark.trainer, pytest.mark.xdist_group("trainer")]

IMAGE = "europe-docker.pkg.dev/project/recsmith/trainer@sha256:" + "0" * 64
GOLDEN = Path(__file__).parents[2] / "golden" / "templates"
METRIC_TOLERANCE = 0.03


@pytest.fixture(scope="module")
def compile_templates(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., dict[str, Any]]:
    """Compiles with further options, and gives the templates by purpose."""

    def compiled(*options: str) -> dict[str, Any]:
        folder = tmp_path_factory.mktemp("compiled")
        arguments = ["--image", IMAGE, "--out", str(folder / "templates"), *options]
        ended = TrainerProcess(folder, "trainer_image.compile", *arguments).wait()
        assert ended.returncode == 0, ended.stderr
        assert ended.stdout.split() == [
            str(folder / "templates" / f"{purpose}.json") for purpose in get_args(Purpose)
        ]
        return {
            purpose: json.loads((folder / "templates" / f"{purpose}.json").read_bytes())
            for purpose in get_args(Purpose)
        }

    return compiled


@pytest.fixture(scope="module")
def templates(compile_templates: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    return compile_templates()


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


def parameters_of(job: TrainerJob) -> dict[str, str]:
    """As the launcher gives them: modules named by their hash, long values in files."""
    request = job.request
    folder = job.folder / "given"
    folder.mkdir()
    (folder / "request.json").write_text(request.model_dump_json())
    modules = {}
    for name, artifact in (("preprocessing", request.preprocessing), ("trainer", request.trainer)):
        module = folder / f"{artifact.sha256}.py"
        shutil.copyfile(job.folder.parent / f"{job.folder.name}-{name}.py", module)
        modules[f"{name}_module_uri"] = module.as_uri()
    return {
        "examples_config": request.examples.model_dump_json(),
        "job_request": (folder / "request.json").as_uri(),
        "trainer_config": json.dumps({"progress_file": str(job.output / "progress.json")}),
        **modules,
    }


@pytest.fixture(scope="module")
def vertex_run(
    tmp_path_factory: pytest.TempPathFactory,
    documents: Documents,
    source: Path,
    templates: dict[str, Any],
) -> tuple[TrainerJob, VertexJob]:
    folder = tmp_path_factory.mktemp("vertex")
    job = make_job(folder / "job", documents, source)
    run = VertexJob(
        folder / "root", templates["full_training"], parameters_of(job), job.request.job_id
    )
    assert run.in_order() == ["SampledExampleGen", "Transform", "Trainer", "HeldOutEvaluator"]
    for task in run.in_order():
        ended = run.run(task)
        assert ended.returncode == 0, f"{task}: {ended.stderr[-4000:]}"
        assert job.output.exists() == (task in ("Trainer", "HeldOutEvaluator"))
    return job, run


def test_the_containers_leave_what_a_job_leaves(vertex_run: tuple[TrainerJob, VertexJob]) -> None:
    job, run = vertex_run
    output = job.output
    assert len(json.loads((output / "progress.json").read_bytes())) == EPOCHS
    assert (output / "model" / "saved_model.pb").is_file()
    assert pq.read_table(output / "candidates.parquet").num_rows > 2
    rows = [
        pq.read_table(output / "examples" / split / "part-00000.parquet").num_rows
        for split in ("train", "eval")
    ]
    assert sum(rows) == ROWS
    assert not list(run.job_folder.glob("error.json"))


def test_the_containers_measure_what_the_direct_runner_measures(
    vertex_run: tuple[TrainerJob, VertexJob], direct_run: TrainerJob
) -> None:
    vertex, direct = (
        MetricsReport.model_validate_json((job.output / "metrics.json").read_bytes())
        for job in (vertex_run[0], direct_run)
    )
    assert vertex.protocol == direct.protocol
    assert vertex.baselines == direct.baselines
    assert vertex.metrics == pytest.approx(direct.metrics, abs=METRIC_TOLERANCE)


@pytest.fixture(scope="module")
def told() -> list[list[str]]:
    """What lay where the files of `whole_run` belong, time after time."""
    return []


@pytest.fixture(scope="module")
def whole_run(
    tmp_path_factory: pytest.TempPathFactory,
    documents: Documents,
    source: Path,
    templates: dict[str, Any],
    told: list[list[str]],
) -> tuple[TrainerJob, VertexJob]:
    """A quick test as its template runs it: one container."""
    folder = tmp_path_factory.mktemp("whole")
    job = make_job(folder / "job", documents, source)
    run = VertexJob(
        folder / "root", templates["quick_test"], parameters_of(job), job.request.job_id
    )
    assert run.in_order() == [WHOLE_JOB]
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(run.run, WHOLE_JOB)
        while not running.done():
            seen = sorted(path.name for path in job.output.glob("*"))
            if seen and told[-1:] != [seen]:
                told.append(seen)
            time.sleep(0.02)
    ended = running.result()
    assert ended.returncode == 0, ended.stderr[-4000:]
    return job, run


def test_one_container_tells_of_stages_and_epochs_before_it_leaves_the_rest(
    whole_run: tuple[TrainerJob, VertexJob], told: list[list[str]]
) -> None:
    assert told[:2] == [[STAGES_FILE], [PROGRESS_FILE, STAGES_FILE]]
    assert METRICS_FILE in told[-1]


def test_one_container_leaves_what_four_leave(
    whole_run: tuple[TrainerJob, VertexJob], direct_run: TrainerJob
) -> None:
    job, run = whole_run

    def files(of: TrainerJob) -> set[str]:
        return {str(path.relative_to(of.output)) for path in of.output.rglob("*") if path.is_file()}

    assert files(job) - {STAGES_FILE} == files(direct_run)
    assert len(json.loads((job.output / "progress.json").read_bytes())) == EPOCHS
    found, direct = (
        MetricsReport.model_validate_json((one.output / "metrics.json").read_bytes())
        for one in (job, direct_run)
    )
    assert found.protocol == direct.protocol
    assert found.metrics == pytest.approx(direct.metrics, abs=METRIC_TOLERANCE)
    stages = stages_of(job.output)
    assert [stage.name for stage in stages] == list(Stage)
    assert {stage.state for stage in stages} == {State.SUCCEEDED}
    times = [time for stage in stages for time in (stage.started_at, stage.ended_at)]
    assert times == sorted(time for time in times if time)
    assert not list(run.job_folder.glob("error.json"))


def test_one_container_tells_in_which_stage_it_failed(
    whole_run: tuple[TrainerJob, VertexJob], tmp_path: Path
) -> None:
    job, run = whole_run
    gone = job.request.trainer.model_copy(update={"uri": (tmp_path / "gone.py").as_uri()})
    changes = {"trainer": gone, "output_uri": (tmp_path / "output").as_uri()}
    request = job.request.model_copy(update=changes)
    failing = run.again({"job_request": request.model_dump_json()}, "failing")
    assert failing.run(WHOLE_JOB).returncode == 1
    stages = stages_of(tmp_path / "output")
    assert [stage.state for stage in stages] == [
        State.SUCCEEDED,
        State.SUCCEEDED,
        State.FAILED,
        State.PENDING,
    ]
    error = json.loads((failing.job_folder / "error.json").read_bytes())
    assert error == {"task": WHOLE_JOB, "message": stages[2].error}


def stages_of(output: Path) -> list[Task]:
    return TypeAdapter(list[Task]).validate_json((output / STAGES_FILE).read_bytes())


def test_a_changed_module_is_refused_and_the_cause_is_left_behind(
    vertex_run: tuple[TrainerJob, VertexJob], tmp_path: Path
) -> None:
    job, run = vertex_run
    parameters = run.parameters
    module = tmp_path / Path(parameters["trainer_module_uri"]).name
    module.write_text("raise SystemExit('imported')\n")
    changed = run.again({**parameters, "trainer_module_uri": module.as_uri()}, "changed")
    ended = changed.run("Trainer")
    assert ended.returncode == 1
    error = json.loads((changed.job_folder / "error.json").read_bytes())
    assert error["task"] == "Trainer"
    found = hashlib.sha256(module.read_bytes()).hexdigest()
    assert error["message"] == (
        f"The trainer module {module.as_uri()} has changed since it was generated: its SHA-256 is "
        f"{found}, expected {job.request.trainer.sha256}."
    )
    assert changed.job_folder.parent.name == PROJECT_NUMBER


def test_a_component_ends_itself_when_its_time_is_up(
    vertex_run: tuple[TrainerJob, VertexJob],
) -> None:
    _, run = vertex_run
    late = run.again(run.parameters, "late")
    late.container("Trainer")["command"][-1] = "0.02"
    assert late.run("Trainer").returncode == 124
    error = json.loads((late.job_folder / "error.json").read_bytes())
    assert error["message"].startswith("It took longer than 0.02 minutes")


def test_a_gpu_that_is_asked_for_and_not_there_is_an_error(
    vertex_run: tuple[TrainerJob, VertexJob],
) -> None:
    _, run = vertex_run
    blind = run.again(run.parameters, "blind")
    blind.container("Trainer")["command"] += ["--training_gpu", "NVIDIA_TESLA_T4"]
    assert blind.run("Trainer").returncode == 1
    error = json.loads((blind.job_folder / "error.json").read_bytes())
    assert error["task"] == "Trainer"
    assert "asks for a GPU (NVIDIA_TESLA_T4), but TensorFlow sees none" in error["message"]
