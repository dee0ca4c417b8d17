"""The pipeline service of a laptop: a job is a process in the trainer's environment."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from pydantic import ValidationError

from local.jobs.environment import REPOSITORY, environment
from local.jobs.job_folder import DISAPPEARED, JobFolder
from local.jobs.spare_trainer import SpareTrainer
from shared.errors import NotFoundError
from shared.jobs import Job, JobRequest

_log = logging.getLogger(__name__)

STOPPED = "Recsmith was stopped"
_STOP_SECONDS = 2.0
JOB_ID = re.compile(r"[a-z][-a-z0-9]{0,127}")


class SubprocessPipelines:
    """Runs jobs in the order of their launch, a few at a time; keeps all state on disk.

    Args:
        root: a folder for each job goes here (`local.jobs.job_folder` says what is in it).
        command: what runs a job; the job's folder is appended as the last argument.
        on_news: told a quick test's id whenever its job may have changed.
        max_running: jobs beyond that wait.
        grace_seconds: between asking a cancelled job to end and killing it.
        spare_command: starts a `local.jobs.spare_trainer`, of which one is kept ready for the next
            job; None keeps none.
        told: environment of the jobs, besides what they need of this process's own.
        store: URI of the store of artifacts, which jobs keep to; None: as they were launched.
        spare_after: seconds that the service leaves the processor to others at its start.
    """

    def __init__(
        self,
        root: Path,
        command: Sequence[str],
        on_news: Callable[[str], None],
        *,
        max_running: int = 1,
        grace_seconds: float = 5.0,
        spare_command: Sequence[str] | None = None,
        spare_after: float = 3.0,
        told: Mapping[str, str] | None = None,
        store: str | None = None,
    ) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self._root = root.resolve()
        self._command = list(command)
        self._on_news = on_news
        self._max_running = max_running
        self._grace_seconds = grace_seconds
        self._lock = threading.RLock()
        self._environment = {"PYTHONUNBUFFERED": "1", **(told or {})}
        self._store = store
        self._spare_command = list(spare_command or [])
        self._spare_from = time.monotonic() + spare_after
        self._spare: SpareTrainer | None = None
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._spared: set[str] = set()  # children that were spares
        self._adopted: set[str] = set()  # an earlier service's jobs that this one has seen alive
        self._told: dict[str, object] = {}
        self._settled: set[str] = set()
        self._closed = False

    def launch(self, request: JobRequest) -> None:
        JobFolder.create(self._root, request)
        self._start_waiting()

    def get(self, job_id: str) -> Job:
        folder = self._folder(job_id)
        with self._lock:
            self._reap(folder)
            return folder.job(unreaped=job_id in self._children)

    def cancel(self, job_id: str) -> None:
        folder = self._folder(job_id)
        with self._lock:
            if not self.get(job_id).state.ended:
                folder.record_cancel()
                self._signal(folder, signal.SIGTERM)

    def forget(self, job_id: str) -> None:
        with contextlib.suppress(NotFoundError), self._lock:
            folder = self._folder(job_id)
            if self.get(job_id).state.ended and not self._running(folder):
                shutil.rmtree(folder.path, ignore_errors=True)
                self._settled.discard(job_id)
                self._told.pop(job_id, None)

    def watch_once(self) -> None:
        """Looks after all jobs: records ends, kills what ignores a cancel, tells news, starts
        what waits. To be called a few times a second.

        Raises:
            ExceptionGroup: of all faults, after every job has been looked after.
        """
        faults: list[Exception] = []
        for folder in self._unsettled():
            try:
                with self._lock:
                    self._reap(folder)
                    self._enforce(folder)
                self._tell(folder)
            except ValidationError:
                _log.exception("The request of %s is unreadable; it is left alone", folder.path)
                self._settled.add(folder.path.name)
            except Exception as fault:
                if folder.launched is None:  # it was forgotten meanwhile
                    continue
                fault.add_note(folder.path.name)
                faults.append(fault)
        self._start_waiting()
        self._keep_spare()
        if faults:
            raise ExceptionGroup("could not look after every job", faults)

    @property
    def spare_pid(self) -> int | None:
        """The process that waits for the next job, while there is one."""
        spare = self._spare
        return spare.process.pid if spare else None

    def shutdown(self, *, kill: bool) -> None:
        """Starts nothing any more; with `kill`, ends what runs and records that as a failure.

        Without it, training goes on, and the next service over the same folder finds it.
        """
        with self._lock:
            self._closed = True
            if self._spare is not None:
                self._spare.end()
                self._spare = None
            running = [folder for folder in self._unsettled() if self._running(folder)]
            if not kill:
                return
            for folder in running:
                with contextlib.suppress(OSError):  # on a full disk they end all the same
                    folder.record_exit(None, STOPPED)
                self._signal(folder, signal.SIGTERM)
            deadline = time.monotonic() + _STOP_SECONDS
            while any(map(self._running, running)) and time.monotonic() < deadline:
                time.sleep(0.02)
                for folder in running:
                    with contextlib.suppress(OSError):
                        self._reap(folder)
            for folder in running:
                self._signal(folder, signal.SIGKILL)
                if child := self._children.get(folder.path.name):
                    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
                    with contextlib.suppress(OSError):
                        self._reap(folder)

    def _folder(self, job_id: str) -> JobFolder:
        folder = JobFolder(self._root / job_id)
        if not JOB_ID.fullmatch(job_id) or not folder.launched:
            raise NotFoundError("job", job_id)
        return folder

    def _unsettled(self) -> list[JobFolder]:
        """Jobs whose end has not been told, in the order of their launch."""
        unsettled = []
        for path in self._root.iterdir():
            folder = JobFolder(path)
            if path.name in self._settled or not JOB_ID.fullmatch(path.name):
                continue
            if folder.announced:
                self._settled.add(path.name)
            elif launched := folder.launched:
                unsettled.append((launched, path.name, folder))
        return [folder for _, _, folder in sorted(unsettled)]

    def _running(self, folder: JobFolder) -> bool:
        return folder.path.name in self._children or folder.live_pid() is not None

    def _start_waiting(self) -> None:
        with self._lock:
            if self._closed:
                return
            folders = self._unsettled()
            free = self._max_running - sum(map(self._running, folders))
            for folder in folders:
                if free <= 0:
                    return
                if folder.started or folder.cancelled or folder.exited or self._running(folder):
                    continue
                self._start(folder)
                free -= 1

    def _keep_spare(self) -> None:
        """Starts a spare where the processor has nothing better to do, or jobs wait for it."""
        with self._lock:
            if self._closed or not self._spare_command or time.monotonic() < self._spare_from:
                return
            if self._spare is not None:
                return
            unsettled = self._unsettled()
            running = sum(map(self._running, unsettled))
            if not running or running < len(unsettled):
                self._spare = SpareTrainer(self._spare_command, REPOSITORY, self._environ())

    def _start(self, folder: JobFolder) -> None:
        if self._store is not None:
            folder.place(self._store)
        spare, self._spare = self._spare, None
        taken = spare.take(folder.path) if spare is not None else None
        if taken is not None:
            self._spared.add(folder.path.name)
        self._children[folder.path.name] = taken or self._new_process(folder)

    def _new_process(self, folder: JobFolder) -> subprocess.Popen[bytes]:
        path = str(folder.path)
        folder.temporary.mkdir(exist_ok=True)
        with folder.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "local.jobs.job_process", path, *self._command, path],
                cwd=folder.path,
                env={**self._environ(), "TMPDIR": str(folder.temporary)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _environ(self) -> dict[str, str]:
        return environment(self._environment)

    def _reap(self, folder: JobFolder) -> None:
        """Records the end of a process, and ends what it has started."""
        child = self._children.get(folder.path.name)
        if child is None:
            if folder.started and not folder.exited:
                self._reap_earlier(folder)
            return
        found = os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if found is None:
            return
        _kill_group(child.pid, signal.SIGKILL)  # not reaped yet, so the id is still its own
        status = found.si_status if found.si_code == os.CLD_EXITED else -found.si_status
        unheeded = folder.path.name in self._spared and not folder.started
        again = unheeded and not folder.cancelled and not self._closed
        if not again and folder.noted_pid in (None, child.pid):  # else an earlier service's job
            folder.record_exit(status)  # where the disk is full, this is tried again
        child.wait()
        folder.clear_temporary() if again else folder.clear_after_end()
        del self._children[folder.path.name]
        self._spared.discard(folder.path.name)
        if again:
            self._children[folder.path.name] = self._new_process(folder)

    def _reap_earlier(self, folder: JobFolder) -> None:
        """The same of a process that an earlier service has started: how it ended cannot be known.
        One that was killed with that service is gone on with; one that is killed by itself has
        failed, as a child has."""
        name = folder.path.name
        if folder.live_pid() is not None:
            self._adopted.add(name)
        elif name in self._adopted or not folder.take_up():
            error = folder.job().error
            if folder.taken_up and error == DISAPPEARED:
                error = f"{error}; it was taken up again {folder.taken_up} times before"
            folder.record_exit(None, error)
            folder.clear_after_end()

    def _enforce(self, folder: JobFolder) -> None:
        """Kills a cancelled job that has not ended by itself."""
        since = folder.seconds_since_cancelled()
        if since is not None and not 0 <= since <= self._grace_seconds:  # or the clock was set back
            self._signal(folder, signal.SIGKILL)

    def _signal(self, folder: JobFolder, number: signal.Signals) -> None:
        child = self._children.get(folder.path.name)
        pid = child.pid if child else folder.live_pid()
        if pid is not None:
            _kill_group(pid, number)

    def _tell(self, folder: JobFolder) -> None:
        name = folder.path.name
        traces = folder.traces()
        ended = self.get(name).state.ended
        news = (traces, ended)
        if self._told.get(name) != news:
            self._on_news(folder.request().quick_test_id)
            self._told[name] = news
        with self._lock:
            if ended and not self._running(folder):
                folder.record_announced()
                self._told.pop(name, None)


def _kill_group(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, number)
