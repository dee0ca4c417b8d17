"""What a dataset's rows are like, beyond each column by itself."""

from __future__ import annotations

from typing import Any

from shared.models import StatusModel


class Insight(StatusModel):
    """What was measured of the rows that name a customer and a product.

    Attributes:
        measured: by kind of finding, its numbers; each kind of `shared.insights` knows its own.
        examined_rows: how many rows the columns were examined in: those of a sample of customers
            where there are more.
        unexamined: how many columns were not, as there are so many.
    """

    measured: dict[str, dict[str, Any]] = {}
    examined_rows: int = 0
    unexamined: int = 0
