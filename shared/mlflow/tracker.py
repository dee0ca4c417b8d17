"""Tests as MLflow runs. MLflow is imported by the first run: it takes seconds."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from shared import garbage
from shared.errors import UnavailableError
from shared.experiments import RunRecord, TrackedRun
from shared.problems import without_secrets

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

T = TypeVar("T")

# What a run is found again by: the test's id, percent-encoded, for a filter cannot quote quotes.
KEY_TAG = "recsmith.quick_test"

# Read by MLflow when it is imported. Nobody is told of its use, and a server that does not answer
# is given up soon: the event comes again.
SETTINGS = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
    "MLFLOW_LOGGING_LEVEL": "WARNING",
    "GIT_PYTHON_REFRESH": "quiet",
}
# As many as one request may carry.
_PARAMS, _METRICS, _TAGS = 100, 1000, 100
_LONGEST_NAME = 250
_LONGEST_FAULT = 300
_DEFAULT = "Default"  # made by MLflow itself, which keeps its files in the current folder
_STATUS = {"completed": "FINISHED", "failed": "FAILED", "cancelled": "KILLED"}


class MlflowTracker:
    """An experiment for each dataset, in it a run for each test.

    Args:
        tracking_uri: a server, or a database such as `sqlite:////path/mlflow.db`. A server's may
            hold a name and a password.
        artifact_root: URI of a folder for the runs' files; None leaves the place to the server.
        token: a bearer token that the server takes at this time; asked for before each use. Without
            it MLflow looks for one in its own variable, MLFLOW_TRACKING_TOKEN.
    """

    def __init__(
        self,
        tracking_uri: str,
        artifact_root: str | None = None,
        token: Callable[[], str] | None = None,
    ) -> None:
        self._tracking_uri, self._credentials = _apart(tracking_uri)
        self._artifact_root = artifact_root
        self._token = token
        self._lock = threading.Lock()
        self._made: MlflowClient | None = None

    def record(self, record: RunRecord) -> TrackedRun:
        with _reported():
            client = self._client()
            found = self._runs(record.key)
            if found:
                run_id, experiment_id = min(found)
            else:
                experiment_id = self._experiment(record.experiment)
                run_id = client.create_run(
                    experiment_id,
                    start_time=_milliseconds(record.started_at),
                    run_name=record.name[:_LONGEST_NAME],
                    tags={KEY_TAG: _encoded(record.key)},
                ).info.run_id
            self._write(run_id, record)
            return TrackedRun(run_id, self._url(experiment_id, run_id))

    def keep_only(self, key: str, run_id: str) -> TrackedRun | None:
        with _reported():
            runs = dict(self._runs(key))
            if run_id not in runs:
                return None
            for other in runs:
                if other != run_id:
                    self._client().delete_run(other)
            return TrackedRun(run_id, self._url(runs[run_id], run_id))

    def forget(self, key: str) -> None:
        with _reported():
            client = self._client()
            for run_id, _ in self._runs(key):
                files = urlsplit(client.get_run(run_id).info.artifact_uri)
                client.delete_run(run_id)
                if self._artifact_root is not None and files.scheme == "file":
                    folder = Path(unquote(files.path))
                    root = Path(unquote(urlsplit(self._artifact_root).path))
                    if folder.resolve().is_relative_to(root.resolve()):
                        shutil.rmtree(folder, ignore_errors=True)

    def prepare(self) -> None:
        """Makes the store where there is none yet, and brings its tables up to date. Raises
        UnavailableError."""
        with _reported():
            self._client()

    def _write(self, run_id: str, record: RunRecord) -> None:
        from mlflow.entities import Metric, Param, RunTag

        client = self._client()
        tags = [RunTag(name, value) for name, value in record.tags.items()]
        if record.note:
            tags.append(RunTag("mlflow.note.content", record.note))
        params = [Param(name, value) for name, value in record.params.items()]
        metrics = [
            Metric(point.name, point.value, _milliseconds(point.at), point.step)
            for point in record.metrics
        ]
        for some in _batches(tags, _TAGS):
            client.log_batch(run_id, tags=some)
        for some in _batches(params, _PARAMS):
            client.log_batch(run_id, params=some)
        for some in _batches(metrics, _METRICS):
            client.log_batch(run_id, metrics=some)
        with tempfile.TemporaryDirectory(prefix="recsmith-") as folder:
            for path, content in record.artifacts.items():
                file = Path(folder) / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
            client.log_artifacts(run_id, folder)
        client.set_terminated(run_id, _STATUS[record.outcome], _milliseconds(record.ended_at))

    def _runs(self, key: str) -> list[tuple[str, str]]:
        """Ids of the runs of a key, with their experiments', wherever they are."""
        client = self._client()
        experiments = [one.experiment_id for one in client.search_experiments()]
        if not experiments:
            return []
        found = client.search_runs(experiments, f"tags.`{KEY_TAG}` = '{_encoded(key)}'")
        return [(run.info.run_id, run.info.experiment_id) for run in found]

    def _experiment(self, name: str) -> str:
        """The id of the experiment of this name, made or taken out of the bin where need be."""
        from mlflow.exceptions import MlflowException

        client = self._client()
        if name == _DEFAULT:
            name = f"{name} (dataset)"
        found = client.get_experiment_by_name(name)
        if found is None:
            try:
                made: str = client.create_experiment(name, self._artifact_root)
                return made
            except MlflowException:  # by somebody else, just now
                found = client.get_experiment_by_name(name)
                if found is None:
                    raise
        if found.lifecycle_stage != "active":
            client.restore_experiment(found.experiment_id)
        existing: str = found.experiment_id
        return existing

    def _url(self, experiment_id: str, run_id: str) -> str | None:
        parts = urlsplit(self._tracking_uri)
        if parts.scheme not in ("http", "https"):
            return None
        server = urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))
        return f"{server.rstrip('/')}/#/experiments/{experiment_id}/runs/{run_id}"

    def _client(self) -> MlflowClient:
        with self._lock:
            if self._token is not None:  # MLflow reads it at each request
                os.environ["MLFLOW_TRACKING_TOKEN"] = self._token()
            if self._made is None:
                for name, value in SETTINGS.items():
                    os.environ.setdefault(name, value)
                os.environ.update(self._credentials)
                from mlflow.tracking import MlflowClient

                with _alone(self._tracking_uri) as file:
                    if file is not None and not file.exists():
                        _make_tables(file)
                    elif file is not None and self._artifact_root is not None:
                        _move_files(file, self._artifact_root)
                    client = MlflowClient(tracking_uri=self._tracking_uri)
                    client.search_experiments(max_results=1)  # makes the tables elsewhere
                self._made = client
                garbage.freeze()  # MLflow doubles what each full collection would look through
            return self._made


