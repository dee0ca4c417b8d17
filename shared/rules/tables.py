"""Whether the parts of a dataset fit each other: its tables, conditions and kinds of events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from shared.columns import Column, ColumnType
from shared.documents.dataset import (
    CUSTOMER_ID,
    ID_TYPES,
    PRODUCT_ID,
    TRANSACTION_DATE,
    DatasetSpec,
    DatasetStatus,
)
from shared.documents.source import BigQuerySource, Source
from shared.documents.tables import (
    Events,
    ProductTable,
    RowFilter,
    SideTable,
    Tables,
    Value,
    is_whole,
)
from shared.problems import Problem
from shared.rules.names import unknown_column
from shared.rules.views import KEY_ROLES, found_sides, joined_columns
from shared.wording import alternatives


def check_tables(
    tables: Tables,
    source: Source,
    mapping: Mapping[str, str],
    events: Sequence[Column],
    sides: Mapping[str, Sequence[Column]],
) -> list[Problem]:
    """What is wrong with the parts of a dataset: tables that cannot be joined, conditions that no
    column can meet."""
    found = found_sides(tables, events, sides)
    columns = joined_columns(events, sides, found)
    types = {column.name: column.type for column in columns}
    own = {column.name for column in events}
    roles = {role: name for name, role in mapping.items()}
    problems: list[Problem] = []
    for name, side in tables.sides.items():
        problems += _check_side(name, side, source, sides[name], roles, own)
    for place, one in enumerate(tables.where):
        problems += _check_filter(one, f"spec.where[{place}]", types)
    if tables.dates is not None:
        problems += _check_time(roles, own, types)
    if tables.events is not None:
        problems += _check_events(tables.events, roles, own, types)
    return problems


def check_known(spec: DatasetSpec, status: DatasetStatus) -> list[Problem]:
    """The same by what is known of a profiled dataset: anybody may have written its status."""
    if spec.plain:
        return []
    if set(status.sides) != set(spec.sides):
        message = "The dataset's tables have not been profiled. Profile it again."
        return [Problem(path="spec", code="not_profiled", message=message)]
    types = {column.name: column.type for column in status.columns}
    sides = {}
    for name, found in status.sides.items():
        known = [
            Column(name=own, type=types[joined])
            for own, joined in found.columns.items()
            if joined in types
        ]
        sides[name] = [*known, Column(name=spec.sides[name].key, type=found.key_type)]
    joined = {name for found in status.sides.values() for name in found.columns.values()}
    events = [column for column in status.columns if column.name not in joined]
    named = {name: found.columns for name, found in found_sides(spec, events, sides).items()}
    if named != {name: found.columns for name, found in status.sides.items()}:
        message = "The dataset's columns are not those of its tables. Profile it again."
        return [Problem(path="spec", code="not_profiled", message=message)]
    return check_tables(spec, spec.source, spec.column_mapping, events, sides)


def _check_side(
    name: str,
    side: SideTable,
    source: Source,
    columns: Sequence[Column],
    roles: Mapping[str, str],
    own: set[str],
) -> Iterator[Problem]:
    path, types = f"spec.{name}", {column.name: column.type for column in columns}
    if isinstance(side.source, BigQuerySource) != isinstance(source, BigQuerySource):
        yield Problem(
            path=f"{path}.source.kind",
            code="other_kind_of_source",
            message="All tables of a dataset are files, or all are in BigQuery: they are joined "
            f"where they lie. The events are {source.kind}.",
            received=side.source.kind,
        )
    role = KEY_ROLES[name]
    if roles.get(role) not in own:
        yield Problem(
            path="spec.column_mapping",
            code="no_key",
            message=f"The table of {name} is joined by {role!r}, which is to be a column of the "
            "events.",
            received=roles.get(role),
        )
    yield from _check_column(side.key, f"{path}.key", types, ID_TYPES)
    if side.latest_by is not None:
        yield from _check_column(
            side.latest_by, f"{path}.latest_by", types, (ColumnType.TIMESTAMP,), side.key
        )
    if isinstance(side, ProductTable) and side.available is not None:
        condition = f"{path}.available"
        if side.available.column == side.key:
            yield from _check_column(side.key, f"{condition}.column", types, (), side.key)
        else:
            yield from _check_filter(side.available, condition, types)


def _check_column(
    name: str,
    path: str,
    types: Mapping[str, ColumnType],
    allowed: Sequence[ColumnType],
    key: str | None = None,
) -> Iterator[Problem]:
    if name not in types:
        yield Problem(
            path=path,
            code="unknown_column",
            message=unknown_column(name, list(types)),
            received=name,
        )
    elif name == key:
        yield Problem(
            path=path,
            code="is_key",
            message=f"{name!r} is the table's key. Give another column.",
            received=name,
        )
    elif types[name] not in allowed:
        yield Problem(
            path=path,
            code="column_type",
            message=f"Column {name!r} is {types[name]}; here it is {alternatives(allowed)}.",
            received=types[name].value,
        )


def _check_filter(one: RowFilter, path: str, types: Mapping[str, ColumnType]) -> Iterator[Problem]:
    if one.column not in types:
        yield Problem(
            path=f"{path}.column",
            code="unknown_column",
            message=unknown_column(one.column, list(types)),
            received=one.column,
        )
        return
    kind = types[one.column]
    if one.op in ("<", "<=", ">", ">=") and kind in (ColumnType.STRING, ColumnType.BOOLEAN):
        yield Problem(
            path=f"{path}.op",
            code="not_ordered",
            message=f"Column {one.column!r} is {kind}, which has no order: compare it by ==, !=, "
            "in or not in.",
            received=one.op,
        )
        return
    for place, value in enumerate(one.given):
        if not _fits(value, kind):
            field = f"{path}.values[{place}]" if one.values else f"{path}.value"
            yield Problem(
                path=field,
                code="value_type",
                message=f"Column {one.column!r} is {kind}: give {_WANTED[kind]}.",
                received=value,
            )


_WANTED = {
    ColumnType.STRING: "a text",
    ColumnType.INTEGER: "a whole number",
    ColumnType.FLOAT: "a number",
    ColumnType.BOOLEAN: "true or false",
    ColumnType.TIMESTAMP: "a time, such as 2024-01-31 or 2024-01-31T17:05:00Z",
}


def _fits(value: Value, kind: ColumnType) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if kind is ColumnType.STRING:
        # Ids that look like numbers are texts.
        return isinstance(value, str) or is_whole(value)
    if kind is ColumnType.INTEGER:
        return is_whole(value) or isinstance(value, bool)
    if kind is ColumnType.FLOAT:
        return number
    if kind is ColumnType.BOOLEAN:
        return isinstance(value, bool)
    return isinstance(value, str) and _is_time(value)


def _is_time(text: str) -> bool:
    try:
        return 1 < datetime.fromisoformat(text).year < 9999
    except ValueError:
        return False


def _is_time_of_own(column: str | None, own: set[str], types: Mapping[str, ColumnType]) -> bool:
    return column in own and types[column] is ColumnType.TIMESTAMP


def _check_time(
    roles: Mapping[str, str], own: set[str], types: Mapping[str, ColumnType]
) -> Iterator[Problem]:
    time = roles.get(TRANSACTION_DATE)
    if not _is_time_of_own(time, own, types):
        yield Problem(
            path="spec.dates",
            code="no_transaction_date",
            message=f"A window of dates needs a column of the events, of times, with the role "
            f"{TRANSACTION_DATE!r}.",
            received=time,
        )


def _check_events(
    events: Events, roles: Mapping[str, str], own: set[str], types: Mapping[str, ColumnType]
) -> Iterator[Problem]:
    column, time = events.column, roles.get(TRANSACTION_DATE)
    if (history := events.of("history")) and not _is_time_of_own(time, own, types):
        yield Problem(
            path=f"spec.events.kinds.{history[0]}",
            code="history_without_time",
            message="A history is what was before a purchase: give a column of the events, of "
            f"times, the role {TRANSACTION_DATE!r}, or leave events of the kind {history[0]!r} "
            "out.",
            received=time,
        )
    if column not in own:
        yield Problem(
            path="spec.events.column",
            code="unknown_column",
            message=unknown_column(column, sorted(own)),
            received=column,
        )
    elif column in (roles.get(role) for role in (CUSTOMER_ID, PRODUCT_ID, TRANSACTION_DATE)):
        yield Problem(
            path="spec.events.column",
            code="has_role",
            message=f"Column {column!r} says who, what or when; a kind of event is another column.",
            received=column,
        )
    for role in (CUSTOMER_ID, PRODUCT_ID):
        if roles.get(role) not in own:
            yield Problem(
                path="spec.column_mapping",
                code="missing_role",
                message=f"Kinds of events need a column of the events with the role {role!r}.",
                received=roles.get(role),
            )
