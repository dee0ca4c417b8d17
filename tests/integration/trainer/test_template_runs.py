"""The template's containers, run one after the other, do what the direct runner does."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from pydantic import TypeAdapter

from shared.gcp.template import WHOLE_JOB
from shared.jobs import (
    CHAMPION_FILE,
    METRICS_FILE,
    PROGRESS_FILE,
    STAGES_FILE,
    ChampionModel,
    ChampionReport,
    MetricsReport,
    Stage,
    State,
    Task,
)
from tests.integration.trainer.support import (
    EPOCHS,
    ROWS,
    Documents,
    TrainerJob,
    assert_measured_alike,
    assert_trained_alike,
    make_job,
)
from tests.integration.trainer.vertex import PROJECT_NUMBER, VertexJob

pytestmark = [pytest.mark.trainer, pytest.mark.xdist_group("trainer")]


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


def compared_with(job: TrainerJob, model: Path) -> TrainerJob:
    champion = ChampionModel(quick_test_id="qt-champion", artifacts_uri=model.as_uri())
    job.request = job.request.model_copy(update={"champion": champion})
    return job


def compared(job: TrainerJob) -> ChampionReport:
    return ChampionReport.model_validate_json((job.output / CHAMPION_FILE).read_bytes())


@pytest.fixture(scope="module")
def vertex_run(
    tmp_path_factory: pytest.TempPathFactory,
    documents: Documents,
    source: Path,
    templates: dict[str, Any],
    direct_run: TrainerJob,
) -> tuple[TrainerJob, VertexJob]:
    """A full training that is compared with the model of `direct_run`."""
    folder = tmp_path_factory.mktemp("vertex")
    job = compared_with(make_job(folder / "job", documents, source), direct_run.output)
    job.request = job.request.model_copy(update={"purpose": "full_training"})
    job.output.mkdir()  # where the launcher leaves the request
    (job.output / "request.json").write_text(job.request.model_dump_json())
    run = VertexJob(
        folder / "root",
        templates["full_training"],
        parameters_of(job),
        job.request.job_id,
        fresh=True,
    )
    assert run.in_order() == ["SampledExampleGen", "Transform", "Trainer", "HeldOutEvaluator"]
    for task in run.in_order():
        ended = run.run(task)
        assert ended.returncode == 0, f"{task}: {ended.stderr[-4000:]}"
        left = (job.output / "progress.json").exists()
        assert left == (task in ("Trainer", "HeldOutEvaluator"))
    return job, run


def test_the_containers_leave_what_a_job_leaves(vertex_run: tuple[TrainerJob, VertexJob]) -> None:
    job, run = vertex_run
    output = job.output
    assert len(json.loads((output / "progress.json").read_bytes())) == EPOCHS
    assert (output / "model" / "saved_model.pb").is_file()
    assert (output / "weights.npz").is_file()
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
    assert_measured_alike(vertex, direct)
    assert_trained_alike(vertex_run[1].training("Trainer"), direct_run.training)


def test_the_containers_measure_the_model_in_production_over_their_rows(
    vertex_run: tuple[TrainerJob, VertexJob], direct_run: TrainerJob
) -> None:
    found = compared(vertex_run[0])
    assert found.report is not None, found.problem
    own = MetricsReport.model_validate_json((direct_run.output / METRICS_FILE).read_bytes())
    assert found.report.protocol == own.protocol
    expected = {name: own.metrics[name] for name in found.report.metrics}
    # Rounding may swap two products of nearly equal scores.
    assert found.report.metrics == pytest.approx(expected, abs=0.02)
    assert found.replicates is not None
    assert "mrr" in found.replicates.metrics


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
    """A quick test as its template runs it: one container. The model that it is compared with is
    gone."""
    folder = tmp_path_factory.mktemp("whole")
    job = compared_with(make_job(folder / "job", documents, source), folder / "gone")
    run = VertexJob(
        folder / "root",
        templates["quick_test"],
        parameters_of(job),
        job.request.job_id,
        fresh=True,
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

    assert files(job) - {STAGES_FILE, CHAMPION_FILE} == files(direct_run)
    assert compared(job).problem == "its files are gone or cannot be read"
    assert len(json.loads((job.output / "progress.json").read_bytes())) == EPOCHS
    found, direct = (
        MetricsReport.model_validate_json((one.output / "metrics.json").read_bytes())
        for one in (job, direct_run)
    )
    assert_measured_alike(found, direct)
    assert_trained_alike(run.training(WHOLE_JOB), direct_run.training)
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
