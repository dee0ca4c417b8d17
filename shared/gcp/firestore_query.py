"""The port's queries on Firestore, with the parts that Firestore does not know done here.

- Where `in` names more than 30 values, or several of them more than 30 combinations, the query is
  sent in parts.
- A query with an inequality, or of what an array has, would need an index of its own for each
  order: it is ordered here.

Everything else is one query. Documents with equal values are ordered by id, in the direction of the
order. `tests/unit/indexes.py` holds each query that is sent to the indexes that Terraform makes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from google.cloud.firestore_v1 import FieldFilter
from google.cloud.firestore_v1.field_path import FieldPath

from shared.errors import NotFoundError
from shared.gcp.values import operand
from shared.paths import check_field, is_id
from shared.ports import Filter, Place

# Of a query written as an `or` of `and`s.
# Source: https://firebase.google.com/docs/firestore/query-data/queries#limits_on_or_queries
_MOST_ALTERNATIVES = 30
_NAME = "__name__"
_ASCENDING, _DESCENDING = "ASCENDING", "DESCENDING"
_OPERATORS = {
    **{same: same for same in ("==", "!=", "<", "<=", ">", ">=", "in")},
    "has": "array_contains",
}
_MISSING = object()


@dataclass(frozen=True)
class Wanted:
    """The arguments of `DocumentStore.query`."""

    where: Sequence[Filter]
    order_by: str | None
    descending: bool
    limit: int | None
    start_after: str | Place | None
    fields: Sequence[str] | None


def select(collection: Any, wanted: Wanted) -> list[Any]:
    """The client's snapshots.

    Raises:
        ValueError: a filter or a field that cannot be.
        NotFoundError: `start_after` names no document that has a place in the order.
    """
    if wanted.limit == 0 or any(item.op == "in" and not item.value for item in wanted.where):
        return []
    start = _start(collection, wanted)
    queries = _filtered(collection, wanted.where)
    if len(queries) > 1 or any(item.op not in ("==", "in") for item in wanted.where):
        return _ordered_here(queries, wanted, start)
    return _ordered_there(queries[0], collection, wanted, start)


def without(collection: Any, field: str) -> list[Any]:
    """The client's snapshots of the documents that lack a field.

    No index tells of them. Two counts, which cost a read for each thousand documents, tell whether
    there are any; only then all documents of the collection are read.
    """
    if _count(collection) == _count(collection.order_by(_quoted(field))):
        return []
    value = _field_reader(field)
    projected = collection.select([_quoted(field)])
    return [found for found in projected.stream() if value(found) is _MISSING]


def _start(collection: Any, wanted: Wanted) -> Place | None:
    """Raises NotFoundError."""
    start = wanted.start_after
    if start is None or not isinstance(start, str):
        return start
    if wanted.order_by is None:
        return None, start
    if is_id(start):
        found = collection.document(start).get()
        value: Any = _field_reader(wanted.order_by)(found) if found.exists else _MISSING
        if value is not _MISSING:
            return value, start
    raise NotFoundError("document", start, f"with a {wanted.order_by} to go on after")


def _filtered(collection: Any, where: Sequence[Filter]) -> list[Any]:
    queries = [collection]
    alternatives = 1
    for condition in where:
        _check(condition)
        field = _quoted(condition.field)
        if condition.op == "in":
            values = [operand(value) for value in condition.value]
            most = _MOST_ALTERNATIVES // alternatives
            parts = [values[first : first + most] for first in range(0, len(values), most)]
            alternatives *= len(parts[0])
        else:
            parts = [operand(condition.value)]
        queries = [
            query.where(filter=FieldFilter(field, _OPERATORS[condition.op], part))
            for query in queries
            for part in parts
        ]
    return queries


def _check(condition: Filter) -> None:
    if condition.op not in _OPERATORS:
        raise ValueError(
            f"{condition.op!r} is not a comparison; use one of == != < <= > >= in has."
        )
    if condition.op == "has" and not isinstance(condition.value, str):
        raise ValueError(f"An array is asked for a string. Received: {condition.value!r}.")
    if condition.value is None and condition.op not in ("==", "!="):
        raise ValueError(f"{condition.field!r}: null can be compared by == and != only.")
    for value in condition.value if condition.op == "in" else [condition.value]:
        if not isinstance(value, str | bool | int | float | None):
            raise ValueError(
                f"A field is compared with a string, number, boolean or null. Received: {value!r}."
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


def _ordered_there(query: Any, collection: Any, wanted: Wanted, start: Place | None) -> list[Any]:
    """One query, in the order of a field that Firestore has an index of, or of the ids."""
    ordered = _projected(query, wanted)
    direction = _DESCENDING if wanted.order_by and wanted.descending else _ASCENDING
    if wanted.order_by is not None:
        ordered = ordered.order_by(_quoted(wanted.order_by), direction=direction)
    if wanted.order_by is None or start is not None:
        ordered = ordered.order_by(_NAME, direction=direction)  # as without saying it
    if start is not None:
        value, document_id = start
        cursor = [collection.document(document_id)]
        if wanted.order_by is not None:
            cursor = [operand(value), *cursor]
        ordered = ordered.start_after(cursor)
    if wanted.limit is not None:
        ordered = ordered.limit(wanted.limit)
    return list(ordered.stream())


def _ordered_here(queries: list[Any], wanted: Wanted, start: Place | None) -> list[Any]:
    """All documents, ordered and cut here."""
    by_id = {item.id: item for query in queries for item in _projected(query, wanted).stream()}
    if wanted.order_by is None:
        ids = sorted(one for one in by_id if start is None or one > start[1])
        return [by_id[one] for one in ids[: wanted.limit]]
    value = _field_reader(wanted.order_by)

    def place(item: Any) -> tuple[Any, ...]:
        return _sort_key(value(item)), item.id

    found = [item for item in by_id.values() if value(item) is not _MISSING]
    found.sort(key=place, reverse=wanted.descending)
    if start is not None:
        after = _sort_key(start[0]), start[1]
        found = [item for item in found if place(item) != after]
        found = [item for item in found if (place(item) < after) is wanted.descending]
    return found[: wanted.limit]


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
    """Firestore's order of values of unlike types: null, booleans, numbers, text, the rest. Text is
    ordered by its UTF-8 bytes, which is the order of its code points."""
    if value is None:
        return 1, 0
    if isinstance(value, bool):
        return 2, value
    if isinstance(value, int | float):
        return 3, value
    return (4, value) if isinstance(value, str) else (5, str(value))
