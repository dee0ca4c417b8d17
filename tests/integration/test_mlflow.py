"""Tests as runs in a real MLflow store, read back by MLflow's own client."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
from mlflow.tracking import MlflowClient
from scenario import MAPPING
from typer.testing import CliRunner

from local.bootstrap import System, embedded
from local.cli import app
from local.pipelines import REPOSITORY
from local.tracking import SETTING, artifact_root, tracking_uri
from shared import editing
from shared.documents.base import Collection
from shared.documents.quick_test import QuickTestStatus
from shared.experiments import MetricPoint, RunRecord
from shared.mlflow.tracker import KEY_TAG, MlflowTracker
from shared.ports import Unavailable
from tests.integration.conftest import eventually
from tests.integration.stand_in import stand_in

AT = datetime(2025, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)
RECORD = RunRecord(
    key="qt-1's",
    experiment="Shop “Ulm”",
    name="Features × Model",
    outcome="completed",
    started_at=AT,
    ended_at=AT + timedelta(seconds=90),
    note="First try",
    params={f"features.{number}": f"wärme {number}" for number in range(230)},
    metrics=[
        MetricPoint("loss", 8.5, AT + timedelta(seconds=10), 1),
        MetricPoint("loss", 7.25, AT + timedelta(seconds=20), 2),
        MetricPoint("recall_at_100", 0.125, AT + timedelta(seconds=90)),
        MetricPoint("recall_at_100/low", 0.1, AT + timedelta(seconds=90)),
        MetricPoint("baseline/popularity/recall_at_100", 0.05, AT + timedelta(seconds=90)),
    ],
    tags={"recsmith.state": "completed", "recsmith.purpose": "quick_test"},
    artifacts={"code/trainer.py": b"print('x')\n", "metrics.json": b"{}"},
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database that is there already, for making one takes seconds."""
    folder = tmp_path_factory.mktemp("mlflow")
    client(folder).search_experiments()
    return folder


def client(folder: Path) -> MlflowClient:
    return MlflowClient(tracking_uri=tracking_uri(folder))


def tracker(folder: Path) -> MlflowTracker:
    uri = tracking_uri(folder)
    assert uri is not None
    return MlflowTracker(uri, artifact_root(folder))


def runs_of(folder: Path, key: str) -> list[Any]:
    mlflow = client(folder)
    every = [one.experiment_id for one in mlflow.search_experiments()]
    found = mlflow.search_runs(every, max_results=1000)
    return [run for run in found if unquote(run.data.tags.get(KEY_TAG, "")) == key]


def test_a_run_is_read_back_as_it_was_recorded(store: Path, tmp_path: Path) -> None:
    for _ in range(2):  # the same record again changes nothing
        found = tracker(store).record(RECORD)
    assert found.url is None  # no server shows a database
    mlflow = client(store)
    (run,) = runs_of(store, RECORD.key)
    assert run.info.run_id == found.run_id
    assert mlflow.get_experiment(run.info.experiment_id).name == "Shop “Ulm”"
    assert (run.info.run_name, run.info.status) == ("Features × Model", "FINISHED")
    assert (run.info.start_time, run.info.end_time) == (1740830400250, 1740830490250)
    assert run.data.params == RECORD.params
    assert {name: run.data.tags[name] for name in RECORD.tags} == RECORD.tags
    assert run.data.tags["mlflow.note.content"] == "First try"
    history = mlflow.get_metric_history(run.info.run_id, "loss")
    assert [(one.step, one.value, one.timestamp) for one in history] == [
        (1, 8.5, 1740830410250),
        (2, 7.25, 1740830420250),
    ]
    assert run.data.metrics["baseline/popularity/recall_at_100"] == 0.05
    assert run.data.metrics["recall_at_100/low"] == 0.1
    for path, content in RECORD.artifacts.items():
        there = mlflow.download_artifacts(run.info.run_id, path, str(tmp_path))
        assert Path(there).read_bytes() == content


def test_outcomes_are_mlflows_own_states(store: Path) -> None:
    for outcome, status in (("failed", "FAILED"), ("cancelled", "KILLED")):
        tracker(store).record(replace(RECORD, key=outcome, outcome=outcome))
        (run,) = runs_of(store, outcome)
        assert run.info.status == status


def test_other_runs_of_a_key_are_deleted(store: Path) -> None:
    mlflow = client(store)
    experiment = mlflow.create_experiment("Doubles", artifact_root(store))
    ids = [
        mlflow.create_run(experiment, tags={KEY_TAG: key}).info.run_id
        for key in ("twice", "twice", "once")
    ]
    tracker(store).keep_only("twice", ids[1])
    assert [run.info.run_id for run in runs_of(store, "twice")] == [ids[1]]
    assert [run.info.run_id for run in runs_of(store, "once")] == [ids[2]]


