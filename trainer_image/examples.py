"""The examples stage: a sampled, split and shuffled part of the source, as raw features.

What decides a row's fate is a hash of the seed and the row's own values, by MD5, so that the same
spec gives the same rows in the same order here, in BigQuery, and next year.
"""

from __future__ import annotations

import math
import tempfile
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from shared.documents.dataset import FileSource
from shared.examples import MISSING_TIMESTAMP, ExamplesSpec, RawFeature, RawType
from shared.problems import Invalid
from shared.source_files import source_files
from shared.sources import lockdown, relation
from trainer_image.remote import local_copy
from trainer_image.sampling import DuckDB, row_key, sample_query, share_of_hashes
from trainer_image.status import JobFailed
from trainer_image.warehouse import sampled_rows

ARROW_TYPES = {
    RawType.TEXT: pa.string(),
    RawType.NUMBER: pa.float32(),
    RawType.TIMESTAMP: pa.int64(),
}
MISSING = {
    RawType.TEXT: "",
    RawType.NUMBER: math.nan,
    RawType.TIMESTAMP: MISSING_TIMESTAMP,
}
# Not a key that a feature can have.
_TIME = RawFeature(key="", column="", type=RawType.TIMESTAMP)


@dataclass(frozen=True)
class Examples:
    """Raw features under their keys, of the types in ARROW_TYPES; nothing is null.

    Attributes:
        train, eval: a row for each purchase, shuffled.
        candidates: a row for each product of either, ordered by product id; what does not describe
            a product is missing there.
        names: display names in the candidates' order, "" where there is none.
        train_times, eval_times: when each row's purchase was, in seconds since 1970, whether or not
            a feature says so; MISSING_TIMESTAMP where nobody knows.
    """

    train: pa.Table
    eval: pa.Table
    candidates: pa.Table
    names: pa.Array
    train_times: pa.Array
    eval_times: pa.Array

    def splits(self) -> dict[str, pa.Table]:
        return {"train": self.train, "eval": self.eval, "candidates": self.candidates}


def read_examples(spec: ExamplesSpec) -> Examples:
    """Samples and splits the source.

    Rows without a customer, a product or the rating to learn are dropped. Sampled by customer, all
    or none of a customer's rows are kept; by row, rows of one customer, product and time share
    their fate.

    Held out are, in a temporal split, all rows from some moment on: the earliest one that leaves at
    most `holdout_fraction` of the rows to hold out, or else the last moment of all. Rows without a
    time are trained on. In a random split a hash of customer and product decides, so that no
    held-out pair is trained on as well.

    A candidate has the most frequent combination of attributes among its rows, of equally frequent
    ones the latest. Held-out rows count only where the product has no others.

    Raises:
        JobFailed: the source cannot be read, or has too little to train on and to measure.
    """
    with (
        tempfile.TemporaryDirectory(prefix="recsmith-") as folder,
        duckdb.connect(config={"temp_directory": f"{folder}/spill"}) as connection,
    ):
        try:
            if isinstance(spec.source, FileSource):
                _sample_files(spec, local_copy(spec.source, Path(folder) / "copy"), connection)
            else:
                _sample_table(sampled_rows(spec, spec.source), connection)
            return _read(spec, connection)
        except (Invalid, OSError, duckdb.Error) as error:
            name = spec.source.uri if isinstance(spec.source, FileSource) else spec.source.table
            raise JobFailed(f"The source {name} cannot be read: {error}") from error


def _sample_files(
    spec: ExamplesSpec, source: FileSource, connection: duckdb.DuckDBPyConnection
) -> None:
    files = source_files(source)
    for statement in lockdown(files):
        connection.execute(statement)
    table = relation(source, files)
    described = connection.execute(f"DESCRIBE SELECT * FROM {table}").fetchall()
    dialect = DuckDB({name: kind for name, kind, *_ in described})
    connection.execute(f"CREATE TEMP TABLE sampled AS {sample_query(spec, dialect, table)}")


def _sample_table(rows: pa.Table, connection: duckdb.DuckDBPyConnection) -> None:
    """A sample that was made elsewhere, where numbers are of double precision."""
    connection.register("rows", rows)
    doubles = [field.name for field in rows.schema if pa.types.is_float64(field.type)]
    single = ", ".join(f"CAST({name} AS FLOAT) AS {name}" for name in doubles)
    columns = f"* REPLACE ({single})" if doubles else "*"
    connection.execute(f"CREATE TEMP TABLE sampled AS SELECT {columns} FROM rows")


