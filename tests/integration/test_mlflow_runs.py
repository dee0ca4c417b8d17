"""A test's end becomes a run, whatever becomes of MLflow."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from scenario import MAPPING
from typer.testing import CliRunner

from local.cli import app
from local.jobs.environment import REPOSITORY
from local.tracking import SETTING
from local.wiring import System, embedded
from shared import editing
from shared.documents.base import Collection
from shared.documents.quick_test import QuickTestStatus
from tests.integration.mlflow_store import RECORD, client, runs_of, tracker
from tests.integration.stand_in import stand_in
from tests.waiting import PATIENCE, eventually, signalled


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database that is there already, for making one takes seconds."""
    folder = tmp_path_factory.mktemp("mlflow")
    client(folder).search_experiments()
    return folder


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
    eventually(lambda: status_of(system, test_id).state.ended)
    assert status_of(system, test_id).state == "completed", status_of(system, test_id).error
    return test_id


def test_a_tests_end_becomes_a_run_of_the_wired_system(environment: Path) -> None:
    system = embedded(environment)
    with system.runtime:
        test_id = completed_test(system, environment.parent / "purchases.csv")
        eventually(lambda: status_of(system, test_id).tracking.run_id)
        system.runtime.wait_idle(PATIENCE)
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
        eventually(lambda: status_of(system, test_id).tracking.error)
        assert status_of(system, test_id).state == "completed"
        assert status_of(system, test_id).tracking.run_id is None
    monkeypatch.delenv(SETTING)
    system = embedded(environment, clock=Later())
    with system.runtime:
        eventually(lambda: status_of(system, test_id).tracking.run_id)
        assert status_of(system, test_id).tracking.error is None
        eventually(lambda: len(runs_of(environment, test_id)) == 1)


@pytest.mark.parametrize("off", ["", "off", " OFF "])
def test_tracking_can_be_turned_off(
    off: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SETTING, off)
    assert embedded(tmp_path).ports.tracker is None


RECSMITH = [sys.executable, "-c", "from local.cli import app; app()"]


@pytest.mark.parametrize(
    ("end", "before"),
    [
        pytest.param(signal.SIGINT, signalled(), id="Ctrl-C"),
        pytest.param(signal.SIGTERM, signalled(ignored=True), id="SIGTERM, SIGINT ignored"),
    ],
)
def test_the_command_shows_the_runs_in_mlflows_own_pages_and_ends_them(
    store: Path, end: signal.Signals, before: list[str]
) -> None:
    tracker(store).record(replace(RECORD, key="shown"))
    with subprocess.Popen(
        [*before, *RECSMITH, "mlflow", "--port", "0", "--home", store],
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
            command.send_signal(end)
            assert command.wait(PATIENCE) == 130
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
