"""SQL injection through the names and values of columns, files and documents."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import sqlglot
from pydantic import ValidationError
from sqlglot import exp

from local.data.source import DuckDBDataSource
from local.state.documents import SqliteDocumentStore
from local.state.sqlite import Database
from shared.columns import ColumnType
from shared.documents.dataset import BigQuerySource, FileSource, Source
from shared.examples import ExamplesSpec, RawFeature, RawType
from shared.gcp import bigquery_sql
from shared.gcp.bigquery_dialect import BigQuery
from shared.ports import Filter, Profile
from shared.tables.view import Relation, history_of, one_per_key, selection, viewed
from shared.views import Condition, Key, KindsOf, SideView, View
from tests.torture.hostile import CODE, SQL
from tests.torture.trial import Tally, trial
from trainer_image.examples.read import Examples, read_examples
from trainer_image.examples.sampling import sample_query

_ROWS = 200
_PLAIN = ("customer", "product", "moment", "price", "text")
_KINDS = (RawType.TEXT, RawType.TEXT, RawType.TIMESTAMP, RawType.NUMBER, RawType.TEXT)
# DuckDB has no names with a NUL, and Recsmith none that are blank.
_NAMES = [name for name in dict.fromkeys([*SQL, *CODE]) if name.strip() and "\0" not in name]


@trial("abuse", "SQL injection: columns, files and values in DuckDB", seconds=120)
def in_duckdb(tally: Tally) -> None:
    """Whatever columns are called, what is found and sampled is that of plain names."""
    data = DuckDBDataSource(tally.folder / "home")
    plain = _table(tally.folder / "plain" / "rows.parquet", _PLAIN)
    found, examples = _told(data.profile(plain)), _sampled(plain, _PLAIN)
    viewed_plain = _sampled(plain, _PLAIN, _view(plain, _PLAIN))
    names = [*_NAMES[:: tally.of(1, 4)]]
    for number, name in enumerate(names):
        tally.tried()
        columns = tuple(f"{name}{n}"[:300] if n else name[:300] for n in range(len(_PLAIN)))
        if len(set(columns)) < len(columns):
            columns = tuple(f"{n}{name}"[:300] for n in range(len(_PLAIN)))
        folder = tally.folder / f"{number}"
        file = "".join(c for c in name if c not in "/\0")[:60] + ".parquet"
        try:
            source = _table(folder / f"x{file}", columns)
            if _told(data.profile(source)) != found:
                tally.lets_in(f"columns named {name[:40]!r} are profiled as if they were others")
            if _sampled(source, columns) != examples:
                tally.lets_in(f"columns named {name[:40]!r} are sampled as if they were others")
            if _sampled(source, columns, _view(source, columns)) != viewed_plain:
                tally.lets_in(f"columns named {name[:40]!r} are joined as if they were others")
        except Exception as error:
            tally.lets_in(f"columns named {name[:40]!r}: {type(error).__name__}: {error}")
    left = {path.name for path in tally.folder.rglob("let-in*")}
    if left or Path("let-in.csv").exists():
        tally.lets_in(f"a name wrote {left}")


def _table(path: Path, columns: tuple[str, ...]) -> FileSource:
    values: list[list[Any]] = [
        [f"c{n % 40}" for n in range(_ROWS)],
        [SQL[n % len(SQL)] + str(n % 7) for n in range(_ROWS)],
        [pa.scalar(n * 10**12, pa.timestamp("us")) for n in range(_ROWS)],
        [n % 13 / 4 for n in range(_ROWS)],
        [SQL[n % len(SQL)] for n in range(_ROWS)],
    ]
    path.parent.mkdir(parents=True)
    arrays = [pa.array(column) for column in values]
    pq.write_table(pa.table(arrays, names=list(columns)), path)
    return FileSource(kind="parquet", uri=str(path))


def _told(profile: Profile) -> list[Any]:
    """All of a profile but the names; numbers rounded, for rows are summed in any order."""
    return [
        profile.row_count,
        *(
            (column.type, {key: _rounded(value) for key, value in column.statistics})
            for column in profile.columns
            if column.statistics
        ),
    ]


def _rounded(value: Any) -> Any:
    return round(value, 9) if isinstance(value, float) else value


def _spec(source: Any, columns: tuple[str, ...]) -> ExamplesSpec:
    features = [
        RawFeature(key=f"k{n}", column=column, type=kind)
        for n, (column, kind) in enumerate(zip(columns, _KINDS, strict=True))
    ]
    return ExamplesSpec(
        source=source,
        features=features,
        query_keys=["k0", "k3"],
        candidate_keys=["k1", "k4"],
        customer_key="k0",
        product_key="k1",
        label_key="k3",
        timestamp_column=columns[2],
        name_column=columns[4],
        sample_percent=60,
    )


def _view(source: Source, columns: tuple[str, ...]) -> View:
    """All that a view may be made of, with texts that mean harm, over one source."""
    text = ColumnType.STRING
    return View(
        where=[
            Condition(column=columns[1], type=text, form="written", op="not in", values=[*SQL]),
            Condition(
                column=columns[4], type=text, form="written", op="!=", values=["'; DROP TABLE x"]
            ),
        ],
        kinds=KindsOf(
            kind=Key(column=columns[4]),
            targets=SQL[2:],
            negatives=SQL[:1],
            histories=SQL[1:2],
            customer=Key(column=columns[0]),
            product=Key(column=columns[1]),
            time=columns[2],
        ),
        products=SideView(
            source=source,
            key=Key(column=columns[1]),
            of=Key(column=columns[1]),
            columns={columns[4]: f"joined {columns[4]}"},
            latest_by=columns[2],
            available=[
                Condition(column=columns[4], type=text, form="written", op="in", values=SQL[1:])
            ],
        ),
    )


def _lists(columns: tuple[str, ...]) -> list[Any]:
    return [SimpleNamespace(name=one, field_type="STRING", mode="REPEATED") for one in columns]


def _sampled(source: FileSource, columns: tuple[str, ...], view: View | None = None) -> str:
    examples: Examples = read_examples(_spec(source, columns).model_copy(update={"view": view}))
    tables = examples.splits().values()
    return repr([*(table.to_pydict() for table in tables), examples.names.to_pylist()])


@trial("abuse", "SQL injection: tables and columns in BigQuery", seconds=60)
def in_bigquery(tally: Tally) -> None:
    """Each query is one SELECT from its one table, of the very columns that were named."""
    table = bigquery_sql.table_name("shop-data.sales.rows")
    assert table is not None
    plain: dict[str, Any] = {}
    # BigQuery has no column with a dot in its name, and sqlglot takes one for a path.
    for name in ("plain", *(name.replace(".", "·") for name in _NAMES), "nu\0ll"):
        columns = tuple(f"{name}{n}" for n in range(len(_PLAIN)))
        kinds = dict(zip(columns, ColumnType, strict=True))
        numbers = {columns[1]: (ColumnType.FLOAT, 0.5, 2.0)}
        types = dict.fromkeys(columns, "STRING")
        source = BigQuerySource(kind="bigquery", table="shop-data.sales.rows")
        view = _view(source, columns)
        assert view.products is not None
        stored = Relation(f"(SELECT * FROM {table})", types)
        sides = {"products": one_per_key(view.products, stored, BigQuery)}
        queries = {
            "view": f"SELECT * FROM {viewed(view, stored, sides, BigQuery).table}",
            "history": f"SELECT * FROM {history_of(view, stored, sides, BigQuery).table}",
            "selection": selection(view, stored, BigQuery),
            "lists": f"SELECT * FROM {bigquery_sql.with_lists(table, _lists(columns))}",
            "ranges": bigquery_sql.ranges(table, kinds),
            "moments": bigquery_sql.moments(table, numbers),
            "columns": bigquery_sql.columns(table, columns),
            "sample": sample_query(
                _spec(source, columns), BigQuery(types), BigQuery({}).identifier(source.named)
            ),
        }
        for what, query in queries.items():
            tally.tried()
            shape = _shape(query, (*columns, f"joined {columns[4]}"))
            if name == "plain":
                plain[what] = shape
                if "SELECT" not in str(shape) or not shape:
                    tally.loses(f"the query for {what} could not be read: {shape}")
            elif shape != plain[what] or "\n" in query:
                tally.lets_in(f"{what} of {name[:40]!r} is another query: {query[:200]}")
    for text in [*SQL, *CODE, "a.b.c`; DROP TABLE x; --", "a.b.c\n", "a.b.c d", "`a`.b.c", "a..c"]:
        tally.tried()
        try:
            given = BigQuerySource(kind="bigquery", table=text).named
        except ValidationError:
            continue
        quoted = bigquery_sql.table_name(given)
        query = f"SELECT 1 FROM {quoted or bigquery_sql.quote(given)}"
        statements = sqlglot.parse(query, dialect="bigquery")
        tables = [table for one in statements if one for table in one.find_all(exp.Table)]
        if len(statements) != 1 or len(tables) != 1:
            tally.lets_in(f"the table {text[:40]!r} becomes {query}")


def _shape(query: str, columns: tuple[str, ...]) -> Any:
    """The query's syntax tree with its columns by their place; what cannot be one is told."""
    try:
        statements = sqlglot.parse(query, dialect="bigquery")
    except sqlglot.errors.SqlglotError as error:
        return f"no SQL: {error}"
    if len(statements) != 1 or not isinstance(statements[0], exp.Select):
        return f"{len(statements)} statements"
    places = {column: f"column {n}" for n, column in enumerate(columns)}
    for node in statements[0].find_all(exp.Identifier):
        node.set("this", places.get(_unescaped(node.this), node.this))
        node.set("quoted", None)
    return statements[0].sql(dialect="bigquery")


