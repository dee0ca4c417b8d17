"""What a job says of itself while it runs, for the pipeline service that started it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from shared.jobs import Stage, State
from shared.tables.faults import without_values

STATUS_FILE = "status.jsonl"
EXIT_FILE = "exit.json"
_POLL_SECONDS = 0.3
_LONGEST_MESSAGE = 1000
# How often a running stage tells how far it has come, at most, and how much further it is then.
_STEP_SECONDS, _STEP_SHARE = 2.0, 0.01

# Takes what a stage does, in a few words, and how much of the stage is done, 0 to 1.
Tell = Callable[[str, float], None]


class JobFailedError(Exception):
    """A job that cannot go on for a reason that its owner can mend; the message says how."""


class StatusLog:
    """Appends one JSON line for each change to `status.jsonl`."""

    def __init__(self, job_dir: Path) -> None:
        self._path = job_dir / STATUS_FILE
        self._lock = threading.Lock()

    @contextmanager
    def stage(self, stage: Stage) -> Iterator[None]:
        """Tells that the stage runs, then that it succeeded or why it failed."""
        self._task(stage, State.RUNNING)
        try:
            yield
        except Exception as error:
            self._task(stage, State.FAILED, describe(error))
            raise
        self._task(stage, State.SUCCEEDED)

    def reused(self, stage: Stage) -> None:
        """Tells, within a stage, that it takes over what an earlier job has made."""
        self._task(stage, State.RUNNING, reused=True)

    def steps(self, stage: Stage) -> Tell:
        """Tells how far the stage has come; it may be called as often as one likes."""
        told_at, told = time.monotonic(), ("", 0.0)

        def tell(doing: str, done: float) -> None:
            nonlocal told_at, told
            now = time.monotonic()
            further = doing != told[0] or done - told[1] >= _STEP_SHARE
            if further and now - told_at >= _STEP_SECONDS:
                told_at, told = now, (doing, done)
                self._append({"step": stage.value, "doing": doing, "done": round(done, 3)})

        return tell

    @contextmanager
    def progress_of(self, progress_file: str) -> Iterator[None]:
        """Tells of every change of `progress_file` while the block runs."""
        done = threading.Event()
        before = _changed_at(progress_file)

        def watch() -> None:
            seen = before
            ended = False
            while not ended:
                ended = done.wait(_POLL_SECONDS)
                changed = _changed_at(progress_file)
                if changed != seen:
                    seen = changed
                    self._append({"progress": True})

        watcher = threading.Thread(target=watch, name="progress")
        watcher.start()
        try:
            yield
        finally:
            done.set()
            watcher.join()

    def _task(self, stage: Stage, state: State, error: str | None = None, **more: object) -> None:
        self._append({"task": stage.value, "state": state.value, "error": error, **more})

    def _append(self, entry: dict[str, object]) -> None:
        line = json.dumps({**entry, "at": datetime.now(UTC).isoformat()})
        with self._lock, self._path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")


def describe(error: Exception) -> str:
    """One line for a report; only foreign errors need their type to be understood."""
    text = " ".join(without_values(str(error)).split())[:_LONGEST_MESSAGE] or "no message"
    return text if isinstance(error, JobFailedError) else f"{type(error).__name__}: {text}"


def _changed_at(path: str) -> int | None:
    """When a file changed, in nanoseconds since 1970; None where there is none."""
    if "://" in path:
        import tensorflow as tf

        return tf.io.gfile.stat(path).mtime_nsec if tf.io.gfile.exists(path) else None
    try:
        return Path(path).stat().st_mtime_ns
    except FileNotFoundError:
        return None
