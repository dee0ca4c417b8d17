"""Tables of exposures and outcomes, counted by DuckDB."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import duckdb

from local.data.limits import LIMITS, interrupted_after
from local.data.understanding import Understood, understand
from local.data.warehouse_outcomes import in_files
from shared.columns import Column, ColumnType
from shared.columns.text_form import duckdb_text
from shared.documents.online_experiment import Experiment
from shared.documents.source import FileSource, Source
from shared.online.outcomes import (
    OPTIONAL,
    ExposureTable,
    LeftOut,
    Outcomes,
    OutcomeTable,
    Tables,
    VersionOutcomes,
)
from shared.problems import InvalidError, Problem
from shared.tables.faults import reason_of
from shared.tables.files import SourceFiles, find_files, listed
from shared.tables.formats import as_time
from shared.tables.sql import lockdown, quote

TableT = TypeVar("TableT", ExposureTable, OutcomeTable)
_DAY = 86_400 * 10**6  # microseconds
_1970 = datetime(1970, 1, 1, tzinfo=UTC)
# Lists of texts lie in one text with a bar between them, lists of numbers with a space.
_PRODUCTS = (
    "CASE WHEN contains(p, '|') THEN string_split(p, '|') "
    "WHEN regexp_full_match(p, '-?[0-9]+( -?[0-9]+)+') THEN string_split(p, ' ') "
    "WHEN p LIKE '[%]' THEN CAST(TRY_CAST(p AS JSON) AS VARCHAR[]) ELSE [p] END"
)


class DuckDBOutcomes:
    """Reads files of this machine, and tables of BigQuery by copies of what is needed of them.

    Args:
        spill: a folder for what does not fit into memory.
    """

    def __init__(self, spill: Path) -> None:
        self._spill = spill

    def read(self, experiment: Experiment, tables: Tables) -> Outcomes:
        """See `OutcomeReader`."""
        self._spill.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._spill) as folder:
            return self._counted(experiment, in_files(tables, experiment, Path(folder)))

    def _counted(self, experiment: Experiment, tables: Tables) -> Outcomes:
        with self._connected(tables) as (connection, files, work):
            exposed = _opened("exposures", tables.exposures.source, files, work, connection)
            shown = _exposures(exposed, tables, experiment, connection)
            done = _opened("outcomes", tables.outcomes.source, files, work, connection)
            valued = _outcomes(done, tables, connection)
            return _counted(experiment, tables.days, connection, shown=shown, valued=valued)

    @contextmanager
    def _connected(
        self, tables: Tables
    ) -> Iterator[tuple[duckdb.DuckDBPyConnection, dict[str, SourceFiles], Path]]:
        sources = {"exposures": tables.exposures.source, "outcomes": tables.outcomes.source}
        files: dict[str, SourceFiles] = {}
        for name, source in sources.items():
            assert isinstance(source, FileSource), "tables of BigQuery have been copied"
            with _of(name):
                files[name] = find_files(source)
        with (
            tempfile.TemporaryDirectory(dir=self._spill) as spill,
            duckdb.connect(
                ":memory:",
                config={
                    "temp_directory": f"{spill}/spill",
                    "max_temp_directory_size": LIMITS.spill,
                    "memory_limit": LIMITS.memory,
                    "preserve_insertion_order": False,
                },
            ) as connection,
            interrupted_after(LIMITS.seconds, connection),
        ):
            work = Path(spill) / "copies"
            for statement in lockdown([one for each in files.values() for one in each.files], work):
                connection.execute(statement)
            try:
                yield connection, files, work
            except (duckdb.InterruptException, duckdb.OutOfMemoryException):
                message = (
                    f"Counting takes more than {LIMITS.seconds:g} seconds, {LIMITS.memory} of "
                    f"memory or {LIMITS.spill} of disk. Give fewer rows."
                )
                raise InvalidError(
                    [Problem(path="outcomes.source", code="too_large", message=message)]
                ) from None


@contextmanager
def _of(name: str) -> Iterator[None]:
    """Problems with a source are problems with that of a table."""
    try:
        yield
    except InvalidError as error:
        raise InvalidError(
            one.model_copy(update={"path": one.path.replace("spec.source", f"{name}.source", 1)})
            for one in error.problems
        ) from error


def _opened(
    name: str,
    source: Source,
    files: Mapping[str, SourceFiles],
    work: Path,
    connection: duckdb.DuckDBPyConnection,
) -> Understood:
    assert isinstance(source, FileSource), "tables of BigQuery have been copied"
    with _of(name):
        try:
            return understand(source, files[name], work / name, connection, True)
        except (duckdb.InterruptException, duckdb.OutOfMemoryException):
            raise
        except duckdb.Error as error:
            reason = reason_of(error, files[name].files)
            problem = Problem(path=f"{name}.source", code="unreadable", message=reason)
            raise InvalidError([problem]) from error


def _with_columns(name: str, told: TableT, read: Understood) -> TableT:
    """The same without columns that need not be there and are not. Raises InvalidError, with all
    others that are not there."""
    wanted = told.model_dump(exclude={"source"})
    absent = {
        role: column
        for role, column in wanted.items()
        if column is not None and column not in read.reading.types
    }
    unsaid = {role for role in absent if role in OPTIONAL and role not in told.model_fields_set}
    problems = [
        Problem(
            path=f"{name}.{role}",
            code="unknown_column",
            message=f"The table of {name} has no column {column!r}. It has: "
            f"{listed(read.reading.types)}.",
            received=column,
        )
        for role, column in absent.items()
        if role not in unsaid
    ]
    if problems:
        raise InvalidError(problems)
    return told.model_copy(update=dict.fromkeys(unsaid))


def _text(read: Understood, column: str | None) -> str:
    """An id as text, the same however a file stores it."""
    if column is None:
        return "CAST(NULL AS VARCHAR)"
    form = Column(name=column, type=read.kinds[column]).text_form
    return duckdb_text(quote(column), read.reading.types[column], form)


def _time(name: str, read: Understood, column: str) -> str:
    """Microseconds since 1970; of a moment without a zone, in the source's zone or UTC."""
    if read.kinds[column] not in (ColumnType.TIMESTAMP, ColumnType.STRING):
        raise _no_times(name, column)
    moment = as_time(quote(column), read.reading.types[column], ["iso"], read.options.zone)
    return f"epoch_us({moment})"


