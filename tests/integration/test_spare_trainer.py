"""A process that waits, with its libraries loaded, for the next job."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from local.jobs.job_folder import JobFolder
from local.jobs.job_process import identity
from local.jobs.pipelines import SubprocessPipelines
from shared.jobs import State
from tests.integration.conftest import (
    TRAINER_PRELUDE,
    EmbeddedCloud,
    ignore,
    job_request,
    trainer,
    watched,
)
from tests.waiting import eventually

REPOSITORY = Path(__file__).parents[2]
PROGRAM = """
    import os
    print("spare" if "warm_part" in sys.modules else "cold", os.getcwd(), flush=True)
    print("to stderr", file=sys.stderr, flush=True)
    import tempfile
    print("temporary", tempfile.mkdtemp(), flush=True)
    succeed('examples')
    status('transform', 'running')
    wait_for('go')
    status('transform', 'succeeded')
    succeed('train', 'evaluate')
    finish()
"""
HOLD_A_SPARE = """
import sys, time
from pathlib import Path
from local.jobs.pipelines import SubprocessPipelines
service = SubprocessPipelines(
    Path(sys.argv[1]), ["false"], print, spare_command=sys.argv[2:], spare_after=0
)
while True:
    service.watch_once()
    if service.spare_pid:
        print(service.spare_pid, flush=True)
    time.sleep(0.02)
