"""The sampled rows of a source, as one query in the SQL of whoever holds it.

Both dialects keep the same rows and give the same values: what decides is the MD5 of a seed and of
values that both write alike.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

from shared.examples import MISSING_TIMESTAMP, ExamplesSpec, RawType
from shared.gcp import bigquery_sql
from shared.sources import quote, raw_value
from trainer_image.status import JobFailed

_MD5_VALUES = 2**128


class Dialect(ABC):
    """How one database says what the query needs."""

    def __init__(self, types: Mapping[str, str]) -> None:
        """
        Args:
            types: the database's type of each column of the source, by name.
        """
        self.types = types

    @abstractmethod
    def value(self, column: str, kind: RawType) -> str:
        """A column as a raw feature; missing is "", NaN or MISSING_TIMESTAMP, never null."""

    @abstractmethod
    def identifier(self, name: str) -> str:
        """A name, whatever it contains."""

    @abstractmethod
    def missing_time(self) -> str: ...

    @abstractmethod
    def md5(self, text: str) -> str:
        """The MD5 of a text as 32 hex digits."""

    @abstractmethod
    def is_number(self, value: str) -> str:
        """Whether a NUMBER is one."""


class DuckDB(Dialect):
    def value(self, column: str, kind: RawType) -> str:
        value = raw_value(column, kind)
        if kind is RawType.TEXT and self.types[column] in ("FLOAT", "DOUBLE"):
            # Integers with nulls are often stored as floats: 2375.0 is the id 2375, NaN is none.
            whole = f"regexp_replace({value}, '\\.0$', '')"
            return f"CASE WHEN isnan({quote(column)}) THEN '' ELSE {whole} END"
        if kind is RawType.NUMBER:
            # As it is trained on: candidates are told apart, and counted, by these values.
            single = f"TRY_CAST({value} AS FLOAT)"
            return f"CASE WHEN isfinite({single}) THEN {single} ELSE 'nan'::FLOAT END"
        return value

    def identifier(self, name: str) -> str:
        return quote(name)

    def missing_time(self) -> str:
        return f"({MISSING_TIMESTAMP + 1}::BIGINT - 1)"

    def md5(self, text: str) -> str:
        return f"md5({text})"

    def is_number(self, value: str) -> str:
        return f"isfinite({value})"


class BigQuery(Dialect):
    """GoogleSQL."""

    def value(self, column: str, kind: RawType) -> str:
        name = self.identifier(column)
        text = f"SAFE_CAST({name} AS STRING)"
        if kind is RawType.TEXT:
            if self.types[column] in ("FLOAT", "FLOAT64"):
                whole = f"REGEXP_REPLACE({text}, r'\\.0$', '')"
                return f"IF({name} IS NULL OR IS_NAN({name}), '', {whole})"
            return f"COALESCE({text}, '')"
        if kind is RawType.NUMBER:
            number = f"SAFE_CAST({text} AS FLOAT64)"
            # Beyond what a single-precision number holds there is none.
            kept = f"ABS({number}) < {_FLOAT32_END!r}"
            return f"IF({kept}, {number}, CAST('nan' AS FLOAT64))"
        # Through text, which every type has; a number is no moment.
        moment = f"UNIX_SECONDS(SAFE_CAST({text} AS TIMESTAMP))"
        return f"COALESCE({moment}, {self.missing_time()})"

    def identifier(self, name: str) -> str:
        return bigquery_sql.quote(name)

    def missing_time(self) -> str:
        return f"({MISSING_TIMESTAMP + 1} - 1)"

    def md5(self, text: str) -> str:
        return f"TO_HEX(MD5({text}))"

    def is_number(self, value: str) -> str:
        return f"NOT IS_NAN({value})"


# The smallest number that float32 rounds to infinity: halfway past its largest.
_FLOAT32_END = float(2**128 - 2**103)


def sample_query(spec: ExamplesSpec, dialect: Dialect, source: str) -> str:
    """The rows in the sample: `f0`, `f1` … in the order of the features, `at` and `label`.

    Features are named by their place: keys may collide with other names.

    Args:
        source: a table expression.

    Raises:
        JobFailed: the source lacks a column.
    """
    if absent := sorted(set(spec.columns) - set(dialect.types)):
        raise JobFailed(
            f"The source has no column {absent[0]!r}; its columns are "
            f"{', '.join(map(repr, dialect.types))}."
        )
    values = [
        f"{dialect.value(feature.column, feature.type)} AS f{place}"
        for place, feature in enumerate(spec.features)
    ]
    at = (
        dialect.value(spec.timestamp_column, RawType.TIMESTAMP)
        if spec.timestamp_column is not None
        else dialect.missing_time()
    )
    label = dialect.value(spec.name_column, RawType.TEXT) if spec.name_column is not None else "''"
    places = [feature.key for feature in spec.features]
    customer, product = (f"f{places.index(key)}" for key in (spec.customer_key, spec.product_key))
    time = dialect.identifier("at")
    row = row_key(customer, product, time)
    conditions = [f"{customer} <> ''", f"{product} <> ''"]
    if spec.label_key is not None:
        conditions.append(dialect.is_number(f"f{places.index(spec.label_key)}"))
    if spec.sample_percent < 100:
        sampled = dialect.md5(
            f"'{spec.seed}:' || {customer if spec.sample_by == 'customer' else row}"
        )
        conditions.append(f"{sampled} < {share_of_hashes(spec.sample_percent / 100)}")
    return (
        f"SELECT * FROM (SELECT {', '.join(values)}, {at} AS {time}, {label} AS label "
        f"FROM {source}) AS raw WHERE {' AND '.join(conditions)}"
    )


def row_key(customer: str, product: str, time: str) -> str:
    """What tells a row from others, as SQL text that both dialects understand."""
    return f"{customer} || ':' || {product} || ':' || CAST({time} AS STRING)"


def share_of_hashes(share: float) -> str:
    """The hex digits, as an SQL string, below which a `share` of all MD5 values lies."""
    return f"'{min(int(share * _MD5_VALUES), _MD5_VALUES - 1):032x}'"
