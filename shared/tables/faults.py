"""Why a source's files cannot be read, in words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from shared.problems import shorten
from shared.tables.encodings import encoding_fault

_ORIGINAL = re.compile(r"Original Line: (.*)")
_DELIMITER = re.compile(r"^ *delimiter = (.+?) \(Set By User\)", re.MULTILINE)
_VALUES = re.compile(
    r"(?P<before>Original Line:) .*"
    r"|(?P<quoted>string|range:|[Ii]nput|format:) (?P<mark>['\"]).*?(?P=mark)(?=\W|$)"
    r"|(?P<number>with value) \S+"
    r"|(?P<sum>[A-Z0-9]+) \([-\d.]+ [-+*/] [-\d.]+\)"
)
_NOT_THE_REASON = (
    *("Invalid Input Error: CSV Error on Line", "Conversion Error: CSV Error on Line"),
    "Original Line:",
)


def reason_of(error: Exception, files: Sequence[Path]) -> str:
    """What is wrong with a source's files, of a DuckDB error: the file, the line, the reason."""
    text = str(error).strip()
    file = re.search(r"^ *file = (.+)$", text, re.MULTILINE)
    named = (
        Path(file[1].strip()) if file else next((f for f in files if f.as_posix() in text), None)
    )
    name = named.name if named else files[0].name if len(files) == 1 else "A file"
    line = re.search(r"CSV Error on Line: (\d+)", text)
    at = f"{name}, line {int(line[1]):,}" if line else name
    if "Invalid unicode" in text or "not utf-8" in text:
        checked = [named] if named else list(files)
        for one in checked:
            if fault := encoding_fault(one):
                return fault
        return f"{at}: the text is not UTF-8. Save it as UTF-8."
    if "unterminated quote" in text:
        place = _open_quote(text)
        return (
            f'{at}{place}: a quotation mark (") is opened here and not closed, or has text after '
            'it. Close it; a quotation mark within a value is written twice (""). Where quotation '
            "marks mean nothing, say --quote none; to leave out what cannot be read, say "
            "--skip-bad-lines."
        )
    if columns := re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", text):
        return (
            f"{at}: the header has {columns[1]} values, this line {columns[2]}. Values that hold "
            "the delimiter or a line break are written in quotation marks. To leave such lines "
            "out, say --skip-bad-lines."
        )
    if "invalid state" in text:
        return (
            f"{name}: lines end in different ways (some with CR LF, some with LF), or a quotation "
            'mark (") stands within a value. Write it as CSV again.'
        )
    told = (part for part in text.split("\n") if part and not part.startswith(_NOT_THE_REASON))
    first = shorten(without_values(next(told, "")))
    first = re.sub(r"^[A-Z][A-Za-z ]* Error: ", "", first)
    for one in files:
        first = first.replace(one.as_posix(), one.name)
    return f"{at}: {first}" if name not in first else first


def without_values(text: str) -> str:
    """A message of DuckDB's without the values that it met, which may be customers' ids."""

    def hidden(found: re.Match[str]) -> str:
        return f"{found['before'] or found['quoted'] or found['number'] or found['sum']} …"

    return _VALUES.sub(hidden, text)


def _open_quote(text: str) -> str:
    """Which value of a line opens with a quotation mark that nothing closes, of DuckDB's error."""
    line, given = _ORIGINAL.search(text), _DELIMITER.search(text)
    if line is None or given is None:
        return ""
    delimiter = given[1].replace("\\t", "\t")
    inside = False
    column = opened = 1
    for place, character in enumerate(line[1]):
        if character == '"':
            inside = not inside
            opened = column
        elif not inside and line[1].startswith(delimiter, place):
            column += 1
    return f", column {opened:,}"
