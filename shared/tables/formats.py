"""Values in the forms that people export, as DuckDB's types: the SQL of a column's format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shared.columns import ColumnType
from shared.columns.text_form import INTEGER, TextForm, duckdb_text, trimmed
from shared.documents.source import EXCEL, ISO, ISO_WEEK, UNITS, ColumnFormat, FileOptions, Mark
from shared.tables.sql import literal, quote
from shared.tables.stored_types import family

MOMENT = "TIMESTAMP WITH TIME ZONE"
_STORED = {
    ColumnType.STRING: "VARCHAR",
    ColumnType.INTEGER: "HUGEINT",
    ColumnType.FLOAT: "DOUBLE",
    ColumnType.TIMESTAMP: MOMENT,
    ColumnType.BOOLEAN: "BOOLEAN",
}
# Signs of currencies, three letters of one, and percent, with the spaces beside them.
_SPACE = r"[ \t\x{00A0}\x{202F}\x{2009}]"
SIGNS = (
    rf"{_SPACE}*([$€£¥₹₽₩₺₪¢%]|\b(EUR|USD|GBP|CHF|JPY|CNY|INR|SEK|NOK|DKK|PLN|CZK|HUF|BRL|MXN|CAD|AUD"
    rf"|NZD|ZAR|RUB|TRY|Fr|kr|zł|R)\b\.?){_SPACE}*"
)
# Thousands stand in groups of three (in India, of two before the last), all apart in one way.
_GROUPS = rf"[0-9]{{1,3}}('[0-9]{{3}})+|[0-9]{{1,3}}({_SPACE}[0-9]{{3}})+|[0-9]+"
NUMBER: dict[Mark, str] = {
    ".": rf"([0-9]{{1,3}}(,[0-9]{{2,3}})*,[0-9]{{3}}|{_GROUPS})(\.[0-9]*)?|\.[0-9]+",
    ",": rf"([0-9]{{1,3}}(\.[0-9]{{3}})+|{_GROUPS})(,[0-9]*)?|,[0-9]+",
}
# 1970 and the end of 9999, in days since 1900.
_EXCEL_1970, _EXCEL_LAST = 25_569, 2_958_465
_ZONED = r"(Z|UTC|GMT|[+-][0-9]{2}(:?[0-9]{2})?)$"
# From the year 1 to 9999, in seconds since 1970.
_CALENDAR = (-62_135_596_800, 253_402_300_799)
_TRUE = ("true", "t", "yes", "y", "1", "ja", "j", "oui", "si", "sí", "wahr", "vrai")
_FALSE = ("false", "f", "no", "n", "0", "nein", "non", "falsch", "faux")


def formatted(
    name: str, stored: str, options: FileOptions, types: Mapping[str, str]
) -> tuple[str, str]:
    """A column's values as SQL, null where they are not as its format says, and their type.

    Args:
        types: DuckDB's type of each column as it is stored.
    """
    form = options.columns.get(name, ColumnFormat())
    column = quote(name)
    if form.times or form.time_of_day or form.type is ColumnType.TIMESTAMP:
        value = as_time(column, stored, form.times or [ISO], options.zone)
        other = form.time_of_day
        if other is not None and other in types:
            value = _at(value, quote(other), types[other], options.zone)
        return value, MOMENT
    if form.decimal is not None and form.type in (None, ColumnType.FLOAT, ColumnType.INTEGER):
        number = as_number(column, stored, form.decimal)
        return (
            (_whole(number), "HUGEINT") if form.type is ColumnType.INTEGER else (number, "DOUBLE")
        )
    if form.type is None:
        if family(stored) == "time" and options.zone and "ZONE" not in stored:
            return f"timezone({literal(options.zone)}, CAST({column} AS TIMESTAMP))", MOMENT
        return column, stored
    target = _STORED[form.type]
    if form.type is ColumnType.STRING:
        return (column if stored == target else duckdb_text(column, stored)), target
    text = f"trim({duckdb_text(column, stored, TextForm.CODE)})"
    if form.type is ColumnType.INTEGER:
        whole = rf"regexp_replace({text}, '\.0+$', '')"
        return (
            f"CASE WHEN regexp_full_match({text}, '[+]?0*({INTEGER})') "
            f"THEN TRY_CAST({whole} AS HUGEINT) END"
        ), target
    if form.type is ColumnType.FLOAT:
        return f"TRY_CAST({text} AS DOUBLE)", target
    if stored == "BOOLEAN":
        return column, target
    yes, no = (", ".join(map(literal, words)) for words in (_TRUE, _FALSE))
    return (
        f"CASE WHEN lower({text}) IN ({yes}) THEN true WHEN lower({text}) IN ({no}) THEN false END",
        target,
    )


def without(column: str, stored: str, missing: Sequence[str]) -> str:
    """A column, null where it has one of the texts that mean a missing value in its source."""
    if not missing or family(stored) not in ("text", "number"):
        return column
    text = trimmed(column) if stored == "VARCHAR" else duckdb_text(column, stored)
    listed = ", ".join(literal(text.strip()) for text in missing)
    return f"CASE WHEN {text} IN ({listed}) THEN NULL ELSE {column} END"


def as_time(column: str, stored: str, forms: list[str], zone: str | None) -> str:
    """Moments; of those without a zone, in `zone` or UTC."""
    if family(stored) == "time":
        if zone and "ZONE" not in stored:
            return f"timezone({literal(zone)}, CAST({column} AS TIMESTAMP))"
        return f"CAST({column} AS {MOMENT})"
    text = f"trim({duckdb_text(column, stored, TextForm.CODE)})"
    found = [_unit(text, UNITS[form]) for form in forms if form in UNITS]
    if EXCEL in forms:
        found.append(_in_zone(_excel(text), zone))
    if ISO in forms:
        zoned = f"TRY_CAST({text} AS {MOMENT})"
        found.append(
            f"CASE WHEN regexp_matches({text}, '{_ZONED}') THEN {zoned} "
            f"ELSE {_in_zone(f'TRY_CAST({text} AS TIMESTAMP)', zone)} END"
            if zone
            else zoned
        )
    if ISO_WEEK in forms:
        week = f"regexp_replace(upper({text}), '^([0-9]{{4}})-?W([0-9]{{2}})$', '\\1-W\\2-1')"
        day = f"regexp_replace({week}, '^([0-9]{{4}})-?W([0-9]{{2}})-?([1-7])$', '\\1-W\\2-\\3')"
        found.append(_in_zone(f"try_strptime({day}, '%G-W%V-%u')", zone))
    for zoned_ones in (False, True):
        patterns = [
            form
            for form in forms
            if "%" in form and bool({"%z", "%Z"} & _fields(form)) == zoned_ones
        ]
        if patterns:
            listed = ", ".join(map(literal, patterns))
            spaced = f"regexp_replace({text}, '([AaPp])[.] ?([Mm])[.]?', '\\1\\2')"
            moment = f"try_strptime({spaced}, [{listed}])"
            found.append(moment if zoned_ones else _in_zone(moment, zone))
    return found[0] if len(found) == 1 else f"coalesce({', '.join(found)})"


def as_number(column: str, stored: str, decimal: Mark) -> str:
    """Numbers with this decimal mark. `(12)` and `12-` are negative, as bookkeepers write them."""
    if stored != "VARCHAR":
        return f"TRY_CAST({column} AS DOUBLE)"
    bare = f"regexp_replace(trim({column}), {literal(SIGNS)}, '', 'g')"
    minus = f"regexp_matches({bare}, '^[-−(]|[-−)]$')"
    plain = f"regexp_replace({bare}, '^[-+−(]+|[-−)]+$', '', 'g')"
    digits = (
        f"regexp_replace({plain}, {literal('[^0-9,]' if decimal == ',' else '[^0-9.]')}, '', 'g')"
    )
    return (
        f"CASE WHEN regexp_full_match({plain}, {literal(NUMBER[decimal])}) THEN "
        f"TRY_CAST(CASE WHEN {minus} THEN '-' ELSE '' END || replace({digits}, ',', '.') AS DOUBLE)"
        " END"
    )


def _fields(pattern: str) -> set[str]:
    return {f"%{part[0]}" for part in pattern.replace("%%", "").split("%")[1:] if part}


def _whole(number: str) -> str:
    return f"CASE WHEN {number} = trunc({number}) THEN TRY_CAST({number} AS HUGEINT) END"


def _unit(text: str, unit: int) -> str:
    number = f"TRY_CAST({text} AS DOUBLE)"
    low, high = (bound * unit for bound in _CALENDAR)
    micros = f"CAST(round({number} * ({1_000_000} / {unit}::DOUBLE)) AS BIGINT)"
    return f"CASE WHEN {number} BETWEEN {low} AND {high} THEN make_timestamptz({micros}) END"


def _excel(text: str) -> str:
    """Days since 1899-12-30, from 1900-03-01 on: before that workbooks count a day too many."""
    days = f"TRY_CAST({text} AS DOUBLE)"
    seconds = f"CAST(round(({days} - {_EXCEL_1970}) * 86400) AS BIGINT)"
    moment = f"CAST(make_timestamp({seconds} * 1000000) AS TIMESTAMP)"
    return f"CASE WHEN {days} BETWEEN 61 AND {_EXCEL_LAST} THEN {moment} END"


def _in_zone(moment: str, zone: str | None) -> str:
    return f"timezone({literal(zone)}, {moment})" if zone else f"CAST({moment} AS {MOMENT})"


def _at(day: str, other: str, stored: str, zone: str | None) -> str:
    """A day at the time of day that another column says; at midnight where it says none."""
    if stored == "TIME":
        time = other
    else:
        text = f"trim({duckdb_text(other, stored, TextForm.CODE)})"
        time = (
            f"coalesce(TRY_CAST({text} AS TIME), CAST(try_strptime({text}, "
            "['%I:%M %p', '%I:%M:%S %p', '%H:%M', '%H.%M', '%H%M%S', '%H%M']) AS TIME))"
        )
    local = f"timezone({literal(zone or 'UTC')}, {day})"
    return _in_zone(f"CAST({local} AS DATE) + coalesce({time}, TIME '00:00:00')", zone)