def _unescaped(name: str) -> str:
    """What BigQuery reads in an identifier: sqlglot leaves numbered escapes as they are."""
    return re.sub(r"\\U([0-9a-f]{8})", lambda found: chr(int(found[1], 16)), name)


@trial("abuse", "SQL injection: fields and values of documents", seconds=60)
def in_documents(tally: Tally) -> None:
    """Queries over documents find what an honest look at each of them finds."""
    store = SqliteDocumentStore(Database(tally.folder / "state.db"))
    names = [*SQL, *CODE]
    documents = {}
    for number, name in enumerate(names):
        data = {"plain": name, name: "here", "spec": {name: name}}
        documents[f"d{number}"] = json.loads(json.dumps(data))

        def write(transaction: Any, path: str = f"things/d{number}", data: Any = data) -> None:
            transaction.create(path, data)

        store.transact(write)
    for name in names:
        for field, value in (("plain", name), (name, "here"), (f"spec.{name}", name)):
            tally.tried()
            expected = {key for key, data in documents.items() if _at(data, field) == value}
            try:
                found = {one.id for one in store.query("things", [Filter(field, "==", value)])}
                store.query("things", order_by=field, limit=3)
            except ValueError:
                continue  # refused: a name with a quote, a backslash or a control character
            except Exception as error:
                tally.lets_in(f"{field[:40]!r}: {type(error).__name__}: {error}")
                continue
            if "\0" in value and not found:
                continue  # SQLite's text ends there: it finds too little, never too much
            if found != expected:
                tally.lets_in(f"{field[:40]!r} == {value[:40]!r} finds {found}, not {expected}")
    if len(store.query("things")) != len(names):
        tally.lets_in("a query changed the documents")


def _at(data: Any, field: str) -> Any:
    for part in field.split("."):
        data = data.get(part) if isinstance(data, dict) else None
    return data
