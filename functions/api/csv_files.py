"""Tables as CSV files that a spreadsheet opens, and does not run."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from starlette.responses import Response

Cell = str | int | float | None
# What a spreadsheet takes for the start of a formula, and what it skips before one (OWASP, "CSV
# Injection"; full-width forms are read as plain ones by some).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class CsvResponse(Response):
    """UTF-8 with a byte order mark, without which Excel takes it for another encoding."""

    media_type = "text/csv"


def csv_response(rows: Iterable[Sequence[Cell]], filename: str) -> CsvResponse:
    """Args: filename: our own, of letters, digits and hyphens."""
    text = "\ufeff" + csv_text(rows)
    disposition = f'attachment; filename="{filename}"'
    return CsvResponse(text, headers={"Content-Disposition": disposition})


def csv_text(rows: Iterable[Sequence[Cell]]) -> str:
    """Numbers as they are; a text that a spreadsheet could run gets a quote before it."""
    file = io.StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_MINIMAL)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return file.getvalue()


def _harmless(cell: Cell) -> Cell:
    if isinstance(cell, str) and cell.lstrip(" ").startswith(_FORMULA):
        return f"'{cell}"
    return cell
