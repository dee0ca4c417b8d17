"""The one text of a value, and which texts mean that there is none.

An id that is stored as 1003, as 1003.0 or as text is the same id in the profile, in training and in
a prediction, because all three ask here: `local.data.column_statistics` and
`trainer_image.examples.sampling` for SQL, `trainer_image.serving.predictor` for values.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from enum import StrEnum

# What exports write where a value is missing. These mean nothing else, in a column of any type.
MARKERS = ("", "NULL", "null", "\\N", "N/A", "n/a", "#N/A", "<NA>", "NaN", "nan", "NaT", "(null)")
# These may be words (a surname Null, Namibia's code NA): missing in numbers, times, booleans and
# codes only.
WORDS = ("NA", "na", "Null", "None", "none", "NONE", "nil", "NIL", "NAN", "undefined", "-", "?")
ALL_MARKERS = (*MARKERS, *WORDS)

INTEGER = r"-?(0|[1-9][0-9]{0,37})(\.0+)?"
_BLANK = " \t\r\n\u00a0"
# Whole floating-point numbers below this are written as integers; 64 bits hold them.
WHOLE_BELOW = 9e18


class TextForm(StrEnum):
    """How the values of a column are written as text.

    `written` is text as it is. `code` is the same for ids and codes, where also WORDS are missing.
    `integer` and `boolean` are the usual text of such a value: `1003` for `1003.0`, `true` for
    `TRUE`.
    """

    WRITTEN = "written"
    CODE = "code"
    INTEGER = "integer"
    BOOLEAN = "boolean"

    @property
    def markers(self) -> Sequence[str]:
        """The texts that mean a missing value."""
        return MARKERS if self is TextForm.WRITTEN else ALL_MARKERS


def duckdb_text(name: str, stored: str, form: TextForm = TextForm.WRITTEN) -> str:
    """A value as text in DuckDB's SQL; null where it is missing.

    Args:
        name: the quoted column.
        stored: DuckDB's type of it.
    """
    if stored in ("FLOAT", "DOUBLE"):
        return _number_text(name)
    text = f"CAST({name} AS VARCHAR)"
    if stored.startswith("DECIMAL") and not stored.endswith(",0)"):
        return rf"regexp_replace({text}, '\.?0+$', '')"
    if stored != "VARCHAR":
        return text
    written = name
    if form is TextForm.INTEGER:
        whole = rf"regexp_replace({name}, '\.0+$', '')"
        written = (
            f"CASE WHEN NOT regexp_full_match({name}, '{INTEGER}') THEN {name} "
            f"WHEN {whole} = '-0' THEN '0' ELSE {whole} END"
        )
    elif form is TextForm.BOOLEAN:
        written = f"lower({name})"
    listed = ", ".join(f"'{marker}'" for marker in form.markers)
    return f"CASE WHEN {trimmed(name)} IN ({listed}) THEN NULL ELSE {written} END"


def trimmed(name: str) -> str:
    """A text as it is compared with markers, in DuckDB's SQL."""
    return f"trim({name}, '{_BLANK}')"


def _number_text(number: str) -> str:
    return (
        f"CASE WHEN isnan({number}) THEN NULL "
        f"WHEN abs({number}) < {WHOLE_BELOW:.0f} AND {number} = trunc({number}) "
        f"THEN CAST(TRY_CAST({number} AS BIGINT) AS VARCHAR) ELSE CAST({number} AS VARCHAR) END"
    )


def bigquery_text(name: str, stored: str, form: TextForm = TextForm.WRITTEN) -> str:
    """The same in GoogleSQL."""
    text = f"SAFE_CAST({name} AS STRING)"
    if stored in ("FLOAT", "FLOAT64"):
        return (
            f"CASE WHEN IS_NAN({name}) THEN NULL "
            f"WHEN ABS({name}) < {WHOLE_BELOW:.0f} AND {name} = TRUNC({name}) "
            f"THEN CAST(SAFE_CAST({name} AS INT64) AS STRING) ELSE {text} END"
        )
    if stored not in ("STRING", "BYTES"):
        return text
    listed = ", ".join("'" + marker.replace("\\", "\\\\") + "'" for marker in form.markers)
    blank = "".join(_ESCAPES.get(character, character) for character in _BLANK)
    return f"IF(TRIM({text}, '{blank}') IN ({listed}), NULL, {text})"


_ESCAPES = {"\t": "\\t", "\r": "\\r", "\n": "\\n"}


def python_text(value: str | bool | int | float, form: TextForm) -> str:
    """The same of a value that somebody gives; "" where it is missing."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        if math.isnan(value):
            return ""
        whole = abs(value) < WHOLE_BELOW and value == int(value)
        return str(int(value)) if whole else repr(value)
    if value.strip(_BLANK) in form.markers:
        return ""
    if form is TextForm.INTEGER and re.fullmatch(INTEGER, value):
        return str(int(value.partition(".")[0]))
    return value.lower() if form is TextForm.BOOLEAN else value
