"""The columns that a dataset has, by a look at its sources."""

from __future__ import annotations

from shared.columns import Column
from shared.documents.tables import Tables
from shared.ports import Ports
from shared.problems import InvalidError, of_side
from shared.rules.tables import check_tables
from shared.rules.views import found_sides, joined_columns


def columns_of(tables: Tables, mapping: dict[str, str], ports: Ports) -> list[Column]:
    """Names and types only, by the names that the dataset calls them.

    Raises:
        InvalidError: a source cannot be read, or the dataset's parts do not fit each other.
    """
    events = ports.data.inspect(tables.source)
    if tables.plain:
        return events
    sides = {name: side_columns(tables, name, ports) for name in tables.sides}
    if faults := check_tables(tables, tables.source, mapping, events, sides):
        raise InvalidError(faults)
    return joined_columns(events, sides, found_sides(tables, events, sides))


def side_columns(tables: Tables, name: str, ports: Ports) -> list[Column]:
    """Of a further table, by its own names. Raises InvalidError, with the field's path."""
    with of_side(name):
        return ports.data.inspect(tables.sides[name].source)
