"""One SQLite file, shared by many threads and several processes."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shared.errors import UnavailableError

_BUSY_SECONDS = 30.0
_POLL_SECONDS = 0.1
_IDLE_CONNECTIONS = 16
_LOCKED = (
    "The documents are locked by another write, which has not ended in time: nothing was written."
    " Try again."
)


# The statements that lead from each shape of the tables to the next; `user_version` of the file
# counts them. Files from before it was counted have the first shape.
_MIGRATIONS: list[list[str]] = [[]]
SCHEMA_VERSION = len(_MIGRATIONS)


class UnusableStateError(Exception):
    """The file of documents and events cannot be used; the message says why and what to do."""


class Database:
    """Connections to one file in WAL mode: readers never wait, writers wait for each other.

    Raises:
        UnusableStateError: the file is damaged, or a newer program has written it.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._idle: list[sqlite3.Connection] = []
        self._closed = False
        self._lock = threading.Lock()
        self._writer = threading.Lock()
        self._written = threading.Condition()
        self._writes = 0
        with self._undamaged():
            self._enter_wal()
            self._migrate()

    def define(self, schema: str) -> None:
        """Runs `CREATE … IF NOT EXISTS` statements."""
        with self._undamaged(), self._connection() as connection:
            connection.executescript(f"BEGIN IMMEDIATE;\n{schema}\nCOMMIT;")

    def add_column(self, table: str, column: str, declaration: str) -> None:
        """Adds a column where it is missing. It needs a default: an older program, which does not
        know it, goes on with the same file."""
        with self._undamaged(), self.write() as connection:
            known = connection.execute(f"SELECT name FROM pragma_table_info('{table}')")
            if column not in (name for (name,) in known):
                connection.execute(f"ALTER TABLE {table} ADD COLUMN {column} {declaration}")

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """Everything read within sees the same moment."""
        with self._connection() as connection:
            connection.execute("BEGIN")
            yield connection

    @contextmanager
    def write(
        self, *, durable: bool = False, seconds: float = _BUSY_SECONDS
    ) -> Iterator[sqlite3.Connection]:
        """A transaction that holds the write lock from its start; rolled back on an exception.

        Threads queue on a lock of ours, for SQLite makes them sleep and try again.

        Args:
            durable: a power cut after the commit does not undo it. Without, it may undo the last
                commits, from the last durable one on and never some of them only.
            seconds: how long to wait for the lock.

        Raises:
            UnavailableError: the disk is full, or the lock was not to be had; nothing was written.
        """
        deadline = time.monotonic() + seconds
        if not self._writer.acquire(timeout=seconds):
            raise UnavailableError(_LOCKED)
        try:
            with self._connection() as connection, _room_on_disk(self._path):
                connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
                self._begin(connection, deadline)
                yield connection
                connection.execute("COMMIT")
        finally:
            self._writer.release()
        self.wake()

    def _begin(self, connection: sqlite3.Connection, deadline: float) -> None:
        """Takes the write lock, which another process may hold. Raises UnavailableError."""
        left = max(0.0, deadline - time.monotonic())
        connection.execute(f"PRAGMA busy_timeout = {round(left * 1000)}")
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            raise UnavailableError(_LOCKED) from error
        finally:
            connection.execute(f"PRAGMA busy_timeout = {round(_BUSY_SECONDS * 1000)}")

    def compact(self) -> None:
        """Writes the file anew without what was deleted, which SQLite may leave in pages that are
        free, and empties its log. Raises UnavailableError."""
        deadline = time.monotonic() + _BUSY_SECONDS
        if not self._writer.acquire(timeout=_BUSY_SECONDS):
            raise UnavailableError(_LOCKED)
        try:
            with self._connection() as connection, _room_on_disk(self._path):
                connection.execute("VACUUM")
                while connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
                    if time.monotonic() > deadline:  # somebody reads what was there before
                        raise UnavailableError(_LOCKED)
                    time.sleep(_POLL_SECONDS)
        finally:
            self._writer.release()
        self.wake()

    def wake(self) -> None:
        """Ends every `Watch.wait` of this process."""
        with self._written:
            self._writes += 1
            self._written.notify_all()

    @contextmanager
    def watch(self) -> Iterator[Watch]:
        connection = self._open()
        try:
            yield Watch(self, connection)
        finally:
            connection.close()

    @property
    def writes(self) -> int:
        return self._writes

    def wait_for_write(self, since: int, timeout: float) -> bool:
        """Whether this process has written since `writes` was `since`, waiting up to `timeout`."""
        with self._written:
            return self._written.wait_for(lambda: self._writes != since, timeout)

    def close(self) -> None:
        """Closes idle connections now, the others when their users are done."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            connection = self._idle.pop() if self._idle else None
        connection = connection or self._open()
        try:
            yield connection
        finally:
            if connection.in_transaction:
                connection.rollback()
            with self._lock:
                keep = not self._closed and len(self._idle) < _IDLE_CONNECTIONS
                if keep:
                    self._idle.append(connection)
            if not keep:
                connection.close()

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        # Whoever wrote bytes that are no text: they must not stop those who read what is around.
        connection.text_factory = _text
        connection.execute("PRAGMA synchronous = NORMAL")
        return connection

    def check(self) -> None:
        """Looks through the whole file. Raises UnusableStateError."""
        with self._undamaged(), self.read() as connection:
            found = [row[0] for row in connection.execute("PRAGMA quick_check(3)")]
        if found != ["ok"]:
            raise self._unusable("; ".join(" ".join(line.split()) for line in found))

    def _migrate(self) -> None:
        """Brings an older file to the present shape; all of it, or nothing."""
        with self.write(durable=True) as connection:
            found: int = connection.execute("PRAGMA user_version").fetchone()[0]
            if found > SCHEMA_VERSION:
                raise UnusableStateError(
                    f"{self._path} was written by a newer Recsmith (schema {found}; this one knows"
                    f" {SCHEMA_VERSION}). Update Recsmith, or choose another folder."
                )
            for statement in (one for step in _MIGRATIONS[found:] for one in step):
                connection.execute(statement)
            if found != SCHEMA_VERSION:
                connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    @contextmanager
    def _undamaged(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
                raise
            raise self._unusable(error) from None

    def _unusable(self, why: object) -> Exception:
        return UnusableStateError(
            f"{self._path} cannot be used: {why}. Put a copy of it back, or choose another folder;"
            f" `sqlite3 {self._path} .recover` shows what can still be read."
        )

    def _enter_wal(self) -> None:
        """SQLite does not wait for a rival that is switching the same new file."""
        deadline = time.monotonic() + _BUSY_SECONDS
        with self._connection() as connection:
            while True:
                try:
                    connection.execute("PRAGMA journal_mode = WAL")
                    return
                except sqlite3.OperationalError:
                    if time.monotonic() > deadline:
                        raise
                    time.sleep(0.01)


def _text(stored: bytes) -> str:
    return stored.decode("utf-8", "replace")


@contextmanager
def _room_on_disk(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_FULL:
            raise
        raise UnavailableError(
            f"There is no room left on the disk for {path}: nothing was written. Make room;"
            " everything goes on by itself then."
        ) from error


class Watch:
    """Waits until anybody, in this process or another, commits something.

    `mark`, look for work, and `wait` where there was none: nothing that is committed after the
    mark is slept through. Belongs to one thread.
    """

    def __init__(self, database: Database, connection: sqlite3.Connection) -> None:
        self._database = database
        self._connection = connection
        self.mark()

    def mark(self) -> None:
        self._writes = self._database.writes
        self._version = self._data_version()

    def wait(self, seconds: float) -> None:
        """Returns after a commit, after `Database.wake`, or after so many seconds."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            written = self._database.wait_for_write(self._writes, min(left, _POLL_SECONDS))
            if written or self._data_version() != self._version:
                return

    def _data_version(self) -> int:
        version: int = self._connection.execute("PRAGMA data_version").fetchone()[0]
        return version
