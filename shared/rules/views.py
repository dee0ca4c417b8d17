"""The view that a dataset is: what its columns are called, and what its rows are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shared.columns import Column, ColumnType
from shared.columns.text_form import TextForm
from shared.documents.dataset import (
    CUSTOMER_ID,
    PRODUCT_ID,
    TRANSACTION_DATE,
    SideFound,
)
from shared.documents.source import Source
from shared.documents.tables import ProductTable, RowFilter, SideTable, Tables
from shared.views import Condition, Key, KindsOf, SideView, View

# The role of the events' column that has a table's keys.
KEY_ROLES = {"products": PRODUCT_ID, "customers": CUSTOMER_ID}
_FORMS = {
    ColumnType.INTEGER: TextForm.INTEGER,
    ColumnType.BOOLEAN: TextForm.BOOLEAN,
    ColumnType.FLOAT: TextForm.CODE,
}


def found_sides(
    tables: Tables, events: Sequence[Column], sides: Mapping[str, Sequence[Column]]
) -> dict[str, SideFound]:
    """What the columns of further tables are called among those of the events: as in their table
    where that is free, else with the table's name before it. Keys are the events' own.

    Args:
        sides: columns of the tables, by name.
    """
    taken = [column.name for column in events]
    found = {}
    for name, side in tables.sides.items():
        columns = {}
        for column in sides[name]:
            if column.name == side.key:
                continue
            wanted = column.name
            if wanted.casefold() in {one.casefold() for one in taken}:
                wanted = f"{name}_{wanted}"
            while wanted.casefold() in {one.casefold() for one in taken}:
                wanted += "_"
            columns[column.name] = wanted
            taken.append(wanted)
        key = next((one.type for one in sides[name] if one.name == side.key), ColumnType.STRING)
        found[name] = SideFound(columns=columns, key_type=key)
    return found


def joined_columns(
    events: Sequence[Column],
    sides: Mapping[str, Sequence[Column]],
    found: Mapping[str, SideFound],
) -> list[Column]:
    """All columns that a dataset has, by the names that it calls them."""
    columns = list(events)
    for name, side in found.items():
        columns += [
            column.model_copy(update={"name": side.columns[column.name]})
            for column in sides[name]
            if column.name in side.columns
        ]
    return columns


def view_of(
    tables: Tables,
    mapping: Mapping[str, str],
    columns: Sequence[Column],
    found: Mapping[str, SideFound],
    sources: Mapping[str, Source],
) -> View:
    """The view of a dataset whose parts fit each other (`check_tables`).

    Args:
        columns: all of them, by the names that the dataset calls them.
        sources: of the further tables, as they are to be read.
    """
    types = {column.name: column.type for column in columns}
    roles = {role: name for name, role in mapping.items()}
    own = _own(types, found)
    time = roles.get(TRANSACTION_DATE)
    where = [_condition(one, one.column, types[one.column]) for one in tables.where]
    inside = [one for one in where if one.column in own]
    if tables.dates is not None and time is not None:
        bounds = {">=": tables.dates.since, "<": tables.dates.until}
        for op, bound in bounds.items():
            if bound is not None:
                dates = RowFilter.model_validate(
                    {"column": time, "op": op, "value": bound.isoformat()}
                )
                inside.append(_condition(dates, time, ColumnType.TIMESTAMP))
    views = {
        name: _side_view(side, sources[name], name, found[name], roles, types)
        for name, side in tables.sides.items()
    }
    kinds = None
    if (events := tables.events) is not None:
        kinds = KindsOf(
            kind=_key(events.column, types),
            targets=events.of("target"),
            negatives=events.of("negative"),
            histories=events.of("history"),
            weights={
                kind: events.weight(kind) for kind in (*events.of("target"), *events.of("history"))
            },
            customer=_key(roles[CUSTOMER_ID], types),
            product=_key(roles[PRODUCT_ID], types),
            time=time,
        )
    return View(
        where=inside,
        kinds=kinds,
        products=views.get("products"),
        customers=views.get("customers"),
        where_joined=[one for one in where if one.column not in own],
    )


def _side_view(
    side: SideTable,
    source: Source,
    name: str,
    found: SideFound,
    roles: Mapping[str, str],
    types: Mapping[str, ColumnType],
) -> SideView:
    available = side.available if isinstance(side, ProductTable) else None
    conditions = []
    if available is not None:
        joined = found.columns[available.column]
        conditions.append(_condition(available, available.column, types[joined]))
    return SideView(
        source=source,
        key=Key(column=side.key, form=_form(found.key_type)),
        of=_key(roles[KEY_ROLES[name]], types),
        columns=found.columns,
        latest_by=side.latest_by,
        available=conditions,
    )


def _own(types: Mapping[str, ColumnType], found: Mapping[str, SideFound]) -> set[str]:
    """The events' own columns."""
    return set(types) - {name for side in found.values() for name in side.columns.values()}


def _condition(one: RowFilter, column: str, kind: ColumnType) -> Condition:
    return Condition(column=column, type=kind, form=_form(kind), op=one.op, values=one.given)


def _key(column: str, types: Mapping[str, ColumnType]) -> Key:
    return Key(column=column, form=_form(types[column]))


def _form(kind: ColumnType) -> TextForm:
    """By the type alone, which profile and training agree on."""
    return _FORMS.get(kind, TextForm.WRITTEN)
