"""Documents in SQLite, with a change feed that no writer can get around."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from local.state.json_text import dump, load
from local.state.query import Wanted, order_of, select, without
from local.state.sqlite import Database
from shared.document_size import MAX_BYTES, check_size, size_of
from shared.errors import AlreadyExistsError, ConflictError, NotFoundError
from shared.paths import check_collection, check_document, check_new_document
from shared.ports import DocumentChange, Filter, JsonObject, Place, Snapshot, Transaction

T = TypeVar("T")

_ATTEMPTS = 20
_BACKOFF_SECONDS = 0.002
_BACKOFF_CAP_SECONDS = 0.25
_CHANGES_KEPT = 1000
# For the lock of writes: somebody waits for an answer, or an event comes again.
_ANSWER_SECONDS = 5.0
_HANDLER_SECONDS = 30.0
_SURELY_SMALL = MAX_BYTES // 16  # of a document's text: a value takes at most so many times its own

# Triggers, so that a foreign client which writes `path` and `data` takes part in everything:
# a version is the number of the change that made it. `replaced` remembers what INSERT OR REPLACE
# overwrites, for which SQLite runs no DELETE trigger.
_SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (
    path TEXT PRIMARY KEY NOT NULL CHECK (path LIKE '_%/_%'),
    data TEXT NOT NULL CHECK (json_valid(data) AND json_type(data) = 'object'),
    version INTEGER NOT NULL DEFAULT 0,
    collection TEXT GENERATED ALWAYS AS (rtrim(path, replace(path, '/', ''))) VIRTUAL
);
CREATE INDEX IF NOT EXISTS documents_of_collection ON documents (collection, path);
CREATE TABLE IF NOT EXISTS changes (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, path TEXT NOT NULL, before TEXT, after TEXT
);
CREATE TABLE IF NOT EXISTS feed (seq INTEGER NOT NULL);
INSERT INTO feed SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM feed);
CREATE TABLE IF NOT EXISTS replaced (path TEXT PRIMARY KEY NOT NULL, data TEXT NOT NULL);

CREATE TRIGGER IF NOT EXISTS document_inserting BEFORE INSERT ON documents BEGIN
    DELETE FROM replaced WHERE path = NEW.path;
    INSERT INTO replaced SELECT path, data FROM documents WHERE path = NEW.path;
END;
CREATE TRIGGER IF NOT EXISTS document_named BEFORE INSERT ON documents
WHEN '/' || NEW.path || '/' GLOB '*/./*' OR '/' || NEW.path || '/' GLOB '*/../*'
    OR '/' || NEW.path || '/' GLOB '*//*' BEGIN
    SELECT RAISE(ABORT, 'no document can have the id ., .. or none');
END;
CREATE TRIGGER IF NOT EXISTS document_inserted AFTER INSERT ON documents BEGIN
    INSERT INTO changes (path, before, after)
        VALUES (NEW.path, (SELECT data FROM replaced WHERE path = NEW.path), NEW.data);
    DELETE FROM replaced WHERE path = NEW.path;
    UPDATE documents SET version = (SELECT max(seq) FROM changes) WHERE path = NEW.path;
END;
CREATE TRIGGER IF NOT EXISTS document_updated AFTER UPDATE OF data ON documents BEGIN
    INSERT INTO changes (path, before, after) VALUES (NEW.path, OLD.data, NEW.data);
    DELETE FROM replaced WHERE path = NEW.path;
    UPDATE documents SET version = (SELECT max(seq) FROM changes) WHERE path = NEW.path;
END;
CREATE TRIGGER IF NOT EXISTS document_deleted AFTER DELETE ON documents BEGIN
    INSERT INTO changes (path, before, after) VALUES (OLD.path, OLD.data, NULL);
    DELETE FROM replaced WHERE path = OLD.path;
END;
CREATE TRIGGER IF NOT EXISTS document_moved BEFORE UPDATE OF path ON documents
WHEN NEW.path IS NOT OLD.path BEGIN
    SELECT RAISE(ABORT, 'a document keeps its path: insert a new one and delete this one');
END;
"""


def _index(name: str, field: str) -> str:
    """Of an order, newest first: a page costs no more for the pages behind it."""
    rank, value = order_of(field)
    return (
        f"CREATE INDEX IF NOT EXISTS {name}"
        f" ON documents (collection, {rank} DESC, {value} DESC, path);"
    )


# What lists are ordered by, and what tests that have ended are.
_INDEXES = _index("documents_by_change", "updated_at") + _index(
    "documents_by_end", "status.ended_at"
)


