"""How a source's files are read: what its options say, and else what the files and values tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb

from local.data.forms import Forms
from local.data.inference import (
    Misfit,
    header_is_data,
    infer_types,
    repeated_header,
    whole_numbers,
)
from shared.columns import ColumnType
from shared.columns.text_form import TextForm, duckdb_text
from shared.columns.time_patterns import told as time_words
from shared.documents.source import UNITS, ColumnFormat, FileOptions, FileSource
from shared.problems import InvalidError
from shared.tables.csv_layout import line_of, told
from shared.tables.files import SourceFiles, invalid, listed
from shared.tables.formats import formatted
from shared.tables.reading import Reading, stored_rows
from shared.tables.sql import quote
from shared.tables.stored_types import family

_LINES_SEARCHED = 2_000_000


@dataclass(frozen=True)
class Understood:
    """A source that is open to be read.

    Attributes:
        files: of the source.
        options: all that was said and found.
        reading: its rows, in the formats of those.
        kinds: the columns' types.
        why: by column, what its format was told by.
        option_why: by option, what it was told by.
        undecided: columns of dates that may be either way round, each with one of them.
        misfits: values that are not like the others of their columns.
        further: notes on lines.
    """

    source: FileSource
    connection: duckdb.DuckDBPyConnection
    files: list[Path]
    options: FileOptions
    reading: Reading
    kinds: dict[str, ColumnType]
    why: dict[str, str]
    undecided: dict[str, str]
    misfits: list[Misfit]
    option_why: dict[str, str] = field(default_factory=dict)
    further: list[str] = field(default_factory=list)

    def notes(self) -> list[str]:
        """What whoever uses the data should know of how it was read."""
        told = []
        for name, form in self.options.columns.items():
            if name in self.kinds and (why := self.why.get(name) or _said(form)):
                what = "times" if self.kinds[name] is ColumnType.TIMESTAMP else "numbers"
                told.append(f"{name!r} is read as {what}: {why}.")
        for name, example in self.undecided.items():
            told.append(
                f"{name!r} is read as text: no value tells whether days or months come first, as in"
                f" {example!r}. Say --day-first or --month-first."
            )
        misfits = [misfit.note(self._place(misfit)) for misfit in self.misfits]
        return [*self.reading.notes, *self.further, *told, *misfits]

    def _place(self, misfit: Misfit) -> str:
        """Where a value that does not fit is first."""
        for group in self.reading.groups:
            for file in group.files:
                text = group.text(file)
                if text is not None and misfit.column in text[1].names:
                    line = line_of(*text, misfit.column, misfit.example, _LINES_SEARCHED)
                    if line is not None:
                        return f" in line {line:,} of {file.name}"
        return ""


def understand(
    source: FileSource,
    found: SourceFiles,
    work: Path,
    connection: duckdb.DuckDBPyConnection,
    whole: bool,
) -> Understood:
    """
    Args:
        work: a folder of the connection's, for copies.
        whole: look at all rows; else at the first ones only.

    Raises:
        InvalidError: what is wrong with the files.
        duckdb.Error: a file cannot be read.
    """
    stored = stored_rows(source, found, work, connection)
    table = stored.table
    further = []
    if whole and source.kind != "parquet":
        connection.execute(f"CREATE OR REPLACE TEMP TABLE parsed AS FROM {table}")
        table = "parsed"
        further = _bad_lines(source, connection)
    if connection.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() is None:
        raise _empty(source, found.files)
    kinds, misfits = _kinds(source, stored, table, connection, whole)
    if source.options.header is None:
        first = _first_row(source, stored, table if whole else "beginning", kinds, connection)
        if first:
            options = source.options.model_copy(update={"header": 0})
            again = source.model_copy(update={"options": options})
            understood = understand(again, found, work / "again", connection, whole)
            note = (
                f"The first line of {found.files[0].name} looks like data, not like the columns' "
                f"names: {listed(repr(name[:40]) for name in first)}. It is read as the first row, "
                "and the columns are called column1, column2 … If it holds names, say "
                "--header-row 1."
            )
            return replace(
                understood,
                source=source,
                further=[note, *understood.further],
                option_why={**understood.option_why, "header": "the first line looks like data"},
            )
    known = source.options.filled(stored.options)
    looked = table if whole else "beginning"
    forms = Forms(connection, looked, table, stored.types, kinds, known).look()
    options = known.filled(FileOptions(columns=forms.formats))
    reading = stored.in_formats(options, table)
    kinds = {**kinds, **forms.kinds}
    for name, kind in reading.types.items():
        form = options.columns.get(name)
        if form is not None and form.type is not None:
            kinds[name] = form.type
        elif kind != stored.types[name] and name not in forms.kinds:
            kinds[name] = type_of_stored(kind)
    misfits = [one for one in misfits if one.column not in options.columns]
    nearly = {one.column for one in misfits}
    if whole:
        misfits += _left_out(stored, options, table, kinds, connection)
    return Understood(
        source,
        connection,
        found.files,
        options,
        reading,
        kinds,
        forms.why,
        forms.undecided,
        [*misfits, *(one for one in forms.misfits if one.column not in nearly)],
        _reasons(options, source.options, source.kind),
        further,
    )


def _said(form: ColumnFormat) -> str:
    """A column's format in words; "" where it has none of its own."""
    if form.times:
        words = [one for one in form.times if one in UNITS]
        forms = [f"{unit} since 1970" for unit in words]
        patterns = [one for one in form.times if "%" in one]
        forms += [time_words(patterns)] if patterns else []
        return ", ".join(forms) + (f", with {form.time_of_day!r}" if form.time_of_day else "")
    if form.decimal:
        return f"the decimal mark is {form.decimal!r}"
    return ""


