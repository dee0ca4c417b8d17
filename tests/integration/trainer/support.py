"""What the trainer's tests share: purchases with a planted structure, and jobs in processes of
their own, in the trainer's environment.

Every customer belongs to a group and buys products of that group, of which some sell better than
others. A model that learns from purchases finds the group; popularity knows nothing of it.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count, takewhile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from local.jobs.environment import REPOSITORY, default_trainer_command
from shared.codegen import (
    generate_preprocessing,
    generate_trainer,
    make_plan,
)
from shared.documents.base import CodeArtifact
from shared.documents.dataset import Dataset
from shared.documents.feature_config import FeatureConfig
from shared.documents.model_config import ModelConfig
from shared.documents.quick_test import QuickTestSpec
from shared.jobs import JobRequest, MetricsReport
from tests.integration.trainer.loaded import Forked

Documents = tuple[Dataset, FeatureConfig, ModelConfig]
TRAINER_PYTHON = default_trainer_command()[0]
GROUPS, PRODUCTS_PER_GROUP, CUSTOMERS, ROWS = 8, 15, 240, 5000
EPOCHS = 3
_LIMIT_SECONDS = 2400  # a machine may be busy with other things
_WATCH = str(Path(__file__).with_name("watch"))
# Steps whose losses must agree: in more, rounding grows beyond all tolerances.
_FIRST_STEPS = 10


def purchases() -> pd.DataFrame:
    """ROWS purchases, the columns of the `everything` documents and a `title`, some values null."""
    random = np.random.default_rng(7)
    customer = random.integers(0, CUSTOMERS, ROWS)
    group = customer % GROUPS
    sales = 1 / np.arange(1, PRODUCTS_PER_GROUP + 1)
    product = group * PRODUCTS_PER_GROUP + random.choice(
        PRODUCTS_PER_GROUP, ROWS, p=sales / sales.sum()
    )
    start = datetime(2022, 11, 5, tzinfo=UTC)
    seconds = random.integers(0, 500 * 86_400, ROWS)
    table = pd.DataFrame(
        {
            "household_id": customer + 1000,
            "product_id": product + 7_000_000,
            "purchased_at": [start + timedelta(seconds=int(second)) for second in seconds],
            "category": [f"Gemüse {number}" for number in product // PRODUCTS_PER_GROUP],
            "brand": [f"brand {number % 7}" for number in product],
            "sales_value": np.exp(random.normal(1, 1, ROWS)),
            "quantity": random.integers(1, 9, ROWS).astype(float),
            "title": [f"Product №{number}" for number in product],
        }
    )
    for column in ("category", "brand", "sales_value", "quantity", "purchased_at"):
        table.loc[random.random(ROWS) < 0.02, column] = None
    return table


@dataclass(frozen=True)
class Ended:
    """A process that has ended; `stderr` holds all that it wrote."""

    returncode: int
    stdout: str
    stderr: str

    @property
    def last_line(self) -> str:
        return (self.stderr.strip().splitlines() or [""])[-1]


class TrainerProcess:
    """A module run with the trainer's Python; started at once, waited for when asked.

    Args:
        watched: file for what its training saw, see `Training`.
        fresh: by a Python of its own, as it is in use: with imports in its own order, and with
            hashes of its own.
    """

    def __init__(
        self,
        folder: Path,
        module: str,
        *arguments: str,
        watched: Path | None = None,
        fresh: bool = False,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._outputs = folder / "stdout.txt", folder / "stderr.txt"
        told = {
            **os.environ,
            "TF_CPP_MIN_LOG_LEVEL": "2",
            "TF_USE_LEGACY_KERAS": "1",
            **(watching(watched) if watched else {}),
            **(environment or {}),
        }
        self.process: Forked | subprocess.Popen[bytes]
        if not fresh:
            self.process = Forked(module, arguments, told, *self._outputs)
            return
        with self._outputs[0].open("wb") as stdout, self._outputs[1].open("wb") as stderr:
            self.process = subprocess.Popen(
                [TRAINER_PYTHON, "-m", module, *arguments],
                cwd=REPOSITORY,
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                env=told,
            )

    def wait(self) -> Ended:
        try:
            returncode = self.process.wait(_LIMIT_SECONDS)
        finally:
            self.kill()
        stdout, stderr = (path.read_text(errors="replace") for path in self._outputs)
        return Ended(returncode, stdout, stderr)

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def watching(file: Path) -> dict[str, str]:
    """The environment in which a training notes what it sees, and its examples are read a few at
    once; see `watch/sitecustomize.py`."""
    paths = filter(None, [_WATCH, os.environ.get("PYTHONPATH")])
    return {
        "PYTHONPATH": os.pathsep.join(paths),
        "RECSMITH_TEST_WATCH": str(file),
        "RECSMITH_TEST_ROWS_AT_ONCE": "1500",
    }


@dataclass(frozen=True)
class Training:
    """What a training saw from inside.

    Attributes:
        weights: what it started from.
        batches: SHA-256 of each batch's transformed examples, of all epochs.
        losses: of each step.
        ended: weights at its end.
    """

    weights: list[np.ndarray]
    batches: list[str]
    losses: list[float]
    ended: list[np.ndarray]

    @staticmethod
    def read(file: Path) -> Training:
        with np.load(file) as found:

            def arrays(name: str) -> list[np.ndarray]:
                names = (f"{name}_{number}" for number in count())
                return [found[one] for one in takewhile(found.__contains__, names)]

            return Training(
                arrays("weights"),
                found["batches"].tolist(),
                found["losses"].tolist(),
                arrays("ended"),
            )


def assert_trained_alike(one: Training, other: Training) -> None:
    """Both saw the same rows in the same batches, in the same order, and started from the same
    weights. What comes of it later may differ: rounding grows with every step."""
    assert one.batches == other.batches
    assert len(one.weights) == len(other.weights) > 0
    for of_one, of_other in zip(one.weights, other.weights, strict=True):
        np.testing.assert_array_equal(of_one, of_other)
    assert one.losses[:_FIRST_STEPS] == pytest.approx(other.losses[:_FIRST_STEPS], rel=1e-5)


def assert_measured_alike(one: MetricsReport, other: MetricsReport) -> None:
    """Both measured the same rows in the same way; metrics agree as far as their own intervals
    say that they are known."""
    assert one.protocol == other.protocol
    assert one.baselines == other.baselines
    assert set(one.metrics) == set(other.metrics)
    assert set(one.intervals) == set(other.intervals)
    for name, interval in one.intervals.items():
        assert interval.low <= other.intervals[name].high, name
        assert other.intervals[name].low <= interval.high, name


class TrainerJob:
    """A job in `folder`, which ends up as a pipeline service would leave it.

    Attributes:
        environment: of its process, besides that of the tests.
    """

    def __init__(self, folder: Path, request: JobRequest) -> None:
        self.folder, self.request = folder, request
        self.environment: dict[str, str] = {}
        folder.mkdir(parents=True)
        (folder / "request.json").write_text(request.model_dump_json())

    @property
    def output(self) -> Path:
        return self.folder / "output"

    @property
    def training(self) -> Training:
        return Training.read(self.folder / "watched.npz")

    def start(self, *, fresh: bool = False) -> TrainerProcess:
        """
        Args:
            fresh: see `TrainerProcess`.
        """
        return TrainerProcess(
            self.folder,
            "trainer_image.run",
            str(self.folder),
            watched=self.folder / "watched.npz",
            fresh=fresh,
            environment=self.environment,
        )

    def status(self) -> list[dict[str, Any]]:
        lines = (self.folder / "status.jsonl").read_text().splitlines()
        return [json.loads(line) for line in lines]

    def exit(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "exit.json").read_text())
        return found


def make_job(
    folder: Path,
    documents: Documents,
    source: Path,
    *,
    runner: str = "direct",
    epochs: int = EPOCHS,
    **test: Any,
) -> TrainerJob:
    """A job over a Parquet or CSV file.

    Args:
        test: fields of QuickTestSpec; all rows are sampled unless it says otherwise.
    """
    dataset, features, model = documents
    dataset = dataset.model_copy(deep=True)
    dataset.spec.source = dataset.spec.source.model_validate(
        {"kind": source.suffix.removeprefix("."), "uri": str(source)}
    )
    quick_test = QuickTestSpec.model_validate(
        {
            "feature_config_id": features.id,
            "model_config_id": model.id,
            "data_sample_percent": 100,
            "runner": runner,
            "epochs": epochs,
            "batch_size_override": 128,
            **test,
        }
    )
    plan = make_plan(features, model, dataset, quick_test)
    request = JobRequest(
        job_id=f"job-{folder.name}",
        quick_test_id=f"qt-{folder.name}",
        runner=quick_test.runner,
        preprocessing=stored(folder, "preprocessing", generate_preprocessing(plan)),
        trainer=stored(folder, "trainer", generate_trainer(plan)),
        examples=plan.examples,
        vocabularies=plan.vocabularies,
        epochs=epochs,
        output_uri=(folder / "output").as_uri(),
    )
    return TrainerJob(folder, request)


def stored(folder: Path, name: str, source: str) -> CodeArtifact:
    """Generated source, stored beside the job's folder."""
    path = folder.parent / f"{folder.name}-{name}.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source, encoding="utf-8")
    return CodeArtifact(uri=path.as_uri(), sha256=hashlib.sha256(path.read_bytes()).hexdigest())


