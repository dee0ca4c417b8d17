"""Marks on documents that are about to be deleted.

Whoever deletes puts up a mark and then looks for users. Whoever writes a name reads what it names,
and its mark, in the transaction that writes. So of two at once, one sees the other.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shared.documents.base import Collection
from shared.ports import Ports, Snapshot, Transaction
from shared.services.document_kind import stamp

# Below a document, so that no event function hears of it.
_MARKS = "api/deletions/marks"
# A deletion that takes longer begins anew where somebody has come to name the document.
_LASTS = timedelta(minutes=1)


@dataclass(frozen=True)
class Mark:
    """A deletion's, on a document that others may name."""

    path: str
    token: str

    @staticmethod
    def put_up(ports: Ports, collection: Collection, document_id: str) -> Mark:
        """In place of another's, whose deletion begins anew."""
        mark = Mark(mark_path(collection, document_id), uuid.uuid4().hex)
        data = {"token": mark.token, "until": stamp(ports.clock.now() + _LASTS)}
        ports.documents.transact(lambda transaction: transaction.set(mark.path, data))
        return mark

    def take_down(self, ports: Ports) -> None:
        """Unless it is another's by now."""

        def change(transaction: Transaction) -> None:
            if self.stands(transaction):
                transaction.delete(self.path)

        ports.documents.transact(change)

    def stands(self, transaction: Transaction) -> bool:
        found = transaction.get(self.path)
        return found is not None and found.data.get("token") == self.token


def mark_path(collection: Collection, document_id: str) -> str:
    return f"{_MARKS}/{collection}:{document_id}"


def lasts(mark: Snapshot, now: datetime) -> bool:
    """Whether the deletion that put it up may still be at it."""
    until: Any = mark.data.get("until")
    return isinstance(until, str) and stamp(now) <= until <= stamp(now + _LASTS)
