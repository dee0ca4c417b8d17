"""The contract of the tracker, over MLflow's own store."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import unquote

import pytest
from mlflow.tracking import MlflowClient

from local.jobs.environment import REPOSITORY
from local.tracking import artifact_root
from shared.errors import UnavailableError
from shared.mlflow.tracker import KEY_TAG, MlflowTracker
from tests.integration.mlflow_store import RECORD, client, runs_of, tracker
from tests.waiting import PATIENCE, eventually


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database that is there already, for making one takes seconds."""
    folder = tmp_path_factory.mktemp("mlflow")
    client(folder).search_experiments()
    return folder


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
from tests.integration.mlflow_store import RECORD, tracker
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
        _, complaints = system.communicate(timeout=PATIENCE)
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
    with pytest.raises(UnavailableError, match="MLflow: "):
        MlflowTracker("http://127.0.0.1:9").record(RECORD)
    assert time.monotonic() - began < 20


def test_a_server_is_shown_the_token_of_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_TOKEN", raising=False)
    seen: list[str | None] = []

    class Refusing(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            seen.append(self.headers["Authorization"])
            self.send_error(403)

        def log_message(self, *_: object) -> None:
            pass

    tokens = iter(["first", "second"])
    with HTTPServer(("127.0.0.1", 0), Refusing) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        known = MlflowTracker(f"http://127.0.0.1:{server.server_port}", token=lambda: next(tokens))
        for _ in range(2):
            with pytest.raises(UnavailableError, match="403"):
                known.record(RECORD)
        server.shutdown()
    assert list(dict.fromkeys(seen)) == ["Bearer first", "Bearer second"]
    monkeypatch.delenv("MLFLOW_TRACKING_TOKEN")


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
        eventually(lambda: made.exists() and made.stat().st_size > 100_000)
    finally:
        process.kill()
        process.wait()
    assert not (tmp_path / "mlflow.db").exists()
    run = MlflowTracker(uri, artifact_root(tmp_path)).record(RECORD)
    tags = MlflowClient(tracking_uri=uri).get_run(run.run_id).data.tags
    assert unquote(tags[KEY_TAG]) == RECORD.key


def test_a_store_that_was_moved_finds_its_files(tmp_path: Path) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    before.mkdir()
    run_id = tracker(before).record(RECORD).run_id
    before.rename(after)
    tracker(after).prepare()
    there = client(after).download_artifacts(run_id, "metrics.json", str(tmp_path))
    assert Path(there).read_bytes() == b"{}"
    tracker(after).record(replace(RECORD, key="later"))
    assert not before.exists()


def test_a_forgotten_run_is_gone_with_its_files(store: Path) -> None:
    tracker(store).record(replace(RECORD, key="forgotten"))
    (run,) = runs_of(store, "forgotten")
    files = Path(unquote(run.info.artifact_uri.removeprefix("file://")))
    assert files.exists()
    tracker(store).forget("forgotten")
    tracker(store).forget("forgotten")
    assert runs_of(store, "forgotten") == []
    assert not files.exists()
