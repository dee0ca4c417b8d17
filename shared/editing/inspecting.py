"""What a source holds, before it is a dataset's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from shared.columns import Column
from shared.documents.dataset import CUSTOMER_ID, PRODUCT_ID, DatasetSpec, Source
from shared.documents.tables import Tables
from shared.ports import Ports
from shared.problems import InvalidError, Problem, of_side
from shared.rules.dataset import check_times
from shared.rules.event_kinds import guess_events
from shared.rules.role_reasons import role_reasons
from shared.rules.roles import guess_roles
from shared.rules.side_roles import guess_side_roles
from shared.rules.tables import check_tables
from shared.rules.views import found_sides, joined_columns

# Of the first rows of more columns than these, nothing is learned about roles.
_MOST_COLUMNS = 100


@dataclass(frozen=True)
class Inspection:
    """Attributes:
    source: with all that was understood of it among its options.
    column_mapping: what the columns probably mean.
    rows: the first few, in the columns' order, as text; null where a value is missing.
    reasons: why columns are read in their formats, by column.
    role_reasons: why columns have their roles, by column.
    option_reasons: why files are read so, by option.
    notes: what whoever uses the data should know of how it was read.
    problems: what is doubtful; only warnings.
    tables: the rest of what the rows are made of, with what was understood of its sources, and
        kinds of events where a column has some that are well known.
    """

    source: Source
    columns: list[Column]
    column_mapping: dict[str, str]
    rows: list[list[str | None]]
    reasons: dict[str, str]
    role_reasons: dict[str, str]
    option_reasons: dict[str, str]
    notes: list[str]
    problems: list[Problem]
    tables: Tables


def inspect(ports: Ports, tables: Tables, given: Mapping[str, str]) -> Inspection:
    """How sources are read, and guesses at their columns' roles beside those that are given: from
    types, names and the first rows. Rows are those of the events; of what is joined to them there
    is none before it is profiled.

    Raises InvalidError.
    """
    look = ports.data.look(tables.source)
    events = look.columns
    names = [column.name for column in events[:_MOST_COLUMNS]]
    rows = ports.data.first_rows(look.source, names)
    notes = list(look.notes)
    sides, columns_of_sides = {}, {}
    for name, side in tables.sides.items():
        with of_side(name):
            beside = ports.data.look(side.source)
        sides[name] = side.model_copy(update={"source": beside.source})
        columns_of_sides[name] = beside.columns
        notes += [f"{name.capitalize()}: {note}" for note in beside.notes]
    whole = tables.model_copy(update={"source": look.source, **sides})
    found = found_sides(whole, events, columns_of_sides)
    columns = joined_columns(events, columns_of_sides, found)
    own = guess_roles(events, given, rows)
    mapping = guess_side_roles(whole, columns_of_sides, found, own)
    if "events" not in tables.model_fields_set and {CUSTOMER_ID, PRODUCT_ID} <= {*mapping.values()}:
        whole = whole.model_copy(update={"events": guess_events(events, mapping, rows)})
    if faults := check_tables(whole, look.source, mapping, events, columns_of_sides):
        raise InvalidError(faults)
    spec = DatasetSpec(source=look.source, column_mapping=mapping)
    beyond = [None] * (len(columns) - len(events))
    return Inspection(
        source=look.source,
        columns=columns,
        column_mapping=mapping,
        rows=[[*row, *beyond] for row in look.rows],
        reasons=look.why,
        role_reasons={
            **role_reasons(events, own, given, rows),
            **{
                column: f"a column of the table of {name}"
                for name, side in found.items()
                for column in side.columns.values()
                if column in mapping and column not in given
            },
        },
        option_reasons=look.option_why,
        notes=notes,
        problems=[*_undecided(look.undecided), *check_times(spec, columns)],
        tables=whole,
    )


def _undecided(columns: Mapping[str, str]) -> Iterator[Problem]:
    for name, example in columns.items():
        yield Problem(
            path="spec.source.options.day_first",
            code="day_or_month_first",
            message=f"No value of {name!r} tells whether days or months come first. Say it: "
            "--day-first, --month-first.",
            received=example,
            level="warning",
        )
