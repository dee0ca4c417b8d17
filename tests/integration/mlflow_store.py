"""A run, and MLflow's store of runs in a folder."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from mlflow.tracking import MlflowClient

from local.tracking import artifact_root, tracking_uri
from shared.experiments import MetricPoint, RunRecord
from shared.mlflow.tracker import KEY_TAG, MlflowTracker

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
