"""Documents in Firestore."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from google.api_core import exceptions
from google.cloud import firestore

from shared.gcp.firestore_query import Wanted, select
from shared.gcp.tracing import TRACE_FIELD, TRACEPARENT, carried
from shared.gcp.values import to_firestore, to_json
from shared.paths import check_collection, check_document
from shared.ports import (
    AlreadyExists,
    Conflict,
    Filter,
    JsonObject,
    NotFound,
    Snapshot,
    Transaction,
)

T = TypeVar("T")

# The client tries a transaction that lost five times at once, and keeps its place in line.
_ROUNDS = 4
_BACKOFF_SECONDS = 0.05


class FirestoreDocumentStore:
    """Transactions are Firestore's own: what one reads is locked, or checked at its commit."""

    def __init__(self, client: firestore.Client) -> None:
        self._client = client

    def get(self, path: str) -> Snapshot | None:
        check_document(path)
        return snapshot(self._client.document(path).get())

    def query(
        self,
        collection: str,
        where: Sequence[Filter] = (),
        *,
        order_by: str | None = None,
        descending: bool = False,
        limit: int | None = None,
        start_after: str | None = None,
    ) -> list[Snapshot]:
        check_collection(collection)
        wanted = Wanted(where, order_by, descending, limit, start_after)
        found = select(self._client.collection(collection), wanted)
        return [read for read in map(snapshot, found) if read is not None]

    def transact(self, change: Callable[[Transaction], T]) -> T:
        def attempt(transaction: firestore.Transaction) -> T:
            return change(_Transaction(self._client, transaction))

        for round_number in range(_ROUNDS):
            if round_number:
                longest = _BACKOFF_SECONDS * 2**round_number
                time.sleep(random.uniform(0, longest))  # noqa: S311 - no secret
            try:
                result: T = firestore.transactional(attempt)(self._client.transaction())
                return result
            except exceptions.Aborted:
                continue
            except exceptions.AlreadyExists as error:
                raise AlreadyExists(_reason(error)) from error
            except exceptions.NotFound as error:
                raise NotFound(_reason(error)) from error
            except ValueError as error:
                if not isinstance(error.__cause__, exceptions.Aborted):
                    raise
        raise Conflict("A transaction lost too often against others; try again later.")


class _Transaction:
    """Reads through the transaction; the client buffers the writes."""

    def __init__(self, client: firestore.Client, transaction: firestore.Transaction) -> None:
        self._client = client
        self._transaction = transaction

    def get(self, path: str) -> Snapshot | None:
        return snapshot(self._reference(path).get(transaction=self._transaction))

    def create(self, path: str, data: JsonObject) -> None:
        self._transaction.create(self._reference(path), _traced(to_firestore(path, data)))

    def set(self, path: str, data: JsonObject) -> None:
        self._transaction.set(self._reference(path), _traced(to_firestore(path, data)))

    def update(self, path: str, fields: JsonObject) -> None:
        named = {
            self._client.field_path(name): value
            for name, value in _traced(to_firestore(path, fields)).items()
        }
        self._transaction.update(self._reference(path), named)

    def delete(self, path: str) -> None:
        self._transaction.delete(self._reference(path))

    def _reference(self, path: str) -> Any:
        check_document(path)
        return self._client.document(path)


def snapshot(found: Any) -> Snapshot | None:
    """A snapshot of the client's as ours; its version is the time of its last change, in
    microseconds."""
    if not found.exists:
        return None
    at = found.update_time.timestamp_pb()
    data = to_json(found.to_dict())
    data.pop(TRACE_FIELD, None)
    return Snapshot(
        path=found.reference.path,
        data=data,
        version=at.seconds * 1_000_000 + at.nanos // 1000,
    )


def _traced(data: JsonObject) -> JsonObject:
    """With the trace of the request that writes, for the event that tells of it."""
    trace = carried().get(TRACEPARENT)
    return {**data, TRACE_FIELD: trace} if trace else data


def _reason(error: exceptions.GoogleAPICallError) -> str:
    return str(error.message or error)
