"""How a text file is laid out: its encoding, what separates its values, which line is its header.

What a source's options say goes first; the rest is told by the file's beginning.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.documents.source import FileOptions, FileSource
from shared.problems import shorten
from shared.tables.files import invalid
from shared.tables.packing import opened

DELIMITERS = (",", ";", "\t", "|", "::", "^", "~", "\x01")
_SPACE = " "  # where nothing else stands between values
_NAMES = {"\t": "a tab", " ": "a space", "\x01": "the character 0x01"}
_SAMPLE = 1 << 16
_RECORDS = 500
_REGULAR = 0.9
_MOST_TITLES = 30
# DuckDB's longest line.
_LONGEST_LINE = 2_000_000


@dataclass(frozen=True)
class Layout:
    """Files of one layout are read together.

    Attributes:
        delimiter, quote, escape: "" for none.
        mixed: whether lines end in different ways.
        header: the number of the header's line, 0 where there is none.
        skip: how many records, or blank lines, come before the header or the first row.
        names: the columns' names.
        said: the header's values, which names are made of.
        notes: what one should know of it, a sentence each; they name no file.
    """

    encoding: str
    gzipped: bool
    delimiter: str
    quote: str
    escape: str
    header: int
    skip: int
    names: tuple[str, ...]
    said: tuple[str, ...]
    mixed: bool = False
    notes: tuple[str, ...] = ()

    def options(self) -> FileOptions:
        return FileOptions(
            encoding=self.encoding,
            delimiter=self.delimiter,
            quote=self.quote,
            escape=self.escape,
            header=self.header,
        )


@dataclass(frozen=True)
class _Record:
    """Values of one line, or of several where one is quoted; it ends in line `line`."""

    values: list[str]
    begin: int
    line: int


_NUMERIC = re.compile(r"[-+.,:/\d\s]+")


def layout_of(source: FileSource, file: Path, encoding: str, gzipped: bool) -> Layout:
    """Raises InvalidError: the file is no table of text."""
    options = source.options
    begin = _begin(file, encoding)
    if not begin.strip("\ufeff\r\n\t "):
        raise invalid("empty", f"{file.name} holds nothing but blanks. A dataset has rows.", source)
    said = re.match(r"\ufeff?\"?sep=(.{1,4}?)\"?(\r\n|\n|\r)", begin)
    quote = '"' if options.quote is None else options.quote
    delimiter = options.delimiter or (said[1] if said else _delimiter(begin, quote))
    escape = _escape(begin, delimiter, quote) if options.escape is None else options.escape
    try:
        records = list(_records(begin, delimiter, quote, escape))
    except csv.Error as error:
        raise invalid("unreadable", f"{file.name} cannot be read: {error}.", source) from None
    if said and records:
        records = records[1:]
    filled = [record for record in records if any(record.values)]
    if not filled:
        raise invalid("empty", f"{file.name} holds no values. A dataset has rows.", source)
    width = _width(filled)
    notes: list[str] = []
    if options.header == 0:
        skip = int(bool(said))
        names = [f"column{n}" for n in range(1, width + 1)]
        header = 0
    else:
        first = _header(source, file, filled, width)
        header, skip = first.begin + 1, records.index(first) + bool(said)
        below = [record for record in filled if record.begin >= first.line]
        names, notes = _names(first.values, width, below)
        if header > 1 + bool(said) and options.header is None:
            over = header - 1 - bool(said)
            what = "the first line is" if over == 1 else f"the first {over} lines are"
            notes.insert(0, f"The columns' names are read from line {header}: {what} passed over.")
    mixed = "\r\n" in begin and bool(re.search(r"(?<!\r)\n", begin))
    return Layout(
        encoding,
        gzipped,
        delimiter,
        quote,
        escape,
        header,
        skip,
        tuple(names),
        () if not header else tuple(first.values),
        mixed,
        tuple(notes),
    )


def told(character: str) -> str:
    """A delimiter in words.

    >>> told(";"), told("\\t")
    ("';'", 'a tab')
    """
    return _NAMES.get(character, repr(character))


def _begin(file: Path, encoding: str) -> str:
    """The first characters, up to the end of a line."""
    with (
        opened(file) as binary,
        io.TextIOWrapper(binary, encoding, errors="replace", newline="") as text,
    ):
        begin = text.read(_SAMPLE)
        more = bool(text.read(1))
        while more and not _ends(begin) and len(begin) < _LONGEST_LINE:
            further = text.read(_SAMPLE)
            more = bool(further)
            begin += further
    if not more:
        return begin
    end = max(begin.rfind("\n"), begin.rfind("\r"))
    return begin[: end + 1] if end > 0 else begin


def _ends(text: str) -> bool:
    return "\n" in text or "\r" in text


def _records(text: str, delimiter: str, quote: str, escape: str) -> Iterator[_Record]:
    """The first of them. Delimiters of several characters stand for one that no text has."""
    if len(delimiter) > 1:
        text, delimiter = text.replace(delimiter, "\x1f"), "\x1f"
    # Where a quotation mark is never closed, the rest would be one value.
    csv.field_size_limit(max(csv.field_size_limit(), _LONGEST_LINE))
    rows = csv.reader(
        io.StringIO(text.removeprefix("\ufeff"), newline=""),
        delimiter=delimiter,
        quotechar=quote or None,
        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
        doublequote=escape in (quote, ""),
        escapechar=escape if escape not in (quote, "") else None,
    )
    begin = 0
    for values in rows:
        yield _Record(values, begin, rows.line_num)
        begin = rows.line_num
        if begin > _RECORDS:
            return


def _delimiter(text: str, quote: str) -> str:
    """The one by which most lines have equally many values, as the header has them."""
    best, rank = "", (False, False, 0.0, 0)
    for delimiter in (*DELIMITERS, _SPACE):
        if delimiter == _SPACE and rank[2] >= _REGULAR:
            break
        try:
            filled = [one for one in _records(text, delimiter, quote, quote) if any(one.values)]
        except csv.Error:
            continue
        counts = Counter(len(record.values) for record in filled)
        width = _width(filled) if filled else 1
        share = counts[width] / len(filled) if filled else 0.0
        fits = bool(filled) and len(filled[0].values) == width
        regular = share >= _REGULAR
        if width > 1 and (found := (regular, fits, share, width)) > rank:
            best, rank = delimiter, found
    if not best:
        line = re.split(r"\r\n|\n|\r", text.lstrip("\ufeff"), maxsplit=1)[0]
        best = max(DELIMITERS[:4], key=line.count)
    return best


def _escape(text: str, delimiter: str, quote: str) -> str:
    """How quotation marks within values are written: twice, or after a backslash."""
    if not quote or f"\\{quote}" not in text:
        return quote
    shares = {}
    for escape in (quote, "\\"):
        try:
            filled = [o for o in _records(text, delimiter, quote, escape) if any(o.values)]
        except csv.Error:
            continue
        width = Counter(len(one.values) for one in filled).most_common(1)[0][0]
        shares[escape] = (sum(len(one.values) == width for one in filled), len(filled))
    return max(shares, key=lambda one: shares[one], default=quote)


def _width(filled: Sequence[_Record]) -> int:
    """How many values most lines have."""
    counts = Counter(len(record.values) for record in filled[1:] or filled)
    return max(counts, key=lambda count: (counts[count], count))


def _header(source: FileSource, file: Path, filled: Sequence[_Record], width: int) -> _Record:
    """The line of the columns' names: the first, or after titles, which have fewer values."""
    wanted = source.options.header
    if wanted is not None:
        for record in filled:
            if record.begin <= wanted - 1 < record.line:
                return record
        raise invalid(
            "no_header",
            f"Line {wanted:,} of {file.name}, which is to hold the columns' names, is empty or "
            "not near the beginning.",
            source,
        )
    first = filled[0]
    if len(first.values) >= width or width < 2:
        return _below_title(filled, width) or first
    near = len(first.values) == width - 1 > 1
    titles = 0 if near else next(n for n, one in enumerate(filled) if len(one.values) == width)
    regular = sum(len(one.values) == width for one in filled[titles:])
    if titles > _MOST_TITLES or regular < _REGULAR * len(filled[titles:]):
        return first
    return filled[titles]


