"""What a job reads: its source with what the dataset leaves out of it and joins to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from shared.columns.source_rows import Selected, SourceRows
from shared.examples import ExamplesSpec
from shared.tables.dialect import Dialect
from shared.tables.view import Relation, history_of, selection, viewed
from shared.views import View
from trainer_image.examples.sampling import catalogue_query, rows_query, sample_query


@dataclass(frozen=True)
class Queries:
    """Attributes:
    sample: as `sample_query`.
    rows: one row, as `rows_query`.
    selected: one row, as `selection`; None where nothing is left out of the source.
    catalogue: as `catalogue_query`; None where there is no table of products.
    history: as `sample_query`, of `ExamplesSpec.of_history`; None where there is none.
    """

    sample: str
    rows: str
    selected: str | None
    catalogue: str | None
    history: str | None

    @property
    def further(self) -> dict[str, str]:
        """The queries of rows besides the sample, by the names of their tables."""
        given = {"catalogue": self.catalogue, "history": self.history}
        return {name: query for name, query in given.items() if query is not None}


def has_history(spec: ExamplesSpec) -> bool:
    """Whether rows are read that are history alone."""
    kinds = spec.view.kinds if spec.view is not None else None
    return spec.kind_key is not None and kinds is not None and bool(kinds.histories)


def queries(
    spec: ExamplesSpec, events: Relation, sides: Mapping[str, Relation], dialect: type[Dialect]
) -> Queries:
    """
    Args:
        events: the source's rows, as they are stored.
        sides: of further tables, what `one_per_key` makes of them, by name.
    """
    view = spec.view or View()
    rows = viewed(view, events, sides, dialect)
    # What is joined would be joined in vain where rows are only counted.
    counted = rows
    if not view.where_joined and set(spec.counted_columns) <= set(events.types):
        counted = viewed(view.of_source, events, {}, dialect)
    left_out = bool(view.where) or view.kinds is not None
    return Queries(
        sample_query(spec, dialect(rows.types), rows.table),
        rows_query(spec, dialect(counted.types), counted.table),
        selection(view, events, dialect) if left_out else None,
        catalogue_query(spec, view.products, sides["products"], dialect)
        if view.products is not None
        else None,
        _history_query(spec, view, events, sides, dialect) if has_history(spec) else None,
    )


def _history_query(
    spec: ExamplesSpec,
    view: View,
    events: Relation,
    sides: Mapping[str, Relation],
    dialect: type[Dialect],
) -> str:
    rows = history_of(view, events, sides, dialect)
    return sample_query(spec.of_history, dialect(rows.types), rows.table)


def counted_rows(
    asked: Queries, total: int | None, row_of: Callable[[str], Mapping[str, int]]
) -> SourceRows:
    """What became of all rows.

    Args:
        total: rows of the source; None where that is not known.
        row_of: the row that a query gives, by name.
    """
    rows = SourceRows.model_validate(row_of(asked.rows))
    if asked.selected is None:
        return rows
    return rows.model_copy(update={"selected": Selected.of(row_of(asked.selected), total)})
