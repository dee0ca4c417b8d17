"""Where this machine's tests are tracked."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

from shared.mlflow.tracker import MlflowTracker
from shared.ports import ExperimentTracker

SETTING = "RECSMITH_MLFLOW_TRACKING_URI"
_OFF = ("", "off")


def tracking_uri(home: Path) -> str | None:
    """MLflow's store: what the setting names, else a database under the home; None: none."""
    wanted = os.environ.get(SETTING)
    if wanted is None:
        return f"sqlite:///{home.resolve() / 'mlflow.db'}"
    return None if wanted.strip().lower() in _OFF else wanted.strip()


def artifact_root(home: Path) -> str:
    """URI of the folder for files of runs that are kept in a database."""
    return (home.resolve() / "mlflow-artifacts").as_uri()


def on_a_server(uri: str) -> bool:
    return uri.startswith(("http://", "https://"))


def make_tracker(home: Path) -> ExperimentTracker | None:
    """None where tracking is turned off, or MLflow is not installed."""
    uri = tracking_uri(home)
    if uri is None or find_spec("mlflow") is None:
        return None
    return MlflowTracker(uri, None if on_a_server(uri) else artifact_root(home))
