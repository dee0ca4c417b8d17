"""The forms that people export times and numbers in, recognised in the values of columns."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import duckdb

from local.data.inference import Misfit
from local.data.number_marks import decimal_marks
from shared.columns import ColumnType
from shared.columns.text_form import ALL_MARKERS, trimmed
from shared.columns.time_patterns import Choice, choose, patterns_of, told
from shared.documents.source import EXCEL, ISO, ISO_WEEK, UNITS, ColumnFormat, FileOptions, Mark
from shared.rules.roles import says_time
from shared.tables.formats import as_number, as_time
from shared.tables.sql import literal, quote

_NEARLY = 0.9
_VALUES = 1_000  # different ones of a column that are looked at
_FIRST = 20
_LONGEST = 50
_MOST_PATTERNS = 12
_CALLED_TIME = re.compile(r"time|date|stamp|epoch|(^|_)(ts|at|day)$", re.IGNORECASE)
_UNNAMED = re.compile(r"column[0-9]+")
# 1990 and 2100, in seconds since 1970. Of a column without a name only what is later is believed.
_SINCE, _SURELY, _UNTIL = 631_152_000, 788_918_400, 4_102_444_800
# The same in days since 1900, as workbooks count them.
_EXCEL_SINCE, _EXCEL_UNTIL = 32_874, 73_051
_NUMBERS_TOLD: dict[Mark, str] = {
    ",": "numbers with a decimal comma",
    ".": "numbers with separators of thousands, brackets, or a sign such as € or %",
}
_WEEK = re.compile(r"\d{4}-?W\d{2}(-?[1-7])?")


@dataclass
class Found:
    """Attributes:
    formats: of columns whose values have one.
    kinds: what those columns are.
    why: by column, what its format was told by.
    misfits: of columns that nearly have one.
    undecided: columns of dates that may be either way round, with one of them.
    """

    formats: dict[str, ColumnFormat] = field(default_factory=dict)
    kinds: dict[str, ColumnType] = field(default_factory=dict)
    why: dict[str, str] = field(default_factory=dict)
    misfits: list[Misfit] = field(default_factory=list)
    undecided: dict[str, str] = field(default_factory=dict)


class Forms:
    """Looks at the columns of one table.

    Args:
        table: to look at; `beginning` has its first rows.
        all_rows: where the first rows do not tell which way round dates are, all are looked at.
        stored: DuckDB's type of each column.
        kinds: what the columns are without a format.
        options: what is said of the source, and what is known of its files.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        table: str,
        all_rows: str,
        stored: Mapping[str, str],
        kinds: Mapping[str, ColumnType],
        options: FileOptions,
    ) -> None:
        self._connection = connection
        self._table = table
        self._all = all_rows
        self._stored = stored
        self._kinds = kinds
        self._options = options
        self.found = Found()

    def look(self) -> Found:
        said = self._options.columns
        free = [name for name in self._stored if not _is_said(said.get(name))]
        texts = [name for name in free if self._stored[name] == "VARCHAR"]
        wanted = {name: said[name].type for name in texts if name in said}
        values = self._first_values(
            [n for n in texts if self._kinds[n] is ColumnType.STRING or wanted.get(n)]
        )
        self._find_times(
            {n: v for n, v in values.items() if _may_be(wanted.get(n), ColumnType.TIMESTAMP)}
        )
        left = {
            name: some
            for name, some in values.items()
            if name not in self.found.formats
            and _may_be(wanted.get(name), ColumnType.FLOAT, ColumnType.INTEGER)
        }
        self._find_numbers(left, texts)
        for name in free:
            asked = said[name].type if name in said else None
            fits = self._kinds[name].is_numeric and _may_be(asked, ColumnType.TIMESTAMP)
            if fits and name not in self.found.formats:
                self._find_units(name, asked is not None)
        if self._options.zone:
            for name in texts:
                if self._kinds[name] is ColumnType.TIMESTAMP:
                    form = ColumnFormat(times=[ISO])
                    self._take(
                        name, form, ColumnType.TIMESTAMP, f"ISO times of {self._options.zone}"
                    )
        self._join_times_of_day()
        return self.found

    def _take(self, name: str, form: ColumnFormat, kind: ColumnType, why: str) -> None:
        self.found.formats[name], self.found.kinds[name] = form, kind
        self.found.why[name] = why

    def _first_values(self, names: Sequence[str]) -> dict[str, dict[str, int]]:
        """Short values with digits, of columns most of whose values are such."""
        found: dict[str, dict[str, int]] = {}
        for name in names:
            column = quote(name)
            rows = self._connection.execute(
                f"SELECT {trimmed(column)}, count(*) FROM beginning "
                f"WHERE {_present(column)} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {_VALUES}"
            ).fetchall()
            values = {v: n for v, n in rows if len(v) <= _LONGEST and re.search("[0-9]", v)}
            if rows and len(values) >= _NEARLY * len(rows):
                found[name] = values
        return found

    # --- Times ---------------------------------------------------------------------------------

    def _find_times(self, values: Mapping[str, Mapping[str, int]]) -> None:
        choices: dict[str, Choice] = {}
        for name, some in values.items():
            first = list(some)[:_FIRST]
            if sum(bool(_WEEK.fullmatch(value)) for value in first) >= _NEARLY * len(first):
                self._try_times(name, [ISO_WEEK], "weeks as in 2024-W05")
            elif sum(bool(patterns_of(value)) for value in first) >= 0.8 * len(first):
                choice = choose(some, self._options.day_first)
                if choice is not None and not choice.decided:
                    choice = choose({**some, **self._telling(name)})
                if choice is not None:
                    choices[name] = choice
        orders = {one.order for one in choices.values() if one.order and one.decided}
        for name, choice in choices.items():
            if choice.decided:
                why = told(choice.patterns[:2])
                if choice.example:
                    why += f", as {choice.example!r} can only be"
                self._try_times(name, choice.patterns, why, choice.order)
            elif len(orders) == 1:
                (order,) = orders
                by_sibling = choose(values[name], order == "day")
                assert by_sibling is not None
                why = f"{told(by_sibling.patterns[:2])}, as in the other columns of dates"
                self._try_times(name, by_sibling.patterns, why, order)
            else:
                self.found.undecided[name] = next(iter(values[name]))

    def _telling(self, name: str) -> dict[str, int]:
        """Values of all rows that can be read one way only."""
        column = quote(name)
        two = "^[^0-9]*([0-9]{1,2})[^0-9:]+([0-9]{1,2})"
        parts = [f"TRY_CAST(regexp_extract({column}, '{two}', {n}) AS INTEGER)" for n in (1, 2)]
        found: dict[str, int] = {}
        for part in parts:
            rows = self._connection.execute(
                f"SELECT {trimmed(column)} FROM {self._all} WHERE {part} BETWEEN 13 AND 31 LIMIT 5"
            ).fetchall()
            found.update({value: 1 for (value,) in rows})
        return found

    def _try_times(self, name: str, forms: list[str], why: str, order: str | None = None) -> None:
        forms = forms[:_MOST_PATTERNS]
        total, misfits = self._misfits(name, as_time(quote(name), "VARCHAR", forms, None))
        if misfits and forms != [ISO_WEEK]:
            more = choose(dict.fromkeys(misfits, 1), order == "day" if order else None)
            extra = [form for form in (more.patterns if more else []) if form not in forms]
            if extra:
                forms = [*forms, *extra][:_MOST_PATTERNS]
                total, misfits = self._misfits(name, as_time(quote(name), "VARCHAR", forms, None))
        self._judge(name, ColumnFormat(times=forms), ColumnType.TIMESTAMP, why, total, misfits)

    def _find_units(self, name: str, asked: bool) -> None:
        """Whole numbers that are seconds and the like since 1970, or dates such as 20240131."""
        named = asked or bool(_CALLED_TIME.search(name)) or says_time(name)
        if not named and not _UNNAMED.fullmatch(name):
            return
        value = f"TRY_CAST({quote(name)} AS DOUBLE)"
        given = _present(quote(name)) if self._stored[name] == "VARCHAR" else f"{value} IS NOT NULL"
        low, high, many = self._connection.execute(
            f"SELECT min(x), max(x), approx_count_distinct(x) FROM (SELECT {value} AS x FROM "
            f"{self._table} WHERE {given}) WHERE x <> 0"
        ).fetchone() or (None, None, 0)
        if low is None:
            return
        for unit, factor in UNITS.items():
            since = _SINCE if named else _SURELY
            if since * factor <= low <= high <= _UNTIL * factor and (named or many > 10):
                form = ColumnFormat(times=[unit])
                why = f"{unit} since 1970, by its {'name and ' if named else ''}values"
                self._take(name, form, ColumnType.TIMESTAMP, why)
                return
        if named and 19_000_101 <= low <= high <= 21_001_231:
            moment = as_time(quote(name), self._stored[name], ["%Y%m%d"], None)
            _, misfits = self._misfits(name, moment, given)
            if not misfits:
                form = ColumnFormat(times=["%Y%m%d"])
                self._take(name, form, ColumnType.TIMESTAMP, "dates as in 20240131")
        elif named and _EXCEL_SINCE <= low <= high < _EXCEL_UNTIL and many > 1:
            form = ColumnFormat(times=[EXCEL])
            why = "days since 1900, as workbooks count them, by its name and values"
            self._take(name, form, ColumnType.TIMESTAMP, why)

    def _join_times_of_day(self) -> None:
        """A column of days takes the time of day from another that is called so."""
        said = self._options.columns
        days = [
            name
            for name, kind in {**self._kinds, **self.found.kinds}.items()
            if kind is ColumnType.TIMESTAMP and not (name in said and said[name].time_of_day)
        ]
        clocks = [name for name in self._stored if self._is_clock(name)]
        for clock in clocks:
            bare = [name for name in days if _goes_with(name, clock) and self._has_no_time(name)]
            if len(bare) == 1:
                (day,) = bare
                form = (
                    self.found.formats.get(day)
                    or said.get(day)
                    or ColumnFormat(times=self._iso(day))
                )
                why = f"{self.found.why.get(day, 'dates')}, with the time of day in {clock!r}"
                joined = form.model_copy(update={"time_of_day": clock})
                self._take(day, joined, ColumnType.TIMESTAMP, why)

    def _iso(self, name: str) -> list[str]:
        return [ISO] if self._stored[name] == "VARCHAR" else []

    def _is_clock(self, name: str) -> bool:
        if self._stored[name] == "TIME":
            return True
        if self._stored[name] != "VARCHAR" or self._kinds.get(name) is not ColumnType.STRING:
            return False
        column = quote(name)
        form = "[0-2]?[0-9][:.][0-5][0-9]([:.][0-5][0-9])?( ?[AaPp]\\.?[Mm]\\.?)?"
        row = self._connection.execute(
            f"SELECT count(*), count_if(regexp_full_match({trimmed(column)}, {literal(form)})) "
            f"FROM beginning WHERE {_present(column)}"
        ).fetchone() or (0, 0)
        return bool(row[0]) and row[1] >= _NEARLY * row[0]

    def _has_no_time(self, name: str) -> bool:
        form = self.found.formats.get(name) or self._options.columns.get(name)
        moment = as_time(
            quote(name), self._stored[name], (form.times if form else []) or [ISO], None
        )
        row = self._connection.execute(
            "SELECT count_if(epoch(m) % 86400 <> 0), count(m) FROM "
            f"(SELECT {moment} AS m FROM beginning)"
        ).fetchone() or (0, 0)
        return not row[0] and bool(row[1])

    # --- Numbers -------------------------------------------------------------------------------

    def _find_numbers(self, values: Mapping[str, Mapping[str, int]], texts: Sequence[str]) -> None:
        fitting = {name: decimal_marks(some) for name, some in values.items()}
        marks = {mark for (mark,) in (some for some in fitting.values() if len(some) == 1)}
        usual: Mark = "," if self._options.delimiter == ";" else "."
        whole = self._options.decimal or (marks.pop() if len(marks) == 1 else usual)
        for name, some in fitting.items():
            if some:
                mark = whole if whole in some else some[0]
                why = _NUMBERS_TOLD[mark]
                unclear = next((one for one in values[name] if re.search("[.,]", one)), None)
                if len(some) > 1 and unclear is not None:
                    why += f" (as {unclear!r} alone does not tell)"
                self._try_number(name, mark, why)
        if whole == "," and (self._options.decimal or [","] in fitting.values()):
            groups = re.compile(r"-?[1-9][0-9]{0,2}(\.[0-9]{3})+")
            floats = [name for name in texts if self._kinds[name] is ColumnType.FLOAT]
            for name, numbers in self._first_values(floats).items():
                if all(groups.fullmatch(value) for value in numbers):
                    self._try_number(name, ",", "whole numbers with points between thousands")

    def _try_number(self, name: str, mark: Mark, why: str) -> None:
        number = as_number(quote(name), "VARCHAR", mark)
        total, misfits = self._misfits(name, number)
        (whole,) = self._connection.execute(
            "SELECT coalesce(bool_and(x = trunc(x)), false) FROM "
            f"(SELECT {number} AS x FROM {self._table})"
        ).fetchone() or (False,)
        kind = ColumnType.INTEGER if whole else ColumnType.FLOAT
        form = ColumnFormat(decimal=mark, type=ColumnType.INTEGER if whole else None)
        self._judge(name, form, kind, why, total, misfits)

    # --- Judging -------------------------------------------------------------------------------

    def _misfits(self, name: str, value: str, given: str = "") -> tuple[int, list[str]]:
        """How many values a column has, and some of those that are not as SQL has them."""
        column = quote(name)
        given = given or _present(column)
        row = self._connection.execute(
            f"SELECT count(*), count_if(v IS NULL), min(s) FILTER (v IS NULL) FROM (SELECT {value} "
            f"AS v, CAST({column} AS VARCHAR) AS s FROM {self._table} WHERE {given})"
        ).fetchone() or (0, 0, None)
        if not row[1]:
            return int(row[0]), []
        some = self._connection.execute(
            f"SELECT {column} FROM {self._table} WHERE {given} AND ({value}) IS NULL LIMIT 200"
        ).fetchall()
        return int(row[0]), [str(one) for (one,) in some] + [""] * (int(row[1]) - len(some))

    def _judge(
        self,
        name: str,
        form: ColumnFormat,
        kind: ColumnType,
        why: str,
        total: int,
        misfits: Sequence[str],
    ) -> None:
        said = self._options.columns.get(name)
        if not misfits or said is not None:
            self._take(name, form, kind, why)
        elif len(misfits) <= (1 - _NEARLY) * total:
            self.found.misfits.append(Misfit(name, kind, len(misfits), misfits[0], why))


def _is_said(form: ColumnFormat | None) -> bool:
    """Whether there is nothing left to find out."""
    if form is None:
        return False
    undetermined = (ColumnType.TIMESTAMP, ColumnType.FLOAT, ColumnType.INTEGER)
    return bool(form.times or form.decimal or form.type not in (None, *undetermined))


def _may_be(wanted: ColumnType | None, *kinds: ColumnType) -> bool:
    return wanted is None or wanted in kinds


def _goes_with(day: str, clock: str) -> bool:
    """Whether a time of day belongs to a day by its name."""
    words = re.compile("time|zeit|hour|hora|heure|clock|tijd|^at$", re.IGNORECASE)
    return day != clock and bool(words.search(clock))


def _present(value: str) -> str:
    return f"{trimmed(value)} NOT IN ({', '.join(map(literal, ALL_MARKERS))})"
