"""Jobs that cannot succeed: how they end, and what they say."""

from __future__ import annotations

import re
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from shared.documents.base import CodeArtifact
from shared.jobs import JobRequest
from tests.integration.trainer.support import Documents, TrainerJob, make_job
from trainer_image.job.modules import fetch_module
from trainer_image.job.status import JobFailedError

pytestmark = pytest.mark.trainer


def module_of(job: TrainerJob, name: str) -> Path:
    return job.folder.parent / f"{job.folder.name}-{name}.py"


def states(job: TrainerJob) -> list[tuple[Any, Any]]:
    return [(line.get("task"), line.get("state")) for line in job.status()]


def test_a_changed_module_is_refused_before_it_is_imported(
    tmp_path: Path, documents: Documents, source: Path
) -> None:
    job = make_job(tmp_path / "tampered", documents, source)
    marker = tmp_path / "imported"
    module = module_of(job, "preprocessing")
    tampered = module.read_text(encoding="utf-8")
    tampered += f"\nimport pathlib\n\npathlib.Path({str(marker)!r}).touch()\n"
    module.write_text(tampered, encoding="utf-8")

    ended = job.start().wait()
    assert ended.returncode == 1
    assert job.exit() == {"returncode": 1}
    assert not marker.exists()
    assert states(job)[-1] == ("transform", "failed")
    error = job.status()[-1]["error"]
    assert "has changed since it was generated" in error
    assert job.request.preprocessing.sha256 in error
    assert ended.last_line == error
    assert "Traceback" not in ended.stderr


def test_the_trainer_module_is_verified_too(
    tmp_path: Path, documents: Documents, source: Path
) -> None:
    job = make_job(tmp_path / "job", documents, source)
    good = job.request.trainer
    copy = fetch_module(good, tmp_path / "code", "trainer")
    assert copy.read_bytes() == module_of(job, "trainer").read_bytes()
    with pytest.raises(JobFailedError, match=f"expected {'0' * 64}"):
        fetch_module(CodeArtifact(uri=good.uri, sha256="0" * 64), tmp_path / "refused", "trainer")
    assert not (tmp_path / "refused").exists()
    gone = CodeArtifact(uri=(tmp_path / "gone.py").as_uri(), sha256=good.sha256)
    with pytest.raises(JobFailedError, match=r"trainer module cannot be read.*gone\.py"):
        fetch_module(gone, tmp_path / "code", "trainer")


@pytest.mark.parametrize("runner", ["direct", "tfx"])
def test_a_source_that_is_gone_fails_the_examples_stage(
    tmp_path: Path, documents: Documents, runner: str
) -> None:
    job = make_job(tmp_path / runner, documents, tmp_path / "gone.parquet", runner=runner)
    ended = job.start().wait()
    assert ended.returncode == 1
    assert job.exit() == {"returncode": 1}
    assert states(job) == [("examples", "running"), ("examples", "failed")]
    error = job.status()[-1]["error"]
    assert re.search(r"gone\.parquet cannot be read: .*no such file or folder", error), error
    assert ended.last_line == error


def test_a_request_that_cannot_be_read_is_an_end_too(tmp_path: Path) -> None:
    job = TrainerJob.__new__(TrainerJob)
    job.folder, job.environment = tmp_path, {}
    (tmp_path / "request.json").write_text('{"job_id": "Not An Id"}')
    ended = job.start().wait()
    assert ended.returncode == 1
    assert job.exit() == {"returncode": 1}
    assert "job_id" in ended.last_line
    with pytest.raises(ValueError, match="job_id"):
        JobRequest.model_validate_json((tmp_path / "request.json").read_bytes())


def test_a_terminated_job_ends_at_once(tmp_path: Path, documents: Documents, source: Path) -> None:
    job = make_job(tmp_path / "terminated", documents, source)
    process = job.start()
    try:
        deadline = time.monotonic() + 180
        while not (job.folder / "status.jsonl").exists() or ("transform", "running") not in states(
            job
        ):
            assert time.monotonic() < deadline, "the transform stage never began"
            assert process.process.poll() is None
            time.sleep(0.05)
        process.process.send_signal(signal.SIGTERM)
        assert process.wait().returncode == -signal.SIGTERM
        assert ("train", "running") not in states(job)
    finally:
        process.kill()
    assert not (job.folder / "exit.json").exists(), "a service must not take this for an end"
    assert ("transform", "succeeded") not in states(job)
