"""The candidates: every product of the rows, and of a table of products those that may be
recommended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from shared.examples import RawFeature, RawType


@dataclass(frozen=True)
class Offered:
    """Ordered by product id.

    Attributes:
        names, categories: "" where there is none.
        available: whether each may be recommended; None where nothing says so.
        columns: what rules read, under their keys.
    """

    names: pa.Array
    categories: pa.Array
    available: pa.Array | None
    columns: pa.Table


def make_offered(
    connection: duckdb.DuckDBPyConnection,
    product: str,
    attributes: str,
    catalogue: bool,
    rule_features: Sequence[RawFeature] = (),
) -> Offered:
    """Makes the table `offered` of the candidates' attributes out of `examples` and, if there is
    one, `catalogue`.

    A product has the most frequent combination of attributes among its rows, of equally frequent
    ones the latest; held-out rows count only where it has no others. One that has no rows has those
    of the catalogue.

    Args:
        product: the column of ids.
        rule_features: the columns `r0`, `r1` …, of which a product has the latest known values.
    """
    connection.execute(
        f"CREATE TEMP TABLE pool AS SELECT * FROM examples WHERE NOT out "
        f"OR {product} NOT IN (SELECT {product} FROM examples WHERE NOT out)"
    )
    offered = _most_frequent(product, attributes)
    if catalogue:
        offered = (
            f"SELECT {attributes} FROM ({offered}) UNION ALL SELECT {attributes} FROM catalogue "
            f"WHERE available AND {product} NOT IN (SELECT {product} FROM examples)"
        )
    connection.execute(f"CREATE TEMP TABLE offered AS {offered}")
    named, sorted_into = (
        _most_frequent(product, f"{product}, {what}", f"{what} <> ''")
        for what in ("label", "category")
    )
    own = "label AS own_label, category AS own_category, available FROM catalogue"
    if not catalogue:
        own = "'' AS own_label, '' AS own_category, true AS available FROM offered LIMIT 0"
    found = connection.sql(
        "SELECT coalesce(label, own_label, '') AS name, "
        "coalesce(category, own_category, '') AS category, "
        f"coalesce(available, true) AS available FROM offered LEFT JOIN ({named}) "
        f"USING ({product}) LEFT JOIN ({sorted_into}) USING ({product}) "
        f"LEFT JOIN (SELECT {product}, {own}) USING ({product}) ORDER BY {product}"
    ).to_arrow_table()
    names, categories = (
        found[what].cast(pa.string()).combine_chunks() for what in ("name", "category")
    )
    return Offered(
        names,
        categories,
        found["available"].combine_chunks() if catalogue else None,
        _latest(connection, product, catalogue, rule_features),
    )


def _latest(
    connection: duckdb.DuckDBPyConnection,
    product: str,
    catalogue: bool,
    features: Sequence[RawFeature],
) -> pa.Table:
    """What rules read, of each product in the order of ids."""
    if not features:
        return pa.table({})
    latest, shown = [], []
    for place, feature in enumerate(features):
        name, own = f"r{place}", f"own.r{place}, " if catalogue else ""
        known, nothing = f"{name} <> ''", "''"
        if feature.type is RawType.NUMBER:
            known, nothing = f"isfinite({name})", "'nan'::FLOAT"
        moment = f"{{'at': \"at\", 'value': {name}}}"  # of one moment, the greatest value
        latest.append(f"arg_max({name}, {moment}) FILTER ({known}) AS {name}")
        shown.append(f"coalesce(latest.{name}, {own}{nothing}) AS {name}")
    joined = f"LEFT JOIN catalogue AS own USING ({product})" if catalogue else ""
    found = connection.sql(
        f"SELECT {', '.join(shown)} FROM offered LEFT JOIN (SELECT {product}, {', '.join(latest)} "
        f"FROM pool GROUP BY {product}) AS latest USING ({product}) {joined} ORDER BY {product}"
    ).to_arrow_table()
    types = {RawType.TEXT: pa.string(), RawType.NUMBER: pa.float32()}
    columns = zip(features, found.columns, strict=True)
    return pa.table({one.key: values.cast(types[one.type]) for one, values in columns})


def _most_frequent(product: str, columns: str, condition: str = "true") -> str:
    """The most frequent (then latest, then first in order) combination for each product."""
    return (
        f"SELECT {columns} FROM pool WHERE {condition} GROUP BY {columns} "
        f"QUALIFY row_number() OVER (PARTITION BY {product} "
        f'ORDER BY count(*) DESC, max("at") DESC, {columns}) = 1'
    )