def _below_title(filled: Sequence[_Record], width: int) -> _Record | None:
    """The names below a title that stands alone in a line which is as wide as the others, as in
    workbooks: the first line in which every column has one, and none is a number."""
    for place, record in enumerate(filled[: _MOST_TITLES + 1]):
        values = [value.strip() for value in record.values]
        if place and len(values) == width and all(values):
            return None if any(map(_NUMERIC.fullmatch, values)) else record
        if width < 3 or not values[0] or any(values[1:]):
            return None
    return None


def _names(
    header: Sequence[str], width: int, below: Sequence[_Record]
) -> tuple[list[str], list[str]]:
    """Names that differ; columns without one are called by their place."""
    given = [name.strip("\ufeff") for name in header]
    notes = []
    rows = [record.values for record in below if len(record.values) == width]
    if len(given) == width - 1 and rows:
        if not any(row[-1] for row in rows):
            given.append("")
        elif len({row[0] for row in rows}) == len(rows) > 1:
            # As R writes names of rows.
            given.insert(0, "")
    names: list[str] = []
    seen: set[str] = set()
    for place, name in enumerate(given, 1):
        new = name if name.strip() else f"column{place}"
        count = 1
        while new.strip().casefold() in seen:
            count += 1
            new = f"{name or f'column{place}'}_{count}"
        if new != name:
            had = f"named {name!r} like another" if name.strip() else "without a name"
            notes.append(f"Column {place}, {had}, is called {shorten(new)!r}.")
        seen.add(new.strip().casefold())
        names.append(new)
    return names, notes


def line_of(file: Path, layout: Layout, column: str, value: str, most: int) -> int | None:
    """The line where a column has this value first, among the first lines of a file."""
    place = layout.names.index(column)
    with (
        opened(file) as binary,
        io.TextIOWrapper(binary, layout.encoding, errors="replace", newline="") as text,
    ):
        delimiter = layout.delimiter
        rows = csv.reader(
            (line.replace(delimiter, "\x1f") for line in text) if len(delimiter) > 1 else text,
            delimiter="\x1f" if len(delimiter) > 1 else delimiter,
            quotechar=layout.quote or None,
            quoting=csv.QUOTE_MINIMAL if layout.quote else csv.QUOTE_NONE,
            doublequote=layout.escape in (layout.quote, ""),
            escapechar=layout.escape if layout.escape not in (layout.quote, "") else None,
        )
        begin, first = 0, layout.skip + bool(layout.header)
        try:
            for number, row in enumerate(rows):
                if number >= first and place < len(row) and row[place] == value:
                    return begin + 1
                begin = rows.line_num
                if begin > most:
                    return None
        except csv.Error:
            return None
    return None
