"""News of jobs reach the system, also after faults."""

from __future__ import annotations

import errno
import time
from pathlib import Path

import pytest

from local.jobs.job_folder import JobFolder
from local.jobs.job_process import identity
from local.jobs.pipelines import SubprocessPipelines
from local.state.files import create_file
from tests.integration.conftest import EmbeddedCloud, ignore, job_request, trainer
from tests.integration.job_folders import folder
from tests.waiting import eventually


def test_news_come_with_every_step_and_once_more_after_a_restart_only_if_untold(
    embedded: EmbeddedCloud,
) -> None:
    program = """
        for word in ('one', 'two'):
            wait_for(word)
            with (JOB / "status.jsonl").open("a") as file: file.write('{"progress": true}\\n')
        succeed('examples', 'transform', 'train', 'evaluate')
        finish()
    """
    news: list[str] = []
    with embedded.pipelines(program, news.append) as service:
        service.launch(job_request("qt-1", "test-7"))
        for word in ("one", "two"):
            eventually(lambda: folder(embedded).started and news)
            time.sleep(0.1)
            before = len(news)
            (embedded.home / "jobs" / word).touch()
            eventually(lambda before=before: len(news) > before)
        eventually(lambda: folder(embedded).announced)
    assert set(news) == {"test-7"}
    with embedded.pipelines(program, news.append):
        told = len(news)
        time.sleep(0.1)
    assert len(news) == told


def test_news_that_could_not_be_told_are_told_again(embedded: EmbeddedCloud) -> None:
    told: list[str] = []
    job = JobFolder.create(embedded.home / "jobs", job_request())
    job.record_cancel()

    def fail_once(quick_test_id: str) -> None:
        told.append(quick_test_id)
        if len(told) == 1:
            raise ConnectionError

    service = SubprocessPipelines(embedded.home / "jobs", ["false"], fail_once)
    with pytest.raises(ExceptionGroup):
        service.watch_once()
    assert not job.announced
    service.watch_once()
    assert job.announced
    assert len(told) == 2


def test_an_end_that_a_full_disk_kept_from_being_noted_is_noted_later(
    embedded: EmbeddedCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = True

    def create(path: Path, content: bytes) -> None:
        if full and path.name == "exit.json":
            raise OSError(errno.ENOSPC, "No space left on device")
        create_file(path, content)

    monkeypatch.setattr("local.jobs.job_folder.create_file", create)
    service = SubprocessPipelines(embedded.home / "jobs", ["false"], ignore)
    service.launch(job_request("qt-1"))
    service.launch(job_request("qt-2"))

    def refused() -> bool:
        try:
            service.watch_once()
        except ExceptionGroup:
            return True
        return False

    eventually(refused)
    assert refused()  # not a process that is gone
    full = False
    eventually(lambda: (service.watch_once(), service.get("qt-2").state.ended)[1])
    assert service.get("qt-1").error == "the training process ended with exit status 1"
    service.shutdown(kill=True)


def test_a_full_disk_does_not_keep_jobs_from_being_stopped(
    embedded: EmbeddedCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    command = trainer(embedded.home, "time.sleep(60)")
    service = SubprocessPipelines(embedded.home / "jobs", command, ignore)
    service.launch(job_request())
    eventually(lambda: folder(embedded).live_pid())
    pid = folder(embedded).live_pid()
    monkeypatch.setattr("local.jobs.job_folder.create_file", full)
    service.shutdown(kill=True)
    assert pid is not None
    assert identity(pid) is None
