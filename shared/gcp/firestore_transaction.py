"""A transaction that locks nothing: writes, and the conditions under which they hold."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from google.cloud import firestore
from google.cloud.firestore_v1 import _helpers
from google.cloud.firestore_v1.types import Document, DocumentMask, Precondition, Write

from shared.document_size import check_size
from shared.errors import AlreadyExistsError, NotFoundError
from shared.gcp.tracing import TRACE_FIELD, TRACEPARENT, carried
from shared.gcp.values import to_firestore, to_json
from shared.paths import check_document, check_new_document, is_document
from shared.ports import JsonObject, Snapshot


class OptimisticTransaction:
    """Reads documents and remembers their versions; buffers the writes; sends them together.

    Attributes:
        seen: by path, when each document that was read had last been changed; None: it was absent.
        created_blindly, updated_blindly: paths that were written unread, on the condition that
            there was none, or one.
    """

    def __init__(self, client: firestore.Client) -> None:
        self._client = client
        self._writes: list[Write] = []
        self._conditioned: set[str] = set()
        self.seen: dict[str, datetime | None] = {}
        self.created_blindly: list[str] = []
        self.updated_blindly: list[str] = []

    def get(self, path: str) -> Snapshot | None:
        check_document(path)
        if self._writes:
            raise RuntimeError(f"A transaction reads before it writes. Read too late: {path!r}.")
        if not is_document(path):
            return None
        found = self._client.document(path).get()
        self.seen[path] = found.update_time if found.exists else None
        return snapshot(found)

    def create(self, path: str, data: JsonObject) -> None:
        check_new_document(path)
        check_size(path, data)
        if self.seen.get(path) is not None:
            raise AlreadyExistsError.document(path)
        if path not in self.seen:
            self.created_blindly.append(path)
        self._put(path, data, Precondition(exists=False))

    def set(self, path: str, data: JsonObject) -> None:
        check_new_document(path)
        check_size(path, data)
        self._put(path, data, self._as_seen(path))

    def update(self, path: str, fields: JsonObject) -> None:
        check_document(path)
        first = path not in self._conditioned
        absent = first and path in self.seen and self.seen[path] is None
        if absent or not is_document(path):
            raise NotFoundError.document(path)
        condition = self._as_seen(path)
        if condition is None:
            condition = Precondition(exists=True)
            if first:
                self.updated_blindly.append(path)
        check_size(path, fields)
        data = _traced(to_firestore(path, fields))
        names = [self._client.field_path(name) for name in data]
        self._add(
            path,
            Write(
                update=Document(name=self._name(path), fields=_helpers.encode_dict(data)),
                update_mask=DocumentMask(field_paths=names),
                current_document=condition,
            ),
        )

    def delete(self, path: str) -> None:
        check_document(path)
        if not is_document(path):
            return
        condition = self._as_seen(path)
        self._add(path, Write(delete=self._name(path), current_document=condition))

    @property
    def largest(self) -> str:
        """Path of the largest document that is written."""
        write = max(self._writes, key=lambda one: Write.pb(one).ByteSize())
        return str(write.update.name).partition("/documents/")[2]

    @property
    def writes(self) -> bool:
        return bool(self._writes)

    def send(self) -> None:
        """Commits. Raises what Firestore raises where a condition does not hold."""
        unwritten = [path for path in self.seen if path not in self._conditioned]
        self._client._firestore_api.commit(
            request={
                "database": self._client._database_string,
                "writes": [*map(self._unchanged, unwritten), *self._writes],
            },
            metadata=self._client._rpc_metadata,
        )

    def _unchanged(self, path: str) -> Write:
        """A write that changes nothing, and holds only where the document is as it was read: an
        update of no field, or the deletion of what is absent."""
        condition = self._condition(path)
        if self.seen[path] is None:
            return Write(delete=self._name(path), current_document=condition)
        return Write(
            update=Document(name=self._name(path)),
            update_mask=DocumentMask(field_paths=[]),
            current_document=condition,
        )

    def _put(self, path: str, data: JsonObject, condition: Precondition | None) -> None:
        fields = _helpers.encode_dict(_traced(to_firestore(path, data)))
        document = Document(name=self._name(path), fields=fields)
        self._add(path, Write(update=document, current_document=condition))

    def _add(self, path: str, write: Write) -> None:
        self._writes.append(write)
        self._conditioned.add(path)

    def _as_seen(self, path: str) -> Precondition | None:
        """The condition for the first write to a document that was read."""
        if path in self._conditioned or path not in self.seen:
            return None
        return self._condition(path)

    def _condition(self, path: str) -> Precondition:
        at = self.seen[path]
        return Precondition(exists=False) if at is None else Precondition(update_time=at)

    def _name(self, path: str) -> str:
        name: str = self._client.document(path)._document_path
        return name


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
