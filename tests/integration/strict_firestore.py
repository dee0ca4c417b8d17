"""Makes Firestore's client refuse what Firestore refuses and its emulator forgives: queries without
an index, documents over 1 MiB or of too many index entries, and now and then a commit, as where
documents are contended for."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from google.api_core.exceptions import Aborted, FailedPrecondition, InvalidArgument, NotFound
from google.cloud.firestore_v1.services.firestore import FirestoreClient
from google.cloud.firestore_v1.types import CommitRequest, GetDocumentRequest

from tests.unit.indexes import MOST_ENTRIES, Sent, entries, read, refusal

# Source: https://firebase.google.com/docs/firestore/quotas#writes_and_transactions
_LARGEST_REQUEST = 10 * 2**20
_LARGEST_DOCUMENT = 2**20
_CONTENDED = 5  # every so many commits one is refused


@contextmanager
def strict_firestore() -> Iterator[list[Sent]]:
    """While it runs, all clients of this process are as strict. Gives the queries as they are sent,
    the refused ones included."""
    sent: list[Sent] = []
    run_query = FirestoreClient.run_query
    run_aggregation_query = FirestoreClient.run_aggregation_query
    commit = FirestoreClient.commit
    commits_sent = itertools.count(1)

    def check(asked: Any, *, counts: bool = False) -> None:
        sent.append(query := read(asked, counts=counts))
        if (why := refusal(query)) is not None:
            raise FailedPrecondition(f"The query requires an index. {why}: {query}")

    def queries(self: Any, request: Any, **options: Any) -> Any:
        check(request["structured_query"])
        return run_query(self, request, **options)

    def aggregates(self: Any, request: Any, **options: Any) -> Any:
        check(request["structured_aggregation_query"].structured_query, counts=True)
        return run_aggregation_query(self, request, **options)

    def commits(self: Any, request: Any, **options: Any) -> Any:
        size = CommitRequest.pb(CommitRequest(request)).ByteSize()
        if size > _LARGEST_REQUEST:
            raise InvalidArgument(f"A request has {size:,} bytes.")
        for write in request["writes"]:
            if "update" in write:
                collection = write.update.name.split("/")[-2]
                count = entries(collection, _shape(write.update.fields))
                if count > MOST_ENTRIES:
                    raise InvalidArgument(f"{write.update.name}: too many index entries: {count}.")
                check_size(self, write)
        conditions = [write.current_document for write in request["writes"]]
        contended = any("update_time" in condition for condition in conditions)
        if contended and next(commits_sent) % _CONTENDED == 0:
            raise Aborted("Too much contention on these documents. Please try again.")
        return commit(self, request, **options)

    def check_size(client: Any, write: Any) -> None:
        name, fields = write.update.name, dict(write.update.fields)
        if "update_mask" in write:
            try:
                present = client.get_document(GetDocumentRequest(name=name))
            except NotFound:
                return
            fields = {**present.fields, **fields}
        size = _document_bytes(name, fields)
        if size > _LARGEST_DOCUMENT:
            raise InvalidArgument(
                f"Document '{name}' cannot be written because its size ({size:,} bytes) exceeds "
                f"the maximum allowed size of {_LARGEST_DOCUMENT:,} bytes."
            )

    with mock.patch.multiple(
        FirestoreClient, run_query=queries, run_aggregation_query=aggregates, commit=commits
    ):
        yield sent


def _document_bytes(name: str, fields: Any) -> int:
    """Source: https://firebase.google.com/docs/firestore/storage-size"""
    _, _, path = name.partition("/documents/")
    named = sum(len(part.encode()) + 1 for part in path.split("/")) + 16
    return named + _map_bytes(fields) + 32


def _map_bytes(fields: Any) -> int:
    return sum(len(name.encode()) + 1 + _value_bytes(value) for name, value in fields.items())


def _value_bytes(value: Any) -> int:
    if "map_value" in value:
        return _map_bytes(value.map_value.fields)
    if "array_value" in value:
        return sum(map(_value_bytes, value.array_value.values))
    if "string_value" in value:
        return len(value.string_value.encode()) + 1
    if "bytes_value" in value:
        return len(value.bytes_value)
    return 1 if "boolean_value" in value or "null_value" in value else 8


def _shape(fields: Any) -> dict[str, Any]:
    """Maps and lists, without what is in them."""
    shape: dict[str, Any] = {}
    for name, value in fields.items():
        if "map_value" in value:
            shape[name] = _shape(value.map_value.fields)
        else:
            listed = value.array_value.values if "array_value" in value else None
            shape[name] = None if listed is None else [None] * len(listed)
    return shape
