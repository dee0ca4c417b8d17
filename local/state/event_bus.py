"""The event queue in SQLite: at least once, in any order, with backoff and dead letters."""

from __future__ import annotations

import json
import logging
import math
import random
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from local.state import dead_letters
from local.state.dead_letters import DeadLetter
from local.state.sqlite import Database
from shared.events import SCHEMA_VERSION, Event, Topic
from shared.ports import DocumentChange

_log = logging.getLogger(__name__)

Handler = Callable[[Event], None]
Routes = Mapping[Topic, Mapping[str, Handler]]

_DOCUMENT_CHANGED = "document-changed"
_LONGEST_BODY = 64 * 1024  # an event has some hundred bytes

# `due`: not before this time, in seconds since 1970. A message with a lease is being handled,
# and comes again when it is due. `attempts` counts those that failed and those that died; the
# column `failures`, which older files get, the former alone.
_SCHEMA = """
CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    topic TEXT NOT NULL,
    subscription TEXT NOT NULL,
    document TEXT NOT NULL DEFAULT '',
    body TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    due REAL NOT NULL DEFAULT 0,
    lease TEXT
);
CREATE INDEX IF NOT EXISTS messages_by_due ON messages (due, id);
CREATE INDEX IF NOT EXISTS messages_by_document ON messages (document);
"""


@dataclass(frozen=True)
class Delivery:
    """How often and how fast a failed message comes again.

    Attributes:
        attempts: after so many that failed a message is a dead letter.
        deaths: the same of those in which the whole process died, counted apart. A message is
            rarely to blame for that: whoever kills a process takes with it what it is handling.
        visibility_seconds: how long a message is left to a handler of another process before it
            is taken for dead. Within a process a handler may take as long as it likes.
        backoff_seconds: before the second attempt; doubles with each further one up to the cap;
            of this, a random part between a half and the whole is waited.
    """

    attempts: int = 8
    deaths: int = 24
    visibility_seconds: float = 60.0
    backoff_seconds: float = 0.5
    backoff_cap_seconds: float = 60.0

    @property
    def longest_wait(self) -> float:
        """Seconds. A message that is due later was put off before the clock was set back."""
        return max(self.visibility_seconds, self.backoff_cap_seconds)

    def backoff(self, attempts: int) -> float:
        """Seconds to wait after so many that failed."""
        longest = min(self.backoff_cap_seconds, self.backoff_seconds * 2.0 ** (attempts - 1))
        return longest * random.uniform(0.5, 1.0)  # noqa: S311 - no secret


@dataclass(frozen=True)
class _Message:
    id: int
    topic: str
    subscription: str
    document: str
    body: str
    attempts: int
    failures: int
    lease: str

    @property
    def key(self) -> tuple[str, str, str]:
        return self.topic, self.subscription, self.document


class _UndeliverableError(Exception):
    """No further attempt can help."""


