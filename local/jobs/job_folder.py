"""A job as files: whatever is known of it is on disk, so that any restart finds it again.

request.json    JobRequest, written before anything else
process.json    pid, start ticks and boot of the training process, written by itself, and the
                inode of the folder, so that a copy of it has no process
process-1.json  the same of the first process, where the system was killed with it and another one
                has taken the job up again; process-2.json
checkpoints/    of the training, gone once the job has ended
finished.json   which stages need not be done again (see `trainer_image.job.finished`)
status.jsonl    lines appended by the training process (see `shared.jobs`)
log.txt         its output
temporary/      its temporary files, removed when it has ended
cancelled.json  somebody asked for its end
exit.json       how it ended; written by the trainer as its last act, else by the service
announced       the end was told to the rest of the system
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from local.jobs.job_process import CHECKPOINTS, PROCESS_FILE, TEMPORARY, identity
from local.state.files import create_file, sync_folder
from shared.errors import AlreadyExistsError
from shared.jobs import Job, JobRequest, Stage, State, Task
from shared.places import placed

_REQUEST_FILE = "request.json"
_STATUS_FILE = "status.jsonl"
_LOG_TAIL_BYTES = 16_384
_LOG_TAIL_LINES = 6
_LOG_LINE_CHARACTERS = 300
DISAPPEARED = "the training process disappeared (killed, or out of memory)"
# How often a job whose process was killed together with the system is taken up again.
MOST_TAKEN_UP = 2


class StatusLine(BaseModel):
    """A line of status.jsonl."""

    task: Stage
    state: State
    at: datetime
    error: str | None = None
    reused: bool = False


class StepLine(BaseModel):
    """A line of status.jsonl that says how far a stage has come."""

    step: Stage
    doing: Annotated[str, Field(max_length=200)]
    done: float = Field(ge=0, le=1)


_LINES: TypeAdapter[StatusLine | StepLine] = TypeAdapter(StatusLine | StepLine)


@dataclass(frozen=True)
class JobFolder:
    path: Path

    @staticmethod
    def create(root: Path, request: JobRequest) -> JobFolder:
        """Makes the folder of a new job. Raises AlreadyExistsError."""
        draft = root / f".{uuid.uuid4().hex}.draft"
        create_file(draft / _REQUEST_FILE, request.model_dump_json(indent=2).encode())
        folder = JobFolder(root / request.job_id)
        try:
            draft.rename(folder.path)  # refused where there is a folder with anything in it
        except OSError:
            if folder.path.exists():
                raise AlreadyExistsError("job", request.job_id) from None
            raise
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        sync_folder(root)
        return folder

    @property
    def log(self) -> Path:
        return self.path / "log.txt"

    @property
    def temporary(self) -> Path:
        """For files that nobody needs once the process has ended."""
        return self.path / TEMPORARY

    def clear_temporary(self) -> None:
        shutil.rmtree(self.temporary, ignore_errors=True)

    def clear_after_end(self) -> None:
        """Removes what only a process of the job needs."""
        self.clear_temporary()
        shutil.rmtree(self.path / CHECKPOINTS, ignore_errors=True)

    @property
    def launched(self) -> int | None:
        """When, in nanoseconds since 1970; None where there is no such job."""
        try:
            return (self.path / _REQUEST_FILE).stat().st_mtime_ns
        except (FileNotFoundError, NotADirectoryError):
            return None

    @property
    def started(self) -> bool:
        return (self.path / PROCESS_FILE).exists()

    @property
    def noted_pid(self) -> int | None:
        return (self._json(PROCESS_FILE) or {}).get("pid")

    @property
    def cancelled(self) -> bool:
        return (self.path / "cancelled.json").exists()

    @property
    def exited(self) -> bool:
        return (self.path / "exit.json").exists()

    @property
    def announced(self) -> bool:
        return (self.path / "announced").exists()

    @property
    def taken_up(self) -> int:
        """How often the job was taken up again."""
        return sum(self._earlier(number).exists() for number in range(1, MOST_TAKEN_UP + 1))

    def take_up(self) -> bool:
        """Has another process go on with a job whose process was killed; False where it is not to:
        its process has told of a failure, it belongs to the original of this folder, or there
        were enough."""
        taken_up, note = self.taken_up, self._json(PROCESS_FILE)
        if note is None or self.cancelled or self.exited or taken_up >= MOST_TAKEN_UP:
            return False
        if note.get("folder") != self.path.stat().st_ino or _task_error(self._tasks()) is not None:
            return False
        self.clear_temporary()
        with contextlib.suppress(FileNotFoundError), (self.path / _STATUS_FILE).open("r+b") as file:
            if file.seek(0, os.SEEK_END):
                file.write(b"\n")  # the last line may be half written
        (self.path / PROCESS_FILE).rename(self._earlier(taken_up + 1))
        sync_folder(self.path)
        return True

    def _earlier(self, number: int) -> Path:
        return self.path / f"process-{number}.json"

    def request(self) -> JobRequest:
        return JobRequest.model_validate_json((self.path / _REQUEST_FILE).read_bytes())

    def place(self, store: str) -> None:
        """Has a job that waits keep to a store, where the folder has come from elsewhere since."""
        request = placed(self.request(), store)
        if request != self.request():
            draft = self.path / f".{uuid.uuid4().hex}.draft"
            create_file(draft, request.model_dump_json(indent=2).encode())
            os.utime(draft, ns=(self.launched or 0, self.launched or 0))  # its place in the queue
            draft.replace(self.path / _REQUEST_FILE)

    def live_pid(self) -> int | None:
        """The training process, unless it has ended (or its pid is another's by now)."""
        return self._live_pid(self._json(PROCESS_FILE))

    def seconds_since_cancelled(self) -> float | None:
        at = _time((self._json("cancelled.json") or {}).get("at"))
        return (datetime.now(UTC) - at).total_seconds() if at else None

    def record_cancel(self) -> None:
        self._record("cancelled.json", {})

    def record_exit(self, status: int | None, reason: str | None = None) -> None:
        """How the process ended, unless that is known already.

        Args:
            status: exit status, negative for a signal (as `Popen.returncode`); None if unknown.
            reason: why, where the status does not say it.
        """
        killed_by = _signal_name(-status) if status is not None and status < 0 else None
        self._record("exit.json", {"returncode": status, "signal": killed_by, "reason": reason})

    def record_announced(self) -> None:
        self._record("announced", {})

    def traces(self) -> tuple[bool, bool, bool, int, int]:
        """Changes whenever there is news of the job."""
        try:
            size = (self.path / _STATUS_FILE).stat().st_size
        except FileNotFoundError:
            size = 0
        return self.started, self.cancelled, self.exited, size, self.taken_up

    def job(self, *, unreaped: bool = False) -> Job:
        """What these files, and a look at the process, say of the job.

        Args:
            unreaped: the process is a child of ours whose end has not been recorded yet.
        """
        request = self.request()
        process = self._json(PROCESS_FILE)
        first = self._json(self._earlier(1).name) or process
        alive = process is not None and (unreaped or self._live_pid(process) is not None)
        cancelled, ending = self._json("cancelled.json"), self._json("exit.json")
        tasks = self._tasks()
        state, error = State.PENDING, None
        if cancelled is not None:
            state = State.CANCELLED
        elif ending is not None:
            error = _error(ending, tasks, self._last_lines)
            state = State.SUCCEEDED if error is None else State.FAILED
        elif alive:
            state = State.RUNNING
        elif process is not None:
            state, error = State.FAILED, _task_error(tasks) or DISAPPEARED
        ended_at = None
        if state.ended:
            last = [task.ended_at or task.started_at for task in tasks]
            known = [at for at in last if at is not None]
            ended_at = _time((cancelled or ending or {}).get("at")) or max(known, default=None)
            ended_at = ended_at or self._modified("exit.json" if ending else PROCESS_FILE)
            for task in tasks:
                if task.state is State.RUNNING:
                    task.state, task.ended_at, task.error = state, ended_at, error
        return Job(
            job_id=request.job_id,
            quick_test_id=request.quick_test_id,
            state=state,
            tasks=tasks,
            started_at=_time((first or {}).get("at")),
            ended_at=ended_at,
            error=error,
            taken_up=self.taken_up,
        )

    def _tasks(self) -> list[Task]:
        tasks = {stage: Task(name=stage) for stage in Stage}
        try:
            lines = (self.path / _STATUS_FILE).read_bytes().splitlines()
        except FileNotFoundError:
            lines = []
        for text in lines:
            try:
                line = _LINES.validate_json(text)
            except ValidationError:
                continue  # a half-written line, or one that only says that there is progress
            if isinstance(line, StepLine):
                tasks[line.step].doing, tasks[line.step].done = line.doing, line.done
                continue
            task = tasks[line.task]
            task.state, task.error = line.state, line.error
            task.doing, task.done = None, 0.0
            if line.state is State.RUNNING:
                task.started_at = task.started_at or line.at
                task.reused = line.reused
                task.ended_at = None  # where it is done once more
            elif line.state.ended:
                task.ended_at = line.at
        return list(tasks.values())

    def _last_lines(self) -> str:
        """The end of the log, short enough for a document."""
        try:
            with self.log.open("rb") as log:
                log.seek(max(0, log.seek(0, os.SEEK_END) - _LOG_TAIL_BYTES))
                text = log.read().decode(errors="replace")
        except FileNotFoundError:
            return ""
        lines = [line.rstrip()[:_LOG_LINE_CHARACTERS] for line in text.splitlines()]
        return "\n".join([line for line in lines if line][-_LOG_TAIL_LINES:])

    def _record(self, name: str, content: dict[str, Any]) -> None:
        note = {**content, "at": datetime.now(UTC).isoformat()}
        try:
            create_file(self.path / name, json.dumps(note).encode())
        except FileExistsError:
            return

    def _json(self, name: str) -> dict[str, Any] | None:
        try:
            content = json.loads((self.path / name).read_bytes())
        except (FileNotFoundError, ValueError):
            return None
        return content if isinstance(content, dict) else None

    def _modified(self, name: str) -> datetime:
        return datetime.fromtimestamp((self.path / name).stat().st_mtime, UTC)

    def _live_pid(self, note: dict[str, Any] | None) -> int | None:
        if note is None or not isinstance(note.get("pid"), int):
            return None
        present, inode = identity(note["pid"]), self.path.stat().st_ino
        if present is None or note.get("folder", inode) != inode:
            return None
        alive = all(note.get(key) == value for key, value in present.items())
        return note["pid"] if alive else None


def _error(ending: dict[str, Any], tasks: list[Task], last_lines: Any) -> str | None:
    """Why a job whose process ended has failed; None where it has not."""
    if ending.get("reason"):
        return str(ending["reason"])
    if (error := _task_error(tasks)) is not None:
        return error
    if ending.get("signal"):
        return f"the training process was killed by {ending['signal']}"
    status = ending.get("returncode")
    if status == 0:
        undone = [task.name.value for task in tasks if task.state is not State.SUCCEEDED]
        return f"the training process ended before: {', '.join(undone)}" if undone else None
    return f"the training process ended with exit status {status}: {last_lines()}".rstrip(": ")


def _task_error(tasks: list[Task]) -> str | None:
    failed = next((task for task in tasks if task.state is State.FAILED), None)
    return (failed.error or f"{failed.name.value} failed") if failed else None


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _time(text: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