def _no_times(name: str, column: str) -> InvalidError:
    message = (
        f"Column {column!r} of the table of {name} has no times, such as 2026-03-02T10:00:00Z."
    )
    problem = Problem(path=f"{name}.time", code="no_times", message=message, received=column)
    return InvalidError([problem])


def _some_time(name: str, table: str, column: str, connection: duckdb.DuckDBPyConnection) -> None:
    """Raises InvalidError where no value of a column is a time."""
    if connection.execute(f"SELECT 1 FROM {table} WHERE t IS NOT NULL LIMIT 1").fetchone() is None:
        raise _no_times(name, column)


def _exposures(
    read: Understood,
    tables: Tables,
    experiment: Experiment,
    connection: duckdb.DuckDBPyConnection,
) -> bool:
    """Makes `exposures` (customer c, version v, time t in microseconds, products p, and what it
    is) and `customers` (with their version and their first exposure). Says whether the log has
    products."""
    told = _with_columns("exposures", tables.exposures, read)
    others = "false"
    if told.experiment_id is not None:
        others = f"{_text(read, told.experiment_id)} IS DISTINCT FROM $id"
    assigned = "true"
    if told.assigned_by is not None:
        assigned = f"{_text(read, told.assigned_by)} = 'customer'"
    versions = ", ".join(str(one.version) for one in experiment.versions)
    version = f"TRY_CAST({_text(read, told.version)} AS BIGINT)"
    connection.execute(
        "CREATE TEMP TABLE exposures AS SELECT c, v, t, p, CASE WHEN other THEN 'other' "
        "WHEN NOT coalesce(assigned, false) THEN 'not_assigned' "
        "WHEN c IS NULL OR v IS NULL OR t IS NULL THEN 'unreadable' "
        f"WHEN v NOT IN ({versions}) THEN 'unknown' ELSE 'counts' END AS is_ FROM (SELECT "
        f"{_text(read, told.customer_id)} AS c, {version} AS v, "
        f"{_time('exposures', read, told.time)} AS t, {_text(read, told.product_ids)} AS p, "
        f"{others} AS other, {assigned} AS assigned FROM {read.reading.table})",
        {"id": experiment.id} if "$id" in others else {},
    )
    _some_time("exposures", "exposures", told.time, connection)
    connection.execute(
        "CREATE TEMP TABLE customers AS SELECT c, any_value(v) AS v, min(t) AS t, "
        "count(DISTINCT v) AS n FROM exposures WHERE is_ = 'counts' GROUP BY c"
    )
    return told.product_ids is not None


def _outcomes(read: Understood, tables: Tables, connection: duckdb.DuckDBPyConnection) -> bool:
    """Makes `rows_` and of them `outcomes` (customer c, product p, time t, value x), each once.
    Says whether they have values."""
    told = _with_columns("outcomes", tables.outcomes, read)
    value = "CAST(NULL AS DOUBLE)"
    if told.value is not None:
        value = f"TRY_CAST({quote(told.value)} AS DOUBLE)"
        value = f"CASE WHEN isfinite({value}) THEN {value} END"
    connection.execute(
        f"CREATE TEMP TABLE rows_ AS SELECT {_text(read, told.customer_id)} AS c, "
        f"{_text(read, told.product_id)} AS p, {_time('outcomes', read, told.time)} AS t, "
        f"{value} AS x FROM {read.reading.table}"
    )
    _some_time("outcomes", "rows_", told.time, connection)
    connection.execute(
        "CREATE TEMP TABLE outcomes AS SELECT DISTINCT c, p, t, x FROM rows_ "
        "WHERE c IS NOT NULL AND p IS NOT NULL AND t IS NOT NULL"
    )
    return told.value is not None


