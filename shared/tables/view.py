"""A view as SQL: one relation of rows with all that belongs to them, and the tables beside it.

Both databases and both readers, the profiler and the examples stage, get the same rows.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from shared.columns import RawType
from shared.tables.conditions import all_of, text_of
from shared.tables.dialect import Dialect
from shared.views import Condition, KindsOf, SideView, View

_BEFORE_ALL, _AFTER_ALL = -(2**62), 2**62


@dataclass(frozen=True)
class Relation:
    """Attributes:
    table: a table expression.
    types: the database's type of each column.
    """

    table: str
    types: Mapping[str, str]


def viewed(
    view: View, events: Relation, sides: Mapping[str, Relation], dialect: type[Dialect]
) -> Relation:
    """The rows of a view.

    Args:
        events: the source's rows, as they are stored.
        sides: of the further tables, what `one_per_key` makes of them, by name.
    """
    found = _of_kinds(view, _kept(events, view.where, dialect), dialect)
    return _complete(view, found, sides, dialect)


def history_of(
    view: View, events: Relation, sides: Mapping[str, Relation], dialect: type[Dialect]
) -> Relation:
    """The rows of a view that are history alone. Args: as of `viewed`."""
    assert view.kinds is not None
    kept = _kept(events, view.where, dialect)
    say = dialect(kept.types)
    kind = text_of(say, view.kinds.kind.column, view.kinds.kind.form)
    of_kinds = f"{kind} IN ({_listed(view.kinds.histories, say)})"
    found = Relation(f"(SELECT * FROM {kept.table} AS kept WHERE {of_kinds})", kept.types)
    return _complete(view, found, sides, dialect)


def one_per_key(side: SideView, stored: Relation, dialect: type[Dialect]) -> Relation:
    """The rows of a table that have a key, one for each: the latest, or else the first in the order
    of a hash of their values. Its columns have the names of the view, and the key is `key_name`.

    Args:
        stored: the table as it is.
    """
    say = dialect(stored.types)
    key, time, tie = fresh(["id", "moment", "tie"], [*side.columns.values(), *stored.types])
    moment = _latest(side, say, stored.types)
    values = [f"{text_of(say, side.key.column, side.key.form)} AS {say.identifier(key)}"]
    values += [f"{moment} AS {time}", f"{_row_hash(say, stored.types)} AS {tie}"]
    for column, name in side.columns.items():
        values.append(f"{say.identifier(column)} AS {say.identifier(name)}")
    named = [say.identifier(name) for name in side.columns.values()]
    listed = ", ".join([f"{say.identifier(key)} AS {key_name(side)}", *named])
    table = (
        f"(SELECT {listed} FROM (SELECT {', '.join(values)} FROM {stored.table}) AS side "
        f"WHERE {say.identifier(key)} <> '' QUALIFY row_number() OVER (PARTITION BY "
        f"{say.identifier(key)} ORDER BY {time} DESC, {tie}) = 1)"
    )
    types = {name: stored.types[column] for column, name in side.columns.items()}
    return Relation(table, types)


def key_name(side: SideView) -> str:
    """The key of `one_per_key`, which no column is called."""
    (name,) = fresh(["side_key"], side.columns.values())
    return name


def side_counts(side: SideView, stored: Relation, dialect: type[Dialect]) -> str:
    """A query for one row: `rows`, `missing_keys` and `duplicates` of a table as it is."""
    say = dialect(stored.types)
    key = text_of(say, side.key.column, side.key.form)
    return (
        "SELECT count(*) AS total, count(CASE WHEN k = '' THEN 1 END) AS missing_keys, "
        "count(CASE WHEN k <> '' THEN 1 END) - count(DISTINCT CASE WHEN k <> '' THEN k END) "
        f"AS duplicates FROM (SELECT {key} AS k FROM {stored.table}) AS side"
    )


def use_counts(
    side: SideView, rows: Relation, one: Relation, dialect: type[Dialect], *, catalogue: bool
) -> str:
    """A query for one row: `orphans`, the view's rows whose id the table lacks; `unused`, the
    table's keys that no row has; `unavailable`, those that may not be recommended.

    Args:
        rows: the view's.
        one: what `one_per_key` makes of the table.
    """
    say, of_side = dialect(rows.types), dialect(one.types)
    mine, key = text_of(say, side.of.column, side.of.form), key_name(side)
    available = available_condition(side, of_side) if catalogue else "true"
    return (
        f"SELECT (SELECT count(*) FROM (SELECT {mine} AS k FROM {rows.table}) AS r WHERE k <> '' "
        f"AND k NOT IN (SELECT {key} FROM {one.table} AS o)) AS orphans, "
        f"(SELECT count(*) FROM {one.table} AS o WHERE {key} NOT IN "
        f"(SELECT {mine} FROM {rows.table} AS r)) AS unused, "
        f"(SELECT count(*) FROM {one.table} AS o WHERE NOT coalesce({available}, false)) "
        "AS unavailable"
    )


def available_condition(side: SideView, say: Dialect) -> str:
    """Whether a product of `one_per_key` may be recommended."""
    renamed = [
        one.model_copy(update={"column": side.columns[one.column]}) for one in side.available
    ]
    return all_of(renamed, say)


def selection(view: View, events: Relation, dialect: type[Dialect]) -> str:
    """A query for one row, of the source's rows that meet the view's conditions on its own columns:
    `kept`, all of them; `other_kind`, `negative` and `history`, those that are no targets;
    `targets`, those that no negative row has taken back.
    """
    kept = _kept(events, view.where, dialect)
    say = dialect(kept.types)
    left = _of_kinds(view, kept, dialect).table
    other = negative = history = "false"
    kind = say.literal("")
    if view.kinds is not None:
        kind = text_of(say, view.kinds.kind.column, view.kinds.kind.form)
        known = [*view.kinds.targets, *view.kinds.negatives, *view.kinds.histories]
        other = f"k NOT IN ({_listed(known, say)})"
        if view.kinds.negatives:
            negative = f"k IN ({_listed(view.kinds.negatives, say)})"
        if view.kinds.histories:
            history = f"k IN ({_listed(view.kinds.histories, say)})"
    return (
        f"SELECT count(*) AS kept, count(CASE WHEN {other} THEN 1 END) AS other_kind, "
        f"count(CASE WHEN {negative} THEN 1 END) AS negative, "
        f"count(CASE WHEN {history} THEN 1 END) AS history, "
        f"(SELECT count(*) FROM {left} AS t) AS targets "
        f"FROM (SELECT {kind} AS k FROM {kept.table} AS kept) AS counted"
    )


def fresh(wanted: Sequence[str], taken: Collection[str]) -> list[str]:
    """Names that are not taken, case aside."""
    known = {name.casefold() for name in taken}
    found = []
    for name in wanted:
        while name in known:
            name = f"{name}_"
        found.append(name)
    return found


def _complete(
    view: View, rows: Relation, sides: Mapping[str, Relation], dialect: type[Dialect]
) -> Relation:
    """Rows with what is joined to them, as far as they meet the conditions on that."""
    for name, side in view.sides.items():
        if side.columns:
            rows = _joined(rows, side, sides[name], dialect)
    return _kept(rows, view.where_joined, dialect)


def _kept(rows: Relation, conditions: Sequence[Condition], dialect: type[Dialect]) -> Relation:
    if not conditions:
        return rows
    where = all_of(conditions, dialect(rows.types))
    return Relation(f"(SELECT * FROM {rows.table} AS kept WHERE {where})", rows.types)


def _listed(texts: Sequence[str], say: Dialect) -> str:
    return ", ".join(map(say.literal, texts))


def _row_hash(say: Dialect, names: Collection[str]) -> str:
    """Of all values of a row, to put rows that are alike otherwise into an order."""
    separator = say.literal("\x1f")
    return say.md5(f" || {separator} || ".join(say.plain_text(name) for name in sorted(names)))


def _latest(side: SideView, say: Dialect, types: Mapping[str, str]) -> str:
    if side.latest_by is None:
        return "0"
    return say.value(side.latest_by, RawType.TIMESTAMP)


def _of_kinds(view: View, rows: Relation, dialect: type[Dialect]) -> Relation:
    """The targets that nothing has taken back.

    A negative row takes back the latest target of its customer and product before it that none has
    taken back yet, as brackets close. With `depth` targets open after each row, never less than
    none, a target is taken back where fewer are open at any later row.
    """
    kinds = view.kinds
    if kinds is None:
        return rows
    say = dialect(rows.types)
    kind = text_of(say, kinds.kind.column, kinds.kind.form)
    targets = f"{kind} IN ({_listed(kinds.targets, say)})"
    if not kinds.negatives:
        return Relation(f"(SELECT * FROM {rows.table} AS kept WHERE {targets})", rows.types)
    names = ["who", "what", "moment", "step", "tie", "place", "total", "depth", "later"]
    who, what, moment, step, tie, place, total, depth, later = fresh(names, rows.types)
    pair = f"PARTITION BY {who}, {what}"
    until = f"OVER ({pair} ORDER BY {place} ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)"
    after = f"OVER ({pair} ORDER BY {place} ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)"
    own = ", ".join(map(say.identifier, rows.types))
    customer, product = (
        text_of(say, key.column, key.form) for key in (kinds.customer, kinds.product)
    )
    steps = (
        f"SELECT {own}, {customer} AS {who}, {product} AS {what}, "
        f"CASE WHEN {targets} THEN 1 ELSE -1 END AS {step}, {_moment(kinds, say, targets)} AS "
        f"{moment}, {_row_hash(say, rows.types)} AS {tie} FROM {rows.table} AS rows_of "
        f"WHERE {kind} IN ({_listed([*kinds.targets, *kinds.negatives], say)})"
    )
    placed = (
        f"SELECT *, row_number() OVER ({pair} ORDER BY {moment}, {step} DESC, {tie}) AS {place} "
        f"FROM ({steps}) AS steps"
    )
    summed = f"SELECT *, sum({step}) {until} AS {total} FROM ({placed}) AS placed"
    opened = (
        f"SELECT *, {total} - least(0, min({total}) {until}) AS {depth} FROM ({summed}) AS summed"
    )
    judged = f"SELECT *, min({depth}) {after} AS {later} FROM ({opened}) AS opened"
    return Relation(
        f"(SELECT {own} FROM ({judged}) AS judged WHERE {step} = 1 "
        f"AND ({later} IS NULL OR {later} >= {depth}))",
        rows.types,
    )


def _moment(kinds: KindsOf, say: Dialect, targets: str) -> str:
    """When a row was; of unknown times, targets come first and others last."""
    if kinds.time is None:
        return "0"
    time = say.value(kinds.time, RawType.TIMESTAMP)
    return (
        f"CASE WHEN {time} <> {say.missing_time()} THEN {time} "
        f"WHEN {targets} THEN {_BEFORE_ALL} ELSE {_AFTER_ALL} END"
    )


def _joined(rows: Relation, side: SideView, one: Relation, dialect: type[Dialect]) -> Relation:
    say = dialect(rows.types)
    (key,) = fresh(["of_side"], rows.types)
    names = [f"events.{say.identifier(name)}" for name in rows.types]
    names += [f"side.{say.identifier(name)}" for name in one.types]
    table = (
        f"(SELECT {', '.join(names)} FROM (SELECT *, {text_of(say, side.of.column, side.of.form)} "
        f"AS {key} FROM {rows.table} AS kept) AS events LEFT JOIN {one.table} AS side "
        f"ON events.{key} = side.{key_name(side)})"
    )
    return Relation(table, {**rows.types, **one.types})