def _apart(tracking_uri: str) -> tuple[str, dict[str, str]]:
    """A server's address, and the variables in which MLflow looks for its credentials: an address
    that holds them stands in the text of every fault."""
    parts = urlsplit(tracking_uri)
    userinfo, _, host = parts.netloc.rpartition("@")
    if parts.scheme not in ("http", "https") or not userinfo:
        return tracking_uri, {}
    user, _, password = userinfo.partition(":")
    credentials = {
        "MLFLOW_TRACKING_USERNAME": unquote(user),
        "MLFLOW_TRACKING_PASSWORD": unquote(password),
    }
    return urlunsplit(parts._replace(netloc=host)), credentials


@contextmanager
def _alone(tracking_uri: str) -> Iterator[Path | None]:
    """One process at a time for a database file: two that make its tables at once fail."""
    scheme, _, path = tracking_uri.partition(":///")
    if scheme != "sqlite" or not path:
        yield None
        return
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.with_name(f"{file.name}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield file


def _make_tables(file: Path) -> None:
    """Makes a database file that appears whole: MLflow does not go on from half of its tables, as
    a kill leaves them."""
    from mlflow.tracking import MlflowClient

    draft = file.with_name(f"{file.name}.draft")
    draft.unlink(missing_ok=True)
    MlflowClient(tracking_uri=f"sqlite:///{draft}").search_experiments(max_results=1)
    draft.rename(file)


def _move_files(file: Path, artifact_root: str) -> None:
    """Has a database that was moved or copied with the folder of its files beside it find them
    there: MLflow keeps whole addresses of experiments and runs."""
    folder, _, name = artifact_root.rpartition("/")
    if file.parent.as_uri() != folder:
        return
    with closing(sqlite3.connect(file, timeout=30)) as connection, connection:
        found = connection.execute("SELECT DISTINCT artifact_location FROM experiments").fetchall()
        for (old,) in found:
            if not old or old == artifact_root or not re.fullmatch(f"file:.*/{name}", old):
                continue
            connection.execute(
                "UPDATE experiments SET artifact_location = ? WHERE artifact_location = ?",
                (artifact_root, old),
            )
            connection.execute(
                "UPDATE runs SET artifact_uri = ? || substr(artifact_uri, ?)"
                " WHERE substr(artifact_uri, 1, ?) = ?",
                (artifact_root, len(old) + 1, len(old) + 1, f"{old}/"),
            )


@contextmanager
def _reported() -> Iterator[None]:
    """Whatever goes wrong in here, MLflow is what cannot be had."""
    try:
        yield
    except Exception as error:
        text = without_secrets(" ".join(str(error).split()))[:_LONGEST_FAULT]
        raise UnavailableError(f"MLflow: {type(error).__name__}: {text}") from error


def _batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _encoded(key: str) -> str:
    return quote(key, safe="")


def _milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)
