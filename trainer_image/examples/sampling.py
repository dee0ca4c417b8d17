"""The sampled rows of a source, as one query in the SQL of whoever holds it.

Both dialects keep the same rows and give the same values: what decides is the MD5 of a seed and of
values that both write alike.
"""

from __future__ import annotations

from shared.columns.source_rows import counting, plausible
from shared.examples import ExamplesSpec, RawFeature, RawType
from shared.gcp.bigquery_dialect import BigQuery
from shared.tables.dialect import Dialect
from shared.tables.view import Relation, available_condition, key_name
from shared.views import SideView
from trainer_image.job.status import JobFailedError

_MD5_VALUES = 2**128


def sample_query(spec: ExamplesSpec, dialect: Dialect, source: str) -> str:
    """The rows in the sample: `f0`, `f1` … in the order of the features, `r0`, `r1` … in that of
    what rules read, `at`, `label` and `category`.

    Features are named by their place: keys may collide with other names.

    Args:
        source: a table expression.

    Raises:
        JobFailedError: the source lacks a column.
    """
    if absent := sorted(set(spec.columns) - set(dialect.types)):
        raise JobFailedError(
            f"The source has no column {absent[0]!r}; its columns are "
            f"{', '.join(map(repr, dialect.types))}."
        )
    values = [
        f"{dialect.value(feature.column, feature.type, feature.form)} AS f{place}"
        for place, feature in enumerate(spec.features)
    ]
    values += [
        f"{dialect.value(feature.column, feature.type, feature.form)} AS r{place}"
        for place, feature in enumerate(spec.rule_features)
    ]
    at = (
        dialect.value(spec.timestamp_column, RawType.TIMESTAMP)
        if spec.timestamp_column is not None
        else dialect.missing_time()
    )
    label, category = (
        dialect.value(column, RawType.TEXT) if column is not None else "''"
        for column in (spec.name_column, spec.category_column)
    )
    known = [
        _known(f"f{place}", spec, dialect)
        if feature.column == spec.timestamp_column and feature.type is RawType.TIMESTAMP
        else f"f{place}"
        for place, feature in enumerate(spec.features)
    ]
    known += [f"r{place}" for place in range(len(spec.rule_features))]
    places = [feature.key for feature in spec.features]
    customer, product = (f"f{places.index(key)}" for key in (spec.customer_key, spec.product_key))
    time = dialect.identifier("at")
    row = row_key(customer, product, f"raw.{time}")
    conditions = [f"{customer} <> ''", f"{product} <> ''"]
    if spec.label_key is not None:
        conditions.append(dialect.is_number(f"f{places.index(spec.label_key)}"))
    if spec.sample_percent < 100:
        sampled = dialect.md5(
            f"'{spec.seed}:' || {customer if spec.sample_by == 'customer' else row}"
        )
        conditions.append(f"{sampled} < {share_of_hashes(spec.sample_percent / 100)}")
    return (
        f"SELECT {', '.join(known)}, {_known(time, spec, dialect)}, label, category "
        f"FROM (SELECT {', '.join(values)}, {at} AS {time}, {label} AS label, "
        f"{category} AS category "
        f"FROM {source}) AS raw WHERE {' AND '.join(conditions)}"
    )


def of_customers(spec: ExamplesSpec, customer: str, percent: float) -> str:
    """SQL condition for the rows of a share of the sample's customers; of two shares, the larger
    one holds the smaller, as of two samples by customer. For DuckDB.

    Args:
        customer: SQL for a row's customer.
    """
    if percent == 100:
        return "true"
    of = spec.sample_percent / 100 if spec.sample_by == "customer" else 1.0
    return f"md5('{spec.seed}:' || {customer}) < {share_of_hashes(of * percent / 100)}"


def catalogue_query(spec: ExamplesSpec, side: SideView, one: Relation, say: type[Dialect]) -> str:
    """Each product of a table of products: the features that describe one under their places,
    `label`, `category`, and `available`. What only purchases have is missing.

    Args:
        one: what `one_per_key` makes of the table.
    """
    key = key_name(side)
    dialect = say({**one.types, key: "STRING" if say is BigQuery else "VARCHAR"})

    def value(feature: RawFeature) -> str:
        if feature.key == spec.product_key:
            return dialect.identifier(key)
        column = key if feature.column == side.of.column else feature.column
        if column not in dialect.types:
            return dialect.missing(feature.type)
        return dialect.value(column, feature.type, feature.form)

    describing = {spec.product_key, *spec.candidate_keys}
    values = [
        f"{value(feature)} AS f{place}"
        for place, feature in enumerate(spec.features)
        if feature.key in describing
    ]
    values += [f"{value(feature)} AS r{place}" for place, feature in enumerate(spec.rule_features)]
    label, category = (
        dialect.value(column, RawType.TEXT) if column and column in dialect.types else "''"
        for column in (spec.name_column, spec.category_column)
    )
    available = f"coalesce({available_condition(side, dialect)}, false)"
    return (
        f"SELECT {', '.join(values)}, {label} AS label, {category} AS category, "
        f"{available} AS available "
        f"FROM {one.table} AS catalogue"
    )


def rows_query(spec: ExamplesSpec, dialect: Dialect, source: str) -> str:
    """What becomes of all rows of the source, sampled or not: one row, as `SourceRows` has it."""
    columns = {feature.key: feature for feature in spec.features}
    customer, product, rating = (
        dialect.value(columns[key].column, columns[key].type, columns[key].form)
        if key is not None
        else None
        for key in (spec.customer_key, spec.product_key, spec.label_key)
    )
    assert customer is not None
    assert product is not None
    rated = dialect.is_number(rating) if rating is not None else None
    if spec.timestamp_column is None:
        return counting(source, customer, product, rated=rated)
    return counting(
        source,
        customer,
        product,
        rated=rated,
        moment=dialect.value(spec.timestamp_column, RawType.TIMESTAMP),
        time_given=f"{dialect.value(spec.timestamp_column, RawType.TEXT)} <> ''",
        missing_time=dialect.missing_time(),
        latest=spec.latest_time,
    )


def _known(moment: str, spec: ExamplesSpec, dialect: Dialect) -> str:
    """A purchase's time under the same name; missing where it cannot be one."""
    possible = plausible(moment, spec.latest_time)
    return f"CASE WHEN {possible} THEN {moment} ELSE {dialect.missing_time()} END AS {moment}"


def row_key(customer: str, product: str, time: str) -> str:
    """What tells a row from others, as SQL text that both dialects understand."""
    return f"{customer} || ':' || {product} || ':' || CAST({time} AS STRING)"


def share_of_hashes(share: float) -> str:
    """The hex digits, as an SQL string, below which a `share` of all MD5 values lies."""
    return f"'{min(int(share * _MD5_VALUES), _MD5_VALUES - 1):032x}'"
