"""Queries over JSON documents as SQL, with Firestore's notion of comparison.

A condition only matches values of the operand's own type (booleans are no numbers); a missing
field and, but for `== None`, a null match nothing, `!=` included.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from local.state.json_text import load
from shared.errors import NotFoundError
from shared.paths import check_field, nested
from shared.ports import Filter, Place, Snapshot
from shared.tables.sql import literal


def order_of(field: str | None) -> tuple[str, str]:
    """SQL for a document's rank and value by a field: values of unlike types are ordered missing,
    null, boolean, number, string, array, object. An index of the same text serves the order."""
    if field is None:
        return "0", "0"
    path = literal(_json_path(field))
    rank = (
        f"CASE json_type(data, {path}) WHEN 'null' THEN 1 WHEN 'false' THEN 2 WHEN 'true' THEN 2"
        " WHEN 'integer' THEN 3 WHEN 'real' THEN 3 WHEN 'text' THEN 4 WHEN 'array' THEN 5"
        " WHEN 'object' THEN 6 ELSE 0 END"
    )
    return rank, f"ifnull(json_extract(data, {path}), 0)"


@dataclass(frozen=True)
class Wanted:
    """The arguments of `DocumentStore.query`."""

    where: Sequence[Filter]
    order_by: str | None
    descending: bool
    limit: int | None
    start_after: str | Place | None
    fields: Sequence[str] | None


def select(
    connection: sqlite3.Connection,
    collection: str,
    wanted: Wanted,
) -> Iterator[Snapshot]:
    """What is wanted of a collection, read as it is iterated over.

    Raises:
        ValueError: a filter or a field that cannot be.
        NotFoundError: `start_after` names no document that has a place in the order.
    """
    values: dict[str, Any] = {
        "collection": f"{collection}/",
        "limit": -1 if wanted.limit is None else wanted.limit,
    }
    conditions = [_condition(condition, values) for condition in wanted.where]
    rank, value = order_of(wanted.order_by)
    if wanted.order_by is not None:
        conditions.append(f"{rank} > 0")
    whole = (
        f"SELECT path, {_data(wanted.fields, values)} AS wanted, version, {rank} AS rank,"
        f" {value} AS value FROM documents WHERE collection = :collection"
    )
    rows = " AND ".join([whole, *conditions])
    sign, direction = ("<", "DESC") if wanted.descending else (">", "ASC")
    after = "1"
    if wanted.start_after is not None:
        start = wanted.start_after
        place = None if isinstance(start, str) else (_rank(start[0]), start[0] or 0)
        values["path"] = f"{collection}/{start if isinstance(start, str) else start[1]}"
        after = "path > :path"
        if wanted.order_by:
            last = (
                place
                or connection.execute(
                    f"SELECT rank, value FROM ({whole} AND path = :path)", values
                ).fetchone()
            )
            if last is None or not last[0]:
                raise NotFoundError(
                    "document", str(start), f"with a {wanted.order_by} to go on after"
                )
            values["rank"], values["value"] = last
            after = (
                f"(rank, value) {sign}= (:rank, :value)"
                " AND (path > :path OR (rank, value) <> (:rank, :value))"
            )
    found = connection.execute(
        f"SELECT path, wanted, version FROM ({rows}) WHERE {after}"
        f" ORDER BY rank {direction}, value {direction}, path LIMIT :limit",
        values,
    )

    def document(read: Any) -> Any:
        if wanted.fields is None:
            return read
        return nested(zip(wanted.fields, read[1:], strict=True))

    for path, text, version in found:
        yield Snapshot(path, load(text, document), version)


def _rank(value: Any) -> int:
    """As `order_of` ranks it."""
    if value is None:
        return 1
    return 2 if isinstance(value, bool) else 4 if isinstance(value, str) else 3


def without(connection: sqlite3.Connection, collection: str, field: str) -> list[Snapshot]:
    """The documents of a collection that lack a field, empty."""
    rank, _ = order_of(field)
    found = connection.execute(
        f"SELECT path, version FROM documents WHERE collection = ? AND {rank} = 0",
        (f"{collection}/",),
    )
    return [Snapshot(path, {}, version) for path, version in sorted(found)]


def _data(fields: Sequence[str] | None, values: dict[str, Any]) -> str:
    """SQL for the document, or for a list of some of its fields."""
    if fields is None:
        return "data"
    # Of one path json_extract gives the value, of several a list: the first is there for that.
    paths = ["'$.\"\"'", *(_bind(values, _json_path(field)) for field in fields)]
    return f"json_extract(data, {', '.join(paths)})"


def _condition(condition: Filter, values: dict[str, Any]) -> str:
    """SQL for a filter; its operands are added to the values."""
    field = _bind(values, _json_path(condition.field))
    if condition.op == "in":
        options = [_equals(field, option, values) for option in condition.value]
        return f"({' OR '.join(options) or '0'})"
    if condition.op == "==":
        return _equals(field, condition.value, values)
    if condition.op == "!=":
        equals = _equals(field, condition.value, values)
        return f"(json_type(data, {field}) <> 'null' AND NOT {equals})"
    if condition.op not in ("<", "<=", ">", ">=", "has"):
        raise ValueError(
            f"{condition.op!r} is not a comparison; use one of == != < <= > >= in has."
        )
    if condition.op == "has" and not isinstance(condition.value, str):
        raise ValueError(f"An array is asked for a string. Received: {condition.value!r}.")
    if condition.value is None:
        raise ValueError(f"{condition.field!r}: null can be compared by == and != only.")
    if condition.op == "has":
        text = _bind(values, condition.value)
        items = f"SELECT 1 FROM json_each(data, {field}) WHERE type = 'text' AND value = {text}"
        return f"(json_type(data, {field}) IS 'array' AND EXISTS ({items}))"
    return _compare(field, condition.op, condition.value, values)


def _equals(field: str, operand: Any, values: dict[str, Any]) -> str:
    if operand is None:
        return f"(json_type(data, {field}) IS 'null')"
    return _compare(field, "=", operand, values)


def _compare(field: str, operator: str, operand: Any, values: dict[str, Any]) -> str:
    if isinstance(operand, bool):
        types = "('true', 'false')"
    elif isinstance(operand, int | float):
        types = "('integer', 'real')"
        if isinstance(operand, int) and not -(2**63) <= operand < 2**63:
            operand = float(operand)
    elif isinstance(operand, str):
        types = "('text')"
    else:
        raise ValueError(
            f"A field is compared with a string, number, boolean or null. Received: {operand!r}."
        )
    value = _bind(values, operand)
    return (
        f"(ifnull(json_type(data, {field}), '') IN {types}"
        f" AND json_extract(data, {field}) {operator} {value})"
    )


def _bind(values: dict[str, Any], value: Any) -> str:
    name = f"v{len(values)}"
    values[name] = value
    return f":{name}"


def _json_path(field: str) -> str:
    """`spec.dataset_id` → `$."spec"."dataset_id"`: quoted, so that any other name works too."""
    return "$" + "".join(f'."{part}"' for part in check_field(field))
