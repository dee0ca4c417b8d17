"""The first sheet of an Excel workbook (`.xlsx`) as CSV.

ECMA-376, parts 18.3 (sheets), 18.4 (shared strings) and 18.8 (formats of numbers).
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any
from xml.etree import ElementTree

from shared.documents.source import FileSource
from shared.tables.files import invalid

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_BOOK = "xl/workbook.xml"
_TIMES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}  # built-in formats
_MOST_COLUMNS = 16_384
_ODD = "It cannot be read as an Excel workbook. Save it anew, or as CSV."


def is_workbook(file: Path) -> bool:
    with zipfile.ZipFile(file) as archive:
        return _BOOK in archive.namelist()


def sheet_as_csv(source: FileSource, file: Path, target: IO[bytes]) -> None:
    """Writes it in UTF-8: times as ISO 8601, numbers as they are stored.

    Raises:
        InvalidError: it is no such workbook, or declares entities of its own.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            strings = list(_strings(archive))
            times = _time_styles(archive)
            base = 1904 if _is_1904(archive) else 1900
            text = io.TextIOWrapper(target, "utf-8", newline="", write_through=True)
            writer = csv.writer(text, lineterminator="\n")
            name = _first_sheet(archive)
            with archive.open(name) as sheet:
                width = max(map(len, _rows(sheet, strings, times, base)), default=0)
            with archive.open(name) as sheet:
                for row in _rows(sheet, strings, times, base):
                    if row:
                        writer.writerow(row + [""] * (width - len(row)))
            text.detach()
    except (ElementTree.ParseError, KeyError, IndexError, ValueError, zipfile.BadZipFile) as error:
        message = f"{file.name}: {_ODD} ({type(error).__name__})"
        raise invalid("unreadable", message, source) from None


def _elements(opened: IO[bytes], name: str) -> Iterator[ElementTree.Element]:
    """One after the other, each forgotten after its turn. Entities are not expanded: Office writes
    none, and they could grow without end."""
    parser: Any = ElementTree.XMLPullParser(("start", "end"))
    above: list[ElementTree.Element] = []
    while chunk := opened.read(1 << 16):
        if b"<!DOCTYPE" in chunk or b"<!ENTITY" in chunk:
            raise ValueError("a document type")
        parser.feed(chunk)
        for event, element in parser.read_events():
            assert isinstance(element, ElementTree.Element)
            if event == "start":
                above.append(element)
                continue
            above.pop()
            if element.tag == _MAIN + name:
                yield element
                above[-1].remove(element)


def _part(archive: zipfile.ZipFile, name: str) -> ElementTree.Element | None:
    if name not in archive.namelist():
        return None
    data = archive.read(name)
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise ValueError("a document type")
    return ElementTree.fromstring(data)  # noqa: S314  (no document type, so no entities)


def _strings(archive: zipfile.ZipFile) -> Iterator[str]:
    name = "xl/sharedStrings.xml"
    if name in archive.namelist():
        with archive.open(name) as opened:
            for item in _elements(opened, "si"):
                yield _text(item)


def _text(item: ElementTree.Element) -> str:
    """Without phonetic readings, which stand beside some texts."""
    runs = [item, *item.findall(f"{_MAIN}r")]
    return "".join(part.text or "" for run in runs for part in run.findall(f"{_MAIN}t"))


def _first_sheet(archive: zipfile.ZipFile) -> str:
    book = _part(archive, _BOOK)
    links = _part(archive, "xl/_rels/workbook.xml.rels")
    assert book is not None
    sheets = [one for one in book.iter(f"{_MAIN}sheet") if one.get("state", "visible") == "visible"]
    if links is not None:
        targets = {link.get("Id"): link.get("Target", "") for link in links}
        target = targets[sheets[0].get(_LINK)]
        return target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return "xl/worksheets/sheet1.xml"


def _is_1904(archive: zipfile.ZipFile) -> bool:
    book = _part(archive, _BOOK)
    assert book is not None
    about = book.find(f"{_MAIN}workbookPr")
    return about is not None and about.get("date1904") in ("1", "true")


def _time_styles(archive: zipfile.ZipFile) -> set[int]:
    """The styles of cells whose numbers are times."""
    styles = _part(archive, "xl/styles.xml")
    if styles is None:
        return set()
    codes = {
        int(one.get("numFmtId", "0")): one.get("formatCode", "")
        for one in styles.iter(f"{_MAIN}numFmt")
    }
    found = set()
    formats = styles.find(f"{_MAIN}cellXfs")
    for place, one in enumerate(formats if formats is not None else ()):
        number = int(one.get("numFmtId", "0"))
        code = re.sub(r'"[^"]*"|\\.|\[[^\]]*\]', "", codes.get(number, ""))
        if number in _TIMES or re.search("[ymdhs]", code, re.IGNORECASE):
            found.add(place)
    return found


def _rows(sheet: IO[bytes], strings: list[str], times: set[int], base: int) -> Iterator[list[str]]:
    for row in _elements(sheet, "row"):
        values: list[str] = []
        for cell in row.findall(f"{_MAIN}c"):
            place = _place(cell.get("r", ""), len(values))
            values += [""] * (place - len(values))
            values.append(_value(cell, strings, times, base))
        while values and not values[-1]:
            values.pop()
        yield values


def _place(name: str, following: int) -> int:
    """The column of a cell such as `AB12`, from 0."""
    letters = name.rstrip("0123456789")
    if not letters:
        return following
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - 64
    if not following < place <= _MOST_COLUMNS:
        raise ValueError(name)
    return place - 1


def _value(cell: ElementTree.Element, strings: list[str], times: set[int], base: int) -> str:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        inline = cell.find(f"{_MAIN}is")
        return _text(inline) if inline is not None else ""
    found = cell.find(f"{_MAIN}v")
    value = (found.text or "") if found is not None else ""
    if not value or kind == "e":  # an error, such as #N/A
        return ""
    if kind == "s":
        return strings[int(value)]
    if kind == "b":
        return "true" if value == "1" else "false"
    if kind == "n" and int(cell.get("s", "0")) in times:
        return _time(float(value), base)
    if kind == "n" and re.fullmatch(r"-?[0-9.]+E[+-]?[0-9]+", value):
        number = float(value)
        return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)
    return value


def _time(days: float, base: int) -> str:
    """Days since the last day of 1899; Excel takes 1900 for a leap year."""
    if base == 1904:
        start = dt.datetime(1904, 1, 1)
    else:
        start = dt.datetime(1899, 12, 31 if days < 60 else 30)
    if 0 <= days < 1:  # a time of day
        seconds = round(days * 86_400) % 86_400
        return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    moment = start + dt.timedelta(seconds=round(days * 86_400))
    return f"{moment:%Y-%m-%d}" if days == int(days) else f"{moment:%Y-%m-%d %H:%M:%S}"