def test_an_experiment_in_the_bin_is_taken_out_again(store: Path) -> None:
    mlflow = client(store)
    mlflow.delete_experiment(mlflow.create_experiment("Thrown away", artifact_root(store)))
    tracker(store).record(replace(RECORD, key="back", experiment="Thrown away"))
    assert mlflow.get_experiment_by_name("Thrown away").lifecycle_stage == "active"


def test_a_dataset_called_default_keeps_its_files_where_the_others_do(store: Path) -> None:
    tracker(store).record(replace(RECORD, key="default", experiment="Default"))
    (run,) = runs_of(store, "default")
    assert run.info.artifact_uri.startswith(artifact_root(store))


def test_two_systems_at_once_over_a_new_store_share_an_experiment(tmp_path: Path) -> None:
    program = """
import sys
from dataclasses import replace
from pathlib import Path
from tests.integration.test_mlflow import RECORD, tracker
folder, name = Path(sys.argv[1]), sys.argv[2]
for number in range(5):
    own = f"{name}-{number}"
    tracker(folder).record(replace(RECORD, key=own))
    tracker(folder).record(replace(RECORD, key="shared"))
"""
    command = [sys.executable, "-c", program, str(tmp_path)]
    environment = {"PYTHONPATH": f"{REPOSITORY}:{REPOSITORY / 'tests' / 'unit'}"}
    systems = [
        subprocess.Popen([*command, name], cwd=REPOSITORY, env=environment, stderr=subprocess.PIPE)
        for name in ("one", "other")
    ]
    for system in systems:
        _, complaints = system.communicate(timeout=120)
        assert system.returncode == 0, complaints.decode()[-3000:]
    keys = [f"{name}-{number}" for name in ("one", "other") for number in range(5)]
    found = [runs_of(tmp_path, key) for key in keys]
    assert [len(runs) for runs in found] == [1] * len(keys)
    assert len({run.info.experiment_id for (run,) in found}) == 1
    shared = runs_of(tmp_path, "shared")
    assert 1 <= len(shared) <= 2  # both may have looked before either wrote
    tracker(tmp_path).keep_only("shared", shared[0].info.run_id)
    assert len(runs_of(tmp_path, "shared")) == 1


def test_a_server_that_is_not_there_is_unavailable_soon() -> None:
    began = time.monotonic()
    with pytest.raises(Unavailable, match="MLflow: "):
        MlflowTracker("http://127.0.0.1:9").record(RECORD)
    assert time.monotonic() - began < 20


_ROW = "c{:03},p{},2024-01-{:02}T10:00:00Z,t{},d,{}.5,true,Ulm,DE,1"
CSV = "\n".join(
    [
        "customer,product,bought_at,title,department,price,organic,city,country,revenue",
        *(_ROW.format(n % 50, n % 17, n % 28 + 1, n % 17, n % 7) for n in range(2000)),
    ]
)


