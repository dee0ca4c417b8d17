"""What the queue and the change feed keep of documents, and a customer's id in there."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from typing import Any

from local.state.sqlite import Database
from shared.customers import Customer

# Columns with what documents were, and columns of text.
_TABLES = {
    "changes": (("before", "after"), ()),
    "dead_letters": (("body",), ("reason", "traceback")),
}


class KeptChanges:
    """The last changes of documents, and letters that could not be delivered."""

    what = ("earlier state of a document", "earlier states of documents")

    def __init__(self, database: Database) -> None:
        self._database = database

    def holding(self, customer: Customer) -> int:
        with self._database.read() as connection:
            return sum(1 for _ in _found(connection, customer))

    def erase(self, customer: Customer) -> int:
        """Leaves nothing of it in the file either: not in pages that are free, nor in its log."""
        with self._database.write(durable=True) as connection:
            count = 0
            for table, row, changed in list(_found(connection, customer)):
                fields = ", ".join(f"{name} = ?" for name in changed)
                connection.execute(
                    f"UPDATE {table} SET {fields} WHERE rowid = ?",
                    (*changed.values(), row),
                )
                count += 1
        self._database.compact()
        return count


def _found(
    connection: sqlite3.Connection, customer: Customer
) -> Iterator[tuple[str, int, dict[str, str]]]:
    """Table, row, and what its columns have to be."""
    for table, (documents, texts) in _TABLES.items():
        how: dict[str, Callable[[str], str]] = {}
        how |= {name: lambda text: _erased_from(text, customer) for name in documents}
        how |= dict.fromkeys(texts, customer.erased)
        names = ", ".join(how)
        rows = connection.execute(f"SELECT rowid, {names} FROM {table}")
        for row, *values in rows:
            pairs = zip(how.items(), values, strict=True)
            after = {name: erase(text) for (name, erase), text in pairs if text}
            before = dict(zip(how, values, strict=True))
            changed = {name: text for name, text in after.items() if text != before[name]}
            if changed:
                yield table, row, changed


def _erased_from(text: str, customer: Customer) -> str:
    """A stored document, or a letter with two of them."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return customer.erased(text)
    if not isinstance(data, dict):
        return text
    cleaned: dict[str, Any] = customer.erased_from(data)
    for part in ("before", "after"):
        if isinstance(data.get(part), dict):
            cleaned = {**cleaned, part: customer.erased_from(data[part])}
    return text if cleaned == data else json.dumps(cleaned, ensure_ascii=False)
