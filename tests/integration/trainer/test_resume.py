"""A training that was killed ends as one that was not."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.integration.trainer.killed import (
    Positions,
    job_to_kill,
    kill_once,
    positions,
    results,
)
from tests.integration.trainer.support import (
    Documents,
    TrainerJob,
    finished,
    in_shards,
    stored,
)

pytestmark = [pytest.mark.trainer, pytest.mark.xdist_group("trainer")]


def in_the_second_epoch(found: Positions) -> bool:
    return bool(found) and found[-1]["epoch"] == 1 and found[-1]["step"] > 3


def test_a_killed_training_ends_with_the_same_numbers(
    tmp_path: Path, recommended: Documents, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECSMITH_CHECKPOINT_SECONDS", "never")
    whole = job_to_kill(tmp_path / "whole", recommended, source, epochs=3)
    running = whole.start(fresh=True)
    monkeypatch.setenv("RECSMITH_CHECKPOINT_SECONDS", "0")
    job = job_to_kill(tmp_path / "killed", recommended, source, epochs=3)
    found = kill_once(job, in_the_second_epoch)
    assert found is not None
    assert len(positions(job)) <= 3
    # The newest is damaged: the one before it serves.
    torn = sorted((job.folder / "checkpoints").glob("*/checkpoint.json"))[-1].parent
    next(torn.glob("state.data*")).write_bytes(b"torn")
    finished(job)
    said = (job.folder / "stderr.txt").read_text()
    assert f"The checkpoint {torn.name} is of no use, and is removed: state.data" in said
    assert not (job.folder / "checkpoints").exists()
    ran = [line["task"] for line in job.status() if line.get("state") == "running"]
    assert ran == ["examples", "transform", "train", "examples", "transform", "train", "evaluate"]
    ended = running.wait()
    assert ended.returncode == 0, ended.stderr[-4000:]
    assert results(job) == results(whole)


def reading_each_epoch(job: TrainerJob) -> TrainerJob:
    """The job, whose rows lie in shards and are taken for more than fit into memory."""
    source = Path(unquote(urlsplit(job.request.trainer.uri).path)).read_text(encoding="utf-8")
    assert source.count("stored <= 4 * 2**30") == 1
    trainer = stored(job.folder, "trainer", source.replace("stored <= 4 * 2**30", "stored < 0"))
    job.request = job.request.model_copy(update={"trainer": trainer})
    (job.folder / "request.json").write_text(job.request.model_dump_json())
    return in_shards(job)


def test_a_killed_training_over_shards_that_do_not_fit_ends_with_the_same_numbers(
    tmp_path: Path, recommended: Documents, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECSMITH_CHECKPOINT_SECONDS", "never")
    whole = reading_each_epoch(job_to_kill(tmp_path / "whole", recommended, source, epochs=3))
    running = whole.start()
    monkeypatch.setenv("RECSMITH_CHECKPOINT_SECONDS", "0")
    job = reading_each_epoch(job_to_kill(tmp_path / "killed", recommended, source, epochs=3))
    found = kill_once(job, in_the_second_epoch)
    assert found is not None
    finished(job)
    assert len([*(job.output / "transformed" / "train").iterdir()]) == 11
    ended = running.wait()
    assert ended.returncode == 0, ended.stderr[-4000:]
    assert results(job) == results(whole)