class SqliteDocumentStore:
    """
    Args:
        durable: a write outlives a power cut from its acknowledgement on. Else it may come undone,
            with all that was written after it: for what is done again then.
    """

    def __init__(self, database: Database, *, durable: bool = True) -> None:
        self._database = database
        database.define(_SCHEMA + _INDEXES)
        self._durable = durable

    def get(self, path: str) -> Snapshot | None:
        check_document(path)
        with self._database.read() as connection:
            return _read(connection, path)

    def query(
        self,
        collection: str,
        where: Sequence[Filter] = (),
        *,
        order_by: str | None = None,
        descending: bool = False,
        limit: int | None = None,
        start_after: str | Place | None = None,
        fields: Sequence[str] | None = None,
    ) -> list[Snapshot]:
        check_collection(collection)
        wanted = Wanted(where, order_by, descending, limit, start_after, fields)
        with self._database.read() as connection:
            return list(select(connection, collection, wanted))

    def without(self, collection: str, field: str) -> list[Snapshot]:
        check_collection(collection)
        with self._database.read() as connection:
            return without(connection, collection, field)

    def transact(self, change: Callable[[Transaction], T]) -> T:
        for attempt in range(_ATTEMPTS):
            if attempt:
                longest = min(_BACKOFF_CAP_SECONDS, _BACKOFF_SECONDS * 2**attempt)
                time.sleep(random.uniform(0, longest))  # noqa: S311 - no secret
            with self._database.read() as connection:
                transaction = _Transaction(connection)
                result = change(transaction)
            if not transaction.writes or self._commit(transaction):
                return result
        raise ConflictError(
            f"A transaction lost {_ATTEMPTS} times against others; try again later."
        )

    def _commit(self, transaction: _Transaction) -> bool:
        """False where a document that it read has changed since."""
        seconds = _ANSWER_SECONDS if self._durable else _HANDLER_SECONDS
        with self._database.write(durable=self._durable, seconds=seconds) as connection:
            for path, version in transaction.seen.items():
                row = connection.execute(
                    "SELECT version FROM documents WHERE path = ?", (path,)
                ).fetchone()
                if (row[0] if row else None) != version:
                    return False
            for write in transaction.writes:
                write(connection)
        return True

    def pending_changes(self, limit: int = 100) -> list[tuple[int, DocumentChange]]:
        """The oldest changes not acknowledged, numbered, in order."""
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT seq, path, before, after FROM changes"
                " WHERE seq > (SELECT seq FROM feed) ORDER BY seq LIMIT ?",
                (limit,),
            ).fetchall()
        return [
            (seq, DocumentChange(path, before and load(before), after and load(after)))
            for seq, path, before, after in rows
        ]

    def since(self, seen: int | None) -> tuple[int, frozenset[str]]:
        with self._database.read() as connection:
            first, latest = connection.execute("SELECT min(seq), max(seq) FROM changes").fetchone()
            if seen is None or latest is None or seen == latest:
                return latest or 0, frozenset()
            if not first - 1 <= seen < latest:  # gone from the feed, or of another one
                found = connection.execute("SELECT DISTINCT collection FROM documents")
                return latest, frozenset(path.split("/", 1)[0] for (path,) in found)
            found = connection.execute("SELECT path FROM changes WHERE seq > ?", (seen,))
            return latest, frozenset("/".join(path.split("/", 2)[:2]) for (path,) in found)

    def acknowledge(self, seq: int) -> None:
        """Drops the changes up to this number from the feed."""
        with self._database.write() as connection:
            connection.execute("UPDATE feed SET seq = max(seq, ?)", (seq,))
            connection.execute("DELETE FROM changes WHERE seq <= ?", (seq - _CHANGES_KEPT,))

    @staticmethod
    def count_pending(connection: sqlite3.Connection) -> int:
        count: int = connection.execute(
            "SELECT count(*) FROM changes WHERE seq > (SELECT seq FROM feed)"
        ).fetchone()[0]
        return count


class _Transaction:
    """Reads from one snapshot and remembers the versions; buffers the writes."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.seen: dict[str, int | None] = {}
        self.writes: list[Callable[[sqlite3.Connection], None]] = []

    def get(self, path: str) -> Snapshot | None:
        check_document(path)
        if self.writes:
            raise RuntimeError(f"A transaction reads before it writes. Read too late: {path!r}.")
        snapshot = _read(self._connection, path)
        self.seen[path] = snapshot.version if snapshot else None
        return snapshot

    def create(self, path: str, data: JsonObject) -> None:
        check_new_document(path)
        check_size(path, data)
        self.writes.append(partial(_create, path, dump(data)))

    def set(self, path: str, data: JsonObject) -> None:
        check_new_document(path)
        check_size(path, data)
        self.writes.append(partial(_set, path, dump(data)))

    def update(self, path: str, fields: JsonObject) -> None:
        check_document(path)
        self.writes.append(partial(_update, path, dump(fields)))

    def delete(self, path: str) -> None:
        check_document(path)
        self.writes.append(partial(_delete, path))


def _read(connection: sqlite3.Connection, path: str) -> Snapshot | None:
    row = connection.execute(
        "SELECT data, version FROM documents WHERE path = ?", (path,)
    ).fetchone()
    return Snapshot(path, load(row[0]), row[1]) if row else None


def _create(path: str, data: str, connection: sqlite3.Connection) -> None:
    if _read(connection, path):
        raise AlreadyExistsError.document(path)
    connection.execute("INSERT INTO documents (path, data) VALUES (?, ?)", (path, data))


def _set(path: str, data: str, connection: sqlite3.Connection) -> None:
    if not _replace(connection, path, data):
        connection.execute("INSERT INTO documents (path, data) VALUES (?, ?)", (path, data))


def _update(path: str, fields: str, connection: sqlite3.Connection) -> None:
    present = _read(connection, path)
    if present is None:
        raise NotFoundError.document(path)
    after = present.data | load(fields)
    text = dump(after)
    # What a script has stored may be larger; it is judged all the same.
    if len(text) > _SURELY_SMALL and size_of(present.data) <= MAX_BYTES:
        check_size(path, after)
    _replace(connection, path, text)


def _replace(connection: sqlite3.Connection, path: str, data: str) -> bool:
    cursor = connection.execute("UPDATE documents SET data = ? WHERE path = ?", (data, path))
    return cursor.rowcount > 0


def _delete(path: str, connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM documents WHERE path = ?", (path,))
