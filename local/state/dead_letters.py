"""Messages given up on: kept with the reason until somebody has them delivered again."""

from __future__ import annotations

import sqlite3
import traceback
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.errors import NotFoundError

SCHEMA = """
CREATE TABLE IF NOT EXISTS dead_letters (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    topic TEXT NOT NULL,
    subscription TEXT NOT NULL,
    document TEXT NOT NULL,
    body TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    reason TEXT NOT NULL,
    traceback TEXT NOT NULL,
    at TEXT NOT NULL
);
"""
_TRACEBACK_LINES = 20
_REASON_CHARACTERS = 1000


@dataclass(frozen=True)
class DeadLetter:
    """A message given up on.

    Attributes:
        reason: one line.
        traceback: its last lines; empty where no handler was reached.
        at: ISO 8601, UTC.
    """

    id: int
    topic: str
    subscription: str
    document: str
    body: str
    attempts: int
    reason: str
    traceback: str
    at: str


def story(error: Exception) -> tuple[str, str]:
    """Reason and end of the traceback."""
    lines = "".join(traceback.format_exception(error)).splitlines()
    reason = " ".join(f"{type(error).__name__}: {error}".split())
    return reason[:_REASON_CHARACTERS], "\n".join(lines[-_TRACEBACK_LINES:])


def insert(
    connection: sqlite3.Connection,
    message: tuple[str, str, str, str, int],
    reason: str,
    trace: str,
) -> None:
    """Keeps a message `(topic, subscription, document, body, attempts)`."""
    connection.execute(
        "INSERT INTO dead_letters"
        " (topic, subscription, document, body, attempts, reason, traceback, at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (*message, reason, trace, datetime.now(UTC).isoformat()),
    )


def take(connection: sqlite3.Connection, letter_id: int) -> tuple[str, str, str, str]:
    """Removes a letter: `(topic, subscription, document, body)`. Raises NotFoundError."""
    row: tuple[str, str, str, str] | None = connection.execute(
        "DELETE FROM dead_letters WHERE id = ? RETURNING topic, subscription, document, body",
        (letter_id,),
    ).fetchone()
    if row is None:
        raise NotFoundError("dead letter", letter_id)
    return row


def list_all(connection: sqlite3.Connection) -> list[DeadLetter]:
    rows = connection.execute(
        "SELECT id, topic, subscription, document, body, attempts, reason, traceback, at"
        " FROM dead_letters ORDER BY id"
    )
    return [DeadLetter(*row) for row in rows]
