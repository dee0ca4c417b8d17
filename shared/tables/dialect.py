"""How one database says what a query needs; both must give the same rows and values."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

from shared.columns import ColumnType
from shared.columns.text_form import TextForm
from shared.examples import MISSING_TIMESTAMP, RawType
from shared.tables.sql import literal, quote, raw_value, typed


class Dialect(ABC):
    """
    Args:
        types: the database's type of each column of the rows that are read, by name.
    """

    def __init__(self, types: Mapping[str, str]) -> None:
        self.types = types

    @abstractmethod
    def value(self, column: str, kind: RawType, form: TextForm = TextForm.WRITTEN) -> str:
        """A column as a raw feature; missing is "", NaN or MISSING_TIMESTAMP, never null."""

    @abstractmethod
    def identifier(self, name: str) -> str:
        """A name, whatever it contains."""

    @abstractmethod
    def literal(self, text: str) -> str:
        """A text, whatever it contains."""

    @abstractmethod
    def missing_time(self) -> str: ...

    @abstractmethod
    def missing_number(self) -> str: ...

    def missing(self, kind: RawType) -> str:
        """A raw feature that is missing."""
        if kind is RawType.TEXT:
            return "''"
        return self.missing_number() if kind is RawType.NUMBER else self.missing_time()

    @abstractmethod
    def md5(self, text: str) -> str:
        """The MD5 of a text as 32 hex digits."""

    @abstractmethod
    def is_number(self, value: str) -> str:
        """Whether a NUMBER is one."""

    @abstractmethod
    def plain_text(self, column: str) -> str:
        """A value of any type as text, to put rows into an order by; never null."""

    @abstractmethod
    def number_compared(self, column: str, op: str, number: float) -> str:
        """Whether a column's value is a number that compares so; null or false where there is
        none."""

    @abstractmethod
    def time_from(self, column: str, second: int) -> str:
        """Whether a column's time is not before a second since 1970; may be null where there is
        none."""

    @abstractmethod
    def time_before(self, column: str, second: int) -> str:
        """Whether a column's time is known, and before a second since 1970; likewise."""


class DuckDB(Dialect):
    def value(self, column: str, kind: RawType, form: TextForm = TextForm.WRITTEN) -> str:
        value = raw_value(column, self.types[column], kind, form)
        if kind is RawType.NUMBER:
            # As it is trained on: candidates are told apart, and counted, by these values.
            single = f"TRY_CAST({value} AS FLOAT)"
            return f"CASE WHEN isfinite({single}) THEN {single} ELSE 'nan'::FLOAT END"
        return value

    def identifier(self, name: str) -> str:
        return quote(name)

    def literal(self, text: str) -> str:
        return literal(text)

    def missing_time(self) -> str:
        return f"({MISSING_TIMESTAMP + 1}::BIGINT - 1)"

    def missing_number(self) -> str:
        return "'nan'::FLOAT"

    def md5(self, text: str) -> str:
        return f"md5({text})"

    def is_number(self, value: str) -> str:
        return f"isfinite({value})"

    def plain_text(self, column: str) -> str:
        return f"coalesce(CAST({quote(column)} AS VARCHAR), '')"

    def number_compared(self, column: str, op: str, number: float) -> str:
        value = typed(quote(column), ColumnType.FLOAT)
        return f"(isfinite({value}) AND {value} {op} {float(number)!r}::DOUBLE)"

    def time_from(self, column: str, second: int) -> str:
        return f"({self.value(column, RawType.TIMESTAMP)} >= {second}::BIGINT)"

    def time_before(self, column: str, second: int) -> str:
        moment = self.value(column, RawType.TIMESTAMP)
        return f"({moment} > {self.missing_time()} AND {moment} < {second}::BIGINT)"
