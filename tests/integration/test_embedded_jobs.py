"""Jobs are processes that outlive the service, end as they are told, and start once."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from local.jobs.job_folder import DISAPPEARED, JobFolder
from local.jobs.job_process import CLAIMED_BY_ANOTHER, identity
from local.jobs.pipelines import STOPPED, SubprocessPipelines
from shared.jobs import State
from tests.integration.conftest import EmbeddedCloud, ignore, job_request, trainer
from tests.integration.job_folders import WAITS_FOR_GO, folder
from tests.waiting import eventually

REPOSITORY = Path(__file__).parents[2]
LAUNCH_AND_SLEEP = """
import sys, time
from pathlib import Path
from local.jobs.pipelines import SubprocessPipelines
from tests.integration.conftest import job_request
service = SubprocessPipelines(Path(sys.argv[1]), sys.argv[3:], print)
for job_id in filter(None, sys.argv[2].split(",")):
    service.launch(job_request(job_id))
while True:
    service.watch_once()
    time.sleep(0.02)
"""


def launch_in_another_process(
    embedded: EmbeddedCloud, *job_ids: str, until: Callable[[], bool] = lambda: True
) -> None:
    """Launches, and dies by kill -9 once the first job is in Transform."""
    command = [*trainer(embedded.home, WAITS_FOR_GO)]
    jobs = embedded.home / "jobs"
    service = subprocess.Popen(
        [sys.executable, "-c", LAUNCH_AND_SLEEP, jobs, ",".join(job_ids), *command],
        cwd=REPOSITORY,
    )
    try:
        eventually(until)
        status = jobs / (*job_ids, "qt-1")[0] / "status.jsonl"
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
        assert service.get("qt-1").state is State.RUNNING
        pid = folder(embedded).live_pid()
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        eventually(lambda: service.get("qt-1").state.ended)
        job = service.get("qt-1")
    assert (job.state, job.error) == (State.FAILED, DISAPPEARED)
    assert (job.tasks[1].state, job.tasks[1].error) == (State.FAILED, DISAPPEARED)


def kill_training(embedded: EmbeddedCloud) -> None:
    pid = folder(embedded).live_pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: identity(pid) is None)


def test_a_job_killed_with_the_system_is_taken_up_again(embedded: EmbeddedCloud) -> None:
    launch_in_another_process(embedded, "qt-1")
    kill_training(embedded)
    folder(embedded).log.write_text("of the first process\n")
    with (folder(embedded).path / "status.jsonl").open("a") as status:
        status.write('{"task": "transf')  # as a kill may leave it
    (embedded.home / "jobs" / "go").touch()
    news: list[str] = []
    with embedded.pipelines(WAITS_FOR_GO, news.append) as service:
        eventually(lambda: service.get("qt-1").state is State.SUCCEEDED)
        job = service.get("qt-1")
    assert (job.taken_up, job.error) == (1, None)
    assert [task.state for task in job.tasks] == [State.SUCCEEDED] * 4
    assert (folder(embedded).path / "starts").read_text() == "xx"
    assert folder(embedded).log.read_text().startswith("of the first process\n")
    assert news


def test_a_job_is_taken_up_again_twice_and_then_fails_with_the_cause(
    embedded: EmbeddedCloud,
) -> None:
    launch_in_another_process(embedded, "qt-1")
    (folder(embedded).path / "checkpoints" / "000001").mkdir(parents=True)
    began = folder(embedded).job().started_at
    for taken_up in (1, 2):
        kill_training(embedded)
        launch_in_another_process(embedded, until=lambda: folder(embedded).live_pid() is not None)
        assert folder(embedded).taken_up == taken_up
    kill_training(embedded)
    assert (folder(embedded).path / "checkpoints").exists()
    with embedded.pipelines(WAITS_FOR_GO) as service:
        eventually(lambda: service.get("qt-1").state.ended)
        job = service.get("qt-1")
    assert job.state is State.FAILED
    assert job.error == f"{DISAPPEARED}; it was taken up again 2 times before"
    assert job.started_at == began
    assert not (folder(embedded).path / "checkpoints").exists()


def test_what_was_cancelled_has_failed_or_is_a_copy_is_not_taken_up(
    embedded: EmbeddedCloud, tmp_path: Path
) -> None:
    launch_in_another_process(embedded, "qt-1")
    kill_training(embedded)
    copies = {name: tmp_path / name / "qt-1" for name in ("copy", "cancelled", "failed")}
    for copy in copies.values():
        shutil.copytree(folder(embedded).path, copy)
        note = json.loads((copy / "process.json").read_text())
        if copy != copies["copy"]:
            (copy / "process.json").write_text(json.dumps(note | {"folder": copy.stat().st_ino}))
    JobFolder(copies["cancelled"]).record_cancel()
    line = {"task": "transform", "state": "failed", "error": "why", "at": "2026-01-01T00:00:00Z"}
    with (copies["failed"] / "status.jsonl").open("a") as status:
        status.write(json.dumps(line) + "\n")
    found = {
        name: SubprocessPipelines(copy.parent, ["false"], ignore).get("qt-1")
        for name, copy in copies.items()
    }
    assert found["copy"].error == DISAPPEARED
    assert found["cancelled"].state is State.CANCELLED
    assert found["failed"].error == "why"
    assert {job.taken_up for job in found.values()} == {0}


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
            [sys.executable, "-m", "local.jobs.job_process", job.path, *command], cwd=REPOSITORY
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


def test_a_stage_says_how_far_it_has_come_while_it_runs(embedded: EmbeddedCloud) -> None:
    job = JobFolder.create(embedded.home / "jobs", job_request())
    at = "2026-01-01T00:00:00Z"
    began = {"task": "train", "state": "running", "at": at}
    step = {"step": "train", "doing": "epoch 1 of 2", "done": 0.25, "at": at}

    def train(*lines: dict[str, object]) -> tuple[str | None, float]:
        (job.path / "status.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in lines))
        (task,) = (task for task in job.job().tasks if task.name == "train")
        return task.doing, task.done

    assert train(began) == (None, 0.0)
    assert train(began, step, {**step, "done": 7}, {**step, "doing": 1}) == ("epoch 1 of 2", 0.25)
    assert train(began, step, {**began, "state": "succeeded"}) == (None, 0.0)


def test_temporary_files_of_a_job_go_with_its_process(embedded: EmbeddedCloud) -> None:
    program = """
        import tempfile
        (JOB / "where").write_text(tempfile.mkdtemp())
        succeed('examples', 'transform', 'train', 'evaluate')
        finish()
    """
    with embedded.pipelines(program) as service:
        service.launch(job_request())
        eventually(lambda: service.get("qt-1").state is State.SUCCEEDED)
        job = folder(embedded, "qt-1")
        where = Path((job.path / "where").read_text())
        assert where.is_relative_to(job.path)
        eventually(lambda: not job.temporary.exists())


def test_a_job_is_forgotten_once_it_has_ended(embedded: EmbeddedCloud) -> None:
    with embedded.pipelines(WAITS_FOR_GO) as service:
        service.launch(job_request())
        eventually(lambda: service.get("qt-1").tasks[1].state is State.RUNNING)
        service.forget("qt-1")
        (embedded.home / "jobs" / "go").touch()
        eventually(lambda: service.get("qt-1").state is State.SUCCEEDED)
        eventually(lambda: service.forget("qt-1") or not folder(embedded).path.exists())
        service.forget("qt-1")


def test_a_job_is_told_what_it_needs_of_the_environment_and_no_more(
    embedded: EmbeddedCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush")
    monkeypatch.setenv("RECSMITH_MLFLOW_TRACKING_URI", "http://me:hush@127.0.0.1:1")
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    told = """
        (JOB / "told.json").write_text(json.dumps(dict(os.environ)))
        succeed('examples', 'transform', 'train', 'evaluate')
        finish()
    """
    with embedded.pipelines(told) as service:
        service.launch(job_request())
        eventually(lambda: service.get("qt-1").state is State.SUCCEEDED)
    found = json.loads((folder(embedded).path / "told.json").read_text())
    assert "hush" not in str(found)
    assert (found["OMP_NUM_THREADS"], found["PATH"]) == ("3", os.environ["PATH"])
    assert found["PYTHONPATH"] == str(REPOSITORY)