class Later:
    """A clock that is ahead, so that nothing has only just happened."""

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(minutes=5)


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home, and a trainer that is stood in for."""
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "purchases.csv").write_text(CSV)
    monkeypatch.setenv("RECSMITH_TRAINER_PYTHON", str(stand_in(tmp_path)))
    return home


def status_of(system: System, test_id: str) -> QuickTestStatus:
    snapshot = system.ports.documents.get(Collection.QUICK_TESTS.path(test_id))
    assert snapshot is not None
    return QuickTestStatus.model_validate(snapshot.data["status"])


def completed_test(system: System, csv: Path) -> str:
    """The id of a test that has been made and has completed."""
    ports = system.ports
    source = {"kind": "csv", "uri": str(csv)}
    spec = {"source": source, "column_mapping": MAPPING}
    dataset = editing.create(ports, Collection.DATASETS, name="Shop", spec=spec).id
    path = Collection.DATASETS.path(dataset)

    def profiled() -> bool:
        snapshot = ports.documents.get(path)
        assert snapshot is not None
        return snapshot.data["status"]["validation"]["state"] == "valid"

    eventually(profiled)
    features = {
        "dataset_id": dataset,
        "buyer_model_features": [
            {"column": "customer", "type": "string_embedding", "embedding_dim": 8}
        ],
        "product_model_features": [
            {"column": "product", "type": "string_embedding", "embedding_dim": 8}
        ],
    }
    layers = [{"type": "dense", "units": 16, "activation": None}]
    model = {
        "buyer_tower_layers": layers,
        "product_tower_layers": layers,
        "output_embedding_dim": 16,
    }
    configs = {
        "feature_config_id": editing.create(
            ports, Collection.FEATURE_CONFIGS, name="F", spec=features
        ).id,
        "model_config_id": editing.create(ports, Collection.MODEL_CONFIGS, name="M", spec=model).id,
    }
    spec = {**configs, "data_sample_percent": 100}
    test_id = editing.create(ports, Collection.QUICK_TESTS, name="T", spec=spec).id
    eventually(lambda: status_of(system, test_id).state.ended, 30)
    assert status_of(system, test_id).state == "completed", status_of(system, test_id).error
    return test_id


def test_a_tests_end_becomes_a_run_of_the_wired_system(environment: Path) -> None:
    system = embedded(environment)
    with system.runtime:
        test_id = completed_test(system, environment.parent / "purchases.csv")
        eventually(lambda: status_of(system, test_id).tracking.run_id, 60)
        system.runtime.wait_idle(10)
        assert system.events.dead_letters() == []
    (run,) = runs_of(environment, test_id)
    assert run.info.run_id == status_of(system, test_id).tracking.run_id
    assert run.data.metrics["recall_at_100"] == 0.5
    assert run.data.params["test.data_sample_percent"] == "100.0"
    history = client(environment).get_metric_history(run.info.run_id, "loss")
    assert [(one.step, one.value) for one in history] == [(1, 9.0), (2, 8.0)]
    files = client(environment).list_artifacts(run.info.run_id, "code")
    assert [file.path for file in files] == ["code/preprocessing.py", "code/trainer.py"]
    page = Path(client(environment).download_artifacts(run.info.run_id, "report.html"))
    assert page.read_text().startswith("<!doctype html>")
    assert test_id in page.read_text()


def test_what_a_tracker_missed_while_it_was_down_is_caught_up_with(
    environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SETTING, "http://127.0.0.1:9")
    system = embedded(environment)
    with system.runtime:
        test_id = completed_test(system, environment.parent / "purchases.csv")
        eventually(lambda: status_of(system, test_id).tracking.error, 60)
        assert status_of(system, test_id).state == "completed"
        assert status_of(system, test_id).tracking.run_id is None
    monkeypatch.delenv(SETTING)
    system = embedded(environment, clock=Later())
    with system.runtime:
        eventually(lambda: status_of(system, test_id).tracking.run_id, 60)
        assert status_of(system, test_id).tracking.error is None
        eventually(lambda: len(runs_of(environment, test_id)) == 1)


@pytest.mark.parametrize("off", ["", "off", " OFF "])
def test_tracking_can_be_turned_off(
    off: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SETTING, off)
    assert embedded(tmp_path).ports.tracker is None


RECSMITH = [sys.executable, "-c", "from local.cli import app; app()"]


def test_the_command_shows_the_runs_in_mlflows_own_pages_and_ends_them(store: Path) -> None:
    tracker(store).record(replace(RECORD, key="shown"))
    with subprocess.Popen(
        [*RECSMITH, "mlflow", "--port", "0", "--home", store],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        cwd=store,
        stdout=subprocess.PIPE,
        text=True,
    ) as command:
        try:
            assert command.stdout is not None
            said = iter(command.stdout)
            url = next(found[0] for line in said if (found := re.search(r"http://\S+", line)))
            assert "<title>MLflow</title>" in httpx.get(url).text
            listed = httpx.post(
                f"{url}/api/2.0/mlflow/experiments/search", json={"max_results": 100}
            )
            names = {experiment["name"] for experiment in listed.json()["experiments"]}
            assert RECORD.experiment in names
            command.send_signal(signal.SIGINT)
            assert command.wait(20) == 130
        finally:
            command.kill()
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)


def test_the_pages_end_with_a_killed_command(store: Path) -> None:
    with subprocess.Popen(
        [*RECSMITH, "mlflow", "--port", "0", "--home", store],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        cwd=store,
        stdout=subprocess.PIPE,
        text=True,
    ) as command:
        assert command.stdout is not None
        said = iter(command.stdout)
        url = next(found[0] for line in said if (found := re.search(r"http://\S+", line)))
        assert httpx.get(f"{url}/health").is_success
        command.kill()

    def gone() -> bool:
        told = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
        return not any(str(store).encode() in line for line in told)

    eventually(gone)


def test_the_command_says_that_tracking_is_off_or_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SETTING, "off")
    result = CliRunner().invoke(app, ["mlflow", "--home", str(tmp_path)])
    assert result.exit_code == 1
    monkeypatch.setenv(SETTING, "https://mlflow.example/")
    result = CliRunner().invoke(app, ["mlflow", "--home", str(tmp_path)])
    assert result.exit_code == 0


def test_tables_half_made_by_a_killed_process_are_made_anew(tmp_path: Path) -> None:
    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    program = (
        "import sys\n"
        "from shared.mlflow.tracker import MlflowTracker\n"
        "MlflowTracker(sys.argv[1], sys.argv[2]).prepare()\n"
    )
    made = tmp_path / "mlflow.db.draft"
    process = subprocess.Popen([sys.executable, "-c", program, uri, str(tmp_path)])
    try:
        eventually(lambda: made.exists() and made.stat().st_size > 100_000, timeout=60)
    finally:
        process.kill()
        process.wait()
    assert not (tmp_path / "mlflow.db").exists()
    run = MlflowTracker(uri, artifact_root(tmp_path)).record(RECORD)
    tags = MlflowClient(tracking_uri=uri).get_run(run.run_id).data.tags
    assert unquote(tags[KEY_TAG]) == RECORD.key
