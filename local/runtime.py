"""The threads that run the whole system in one process."""

from __future__ import annotations

import fcntl
import logging
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from local.jobs.pipelines import SubprocessPipelines
from local.state.documents import SqliteDocumentStore
from local.state.event_bus import Delivery, Routes, SqliteEventBus
from local.state.files import clear_drafts
from local.state.sqlite import Database
from shared.ports import DocumentChange

_log = logging.getLogger(__name__)

_LONGEST_WAIT_SECONDS = 5.0
_WATCH_SECONDS = 0.2
_PAUSE_AFTER_FAULT_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 30.0
_JOIN_SECONDS = 2.0
# Threads of systems that were stopped, which were in the middle of something.
LEFT_BEHIND: list[threading.Thread] = []


class HomeInUseError(Exception):
    """Another process runs over the same folder."""


class HomeLock:
    """Held by the one process that runs the system over a folder; ends with that process."""

    def __init__(self, home: Path) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self._home = home
        self._file: TextIO | None = None

    def acquire(self) -> None:
        """Raises HomeInUseError."""
        file = (self._home / "lock").open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            file.close()
            raise HomeInUseError(
                f"{self._home} is in use by process {holder}: stop that one first,"
                " or choose another folder."
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        self._file = file

    def release(self) -> None:
        if self._file:
            self._file.close()

    def held(self) -> bool:
        """Whether a living process holds it."""
        try:
            with (self._home / "lock").open() as file:
                # Shared: those who ask at the same time are not told of each other.
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False


class Runtime:
    """Reads the change feed, delivers events, watches jobs and reconciles, until stopped.

    Args:
        on_change: handles a document change; called in order, again after an exception.
        routes: handlers of events by topic and subscription.
        reconcile: called at the start and every `reconcile_seconds`.
        delivery: attempts and backoff of document changes, as of events.
        on_start: takes back what a process before this one held; nobody else runs over the folder.
            Where it fails, the system starts all the same: what is held ends by itself.
        on_stop: ends what else was started in the system's name.
    """

    def __init__(
        self,
        home: Path,
        database: Database,
        documents: SqliteDocumentStore,
        events: SqliteEventBus,
        pipelines: SubprocessPipelines,
        *,
        on_change: Callable[[DocumentChange], None],
        routes: Routes,
        reconcile: Callable[[], None],
        reconcile_seconds: float = 30.0,
        workers: int = 4,
        delivery: Delivery | None = None,
        on_start: Callable[[], None] = lambda: None,
        on_stop: Callable[[], None] = lambda: None,
    ) -> None:
        self._home = home
        self._lock = HomeLock(home)
        self._database = database
        self._documents = documents
        self._events = events
        self._pipelines = pipelines
        self._on_change = on_change
        self._routes = routes
        self._reconcile = reconcile
        self._reconcile_seconds = reconcile_seconds
        self._workers = workers
        self._delivery = delivery or Delivery()
        self._on_start = on_start
        self._on_stop = on_stop
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """
        Raises:
            HomeInUseError: another process runs over the same folder.
            UnusableStateError: what the folder holds is damaged.
        """
        self._lock.acquire()
        try:
            self._database.check()
            self._events.release_leases()
        except BaseException:
            self._database.close()
            self._lock.release()
            raise
        try:
            self._on_start()
        except Exception:
            _log.warning("what an ended process held is held until it ends", exc_info=True)
        clear_drafts(self._home)
        duties: dict[str, Callable[[], None]] = {
            "change feed": self._read_feed,
            "pipeline watcher": self._watch_pipelines,
            "reconcile": self._reconcile_now_and_then,
        }
        duties |= {f"worker {number}": self._deliver for number in range(1, self._workers + 1)}
        for name, duty in duties.items():
            thread = threading.Thread(target=self._keep_up, args=(duty,), name=name, daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self, *, keep_jobs: bool = False) -> None:
        """Ends all threads, and the running jobs unless they are to be found again.

        A handler that takes long is left behind; its message comes again at the next start.
        """
        if not self._threads:
            return
        self._stopping.set()
        deadline = time.monotonic() + _JOIN_SECONDS
        for thread in self._threads:
            while thread.is_alive() and time.monotonic() < deadline:
                self._database.wake()  # again, for a thread may be just about to wait
                thread.join(0.05)
            if thread.is_alive():
                _log.warning("%s is still busy and is left behind", thread.name)
                LEFT_BEHIND.append(thread)
        self._threads = []
        self._on_stop()
        self._pipelines.shutdown(kill=not keep_jobs)
        self._database.close()
        self._lock.release()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def wait_idle(self, timeout: float) -> None:
        """Returns when no document change and no event is left to be handled.

        Raises:
            TimeoutError: something is left after so many seconds.
        """
        deadline = time.monotonic() + timeout
        with self._database.watch() as watch:
            while True:
                watch.mark()
                with self._database.read() as connection:
                    changes = self._documents.count_pending(connection)
                    messages = self._events.count_pending(connection)
                if not changes and not messages:
                    return
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TimeoutError(
                        f"{changes} document changes and {messages} events are left after"
                        f" {timeout} seconds."
                    )
                watch.wait(left)

    def _keep_up(self, duty: Callable[[], None]) -> None:
        """Does it again after a fault; later each time, while one follows upon another."""
        pause = _PAUSE_AFTER_FAULT_SECONDS
        while not self._stopping.is_set():
            began = time.monotonic()
            try:
                duty()
            except Exception:
                if not self._stopping.is_set():
                    name = threading.current_thread().name
                    _log.exception("%s met a fault and goes on", name)
                    went_well = time.monotonic() - began > _LONGEST_PAUSE_SECONDS
                    pause = _PAUSE_AFTER_FAULT_SECONDS if went_well else pause
                    self._stopping.wait(pause)
                    pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)

    def _read_feed(self) -> None:
        with self._database.watch() as watch:
            while not self._stopping.is_set():
                watch.mark()
                changes = self._documents.pending_changes()
                for seq, change in changes:
                    if not self._handle(change):
                        return
                    self._documents.acknowledge(seq)
                if not changes:
                    watch.wait(_LONGEST_WAIT_SECONDS)

    def _handle(self, change: DocumentChange) -> bool:
        """Whether the change is done with: handled, or given up on. False: stopped before."""
        attempts = 0
        while not self._stopping.is_set():
            try:
                self._on_change(change)
            except Exception as error:
                attempts += 1
                _log.exception("A change of %s was not handled", change.path)
                if attempts >= self._delivery.attempts:
                    self._events.bury_change(change, attempts, error)
                    return True
                self._stopping.wait(self._delivery.backoff(attempts))
            else:
                return True
        return False

    def _deliver(self) -> None:
        with self._database.watch() as watch:
            while not self._stopping.is_set():
                watch.mark()
                if not self._events.deliver_next(self._routes):
                    watch.wait(min(_LONGEST_WAIT_SECONDS, self._events.seconds_until_due()))

    def _watch_pipelines(self) -> None:
        while not self._stopping.wait(_WATCH_SECONDS):
            self._pipelines.watch_once()

    def _reconcile_now_and_then(self) -> None:
        while not self._stopping.is_set():
            self._reconcile()
            self._stopping.wait(self._reconcile_seconds)