"""


def spare_command(home: Path, warm: str = "") -> list[str]:
    (home / "warm_part.py").write_text(warm)
    (home / "whole_job.py").write_text(TRAINER_PRELUDE + textwrap.dedent(PROGRAM))
    start = (
        f"import sys; sys.path.insert(0, {str(home)!r}); "
        "from local.jobs.spare_trainer import main; main('warm_part', 'whole_job')"
    )
    return [sys.executable, "-c", start]


@contextmanager
def service(
    embedded: EmbeddedCloud, warm: str = "", max_running: int = 1
) -> Iterator[SubprocessPipelines]:
    made = SubprocessPipelines(
        embedded.home / "jobs",
        trainer(embedded.home, PROGRAM),
        ignore,
        max_running=max_running,
        grace_seconds=0.5,
        spare_command=spare_command(embedded.home, warm),
        spare_after=0,
    )
    try:
        with watched(made):
            yield made
    finally:
        made.shutdown(kill=True)


def folder(embedded: EmbeddedCloud, job_id: str = "qt-1") -> JobFolder:
    return JobFolder(embedded.home / "jobs" / job_id)


def in_transform(service: SubprocessPipelines, job_id: str = "qt-1") -> bool:
    return service.get(job_id).tasks[1].state is State.RUNNING


def test_the_next_job_runs_in_the_spare_and_leaves_what_any_job_leaves(
    embedded: EmbeddedCloud,
) -> None:
    with service(embedded) as pipelines:
        eventually(lambda: pipelines.spare_pid)
        spare = pipelines.spare_pid
        pipelines.launch(job_request())
        eventually(lambda: in_transform(pipelines))
        job = folder(embedded)
        assert job.live_pid() == spare
        assert pipelines.spare_pid is None  # nothing else may slow the job down
        log = job.log.read_text()
        assert f"spare {job.path}" in log
        assert "to stderr" in log
        assert f"temporary {job.temporary}/" in log
        (embedded.home / "jobs" / "go").touch()
        eventually(lambda: pipelines.get("qt-1").state is State.SUCCEEDED)
        eventually(lambda: pipelines.spare_pid not in (None, spare))


def test_a_job_beside_it_starts_without_a_spare(embedded: EmbeddedCloud) -> None:
    with service(embedded, max_running=2) as pipelines:
        eventually(lambda: pipelines.spare_pid)
        for job_id in ("qt-1", "qt-2"):
            pipelines.launch(job_request(job_id))
        for job_id, how in (("qt-1", "spare"), ("qt-2", "cold")):
            eventually(lambda job_id=job_id: in_transform(pipelines, job_id))
            assert folder(embedded, job_id).log.read_text().startswith(how)


def test_a_spare_that_has_loaded_another_version_is_not_used(embedded: EmbeddedCloud) -> None:
    older = "from shared import code_version; code_version.LOADED = 'of an older version'"
    with service(embedded, older) as pipelines:
        eventually(lambda: pipelines.spare_pid)
        pipelines.launch(job_request())
        eventually(lambda: in_transform(pipelines))
        assert folder(embedded).log.read_text().startswith("cold")


def test_a_job_in_a_spare_that_is_killed_fails_with_the_signal(embedded: EmbeddedCloud) -> None:
    with service(embedded) as pipelines:
        eventually(lambda: pipelines.spare_pid)
        pipelines.launch(job_request())
        eventually(lambda: in_transform(pipelines))
        pid = folder(embedded).live_pid()
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        eventually(lambda: pipelines.get("qt-1").state.ended)
        job = pipelines.get("qt-1")
    assert job.state is State.FAILED
    assert job.error == "the training process was killed by SIGKILL"


@pytest.mark.parametrize("warm", ["", "import time; time.sleep(60)"], ids=["ready", "importing"])
def test_a_job_in_a_spare_is_cancelled(embedded: EmbeddedCloud, warm: str) -> None:
    with service(embedded, warm) as pipelines:
        eventually(lambda: pipelines.spare_pid)
        pid = pipelines.spare_pid
        assert pid is not None
        pipelines.launch(job_request())
        if not warm:
            eventually(lambda: in_transform(pipelines))
        pipelines.cancel("qt-1")
        eventually(lambda: identity(pid) is None)
        assert pipelines.get("qt-1").state is State.CANCELLED


def test_a_spare_that_has_died_costs_no_job(embedded: EmbeddedCloud) -> None:
    with service(embedded) as pipelines:
        eventually(lambda: pipelines.spare_pid)
        pid = pipelines.spare_pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        eventually(lambda: identity(pid) is None)
        pipelines.launch(job_request())
        eventually(lambda: in_transform(pipelines))


def test_a_spare_that_dies_before_it_begins_the_job_costs_none(embedded: EmbeddedCloud) -> None:
    with service(embedded, "import time; time.sleep(60)") as pipelines:
        eventually(lambda: pipelines.spare_pid)
        pid = pipelines.spare_pid
        assert pid is not None
        pipelines.launch(job_request())
        os.kill(pid, signal.SIGKILL)
        eventually(lambda: in_transform(pipelines))
        assert folder(embedded).log.read_text().startswith("cold")


def test_what_cannot_be_imported_is_left_to_the_job_to_tell(embedded: EmbeddedCloud) -> None:
    with service(embedded, "raise ImportError") as pipelines:
        eventually(lambda: pipelines.spare_pid)
        pipelines.launch(job_request())
        eventually(lambda: in_transform(pipelines))


def test_a_spare_ends_with_its_service(embedded: EmbeddedCloud) -> None:
    with service(embedded) as pipelines:
        eventually(lambda: pipelines.spare_pid)
        pid = pipelines.spare_pid
        assert pid is not None
        pipelines.shutdown(kill=False)
        assert identity(pid) is None
        assert pipelines.spare_pid is None


@pytest.mark.parametrize("warm", ["", "import time; time.sleep(60)"], ids=["ready", "importing"])
def test_a_spare_ends_with_a_service_that_is_killed(embedded: EmbeddedCloud, warm: str) -> None:
    command = [sys.executable, "-c", HOLD_A_SPARE, str(embedded.home / "jobs")]
    holder = subprocess.Popen(
        [*command, *spare_command(embedded.home, warm)],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )
    try:
        assert holder.stdout is not None
        pid = int(holder.stdout.readline())
        assert identity(pid) is not None
    finally:
        holder.kill()
        holder.wait()
    eventually(lambda: identity(pid) is None)