def type_of_stored(stored: str) -> ColumnType:
    """Of a type of DuckDB's that features can be made of."""
    if family(stored) == "number":
        whole = stored.endswith(",0)") or stored.endswith("INT") or stored in ("INTEGER", "BIGNUM")
        return ColumnType.INTEGER if whole else ColumnType.FLOAT
    return {
        "text": ColumnType.STRING,
        "time": ColumnType.TIMESTAMP,
        "boolean": ColumnType.BOOLEAN,
    }[family(stored) or ""]


def _kinds(
    source: FileSource,
    stored: Reading,
    table: str,
    connection: duckdb.DuckDBPyConnection,
    whole: bool,
) -> tuple[dict[str, ColumnType], list[Misfit]]:
    """The columns' types by their values, in the usual forms. In files that know types, text may be
    times, and floats that are all whole are integers."""
    kinds = {name: type_of_stored(kind) for name, kind in stored.types.items()}
    texts = [name for name, kind in stored.types.items() if kind == "VARCHAR"]
    inferred = infer_types(connection, texts, table, whole)
    if source.kind in ("csv", "excel"):
        return {**kinds, **inferred.kinds}, inferred.misfits
    time = ColumnType.TIMESTAMP
    kinds.update({name: time for name, kind in inferred.kinds.items() if kind is time})
    floats = [name for name, kind in kinds.items() if kind is ColumnType.FLOAT]
    for name in whole_numbers(connection, table, floats, whole):
        kinds[name] = ColumnType.INTEGER
    return kinds, [one for one in inferred.misfits if one.kind is time]


def _first_row(
    source: FileSource,
    stored: Reading,
    table: str,
    kinds: Mapping[str, ColumnType],
    connection: duckdb.DuckDBPyConnection,
) -> list[str]:
    """The header's names, where they are values. Raises InvalidError where a header occurs again
    among the rows."""
    layout = stored.groups[0].layout
    if layout is None or layout.header == 0:
        return []
    if repeated := repeated_header(connection, table, list(layout.names)):
        raise invalid(
            "repeated_header",
            f"The header occurs again, {repeated:,} times among the rows, as where files were "
            "joined. Remove those lines, or give the files as they were, in a folder.",
            source,
        )
    said = dict(zip(layout.names, layout.said, strict=False))
    known = {name: kinds[name] for name in said}
    return list(layout.said) if header_is_data(connection, "beginning", known, said) else []


def _left_out(
    stored: Reading,
    options: FileOptions,
    table: str,
    kinds: Mapping[str, ColumnType],
    connection: duckdb.DuckDBPyConnection,
) -> list[Misfit]:
    """Values that are not as their columns' formats say."""
    found = []
    for name in options.columns:
        kind = stored.types.get(name)
        if kind is None:
            continue
        value, _ = formatted(name, kind, options, stored.types)
        given = duckdb_text(quote(name), kind, TextForm.CODE)
        count, example = connection.execute(
            f"SELECT count(*), min(s) FROM (SELECT CAST({quote(name)} AS VARCHAR) AS s, "
            f"{given} AS g, {value} AS v FROM {table}) WHERE g IS NOT NULL AND v IS NULL"
        ).fetchone() or (0, "")
        if count:
            found.append(Misfit(name, kinds[name], int(count), str(example), left_out=True))
    return found


def _bad_lines(source: FileSource, connection: duckdb.DuckDBPyConnection) -> list[str]:
    if source.kind == "json" or not source.options.skip_bad_lines:
        return []
    count, first, reason, open_ = connection.execute(
        "SELECT sum(1 + lines), min(line), arg_min(error_message, line), bool_or(lines > 0) FROM "
        "(SELECT line, any_value(error_message) AS error_message, max(length(rtrim(csv_line)) - "
        "length(replace(rtrim(csv_line), chr(10), ''))) AS lines FROM reject_errors "
        "GROUP BY file_id, line)"
    ).fetchone() or (0, None, None, False)
    if not count:
        return []
    lines = "line is" if count == 1 else "lines are"
    note = f"{count:,} {lines} left out that cannot be read, the first line {first:,}: "
    note += f"{reason.rstrip('. ')}."
    if open_:
        note += " A quotation mark that is not closed takes the lines after it along: "
        note += "--quote none reads it as it is."
    return [note]


def _reasons(options: FileOptions, said: FileOptions, kind: str) -> dict[str, str]:
    """What the options of a text were told by. A workbook has no encoding and no delimiter."""
    why = {}
    if options.encoding and not said.encoding and kind != "excel":
        why["encoding"] = "by its bytes"
    if options.delimiter and not said.delimiter and kind != "excel":
        why["delimiter"] = f"most lines have equally many values between {told(options.delimiter)}"
    if options.header is not None and said.header is None:
        why["header"] = (
            "the first line has the names"
            if options.header == 1
            else f"line {options.header} is the first with as many values as the others"
        )
    if options.escape and options.escape != options.quote and said.escape is None:
        why["escape"] = "quotation marks follow it within values"
    for name, given in said.model_dump(exclude_defaults=True, exclude={"columns"}).items():
        if given is not None:
            why[name] = "as you said"
    return why


def _empty(source: FileSource, files: Sequence[Path]) -> InvalidError:
    one = len(files) == 1
    holder = files[0].name if one else f"None of the {len(files)} files"
    says = "holds columns but no row" if one else "holds a row"
    return invalid("empty", f"{holder} {says}. A dataset has rows.", source)
