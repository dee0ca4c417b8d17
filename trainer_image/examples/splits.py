"""Which rows are cut off, as SQL conditions."""

from __future__ import annotations

import duckdb

from shared.examples import MISSING_TIMESTAMP, ExamplesSpec
from shared.tables.sql import literal


def latest(connection: duckdb.DuckDBPyConnection, rows: str, fraction: float) -> str:
    """SQL condition for the rows of a temporal split that are held out.

    Args:
        rows: of which a fraction is, as a table expression.
    """
    cutoff = connection.execute(
        f'WITH moments AS (SELECT "at", count(*) AS n FROM {rows} GROUP BY "at"), '
        'ends AS (SELECT "at", sum(n) OVER (ORDER BY "at" DESC) AS later FROM moments '
        f'WHERE "at" > {MISSING_TIMESTAMP + 1}::BIGINT - 1) '
        'SELECT coalesce(min("at") FILTER '
        f'(later <= ? * (SELECT count(*) FROM {rows})), max("at")) FROM ends',
        [fraction],
    ).fetchone()
    if cutoff is None or cutoff[0] is None:
        return "false"
    return f'"at" >= {cutoff[0]}::BIGINT'


def latest_and_some(
    connection: duckdb.DuckDBPyConnection, rows: str, fraction: float, pair: str
) -> str:
    """The same, with a part of the rows of the moment that is too large to be held out whole.

    Args:
        pair: SQL for the hash of a row's customer and product, by which that moment is cut.
    """
    whole = connection.execute(
        f'WITH moments AS (SELECT "at", count(*) AS n FROM {rows} GROUP BY "at"), '
        'ends AS (SELECT "at", n, sum(n) OVER (ORDER BY "at" DESC) AS later FROM moments '
        f'WHERE "at" > {MISSING_TIMESTAMP + 1}::BIGINT - 1) '
        f'SELECT "at", ?::DOUBLE * (SELECT count(*) FROM {rows}) - (later - n) AS room FROM ends '
        f'WHERE later > ?::DOUBLE * (SELECT count(*) FROM {rows}) ORDER BY "at" DESC LIMIT 1',
        [fraction, fraction],
    ).fetchone()
    if whole is None:  # all rows with a time are few enough
        return latest(connection, rows, fraction)
    moment, room = whole
    last_moment = connection.execute(f'SELECT max("at") FROM {rows}').fetchone()
    # Not even one pair may have room; the last moment of all gives one up nevertheless.
    at_least = "min(hash)" if last_moment == (moment,) else "''"
    (last,) = connection.execute(
        f'WITH pairs AS (SELECT {pair} AS hash, count(*) AS n FROM {rows} WHERE "at" = ? '
        "GROUP BY hash), ends AS (SELECT hash, sum(n) OVER (ORDER BY hash) AS n FROM pairs) "
        f"SELECT coalesce(max(hash) FILTER (n <= ?), {at_least}) FROM ends",
        [moment, room],
    ).fetchone() or ("",)
    cut = f"{moment}::BIGINT"
    return f'("at" > {cut} OR "at" = {cut} AND {pair} <= {literal(last)})'


def some(connection: duckdb.DuckDBPyConnection, rows: str, fraction: float, pair: str) -> str:
    """SQL condition for as many pairs of customer and product as have room in a fraction of the
    rows, in the order of their hash: at least one, and not all where there are several.

    Args:
        rows: of which a fraction is, as a table expression.
        pair: SQL for the hash of a row's customer and product.
    """
    found = connection.execute(
        f"WITH pairs AS (SELECT {pair} AS hash, count(*) AS n FROM {rows} GROUP BY hash), "
        "ends AS (SELECT hash, sum(n) OVER (ORDER BY hash) AS n FROM pairs) "
        f"SELECT coalesce(max(hash) FILTER (n <= ? * (SELECT count(*) FROM {rows})), min(hash)), "
        "count(*) FROM ends",
        [fraction],
    ).fetchone()
    if found is None or found[1] < 2:
        return "false"
    return f"{pair} <= {literal(found[0])}"


def last_of_each(connection: duckdb.DuckDBPyConnection, rows: str, customer: str, pair: str) -> str:
    """SQL condition for the last row of each customer who has others: by time, and where that is
    the same or not known by the hash of customer and product. Rows that are equal in all three stay
    together.

    Args:
        customer: SQL for a row's customer.
        pair: SQL for the hash of a row's customer and product.
    """
    connection.execute(
        f'CREATE TEMP TABLE last_of_each AS SELECT who, "at", hash FROM (SELECT {customer} AS who, '
        f'"at", {pair} AS hash, row_number() OVER whose AS place, min({pair} || "at") OVER whole '
        f'AS lowest, max({pair} || "at") OVER whole AS highest FROM {rows} WINDOW '
        f'whose AS (PARTITION BY {customer} ORDER BY "at" DESC, {pair}), '
        f"whole AS (PARTITION BY {customer})) WHERE place = 1 AND lowest < highest"
    )
    return f'({customer}, "at", {pair}) IN (SELECT (who, "at", hash) FROM last_of_each)'


def share_of_products(
    connection: duckdb.DuckDBPyConnection, rows: str, product: str, spec: ExamplesSpec
) -> str:
    """SQL condition for all rows of so large a share of the products, by a hash of the seed and the
    product: at least of one, and not of the last.

    Args:
        rows: as a table expression.
        product: SQL for a row's product.
    """
    hashed = f"md5('{spec.seed}:product:' || {product})"
    found = connection.execute(
        f"SELECT list(hash ORDER BY hash) FROM (SELECT DISTINCT {hashed} AS hash FROM {rows})"
    ).fetchone()
    hashes = found[0] if found and found[0] else []
    if not hashes:
        return "false"
    many = min(round(spec.holdout_fraction * len(hashes)), len(hashes) - 1)
    return f"{hashed} <= {literal(hashes[max(many, 1) - 1])}"
