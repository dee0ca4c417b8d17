"""Kinds that are added by a file each are trained and served."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from shared.jobs import JobRequest
from tests.added_kinds import run
from tests.integration.trainer.support import TrainerProcess


@pytest.mark.trainer
def test_a_model_of_added_kinds_learns(tmp_path: Path, source: Path) -> None:
    run(tmp_path, str(source))
    job = tmp_path / "job"
    ended = TrainerProcess(job, "trainer_image.run", str(job)).wait()
    assert ended.returncode == 0, ended.stderr[-4000:]
    request = JobRequest.model_validate_json((job / "request.json").read_text())
    (progress,) = Path(request.output_uri.removeprefix("file://")).rglob("progress.json")
    losses = [epoch["loss"] for epoch in json.loads(progress.read_text())]
    assert len(losses) == 2
    assert all(map(math.isfinite, losses))
    assert losses[1] < losses[0]
