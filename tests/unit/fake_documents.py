"""A document store in memory, which refuses what Firestore would."""

from __future__ import annotations

import json
import marshal
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from indexes import check_query, check_without

from shared.document_size import check_size
from shared.errors import AlreadyExistsError, ConflictError, NotFoundError
from shared.paths import project
from shared.ports import DocumentChange, Filter, JsonObject, Place, Snapshot

T = TypeVar("T")
_MISSING = object()


def _as_json(data: Any) -> Any:
    return json.loads(json.dumps(data, allow_nan=False))


def _copy(data: Any) -> Any:
    """Of what is stored: faster than by JSON."""
    return marshal.loads(marshal.dumps(data))


def _field(data: Any, path: str) -> Any:
    for part in path.split("."):
        if not isinstance(data, dict) or part not in data:
            return _MISSING
        data = data[part]
    return data


def _holds(condition: Filter, data: JsonObject) -> bool:
    value, wanted = _field(data, condition.field), condition.value
    if value is _MISSING:
        return False
    if condition.op == "in":
        return value in wanted
    if condition.op == "has":
        return isinstance(value, list) and wanted in value
    if condition.op == "==":
        return bool(value == wanted)
    if condition.op == "!=":
        return bool(value != wanted)
    if type(value) is not type(wanted):
        return False
    compare = {"<": value < wanted, "<=": value <= wanted, ">": value > wanted}
    return bool(compare.get(condition.op, value >= wanted))


class FakeTransaction:
    def __init__(self, documents: dict[str, Snapshot]) -> None:
        self._documents = documents
        self.read: dict[str, Snapshot | None] = {}
        self.writes: list[tuple[str, str, JsonObject]] = []

    def get(self, path: str) -> Snapshot | None:
        assert not self.writes, "reads come before writes"
        self.read[path] = found = self._documents.get(path)
        return found and Snapshot(found.path, _copy(found.data), found.version)

    def create(self, path: str, data: JsonObject) -> None:
        check_size(path, data)
        self.writes.append(("create", path, _as_json(data)))

    def set(self, path: str, data: JsonObject) -> None:
        check_size(path, data)
        self.writes.append(("set", path, _as_json(data)))

    def update(self, path: str, fields: JsonObject) -> None:
        self.writes.append(("update", path, _as_json(fields)))

    def delete(self, path: str) -> None:
        self.writes.append(("delete", path, {}))


class FakeDocuments:
    """`changes` is the feed. `meanwhile` runs once, between a transaction's change and its commit:
    the place for another writer."""

    def __init__(self) -> None:
        self.documents: dict[str, Snapshot] = {}
        self.changes: list[DocumentChange] = []
        self.meanwhile: Callable[[], None] | None = None
        self._version = 0

    def get(self, path: str) -> Snapshot | None:
        found = self.documents.get(path)
        return found and Snapshot(found.path, _copy(found.data), found.version)

    def data(self, path: str) -> JsonObject:
        found = self.get(path)
        assert found is not None, f"no document {path}"
        return found.data

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
        check_query(collection, where, order_by, descending=descending)

        def key(snapshot: Snapshot) -> tuple[Any, ...]:
            value = _field(snapshot.data, order_by) if order_by else None
            return (value is not None, value if value is not None else "", snapshot.id)

        depth = collection.count("/") + 1
        found = [
            s
            for s in self.documents.values()
            if s.path.startswith(f"{collection}/")
            and s.path.count("/") == depth
            and isinstance(s.data, dict)
            and all(_holds(condition, s.data) for condition in where)
            and (order_by is None or _field(s.data, order_by) is not _MISSING)
        ]
        found.sort(key=key, reverse=descending and order_by is not None)
        if start_after is not None:
            if isinstance(start_after, str):
                start = self.documents.get(f"{collection}/{start_after}")
                if start is None or (order_by and _field(start.data, order_by) is _MISSING):
                    raise NotFoundError("document", start_after)
                place = key(start)
            else:
                value = start_after[0]
                place = (value is not None, value if value is not None else "", start_after[1])
            found = [s for s in found if (key(s) < place) is descending and key(s) != place]
        return [
            Snapshot(
                s.path, _copy(s.data if fields is None else project(s.data, fields)), s.version
            )
            for s in found[:limit]
        ]

    def without(self, collection: str, field: str) -> list[Snapshot]:
        check_without(collection, field)
        depth = collection.count("/") + 1
        return [
            Snapshot(s.path, {}, s.version)
            for s in self.documents.values()
            if s.path.startswith(f"{collection}/")
            and s.path.count("/") == depth
            and _field(s.data, field) is _MISSING
        ]

    def transact(self, change: Callable[[FakeTransaction], T]) -> T:
        for _ in range(5):
            transaction = FakeTransaction(self.documents)
            result = change(transaction)
            if self.meanwhile:
                other, self.meanwhile = self.meanwhile, None
                other()
            if all(self.documents.get(path) is seen for path, seen in transaction.read.items()):
                self._commit(transaction)
                return result
        raise ConflictError("lost too often")

    def _commit(self, transaction: FakeTransaction) -> None:
        after = dict(self.documents)
        for kind, path, data in transaction.writes:
            if kind == "create" and path in after:
                raise AlreadyExistsError.document(path)
            if kind == "update" and path not in after:
                raise NotFoundError.document(path)
            if kind == "delete":
                after.pop(path, None)
                continue
            self._version += 1
            merged = {**after[path].data, **data} if kind == "update" else data
            check_size(path, merged)
            after[path] = Snapshot(path, merged, self._version)
        for path in {path for _, path, _ in transaction.writes}:
            before, now = self.documents.get(path), after.get(path)
            self.changes.append(
                DocumentChange(
                    path,
                    _copy(before.data) if before else None,
                    _copy(now.data) if now else None,
                )
            )
        self.documents = after

    def write(self, path: str, data: Any) -> None:
        """A write past all rules, as by a console or a script."""
        self.transact(lambda transaction: transaction.set(path, data))
