"""A second test over the same rows and features takes over what the first has transformed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.integration.trainer.support import (
    ROWS,
    Documents,
    TrainerJob,
    assert_trained_alike,
    finished,
    make_job,
)
from trainer_image.examples.reuse import FOLDER, LIMIT_MIB

pytestmark = pytest.mark.trainer
STAGES = ["examples", "transform"]


def reused(job: TrainerJob) -> list[str]:
    return [line["task"] for line in job.status() if line.get("reused")]


def made(job: TrainerJob) -> dict[str, bytes]:
    """All that the first two stages leave, byte by byte."""
    return {
        path.relative_to(job.output).as_posix(): path.read_bytes()
        for part in (
            "examples",
            "times",
            "rows.json",
            "customers.sha256",
            "transform_graph",
            "transformed",
            "candidates.parquet",
        )
        for path in [job.output / part, *(job.output / part).rglob("*")]
        if path.is_file()
    }


def rows(job: TrainerJob) -> dict[str, int]:
    found: dict[str, int] = json.loads((job.output / "metrics.json").read_text())["rows"]
    return found


def test_the_second_test_reuses_the_first_ones_examples_and_finds_the_same(
    tmp_path: Path, documents: Documents, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FOLDER, str(tmp_path / "cache"))
    first = finished(make_job(tmp_path / "first", documents, source, epochs=1), fresh=True)
    again = finished(make_job(tmp_path / "again", documents, source, epochs=1))
    assert reused(first) == []
    assert reused(again) == STAGES
    assert made(again) == made(first)
    assert_trained_alike(again.training, first.training)
    assert rows(again) == rows(first)
    assert rows(first)["read"] == ROWS

    dataset, features, model = documents
    other = model.model_copy(deep=True)
    other.spec.learning_rate *= 3
    third = finished(make_job(tmp_path / "third", (dataset, features, other), source, epochs=1))
    assert reused(third) == STAGES
    assert third.training.losses[1:] != first.training.losses[1:]

    # A module that is not the one that was recorded is refused, whatever was kept.
    tampered = make_job(tmp_path / "tampered", documents, source, epochs=1)
    module = tmp_path / "tampered-preprocessing.py"
    module.write_text(module.read_text() + "\n# changed\n")
    ended = tampered.start().wait()
    assert ended.returncode == 1
    assert "has changed since it was generated" in ended.last_line

    monkeypatch.setenv(LIMIT_MIB, "0")
    apart = finished(make_job(tmp_path / "apart", documents, source, epochs=1))
    assert reused(apart) == []
    assert_trained_alike(apart.training, first.training)
