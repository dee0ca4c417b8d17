"""GoogleSQL, as queries of rows need it.

Bounds of times and whole numbers are compared with the bare column, by which BigQuery passes over
partitions.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from shared.columns.text_form import TextForm, bigquery_text
from shared.examples import MISSING_TIMESTAMP, RawType
from shared.gcp.bigquery_sql import quote, quoted_text
from shared.tables.dialect import Dialect

# The smallest number that float32 rounds to infinity: halfway past its largest.
_FLOAT32_END = float(2**128 - 2**103)
_WHOLE = ("INTEGER", "INT64")
_FIRST = datetime(1970, 1, 1, tzinfo=UTC)
# Of DATE, DATETIME and TIMESTAMP.
_EARLIEST = datetime(1, 1, 1, tzinfo=UTC)
_LATEST = datetime(9999, 12, 31, tzinfo=UTC)


class BigQuery(Dialect):
    def value(self, column: str, kind: RawType, form: TextForm = TextForm.WRITTEN) -> str:
        name = self.identifier(column)
        if kind is RawType.TEXT:
            return f"COALESCE({bigquery_text(name, self.types[column], form)}, '')"
        text = f"SAFE_CAST({name} AS STRING)"
        if kind is RawType.NUMBER:
            number = f"SAFE_CAST({text} AS FLOAT64)"
            # Beyond what a single-precision number holds there is none.
            kept = f"ABS({number}) < {_FLOAT32_END!r}"
            return f"IF({kept}, {number}, CAST('nan' AS FLOAT64))"
        # Through text, which every type has; a number is no moment.
        moment = f"UNIX_SECONDS(SAFE_CAST({text} AS TIMESTAMP))"
        return f"COALESCE({moment}, {self.missing_time()})"

    def identifier(self, name: str) -> str:
        return quote(name)

    def literal(self, text: str) -> str:
        return quoted_text(text)

    def missing_time(self) -> str:
        return f"({MISSING_TIMESTAMP + 1} - 1)"

    def missing_number(self) -> str:
        return "CAST('nan' AS FLOAT64)"

    def md5(self, text: str) -> str:
        return f"TO_HEX(MD5({text}))"

    def is_number(self, value: str) -> str:
        return f"NOT IS_NAN({value})"

    def plain_text(self, column: str) -> str:
        return f"COALESCE(SAFE_CAST({self.identifier(column)} AS STRING), '')"

    def number_compared(self, column: str, op: str, number: float) -> str:
        name = self.identifier(column)
        if self.types[column] in _WHOLE:
            bound = f"{int(number)}" if float(number).is_integer() else repr(float(number))
            return f"({name} {op} {bound})"
        value = f"SAFE_CAST(SAFE_CAST({name} AS STRING) AS FLOAT64)"
        finite = f"NOT IS_NAN({value}) AND NOT IS_INF({value})"
        return f"({finite} AND {value} {op} {float(number)!r})"

    def time_from(self, column: str, second: int) -> str:
        bound = self._bound(column, second)
        if bound is None:
            return f"({self.value(column, RawType.TIMESTAMP)} >= {second})"
        return f"({self.identifier(column)} >= {bound})"

    def time_before(self, column: str, second: int) -> str:
        bound = self._bound(column, second)
        if bound is None:
            moment = self.value(column, RawType.TIMESTAMP)
            return f"({moment} > {self.missing_time()} AND {moment} < {second})"
        return f"({self.identifier(column)} < {bound})"

    def _bound(self, column: str, second: int) -> str | None:
        """A moment as the column's own type; None where its times are texts."""
        stored = self.types[column]
        if stored not in ("TIMESTAMP", "DATETIME", "DATE"):
            return None
        at = min(max(_FIRST + timedelta(seconds=second), _EARLIEST), _LATEST)
        if stored == "DATE":
            # A day is its first moment: it is before all later moments of the same day.
            whole = at.replace(hour=0, minute=0, second=0)
            day = at if at in (whole, _LATEST) else whole + timedelta(days=1)
            return f"DATE '{day.year:04}-{day:%m-%d}'"
        zone = "+00:00" if stored == "TIMESTAMP" else ""
        return f"{stored} '{at.year:04}-{at:%m-%d %H:%M:%S}{zone}'"
