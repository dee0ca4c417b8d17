"""The port's queries on Firestore, with the parts that Firestore does not know done here.

- A document without the field that a query orders by is in no index of that field. Whether there
  are any is told by two counts, which cost one read for a thousand documents; only where there are,
  the documents are read and sorted out here.
- An `in` of more than 30 values becomes several queries.
- A query with an inequality would need an index of its own for each order: it is ordered here.

Documents with equal values are ordered by id, in the direction of the order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from google.cloud.firestore_v1 import FieldFilter
from google.cloud.firestore_v1.field_path import FieldPath

from shared.paths import check_field
from shared.ports import Filter, NotFound

_MOST_VALUES = 30
_NAME = "__name__"
_ASCENDING, _DESCENDING = "ASCENDING", "DESCENDING"
_OPERATORS = frozenset({"==", "!=", "<", "<=", ">", ">=", "in"})
_MISSING = object()


@dataclass(frozen=True)
class Wanted:
    """The arguments of `DocumentStore.query`."""

    where: Sequence[Filter]
    order_by: str | None
    descending: bool
    limit: int | None
    start_after: str | None
    fields: Sequence[str] | None


def select(collection: Any, wanted: Wanted) -> list[Any]:
    """The client's snapshots.

    Raises:
        ValueError: a filter or a field that cannot be.
        NotFound: `start_after` names no document, so that its place in the order is unknown.
    """
    if wanted.limit == 0 or any(item.op == "in" and not item.value for item in wanted.where):
        return []
    start = _start(collection, wanted)
    queries = _filtered(collection, wanted.where)
    if len(queries) > 1 or any(item.op not in ("==", "in") for item in wanted.where):
        return _ordered_here(queries, wanted, start)
    if wanted.order_by is None:
        return list(_page(queries[0], _NAME, wanted, start))
    return _ordered_there(queries[0], wanted, start)


def _start(collection: Any, wanted: Wanted) -> Any | None:
    if wanted.start_after is None:
        return None
    found = collection.document(wanted.start_after).get()
    if wanted.order_by is not None and not found.exists:
        raise NotFound(f"There is no document {found.reference.path!r} to go on after.")
    return found


def _filtered(collection: Any, where: Sequence[Filter]) -> list[Any]:
    queries = [collection]
    for condition in where:
        _check(condition)
        field = _quoted(condition.field)
        if condition.op == "in":
            values = list(condition.value)
            parts = [
                values[first : first + _MOST_VALUES]
                for first in range(0, len(values), _MOST_VALUES)
            ]
        else:
            parts = [condition.value]
        queries = [
            query.where(filter=FieldFilter(field, condition.op, part))
            for query in queries
            for part in parts
        ]
    return queries


def _check(condition: Filter) -> None:
    if condition.op not in _OPERATORS:
        raise ValueError(f"{condition.op!r} is no comparison; there are == != < <= > >= in.")
    if condition.value is None and condition.op not in ("==", "!="):
        raise ValueError(f"{condition.field!r}: null can be compared by == and != only.")
    for operand in condition.value if condition.op == "in" else [condition.value]:
        if not isinstance(operand, str | bool | int | float | None):
            raise ValueError(
                "A field is compared with a string, number, boolean or null."
                f" Received: {operand!r}."
            )


def _projected(query: Any, wanted: Wanted) -> Any:
    """The query for no more than what is wanted, and what it is ordered by."""
    if wanted.fields is None:
        return query
    order = [wanted.order_by] if wanted.order_by else []
    return query.select([_quoted(field) for field in dict.fromkeys([*wanted.fields, *order])])


def _quoted(field: str) -> str:
    quoted: str = FieldPath(*check_field(field)).to_api_repr()
    return quoted


def _page(query: Any, field: str, wanted: Wanted, start: Any | None) -> Iterator[Any]:
    """A query's documents in the order of a field that Firestore has an index of."""
    ordered = _projected(query, wanted)
    ordered = ordered.order_by(field, direction=_DESCENDING if wanted.descending else _ASCENDING)
    if start is not None:
        ordered = ordered.start_after(
            {_NAME: start.reference} if field == _NAME else start,
        )
    if wanted.limit is not None:
        ordered = ordered.limit(wanted.limit)
    found: Iterator[Any] = ordered.stream()
    return found


def _ordered_there(query: Any, wanted: Wanted, start: Any | None) -> list[Any]:
    """Those without the field come first ascending, last descending."""
    assert wanted.order_by is not None
    field = _quoted(wanted.order_by)
    lacks = _field_reader(wanted.order_by)
    start_lacks = start is not None and lacks(start) is _MISSING

    def having() -> list[Any]:
        return list(_page(query, field, wanted, None if start_lacks else start))

    def lacking() -> list[Any]:
        if _count(query) == _count(query.order_by(field)):
            return []
        found = [document for document in query.stream() if lacks(document) is _MISSING]
        found.sort(key=lambda document: document.id, reverse=wanted.descending)
        return _after(found, start) if start_lacks else found

    if wanted.descending:
        first = [] if start_lacks else having()
        full = wanted.limit is not None and len(first) >= wanted.limit
        return first if full else [*first, *lacking()][: wanted.limit]
    first = lacking() if start is None or start_lacks else []
    return [*first, *having()][: wanted.limit]


def _ordered_here(queries: list[Any], wanted: Wanted, start: Any | None) -> list[Any]:
    """All documents, ordered and cut here."""
    found = list(
        {item.id: item for query in queries for item in _projected(query, wanted).stream()}.values()
    )
    value = _field_reader(wanted.order_by) if wanted.order_by else lambda _: _MISSING
    found.sort(key=lambda item: (_sort_key(value(item)), item.id), reverse=wanted.descending)
    if start is not None and all(item.id != start.id for item in found):
        after = (_sort_key(value(start) if start.exists else _MISSING), start.id)
        found = [
            item
            for item in found
            if ((_sort_key(value(item)), item.id) < after) is wanted.descending
        ]
    elif start is not None:
        found = _after(found, start)
    return found[: wanted.limit]


def _after(found: list[Any], start: Any | None) -> list[Any]:
    if start is None:
        return found
    ids = [item.id for item in found]
    return found[ids.index(start.id) + 1 :] if start.id in ids else found


def _count(query: Any) -> int:
    return int(query.count().get()[0][0].value)


def _field_reader(field: str) -> Callable[[Any], Any]:
    parts = check_field(field)

    def read(document: Any) -> Any:
        value = document.to_dict()
        for part in parts:
            if not isinstance(value, dict) or part not in value:
                return _MISSING
            value = value[part]
        return value

    return read


def _sort_key(value: Any) -> tuple[int, Any]:
    """Firestore's order of values of unlike types: missing, null, booleans, numbers, text, the
    rest. Text is ordered by its UTF-8 bytes, which is the order of its code points."""
    if value is _MISSING:
        return 0, 0
    if value is None:
        return 1, 0
    if isinstance(value, bool):
        return 2, value
    if isinstance(value, int | float):
        return 3, value
    return (4, value) if isinstance(value, str) else (5, str(value))
