"""The rows of a dataset of several tables in BigQuery, or of some rows of one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from shared.columns import Column, ColumnType
from shared.columns.source_rows import Selected
from shared.documents.dataset import SideFound
from shared.documents.source import BigQuerySource, Source
from shared.documents.tables import ProductTable, Tables
from shared.gcp.bigquery_dialect import BigQuery
from shared.problems import InvalidError
from shared.rules.tables import check_tables
from shared.rules.views import found_sides, joined_columns, view_of
from shared.tables.view import Relation, one_per_key, selection, side_counts, use_counts, viewed

# The first row of a query's result, by name.
RowOf = Callable[[str], Any]


@dataclass(frozen=True)
class Side:
    """A table beside the events.

    Attributes:
        kinds: the types of its columns that features can be made of.
        source: read as of the moment that it names; None where it has no past.
    """

    source: BigQuerySource
    stored: Relation
    kinds: Mapping[str, ColumnType]
    pinned: bool


@dataclass(frozen=True)
class Joined:
    """Attributes:
    found, selected: are asked for by queries of their own.
    """

    rows: Relation
    kinds: dict[str, ColumnType]
    found: Callable[[RowOf], dict[str, SideFound]]
    selected: Callable[[RowOf], Selected | None]


def join(
    tables: Tables,
    mapping: Mapping[str, str],
    events: Relation,
    kinds: Mapping[str, ColumnType],
    sides: Mapping[str, Side],
) -> Joined:
    """Raises InvalidError where the tables do not fit each other."""
    own = _columns(kinds)
    others = {name: _columns(sides[name].kinds) if name in sides else [] for name in tables.sides}
    if faults := check_tables(tables, tables.source, mapping, own, others):
        raise InvalidError(faults)
    names = found_sides(tables, own, others)
    columns = joined_columns(own, others, names)
    sources: dict[str, Source] = {name: side.source for name, side in sides.items()}
    view = view_of(tables, mapping, columns, names, sources)
    one = {
        name: one_per_key(side, sides[name].stored, BigQuery) for name, side in view.sides.items()
    }
    rows = viewed(view, events, one, BigQuery)

    def found(row_of: RowOf) -> dict[str, SideFound]:
        counted = {}
        for name, side in view.sides.items():
            asked = tables.products if name == "products" else None
            catalogue = isinstance(asked, ProductTable) and asked.available is not None
            counts = row_of(side_counts(side, sides[name].stored, BigQuery))
            uses = row_of(use_counts(side, rows, one[name], BigQuery, catalogue=catalogue))
            counted[name] = names[name].model_copy(
                update={
                    "rows": counts["total"],
                    "missing_keys": counts["missing_keys"],
                    "duplicates": counts["duplicates"],
                    "orphans": uses["orphans"],
                    "unused": uses["unused"],
                    "unavailable": uses["unavailable"] if catalogue else None,
                    "as_of": sides[name].source.as_of if sides[name].pinned else None,
                }
            )
        return counted

    def selected(row_of: RowOf) -> Selected | None:
        if not view.where and view.kinds is None:
            return None
        # How many rows the conditions leave out is not asked: to count them all would be read.
        return Selected.of(row_of(selection(view, events, BigQuery)), None)

    return Joined(rows, {one.name: one.type for one in columns}, found, selected)


def _columns(kinds: Mapping[str, ColumnType]) -> list[Column]:
    return [Column(name=name, type=kind) for name, kind in kinds.items()]