def _counted(
    experiment: Experiment,
    days: float,
    connection: duckdb.DuckDBPyConnection,
    *,
    shown: bool,
    valued: bool,
) -> Outcomes:
    def one(statement: str) -> tuple[Any, ...]:
        found = connection.execute(statement).fetchone()
        assert found is not None
        return found

    (latest,) = one("SELECT max(t) FROM outcomes")
    if latest is None:
        message = "No row of the table of outcomes has a customer, a product and a time."
        raise InvalidError([Problem(path="outcomes.source", code="empty", message=message)])
    after = round(days * _DAY)
    connection.execute(
        f"CREATE TEMP TABLE one AS SELECT c, v, t, t + {after} AS until, "
        f"t + {after} <= {latest} AS over FROM customers WHERE n = 1"
    )
    connection.execute(
        "CREATE TEMP TABLE shown AS SELECT c, p, min(t) AS t FROM (SELECT c, t, trim(unnest("
        f"{_PRODUCTS})) AS p FROM exposures WHERE is_ = 'counts' AND p IS NOT NULL) "
        "GROUP BY c, p"
    )
    connection.execute(
        "CREATE TEMP TABLE done AS SELECT o.c, count(*) AS bought, sum(coalesce(o.x, 0)) AS x, "
        "bool_or(s.t IS NOT NULL AND s.t <= o.t) AS shown, "
        "count(*) FILTER (o.x IS NULL) AS missing FROM outcomes o JOIN one ON o.c = one.c AND "
        "o.t >= one.t AND o.t < one.until AND one.over "
        "LEFT JOIN shown s ON s.c = o.c AND s.p = o.p GROUP BY o.c"
    )
    rows = connection.execute(
        "SELECT one.v, count(*), count(done.c), count(*) FILTER (done.shown), "
        "avg(coalesce(done.bought, 0)), var_samp(coalesce(done.bought, 0)), "
        "avg(coalesce(done.x, 0)), var_samp(coalesce(done.x, 0)) FROM one LEFT JOIN done "
        "ON one.c = done.c WHERE one.over GROUP BY one.v"
    ).fetchall()
    found = {
        row[0]: VersionOutcomes(
            version=row[0],
            customers=row[1],
            converted=row[2],
            converted_shown=row[3] if shown else None,
            purchases_mean=row[4],
            purchases_variance=row[5] or 0.0,
            value_mean=row[6] if valued else None,
            value_variance=(row[7] or 0.0) if valued else None,
        )
        for row in rows
    }
    exposed = dict(connection.execute("SELECT v, count(*) FROM one GROUP BY v").fetchall())
    counts = dict(connection.execute("SELECT is_, count(*) FROM exposures GROUP BY is_").fetchall())
    first, last = one("SELECT min(t), max(t) FROM one")
    left_out = LeftOut(
        exposures_unreadable=counts.get("unreadable", 0),
        exposures_of_others=counts.get("other", 0),
        exposures_not_assigned=counts.get("not_assigned", 0),
        exposures_of_unknown_versions=counts.get("unknown", 0),
        customers_of_several_versions=one("SELECT count(*) FROM customers WHERE n > 1")[0],
        customers_not_yet_over=one("SELECT count(*) FROM one WHERE NOT over")[0],
        outcomes_unreadable=one(
            "SELECT count(*) FROM rows_ WHERE c IS NULL OR p IS NULL OR t IS NULL"
        )[0],
        outcomes_before=one(
            "SELECT count(*) FROM outcomes o JOIN one ON o.c = one.c AND o.t < one.t"
        )[0],
        values_missing=(one("SELECT coalesce(sum(missing), 0) FROM done")[0] if valued else 0),
    )
    readable = one("SELECT count(*) FROM rows_")[0] - left_out.outcomes_unreadable
    left_out.outcomes_repeated = readable - one("SELECT count(*) FROM outcomes")[0]
    numbers = [one.version for one in experiment.versions]
    return Outcomes(
        days=days,
        exposed=[exposed.get(number, 0) for number in numbers],
        versions=[found.get(number, VersionOutcomes(version=number)) for number in numbers],
        left_out=left_out,
        first_exposure=None if first is None else _1970 + timedelta(microseconds=first),
        last_exposure=None if last is None else _1970 + timedelta(microseconds=last),
    )