def in_shards(job: TrainerJob) -> TrainerJob:
    """The job, whose splits are to lie in files of some 400 rows."""
    job.environment["RECSMITH_SHARD_ROWS"] = "400"
    return job


def finished(job: TrainerJob, *, fresh: bool = False) -> TrainerJob:
    """The job, once it has run and succeeded.

    Args:
        fresh: see `TrainerProcess`.
    """
    ended = job.start(fresh=fresh).wait()
    assert ended.returncode == 0, ended.stderr[-4000:]
    return job


def predict(
    folder: Path, model: Path, given: dict[str, Any], *more: str, fresh: bool = False
) -> Ended:
    """`trainer_image.predict` in a process of its own.

    Args:
        fresh: see `TrainerProcess`.
    """
    arguments = ["--model", str(model), "--input", json.dumps(given), *more]
    return TrainerProcess(folder, "trainer_image.predict", *arguments, fresh=fresh).wait()


def probe(folder: Path, *calls: tuple[str, dict[str, Any]]) -> Path:
    """Functions of `probe.py`, one after the other in one process; `folder` is for their files."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "calls.json").write_text(json.dumps(calls))
    module = "tests.integration.trainer.probe"
    ended = TrainerProcess(folder, module, str(folder / "calls.json")).wait()
    assert ended.returncode == 0, ended.stderr[-4000:]
    return folder
