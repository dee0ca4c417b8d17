"""How a BigQuery table is read, as GoogleSQL text.

The counterpart of `shared.sources` and `local.statistics`: the same statistics, and the same rows
in a sample. Identifiers and text are quoted here and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from shared.columns import ColumnType
from shared.examples import MISSING_TIMESTAMP, ExamplesSpec, RawFeature, RawType

SAMPLES = 5
_MD5_VALUES = 2**128
_TABLE = re.compile(r"(?:(?P<project>[a-z][-a-z0-9.:]*)[.:])?(?P<dataset>\w+)\.(?P<table>[-\w$]+)")

# What a value of a column is converted to; BigQuery has no other types that features are made of.
TYPES = {
    **dict.fromkeys(("STRING", "BYTES"), ColumnType.STRING),
    **dict.fromkeys(("INTEGER", "INT64"), ColumnType.INTEGER),
    **dict.fromkeys(
        ("FLOAT", "FLOAT64", "NUMERIC", "BIGNUMERIC"),
        ColumnType.FLOAT,
    ),
    **dict.fromkeys(("TIMESTAMP", "DATETIME", "DATE"), ColumnType.TIMESTAMP),
    **dict.fromkeys(("BOOLEAN", "BOOL"), ColumnType.BOOLEAN),
}


def table_name(text: str) -> str | None:
    """`project.dataset.table` (the project may be left out), quoted; None where it is none."""
    found = _TABLE.fullmatch(text)
    if found is None:
        return None
    parts = [found["project"], found["dataset"], found["table"]]
    return quote(".".join(part for part in parts if part is not None))


def quote(name: str) -> str:
    """A name as an identifier, whatever it contains."""
    escaped = name.replace("\\", "\\\\").replace("`", "\\`")
    return f"`{escaped}`"


def literal(text: str) -> str:
    """Text as a string."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    return f"'{escaped}'"


def ranges(table: str, kinds: dict[str, ColumnType]) -> str:
    """One scan: the number of rows, then for each column in turn the values that are not null, the
    different ones, the least and the greatest, and the most frequent as text."""
    parts = ["count(*) AS `rows`"]
    for i, (name, kind) in enumerate(kinds.items()):
        x = _number(name, kind)
        finite = f"IF({_finite(x, kind)}, {x}, NULL)"
        parts += [
            f"count({quote(name)}) AS c{i}",
            f"approx_count_distinct({_text(name, kind)}) AS u{i}",
            f"min({finite}) AS l{i}",
            f"max({finite}) AS h{i}",
            f"approx_top_count({_text(name, kind)}, {SAMPLES + 1}) AS t{i}",
        ]
    return f"SELECT {', '.join(parts)} FROM {table}"


def moments(table: str, scales: dict[str, tuple[ColumnType, float, float]]) -> str:
    """One scan: for each numeric column in turn mean, median, standard deviation and skewness of
    the values moved by `middle` and scaled by `half`.

    Moments are taken of values in [-1, 1]: they neither overflow nor cancel. The skewness is
    Fisher–Pearson's adjusted coefficient from the first three power sums; a point has none.
    """
    values, sums = [], []
    for i, (name, (kind, middle, half)) in enumerate(scales.items()):
        x = _number(name, kind)
        values.append(f"IF({_finite(x, kind)}, ({x} - {middle!r}) / {half!r}, NULL) AS z{i}")
        sums += [
            f"count(z{i}) AS n{i}",
            f"avg(z{i}) AS m{i}",
            f"approx_quantiles(z{i}, 2)[OFFSET(1)] AS q{i}",
            f"stddev_samp(z{i}) AS s{i}",
            f"sum(z{i} * z{i}) AS p{i}",
            f"sum(z{i} * z{i} * z{i}) AS r{i}",
        ]
    return f"SELECT {', '.join(sums)} FROM (SELECT {', '.join(values)} FROM {table})"


