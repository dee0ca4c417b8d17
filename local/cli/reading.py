"""What may be said of how a dataset's files are read: the options of `recsmith dataset`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.markup import escape
from rich.text import Text

from local.cli.client import UserError
from local.cli.output import out
from local.cli.tables import on_one_line, table
from shared.columns import ColumnType
from shared.documents.source import BigQuerySource, FileSource
from shared.tables.csv_layout import told as in_words
from shared.tables.files import kind_of

_PANEL = "How files are read"


def _option(*names: str, **about: Any) -> Any:
    return typer.Option(*names, rich_help_panel=_PANEL, **about)


Kind = Annotated[str | None, _option("--format", help="csv, json, excel or parquet.")]
Encoding = Annotated[str | None, _option(help="Of text: utf-8, utf-16, cp1252, latin-1 …")]
Delimiter = Annotated[str | None, _option(help="Between values: , ; | tab space ::")]
Quote = Annotated[str | None, _option(help="Around values; none for nothing.")]
Escape = Annotated[str | None, _option(help="Before a quotation mark in a value, such as \\.")]
HeaderRow = Annotated[
    int | None, _option(help="The line of the columns' names, from 1; 0: there is none.")
]
Decimal = Annotated[str | None, _option(help="The decimal mark of numbers: . or ,")]
DayFirst = Annotated[
    bool | None, _option("--day-first/--month-first", help="In dates such as 03/04/2024.")
]
Zone = Annotated[str | None, _option(help="Of times that name none, such as Europe/Berlin.")]
Missing = Annotated[
    list[str] | None, _option(help="A further text that means a missing value; may be repeated.")
]
Types = Annotated[
    list[str] | None,
    _option(
        "--type",
        help="What a column is, as COLUMN=TYPE: STRING, INTEGER, FLOAT, BOOLEAN or TIMESTAMP. What "
        "does not fit is left out; may be repeated.",
    ),
]
TimeFormat = Annotated[
    list[str] | None,
    _option(
        help="How times are written, as COLUMN=FORM: %d.%m.%Y, seconds, milliseconds …; may be "
        "repeated."
    ),
]
TimeOfDay = Annotated[
    list[str] | None, _option(help="Where a day's time of day is, as COLUMN=OTHER.")
]
SkipBadLines = Annotated[
    bool | None, _option("--skip-bad-lines", help="Leave out lines that cannot be read.")
]

_NAMED = {"tab": "\t", "\\t": "\t", "space": " ", "none": "", "comma": ",", "semicolon": ";"}
_ENDLESS = "*?["
_BIGQUERY = "bq://"
# What the table says already.
_TOLD = ("times", "numbers")


@dataclass(frozen=True)
class Said:
    """What was said on the command line; None is nothing."""

    kind: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    quote: str | None = None
    escape: str | None = None
    header_row: int | None = None
    decimal: str | None = None
    day_first: bool | None = None
    zone: str | None = None
    missing: list[str] | None = None
    types: list[str] | None = None
    time_format: list[str] | None = None
    time_of_day: list[str] | None = None
    skip_bad_lines: bool | None = None

    def options(self, known: dict[str, Any] | None = None) -> dict[str, Any]:
        """The options of a source's spec, as they are in JSON.

        Args:
            known: those that a dataset has; what was said takes their place.

        Raises:
            UserError: a column's option is not written as one.
        """
        options = dict(known or {})
        columns = {name: dict(form) for name, form in options.get("columns", {}).items()}
        for name, value in (
            ("encoding", self.encoding),
            ("delimiter", _named(self.delimiter)),
            ("quote", _named(self.quote)),
            ("escape", _named(self.escape)),
            ("header", self.header_row),
            ("decimal", self.decimal),
            ("day_first", self.day_first),
            ("zone", self.zone),
            ("missing", self.missing),
            ("skip_bad_lines", self.skip_bad_lines),
        ):
            if value is not None and value != []:
                options[name] = value
        if self.day_first is not None or self.decimal is not None:
            # What was found of columns by other marks and orders is found anew.
            for form in columns.values():
                form.pop("times" if self.day_first is not None else "decimal", None)
        for given, key in (
            (self.types, "type"),
            (self.time_format, "times"),
            (self.time_of_day, "time_of_day"),
        ):
            for column, value in map(_pair, given or []):
                form = columns.setdefault(column, {})
                if key == "type":
                    form.clear()
                    form["type"] = _type(value)
                elif key == "times":
                    form["times"] = [*form.get("times", []), value] if known is None else [value]
                else:
                    form[key] = value
        return {**options, "columns": columns} if columns else options


def source_of(path: str, said: Said) -> dict[str, Any]:
    """The source that a path means, or `bq://project.dataset.table`. Raises UserError where it
    cannot be said."""
    if path.startswith(_BIGQUERY):
        if said != Said():
            raise UserError(
                "A table of BigQuery has types: nothing is to be said of how it is read."
            )
        return _checked(BigQuerySource, {"kind": "bigquery", "table": path.removeprefix(_BIGQUERY)})
    absolute = path if "://" in path else Path(path).expanduser().absolute().as_posix()
    source = {"kind": said.kind or _kind(path), "uri": absolute, "options": said.options()}
    return _checked(FileSource, source)


def _checked(
    kind: type[FileSource] | type[BigQuerySource], source: dict[str, Any]
) -> dict[str, Any]:
    """The source, which is one of this kind. Raises UserError."""
    try:
        kind.model_validate(source)
    except ValidationError as invalid:
        first = invalid.errors()[0]
        field = ".".join(map(str, first["loc"]))
        message = first["msg"].removeprefix("Value error, ")
        raise UserError(f"{field}: {message} Received: {first['input']!r}.") from None
    return source


def show_understood(found: dict[str, Any]) -> None:
    """What was understood of a source: how files are read, its columns, and the first rows."""
    reasons, options = found["option_reasons"], found["source"].get("options", {})
    for name, why in reasons.items():
        value = options.get(name)
        shown = in_words(value) if name == "delimiter" else value
        if name in ("encoding", "delimiter", "header") or why == "as you said":
            out.print(f"[note]{name:<10}[/] {escape(str(shown))} [note]({escape(why)})[/]")
    shown_columns = table("column", "type", "first rows")
    shown_columns.columns[1].justify = shown_columns.columns[2].justify = "left"
    mapping, role_reasons = found["column_mapping"], found["role_reasons"]
    for place, column in enumerate(found["columns"]):
        values = [row[place] for row in found["rows"]]
        first = ", ".join("–" if value is None else on_one_line(value[:24]) for value in values)
        shown_columns.add_row(Text(column["name"]), column["type"], Text(first[:84]))
    out.print(shown_columns)
    for name, why in found["reasons"].items():
        out.print(f"[note]Read:[/] {escape(name)} as [title]{escape(why)}[/]", soft_wrap=True)
    for name, role in mapping.items():
        why = role_reasons.get(name, "")
        if why and why != "as you said":
            out.print(
                f"[note]Guessed:[/] {escape(name)} is [title]{role}[/] [note]({escape(why)})[/]",
                soft_wrap=True,
            )
    if events := found["tables"].get("events"):
        kinds = ", ".join(
            f"{kind} {part.replace('_', ' ')}" for kind, part in events["kinds"].items()
        )
        out.print(
            f"[note]Kinds:[/] {escape(events['column'])}: {escape(kinds)} "
            "[note](--event-types says otherwise)[/]",
            soft_wrap=True,
        )
    told = {f"{name!r} is read as {what}" for name in found["reasons"] for what in _TOLD}
    for note in found["notes"]:
        if note.partition(":")[0] in told:
            continue
        out.print(f"[note]Note:[/] {escape(note)}", soft_wrap=True)


def _kind(path: str) -> str:
    """By the names of the files; text where they do not say."""
    given = Path(path).expanduser()
    if given.is_dir():
        return kind_of(file.name for file in given.rglob("*") if file.is_file()) or "csv"
    name = given.name
    if any(character in path for character in _ENDLESS) and not given.exists():
        first = next(n for n, part in enumerate(given.parts) if any(c in part for c in _ENDLESS))
        below = Path(*given.parts[:first]) if first else Path()
        pattern = str(Path(*given.parts[first:]))
        matching = kind_of(file.name for file in below.glob(pattern))
        return matching or kind_of([name]) or "csv"
    if (known := kind_of([name])) is not None:
        return known
    try:
        with given.open("rb") as opened:
            return "parquet" if opened.read(4) == b"PAR1" else "csv"
    except OSError:
        return "csv"


def _named(text: str | None) -> str | None:
    return _NAMED.get(text, text) if text is not None else None


def _pair(text: str) -> tuple[str, str]:
    column, equals, value = text.rpartition("=")
    if not equals or not column or not value:
        raise UserError(f"An option of a column is given as COLUMN=VALUE. Received: {text!r}.")
    return column, value


def _type(text: str) -> str:
    if text.upper() not in ColumnType.__members__:
        raise UserError(
            f"A type is one of {', '.join(ColumnType.__members__)}. Received: {text!r}."
        )
    return text.upper()
