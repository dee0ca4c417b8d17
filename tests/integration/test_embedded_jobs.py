"""What only the laptop's pipeline service promises: its jobs outlive it, and are found again."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from local.files import create_file
from local.job_folder import DISAPPEARED, JobFolder
from local.job_process import CLAIMED_BY_ANOTHER, identity
from local.pipelines import STOPPED, SubprocessPipelines
from shared.jobs import State
from tests.integration.conftest import EmbeddedCloud, eventually, ignore, job_request, trainer

REPOSITORY = Path(__file__).parents[2]
WAITS_FOR_GO = """
    with (JOB / "starts").open("a") as file: file.write("x")
    succeed('examples')
    status('transform', 'running')
    wait_for('go')
    status('transform', 'succeeded')
    succeed('train', 'evaluate')
    finish()
"""
LAUNCH_AND_SLEEP = """
import sys, time
from pathlib import Path
from local.pipelines import SubprocessPipelines
from tests.integration.conftest import job_request
service = SubprocessPipelines(Path(sys.argv[1]), sys.argv[3:], print)
for job_id in sys.argv[2].split(","):
    service.launch(job_request(job_id))
while True:
    service.watch_once()
    time.sleep(0.02)
"""


def folder(embedded: EmbeddedCloud, job_id: str = "qt-1") -> JobFolder:
    return JobFolder(embedded.home / "jobs" / job_id)


def launch_in_another_process(embedded: EmbeddedCloud, *job_ids: str) -> None:
    """Launches, and dies by kill -9 once the first job is in Transform."""
    command = [*trainer(embedded.home, WAITS_FOR_GO)]
    jobs = embedded.home / "jobs"
    service = subprocess.Popen(
        [sys.executable, "-c", LAUNCH_AND_SLEEP, jobs, ",".join(job_ids), *command],
        cwd=REPOSITORY,
    )
    try:
        status = jobs / job_ids[0] / "status.jsonl"
        eventually(lambda: status.exists() and "transform" in status.read_text())
        eventually(lambda: all((jobs / job_id).exists() for job_id in job_ids))
    finally:
        service.kill()
        service.wait()


def test_a_job_goes_on_without_the_service_and_is_adopted_by_the_next(
    embedded: EmbeddedCloud,
) -> None:
    launch_in_another_process(embedded, "qt-1", "qt-2")
    news: list[str] = []
    with embedded.pipelines(WAITS_FOR_GO, news.append) as service:
        assert service.get("qt-1").state is State.RUNNING
        assert service.get("qt-2").state is State.PENDING
        time.sleep(0.1)
        assert service.get("qt-2").state is State.PENDING
        (embedded.home / "jobs" / "go").touch()
        for job_id in ("qt-1", "qt-2"):
            eventually(lambda job_id=job_id: service.get(job_id).state is State.SUCCEEDED)
            assert (folder(embedded, job_id).path / "starts").read_text() == "x"
    assert set(news) == {"test"}


def test_an_adopted_job_that_is_killed_has_disappeared(embedded: EmbeddedCloud) -> None:
    launch_in_another_process(embedded, "qt-1")
    with embedded.pipelines(WAITS_FOR_GO) as service:
        pid = folder(embedded).live_pid()
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        eventually(lambda: service.get("qt-1").state.ended)
        job = service.get("qt-1")
    assert (job.state, job.error) == (State.FAILED, DISAPPEARED)
    assert (job.tasks[1].state, job.tasks[1].error) == (State.FAILED, DISAPPEARED)


def test_a_job_killed_while_nobody_looked_has_disappeared(embedded: EmbeddedCloud) -> None:
    launch_in_another_process(embedded, "qt-1")
    pid = folder(embedded).live_pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: identity(pid) is None)
    service = SubprocessPipelines(embedded.home / "jobs", ["false"], ignore)
    assert service.get("qt-1").error == DISAPPEARED


def test_a_killed_job_fails_at_its_stage_with_the_signal(embedded: EmbeddedCloud) -> None:
    with embedded.pipelines(WAITS_FOR_GO) as service:
        service.launch(job_request())
        eventually(lambda: service.get("qt-1").tasks[1].state is State.RUNNING)
        pid = folder(embedded).live_pid()
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        eventually(lambda: service.get("qt-1").state.ended)
        job = service.get("qt-1")
    assert job.error == "the training process was killed by SIGKILL"
    assert (job.tasks[1].state, job.tasks[1].error) == (State.FAILED, job.error)


def test_a_crash_is_told_with_the_end_of_the_log(embedded: EmbeddedCloud) -> None:
    program = "print('noise ' * 20_000); status('train', 'running'); raise MemoryError('too big')"
    with embedded.pipelines(program) as service:
        service.launch(job_request())
        eventually(lambda: service.get("qt-1").state.ended)
        job = service.get("qt-1")
    assert job.error is not None
    assert job.error.startswith("the training process ended with exit status 1: ")
    assert job.error.endswith("MemoryError: too big")
    assert len(job.error) < 2500


def test_a_missing_trainer_is_told(embedded: EmbeddedCloud) -> None:
    service = SubprocessPipelines(embedded.home / "jobs", ["/nowhere/python"], ignore)
    service.launch(job_request())
    eventually(lambda: service.get("qt-1").state.ended)
    error = service.get("qt-1").error or ""
    assert "Cannot start /nowhere/python: No such file or directory" in error
    assert "RECSMITH_TRAINER_PYTHON" in error


def test_jobs_beyond_the_limit_wait_in_the_order_of_their_launch(embedded: EmbeddedCloud) -> None:
    program = """
        running = JOB.parent / "running"
        running.mkdir()  # fails if another job has it
        with (JOB.parent / "order").open("a") as file: file.write(JOB.name + " ")
        time.sleep(0.05)
        running.rmdir()
        succeed('examples', 'transform', 'train', 'evaluate')
        finish()
    """
    names = ["qt-c", "qt-a", "qt-b"]
    with embedded.pipelines(program) as service:
        for name in names:
            service.launch(job_request(name))
        assert service.get("qt-b").state is State.PENDING
        for name in names:
            eventually(lambda name=name: service.get(name).state is State.SUCCEEDED)
    assert (embedded.home / "jobs" / "order").read_text().split() == names


def test_a_waiting_job_that_is_cancelled_never_starts(embedded: EmbeddedCloud) -> None:
    command = trainer(embedded.home, WAITS_FOR_GO)
    service = SubprocessPipelines(embedded.home / "jobs", command, ignore)
    for job_id in ("qt-1", "qt-2"):
        service.launch(job_request(job_id))
    service.cancel("qt-2")
    (embedded.home / "jobs" / "go").touch()
    eventually(lambda: service.get("qt-1").state is State.SUCCEEDED)
    eventually(lambda: folder(embedded).live_pid() is None)
    service.get("qt-1")  # takes note of the free place
    service.launch(job_request("qt-3"))
    eventually(lambda: service.get("qt-3").state is State.SUCCEEDED)
    assert service.get("qt-2").state is State.CANCELLED
    assert not folder(embedded, "qt-2").started


def test_a_child_that_is_dead_but_not_reaped_counts_as_running(embedded: EmbeddedCloud) -> None:
    """For its exit status is still to be had: it must not be taken for one that disappeared."""
    job = JobFolder.create(embedded.home / "jobs", job_request())
    note = {"pid": 2**22 + 1, "start_ticks": 1, "boot_id": "of another day"}
    (job.path / "process.json").write_text(json.dumps(note))
    assert job.job(unreaped=True).state is State.RUNNING
    assert job.job().error == DISAPPEARED


def test_a_job_that_ignores_a_cancel_is_killed_with_all_that_it_started(
    embedded: EmbeddedCloud,
) -> None:
    program = """
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        child = subprocess.Popen(["sleep", "60"])
        (JOB / "child").write_text(str(child.pid))
        status('examples', 'running')
        time.sleep(60)
    """
    with embedded.pipelines(program, grace_seconds=0.2) as service:
        service.launch(job_request())
        eventually(lambda: service.get("qt-1").tasks[0].state is State.RUNNING)
        service.cancel("qt-1")
        assert service.get("qt-1").state is State.CANCELLED
        time.sleep(0.1)
        assert folder(embedded).live_pid() is not None  # within the grace period
        eventually(lambda: folder(embedded).live_pid() is None)
        child = int((folder(embedded).path / "child").read_text())
        eventually(lambda: identity(child) is None)
        assert service.get("qt-1").state is State.CANCELLED


def test_a_job_that_ends_leaves_no_process_behind(embedded: EmbeddedCloud) -> None:
    program = """
        child = subprocess.Popen(["sleep", "60"])
        (JOB / "child").write_text(str(child.pid))
        succeed('examples', 'transform', 'train', 'evaluate')
        finish()
    """
    with embedded.pipelines(program) as service:
        service.launch(job_request())
        eventually(lambda: service.get("qt-1").state is State.SUCCEEDED)
        child = int((folder(embedded).path / "child").read_text())
        eventually(lambda: identity(child) is None)


def test_stopping_ends_what_runs_and_keeps_what_waits(embedded: EmbeddedCloud) -> None:
    with embedded.pipelines(WAITS_FOR_GO) as service:
        service.launch(job_request("qt-1"))
        service.launch(job_request("qt-2"))
        eventually(lambda: service.get("qt-1").tasks[1].state is State.RUNNING)
        service.shutdown(kill=True)
        assert folder(embedded).live_pid() is None
        job = service.get("qt-1")
        assert (job.state, job.error) == (State.FAILED, STOPPED)
    with embedded.pipelines(WAITS_FOR_GO) as service:
        (embedded.home / "jobs" / "go").touch()
        eventually(lambda: service.get("qt-2").state is State.SUCCEEDED)
        assert service.get("qt-1").state is State.FAILED


def test_a_job_whose_service_died_before_starting_it_starts_later(embedded: EmbeddedCloud) -> None:
    JobFolder.create(embedded.home / "jobs", job_request())
    (embedded.home / "jobs" / "go").touch()
    with embedded.pipelines(WAITS_FOR_GO) as service:
        eventually(lambda: service.get("qt-1").state is State.SUCCEEDED)


def test_a_job_started_by_two_services_runs_once(embedded: EmbeddedCloud) -> None:
    """As after a death between starting a process and knowing of it."""
    job = JobFolder.create(embedded.home / "jobs", job_request())
    (embedded.home / "jobs" / "go").touch()
    command = [*trainer(embedded.home, WAITS_FOR_GO), str(job.path)]
    starters = [
        subprocess.Popen(
            [sys.executable, "-m", "local.job_process", job.path, *command], cwd=REPOSITORY
        )
        for _ in range(4)
    ]
    statuses = sorted(starter.wait() for starter in starters)
    assert statuses == [0, *[CLAIMED_BY_ANOTHER] * 3]
    assert (job.path / "starts").read_text() == "x"


def test_a_later_process_with_the_same_pid_is_not_the_job(embedded: EmbeddedCloud) -> None:
    job = JobFolder.create(embedded.home / "jobs", job_request())
    note = identity(os.getpid())
    assert note is not None
    (job.path / "process.json").write_text(json.dumps(note | {"start_ticks": 1}))
    assert job.live_pid() is None
    (job.path / "process.json").write_text(json.dumps(note))
    assert job.live_pid() == os.getpid()


@pytest.mark.parametrize("rest", ['{"task": "train", "st', '{"progress": true}\n', "\x00\n"])
def test_a_half_written_or_other_status_line_is_ignored(embedded: EmbeddedCloud, rest: str) -> None:
    job = JobFolder.create(embedded.home / "jobs", job_request())
    line = {"task": "examples", "state": "running", "at": "2026-01-01T00:00:00Z"}
    (job.path / "status.jsonl").write_text(json.dumps(line) + "\n" + rest)
    states = [task.state for task in job.job().tasks]
    assert states == [State.RUNNING, State.PENDING, State.PENDING, State.PENDING]


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

    monkeypatch.setattr("local.job_folder.create_file", create)
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
    monkeypatch.setattr("local.job_folder.create_file", full)
    service.shutdown(kill=True)
    assert pid is not None
    assert identity(pid) is None
