"""Tables of an experiment that lie in BigQuery, as files beside those that are counted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from shared.documents.online_experiment import Experiment
from shared.documents.source import BigQuerySource, FileSource
from shared.errors import RefusedError
from shared.online.outcomes import OPTIONAL, ExposureTable, OutcomeTable, Tables
from shared.problems import InvalidError, Problem
from shared.tables.files import listed

if TYPE_CHECKING:
    from shared.gcp.bigquery_outcomes import BigQueryRows

TableT = TypeVar("TableT", ExposureTable, OutcomeTable)


def in_files(tables: Tables, experiment: Experiment, folder: Path) -> Tables:
    """The same tables, with the columns that are read of those in BigQuery, from the experiment's
    beginning on, in files.

    Raises:
        InvalidError: a table or a column is not there, at `exposures` or `outcomes`.
        RefusedError, UnavailableError: BigQuery refuses, or cannot be reached.
    """
    return tables.model_copy(
        update={
            "exposures": _in_file("exposures", tables.exposures, experiment, folder),
            "outcomes": _in_file("outcomes", tables.outcomes, experiment, folder),
        }
    )


def _in_file(name: str, table: TableT, experiment: Experiment, folder: Path) -> TableT:
    source = table.source
    if not isinstance(source, BigQuerySource):
        return table
    rows = _rows(name, source)
    wanted = table.model_dump(exclude={"source"})
    columns: dict[str, str] = {}
    problems, unsaid = [], []
    for role, column in wanted.items():
        if column in rows.types:
            columns[role] = column
        elif column is not None and role in OPTIONAL and role not in table.model_fields_set:
            unsaid.append(role)
        elif column is not None:
            problems.append(
                Problem(
                    path=f"{name}.{role}",
                    code="unknown_column",
                    message=f"The table of {name} has no column {column!r}. It has: "
                    f"{listed(rows.types)}.",
                    received=column,
                )
            )
    if problems:
        raise InvalidError(problems)
    file = folder / f"{name}.jsonl"
    distinct = list(dict.fromkeys(columns.values()))
    if not rows.copy(distinct, columns["time"], experiment.began_at, file):
        message = (
            f"{source.named} has no row since the experiment began, on "
            f"{experiment.began_at:%Y-%m-%d at %H:%M} UTC."
        )
        raise InvalidError([Problem(path=f"{name}.source", code="empty", message=message)])
    copied = FileSource(kind="json", uri=str(file))
    return table.model_copy(update={"source": copied, **dict.fromkeys(unsaid)})


def _rows(name: str, source: BigQuerySource) -> BigQueryRows:
    try:
        from shared.gcp.bigquery_outcomes import BigQueryRows
        from shared.gcp.bigquery_tables import client_of
    except ImportError as error:
        raise RefusedError(
            f"{error.name} is not installed. BigQuery needs the libraries of Google Cloud: install "
            "recsmith with its extra `gcp`."
        ) from None
    try:
        return BigQueryRows(source, client_of(_project(source)))
    except InvalidError as invalid:
        raise InvalidError(
            one.model_copy(update={"path": one.path.replace("spec.source", f"{name}.source", 1)})
            for one in invalid.problems
        ) from None


def _project(source: BigQuerySource) -> str | None:
    """That pays for the query: a table's own, where it names one; else that of the environment."""
    table = source.table or ""
    return table.split(".")[0] if table.count(".") == 2 else None
