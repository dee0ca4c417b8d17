"""Conditions on rows, in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from shared.columns import ColumnType, RawType
from shared.columns.text_form import TextForm
from shared.documents.tables import Value
from shared.tables.dialect import Dialect
from shared.views import Condition


def all_of(conditions: Sequence[Condition], say: Dialect) -> str:
    """Whether a row meets all of them."""
    return f"({' AND '.join(_condition(one, say) for one in conditions) or 'true'})"


def _condition(one: Condition, say: Dialect) -> str:
    if one.op in ("missing", "present"):
        return _negated(_missing(one, say), one.op == "present")
    equal = " OR ".join(_equal(one, value, say) for value in one.values)
    if one.op in ("==", "in", "!=", "not in"):
        return _negated(equal, one.op in ("!=", "not in"))
    (value,) = one.values
    if one.type is ColumnType.TIMESTAMP:
        second = seconds(value)
        at = second + 1 if one.op in (">", "<=") else second
        starts = one.op in (">", ">=")
        return say.time_from(one.column, at) if starts else say.time_before(one.column, at)
    return say.number_compared(one.column, one.op, float(value))


def _negated(condition: str, so: bool) -> str:
    return f"NOT coalesce({condition}, false)" if so else f"({condition})"


def _missing(one: Condition, say: Dialect) -> str:
    if one.type is ColumnType.TIMESTAMP:
        return f"{say.value(one.column, RawType.TIMESTAMP)} = {say.missing_time()}"
    return f"{text_of(say, one.column, one.form)} = ''"


def _equal(one: Condition, value: Value, say: Dialect) -> str:
    if one.type is ColumnType.TIMESTAMP:
        second = seconds(value)
        after, before = say.time_from(one.column, second), say.time_before(one.column, second + 1)
        return f"({after} AND {before})"
    if one.type is ColumnType.FLOAT:
        return say.number_compared(one.column, "=", float(value))
    if isinstance(value, bool):
        value = str(value).lower() if one.type is not ColumnType.INTEGER else int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return f"{text_of(say, one.column, one.form)} = {say.literal(str(value))}"


def seconds(value: Value) -> int:
    """A time in ISO 8601 in whole seconds since 1970; UTC where it names no zone. Raises
    ValueError."""
    moment = datetime.fromisoformat(str(value))
    moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return int(moment.timestamp() // 1)


def text_of(say: Dialect, column: str, form: TextForm) -> str:
    """A column's values as text, "" where missing."""
    return say.value(column, RawType.TEXT, form)
