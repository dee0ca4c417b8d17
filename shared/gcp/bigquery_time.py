"""The past of BigQuery's tables.

https://cloud.google.com/bigquery/docs/time-travel: a table is kept as it was at any moment of the
last seven days, or since it was made where that is later. Views, materialised views and external
tables have no past.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

KEPT = timedelta(days=7)
# A job may wait for a machine between the question and the query.
_SPARE = timedelta(hours=3)


class PastGoneError(Exception):
    """A table's state of a moment cannot be had any more; the message says why."""


def moment(table: Any, as_of: datetime | None, now: datetime) -> datetime | None:
    """The moment that a table is to be read as of; None where it is to be read as it is.

    Args:
        table: as the client's `get_table` gives it.

    Raises:
        PastGoneError: it has changed, and its past is gone.
    """
    if as_of is None or table.table_type != "TABLE":
        return None
    if as_of >= table.created and as_of > now - KEPT + _SPARE:
        return as_of
    if table.modified <= as_of:  # it is still as it was
        return None
    if as_of < table.created:
        raise PastGoneError(
            f"It was made anew on {_words(table.created)}, and how it was on {_words(as_of)} is"
            " gone. Profile the dataset again."
        )
    raise PastGoneError(
        f"It has changed since {_words(as_of)}, and BigQuery keeps the past of tables for seven"
        " days. Profile the dataset again."
    )


def _words(at: datetime) -> str:
    return f"{at:%Y-%m-%d at %H:%M} UTC"