def _read(spec: ExamplesSpec, connection: duckdb.DuckDBPyConnection) -> Examples:
    places = {feature.key: f"f{place}" for place, feature in enumerate(spec.features)}
    customer, product = places[spec.customer_key], places[spec.product_key]
    columns = ", ".join(places.values())
    row = row_key(customer, product, '"at"')
    held_out = (
        _latest(connection, spec.holdout_fraction)
        if spec.split == "temporal"
        else f"md5('{spec.seed}:' || {customer} || ':' || {product}) "
        f"< {share_of_hashes(spec.holdout_fraction)}"
    )
    connection.execute(f"CREATE TEMP TABLE examples AS SELECT *, {held_out} AS out FROM sampled")
    (train, train_times), (evaluation, eval_times) = (
        _timed(
            _to_arrow(
                connection,
                [*spec.features, _TIME],
                f'SELECT {columns}, "at" FROM examples WHERE {condition} '
                f"ORDER BY md5('{spec.seed}:shuffle:' || {row}), {columns}",
            )
        )
        for condition in ("NOT out", "out")
    )
    _check(spec, train, evaluation)

    connection.execute(
        f"CREATE TEMP TABLE pool AS SELECT * FROM examples WHERE NOT out "
        f"OR {product} NOT IN (SELECT {product} FROM examples WHERE NOT out)"
    )
    describing = {spec.product_key, *spec.candidate_keys}
    attributes = ", ".join(place for key, place in places.items() if key in describing)
    candidates = _to_arrow(
        connection,
        [feature for feature in spec.features if feature.key in describing],
        f"SELECT {attributes} FROM ({_most_frequent(product, attributes)}) ORDER BY {product}",
    )
    if len(candidates) < 2:
        raise JobFailed(
            f"The sample has one product only ({candidates[spec.product_key][0].as_py()!r}); a "
            "model needs at least two to tell apart. Raise the sample percent."
        )
    named = _most_frequent(product, f"{product}, label", "label <> ''")
    names = connection.sql(
        f"SELECT coalesce(label, '') FROM (SELECT DISTINCT {product} FROM examples) "
        f"LEFT JOIN ({named}) "
        f"USING ({product}) ORDER BY {product}"
    )
    return Examples(
        train,
        evaluation,
        _with_missing(candidates, spec.features),
        names.to_arrow_table().column(0).cast(pa.string()).combine_chunks(),
        train_times,
        eval_times,
    )


def _latest(connection: duckdb.DuckDBPyConnection, fraction: float) -> str:
    """SQL condition for the rows of a temporal split that are held out."""
    cutoff = connection.execute(
        'WITH moments AS (SELECT "at", count(*) AS n FROM sampled GROUP BY "at"), '
        'ends AS (SELECT "at", sum(n) OVER (ORDER BY "at" DESC) AS later FROM moments '
        f'WHERE "at" > {MISSING_TIMESTAMP + 1}::BIGINT - 1) '
        'SELECT coalesce(min("at") FILTER '
        '(later <= ? * (SELECT count(*) FROM sampled)), max("at")) FROM ends',
        [fraction],
    ).fetchone()
    if cutoff is None or cutoff[0] is None:
        return "false"
    return f'"at" >= {cutoff[0]}::BIGINT'


def _most_frequent(product: str, columns: str, condition: str = "true") -> str:
    """The most frequent (then latest, then first in order) combination for each product."""
    return (
        f"SELECT {columns} FROM pool WHERE {condition} GROUP BY {columns} "
        f"QUALIFY row_number() OVER (PARTITION BY {product} "
        f'ORDER BY count(*) DESC, max("at") DESC, {columns}) = 1'
    )


def _to_arrow(
    connection: duckdb.DuckDBPyConnection, features: list[RawFeature], query: str
) -> pa.Table:
    table: pa.Table = connection.sql(query).to_arrow_table()
    arrays = [
        array.cast(ARROW_TYPES[feature.type])
        for feature, array in zip(features, table.columns, strict=True)
    ]
    return pa.table(arrays, names=[feature.key for feature in features]).combine_chunks()


def _timed(rows: pa.Table) -> tuple[pa.Table, pa.Array]:
    """Raw features, and the rows' times apart from them."""
    return rows.drop([_TIME.key]), rows[_TIME.key].combine_chunks()


def _with_missing(table: pa.Table, features: list[RawFeature]) -> pa.Table:
    """`table` with all features, in their order; those that it lacks are missing."""
    present = set(table.column_names)
    return pa.table(
        {
            feature.key: table[feature.key]
            if feature.key in present
            else pa.array([MISSING[feature.type]] * len(table), ARROW_TYPES[feature.type])
            for feature in features
        }
    )


def _check(spec: ExamplesSpec, train: pa.Table, evaluation: pa.Table) -> None:
    if not len(train) + len(evaluation):
        raise JobFailed(
            f"No row of the source is in the sample of {spec.sample_percent:g} % by "
            f"{spec.sample_by}. Raise the sample percent, and check that the columns of customers "
            "and products are the right ones and not empty."
        )
    if not len(train):
        raise JobFailed(
            f"All {len(evaluation)} rows of the sample have the same time, so that a temporal "
            "split leaves none to train on. Use a random split."
        )
    if not len(evaluation):
        raise JobFailed(
            f"The {spec.split} split holds out none of the {len(train)} rows of the sample. Raise "
            "the sample percent or the holdout"
            + (", or check that the timestamps can be read." if spec.split == "temporal" else ".")
        )
