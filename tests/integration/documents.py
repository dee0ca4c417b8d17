"""Writing and finding documents in a store."""

from __future__ import annotations

from typing import Any

from shared.ports import DocumentStore


def put(store: DocumentStore, path: str, **data: Any) -> None:
    store.transact(lambda transaction: transaction.set(path, data))


def ids(store: DocumentStore, *args: Any, **kwargs: Any) -> list[str]:
    return [snapshot.id for snapshot in store.query("things", *args, **kwargs)]
