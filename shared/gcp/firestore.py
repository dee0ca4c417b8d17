"""Documents in Firestore."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from google.api_core import exceptions
from google.cloud import firestore

from shared.document_size import MAX_BYTES
from shared.errors import AlreadyExistsError, ConflictError, NotFoundError, TooLargeError
from shared.gcp.firestore_query import Wanted, select, without
from shared.gcp.firestore_transaction import OptimisticTransaction, snapshot
from shared.paths import check_collection, check_document, is_document, project
from shared.ports import Filter, Place, Snapshot, Transaction

T = TypeVar("T")

_ATTEMPTS = 20
_BACKOFF_SECONDS = 0.01
_BACKOFF_CAP_SECONDS = 1.0


class FirestoreDocumentStore:
    """Transactions are optimistic, as those of Firestore's clients for browsers and telephones:
    documents are read without a lock, and a commit holds only where each of them still is as it
    was read. Nobody waits for a transaction that thinks, or whose process died."""

    def __init__(self, client: firestore.Client) -> None:
        self._client = client

    def get(self, path: str) -> Snapshot | None:
        check_document(path)
        return snapshot(self._client.document(path).get()) if is_document(path) else None

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
        found = select(self._client.collection(collection), wanted)
        whole = [read for read in map(snapshot, found) if read is not None]
        if fields is None:
            return whole
        return [replace(read, data=project(read.data, fields)) for read in whole]

    def without(self, collection: str, field: str) -> list[Snapshot]:
        check_collection(collection)
        found = map(snapshot, without(self._client.collection(collection), field))
        return [replace(read, data={}) for read in found if read is not None]

    def transact(self, change: Callable[[Transaction], T]) -> T:
        for attempt in range(_ATTEMPTS):
            if attempt:
                longest = min(_BACKOFF_CAP_SECONDS, _BACKOFF_SECONDS * 2**attempt)
                time.sleep(random.uniform(0, longest))  # noqa: S311 - no secret
            transaction = OptimisticTransaction(self._client)
            result = change(transaction)
            if not transaction.writes or self._committed(transaction):
                return result
        raise ConflictError(
            f"A transaction lost {_ATTEMPTS} times against others; try again later."
        )

    def _committed(self, transaction: OptimisticTransaction) -> bool:
        """False where a document is no longer as it was read, or is being written by another."""
        try:
            transaction.send()
        except (exceptions.Aborted, exceptions.FailedPrecondition):
            return False
        except exceptions.InvalidArgument as error:
            if "maximum" in str(error) and "size" in str(error):
                raise TooLargeError(transaction.largest, None, MAX_BYTES) from error
            raise
        except exceptions.AlreadyExists:
            # Either what was created blindly is there, or what was read as absent is by now.
            for path in transaction.created_blindly:
                if self.get(path) is not None:
                    raise AlreadyExistsError.document(path) from None
            return False
        except exceptions.NotFound:
            for path in transaction.updated_blindly:
                if self.get(path) is None:
                    raise NotFoundError.document(path) from None
            return False
        return True
