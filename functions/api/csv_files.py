"""Tables as CSV files that a spreadsheet opens, and does not run."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

from starlette.responses import Response

Cell = str | int | float | None
# Where a spreadsheet may begin a formula (OWASP, "CSV Injection"): at the start of a text, behind
# what is skipped there, and behind what it may take for the end of a cell, for where commas are
# decimal marks a file's cells end in semicolons. Full-width forms are read as plain ones by some.
_SKIPPED = r"[\s\x00-\x1f\x7f-\xa0\u200b-\u200f\u2060-\u2064\ufeff]"
_FORMULA = re.compile(rf"(^|[;|\t\r\n])(?={_SKIPPED}*[=+\-@＝＋－＠])|^(?=[\t\r\n])")


class CsvResponse(Response):
    """UTF-8 with a byte order mark, without which Excel takes it for another encoding."""

    media_type = "text/csv"


def csv_response(rows: Iterable[Sequence[Cell]], filename: str) -> CsvResponse:
    """Args: filename: our own, of letters, digits and hyphens."""
    text = "\ufeff" + csv_text(rows)
    disposition = f'attachment; filename="{filename}"'
    return CsvResponse(text, headers={"Content-Disposition": disposition})


def csv_text(rows: Iterable[Sequence[Cell]]) -> str:
    """Numbers as they are; a text that a spreadsheet could run gets a quote wherever it could."""
    file = io.StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_MINIMAL)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return file.getvalue()


def _harmless(cell: Cell) -> Cell:
    return _FORMULA.sub(r"\1'", cell) if isinstance(cell, str) else cell
