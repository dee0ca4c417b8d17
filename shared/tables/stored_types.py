"""The type that holds the values of one column in files that store it as different types."""

from __future__ import annotations

import re
from collections.abc import Iterable

NULL = '"NULL"'  # DuckDB's type of a column in which Parquet stores nulls only
_DIGITS = {
    **{"TINYINT": 3, "SMALLINT": 5, "INTEGER": 10, "BIGINT": 19},
    **{"UTINYINT": 3, "USMALLINT": 5, "UINTEGER": 10, "UBIGINT": 20},
    **{"HUGEINT": 39, "UHUGEINT": 39, "BIGNUM": 39},
}
_FLOATS = {"FLOAT", "DOUBLE"}
_TEXT = {"VARCHAR", "UUID", "JSON", "ENUM"}
_ZONE = "TIMESTAMP WITH TIME ZONE"
_TIMES = {
    *("DATE", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", _ZONE),
    "TIMESTAMP_NS WITH TIME ZONE",
}
_DECIMAL = re.compile(r"DECIMAL\((\d+),(\d+)\)")
_MOST_DIGITS = 38  # of DuckDB's DECIMAL


def family(stored: str) -> str | None:
    """`text`, `number`, `time`, `boolean`, `null`, `list`; None for what no feature can be made of.

    A list is of numbers or texts, and read as text: `list_as_text`.
    """
    if stored.endswith("]"):
        return "list" if family(stored.rpartition("[")[0]) in ("text", "number") else None
    plain = stored.split("(")[0]
    if plain in _TEXT:
        return "text"
    if plain in _DIGITS or plain in _FLOATS or plain == "DECIMAL":
        return "number"
    if plain in _TIMES:
        return "time"
    return {"BOOLEAN": "boolean", NULL: "null"}.get(plain)


def list_as_text(value: str, stored: str) -> str:
    """A list as text in DuckDB's SQL: numbers with a space between them, texts with a `|`; null
    where it is empty."""
    between = " " if family(stored.rpartition("[")[0]) == "number" else "|"
    return f"nullif(array_to_string({value}, '{between}'), '')"


def widest(types: Iterable[str]) -> str | None:
    """The narrowest type that every value of these types can be converted to without loss, so far
    as types alone can say (`is_lossless`); None where there is none.

    Numbers beside text are text, written as they are; dates beside times are times; times without a
    zone are UTC. All types have a `family`.
    """
    found = {stored for stored in types if stored != NULL}
    found = {"VARCHAR" if family(stored) == "list" else stored for stored in found}
    if len(found) <= 1:
        return found.pop() if found else NULL
    families = {family(stored) for stored in found}
    if families <= {"text", "number"} and "text" in families:
        return "VARCHAR"
    if families == {"time"}:
        zoned = any(stored.endswith("ZONE") for stored in found)
        return _ZONE if zoned else "TIMESTAMP"
    if families != {"number"}:
        return None
    if found & _FLOATS:
        return "DOUBLE"
    scale = max(_scale(stored) for stored in found)
    if scale == 0 and not any(stored.startswith("DECIMAL") for stored in found):
        small = all(_DIGITS[stored] <= 19 for stored in found)
        return "BIGINT" if small else "HUGEINT"
    digits = max(_digits(stored) - _scale(stored) for stored in found)
    return f"DECIMAL({digits + scale},{scale})" if digits + scale <= _MOST_DIGITS else None


def is_lossless(stored: str, target: str) -> bool:
    """Whether any value of a type can be converted; of others, each has to be looked at."""
    if target != "DOUBLE":
        return target != "HUGEINT" or stored not in ("UHUGEINT", "BIGNUM")
    return stored in _FLOATS or _digits(stored) <= 15


def _digits(stored: str) -> int:
    decimal = _DECIMAL.fullmatch(stored)
    return int(decimal[1]) if decimal else _DIGITS.get(stored, 0)


def _scale(stored: str) -> int:
    decimal = _DECIMAL.fullmatch(stored)
    return int(decimal[2]) if decimal else 0