def examples(table: str, spec: ExamplesSpec) -> str:
    """A row of raw features for each sampled purchase, under their places `f0`, `f1` …, with `at`
    (seconds since 1970) and `label` (the product's name).

    Which rows are in it is decided by the MD5 that `trainer_image.examples` takes in DuckDB, of the
    same text: the sample of a table is that of a file with the same values.
    """
    keys = [feature.key for feature in spec.features]
    customer, product = (f"f{keys.index(key)}" for key in (spec.customer_key, spec.product_key))
    values = [f"{raw_value(feature)} AS f{i}" for i, feature in enumerate(spec.features)]
    missing = _missing_timestamp()
    at = _seconds(spec.timestamp_column) if spec.timestamp_column is not None else "NULL"
    label = f"CAST({quote(spec.name_column)} AS STRING)" if spec.name_column is not None else "NULL"
    row = f"concat({customer}, ':', {product}, ':', CAST(`at` AS STRING))"
    conditions = [f"{customer} != ''", f"{product} != ''"]
    if spec.label_key is not None:
        conditions.append(f"NOT is_nan(f{keys.index(spec.label_key)})")
    if spec.sample_percent < 100:
        sampled = customer if spec.sample_by == "customer" else row
        digest = f"to_hex(md5(concat('{spec.seed}:', {sampled})))"
        conditions.append(f"{digest} < {share_of_hashes(spec.sample_percent / 100)}")
    return (
        f"SELECT * FROM (SELECT {', '.join(values)}, coalesce({at}, {missing}) AS `at`,"
        f" coalesce({label}, '') AS label FROM {table}) WHERE {' AND '.join(conditions)}"
    )


def raw_value(feature: RawFeature) -> str:
    """A column's value as a raw feature: missing is "", NaN or MISSING_TIMESTAMP, never null."""
    column = quote(feature.column)
    if feature.type is RawType.TEXT:
        return f"coalesce(CAST({column} AS STRING), '')"
    if feature.type is RawType.NUMBER:
        number = f"SAFE_CAST({column} AS FLOAT64)"
        # As it is trained on: what float32 cannot hold is missing.
        return f"IF(abs({number}) <= 3.4028234663852886e38, {number}, CAST('nan' AS FLOAT64))"
    return f"coalesce({_seconds(feature.column)}, {_missing_timestamp()})"


def share_of_hashes(share: float) -> str:
    """The hex digits, as a string, below which a `share` of all MD5 values lies."""
    return f"'{min(int(share * _MD5_VALUES), _MD5_VALUES - 1):032x}'"


def columns(table: str, names: Sequence[str]) -> str:
    """Some columns of all rows, for a dry run: what a job would read."""
    return f"SELECT {', '.join(map(quote, names)) or '*'} FROM {table}"


def _missing_timestamp() -> str:
    # The smallest integer has no literal of its own: its digits alone are too large.
    return f"({MISSING_TIMESTAMP + 1} - 1)"


def _seconds(column: str) -> str:
    """Rounded down, so that the time before 1970 is right too."""
    micros = f"unix_micros(SAFE_CAST({quote(column)} AS TIMESTAMP))"
    return f"CAST(floor({micros} / 1000000) AS INT64)"


def _number(name: str, kind: ColumnType) -> str:
    if kind is ColumnType.TIMESTAMP:
        return f"unix_micros(CAST({quote(name)} AS TIMESTAMP)) / 1000000"
    return f"CAST({quote(name)} AS FLOAT64)" if kind.is_numeric else "CAST(NULL AS FLOAT64)"


def _finite(x: str, kind: ColumnType) -> str:
    return f"NOT (is_nan({x}) OR is_inf({x}))" if kind is ColumnType.FLOAT else "TRUE"


def _text(name: str, kind: ColumnType) -> str:
    if kind is ColumnType.TIMESTAMP:
        stamp = f"CAST({quote(name)} AS TIMESTAMP)"
        return f"format_timestamp('%Y-%m-%dT%H:%M:%SZ', {stamp})"
    return f"CAST({quote(name)} AS STRING)"