class SqliteEventBus:
    """Publishes for any process; delivers in the one process that runs the system."""

    def __init__(
        self,
        database: Database,
        subscriptions: Mapping[Topic, Iterable[str]],
        delivery: Delivery | None = None,
    ) -> None:
        self._database = database
        self._subscriptions = {topic: list(names) for topic, names in subscriptions.items()}
        self._delivery = delivery or Delivery()
        self._lock = threading.Lock()
        self._handling: set[tuple[str, str, str]] = set()
        database.define(_SCHEMA + dead_letters.SCHEMA)
        database.add_column("messages", "failures", "INTEGER NOT NULL DEFAULT 0")

    def publish(self, event: Event) -> None:
        body = event.model_dump_json()
        document = event.collection.path(event.document_id)
        with self._database.write() as connection:
            connection.executemany(
                "INSERT INTO messages (topic, subscription, document, body) VALUES (?, ?, ?, ?)",
                [
                    (event.kind.value, name, document, body)
                    for name in self._subscriptions.get(event.kind, ())
                ],
            )

    def deliver_next(self, routes: Routes) -> bool:
        """Handles one message that is due; False where there is none.

        No two threads handle messages of one subscription about one document at a time.
        """
        message = self._lease()
        if message is None:
            return False
        try:
            handler, event = _open(message, routes)
            handler(event)
        except _UndeliverableError as error:
            self._bury(message, str(error), "")
        except Exception as error:
            _log.exception("%s failed on %s", message.subscription, message.document)
            self._retry_later(message, error)
        else:
            self._acknowledge(message)
        finally:
            with self._lock:
                self._handling.discard(message.key)
            # The commit came before the document was free for other threads.
            self._database.wake()
        return True

    def release_leases(self) -> None:
        """Gives back what a dead process was handling; for the start, under the home's lock."""
        with self._database.write() as connection:
            connection.execute("UPDATE messages SET due = 0, lease = NULL WHERE lease IS NOT NULL")

    def seconds_until_due(self) -> float:
        """Until the next message that must wait; infinite where none does."""
        now = time.time()
        with self._database.read() as connection:
            due = connection.execute(
                "SELECT min(due) FROM messages WHERE due > ?", (now,)
            ).fetchone()[0]
        return math.inf if due is None else float(due) - now

    @staticmethod
    def count_pending(connection: sqlite3.Connection) -> int:
        count: int = connection.execute("SELECT count(*) FROM messages").fetchone()[0]
        return count

    def dead_letters(self) -> list[DeadLetter]:
        """All of them, the oldest first."""
        with self._database.read() as connection:
            return dead_letters.list_all(connection)

    def retry(self, letter_id: int) -> None:
        """Delivers a dead letter again, with all its attempts before it.

        Raises:
            NotFoundError: there is no such letter.
        """
        with self._database.write() as connection:
            row = dead_letters.take(connection, letter_id)
            if row[0] == _DOCUMENT_CHANGED:
                connection.execute(
                    "INSERT INTO changes (path, before, after) VALUES (?1,"
                    " json_extract(?2, '$.before'), json_extract(?2, '$.after'))",
                    (row[2], row[3]),
                )
            else:
                connection.execute(
                    "INSERT INTO messages (topic, subscription, document, body)"
                    " VALUES (?, ?, ?, ?)",
                    row,
                )

    def bury_change(self, change: DocumentChange, attempts: int, error: Exception) -> None:
        """Gives up on a document change, so that those behind it in the feed are not held up."""
        body = json.dumps({"before": change.before, "after": change.after}, ensure_ascii=False)
        letter = (_DOCUMENT_CHANGED, "publish_change", change.path, body, attempts)
        with self._database.write() as connection:
            dead_letters.insert(connection, letter, *dead_letters.story(error))

    def _lease(self) -> _Message | None:
        now = time.time()
        with self._database.read() as connection:
            if self._next_free(connection, now) is None:
                return None  # without taking the write lock
        lease = uuid.uuid4().hex
        with self._database.write() as connection:
            row = self._next_free(connection, now)
            if row is None:
                return None
            message = _Message(*row, lease=lease)
            deaths = message.attempts - message.failures
            if deaths >= self._delivery.deaths:
                reason = f"the process died while handling it, {deaths} times"
                _move_to_dead_letters(connection, message, reason, "")
                return None
            connection.execute(
                "UPDATE messages SET lease = ?, due = ?, attempts = attempts + 1 WHERE id = ?",
                (lease, now + self._delivery.visibility_seconds, message.id),
            )
        with self._lock:
            self._handling.add(message.key)
        return message

    def _next_free(
        self, connection: sqlite3.Connection, now: float
    ) -> tuple[int, str, str, str, str, int, int] | None:
        rows = connection.execute(
            "SELECT id, topic, subscription, document, body, attempts, failures"
            " FROM messages AS message"
            " WHERE (due <= :now OR due > :latest)"
            " AND NOT EXISTS (SELECT 1 FROM messages AS other"
            "  WHERE other.document = message.document AND other.topic = message.topic"
            "  AND other.subscription = message.subscription"
            "  AND other.lease IS NOT NULL AND other.due > :now AND other.due <= :latest)"
            " ORDER BY due, id",
            {"now": now, "latest": now + self._delivery.longest_wait},
        )
        with self._lock:
            return next((row for row in rows if row[1:4] not in self._handling), None)

    def _acknowledge(self, message: _Message) -> None:
        with self._database.write() as connection:
            connection.execute(
                "DELETE FROM messages WHERE id = ? AND lease = ?", (message.id, message.lease)
            )

    def _retry_later(self, message: _Message, error: Exception) -> None:
        failures = message.failures + 1
        if failures >= self._delivery.attempts:
            self._bury(message, *dead_letters.story(error))
            return
        with self._database.write() as connection:
            connection.execute(
                "UPDATE messages SET lease = NULL, due = ?, failures = ?"
                " WHERE id = ? AND lease = ?",
                (
                    time.time() + self._delivery.backoff(failures),
                    failures,
                    message.id,
                    message.lease,
                ),
            )

    def _bury(self, message: _Message, reason: str, trace: str) -> None:
        with self._database.write() as connection:
            _move_to_dead_letters(connection, message, reason, trace)


def _open(message: _Message, routes: Routes) -> tuple[Handler, Event]:
    """The message's handler and event. Raises _UndeliverableError."""
    handlers = {topic.value: named for topic, named in routes.items()}.get(message.topic, {})
    if message.subscription not in handlers:
        raise _UndeliverableError(
            f"there is no handler {message.subscription!r} of topic {message.topic!r}"
        )
    if len(message.body) > _LONGEST_BODY:
        raise _UndeliverableError(
            f"the message has {len(message.body):,} characters; no event has more than"
            f" {_LONGEST_BODY:,}"
        )
    try:
        body = json.loads(message.body)
    except (ValueError, RecursionError) as error:
        raise _UndeliverableError(f"the message is not valid JSON: {error}") from None
    version = body.get("schema_version") if isinstance(body, dict) else None
    if version != SCHEMA_VERSION:
        raise _UndeliverableError(
            f"schema_version: received {version!r}; this program understands {SCHEMA_VERSION}"
        )
    try:
        return handlers[message.subscription], Event.model_validate(body)
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()
        )
        raise _UndeliverableError(f"the message is not a valid event: {wrong}") from None


def _move_to_dead_letters(
    connection: sqlite3.Connection, message: _Message, reason: str, trace: str
) -> None:
    row = connection.execute(
        "DELETE FROM messages WHERE id = ? RETURNING topic, subscription, document, body, attempts",
        (message.id,),
    ).fetchone()
    if row is not None:
        dead_letters.insert(connection, row, reason, trace)
