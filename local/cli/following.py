"""What runs, followed to its end: redrawn in place on a terminal, told line by line in a log."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any, Generic, TypeVar

from rich.console import RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from local.cli.output import out
from shared.documents.base import Document
from shared.documents.quick_test import TestState
from shared.wording import percentage

_BAR_WIDTH = 40
MARKS = {
    TestState.COMPLETED: ("✓", "good"),
    TestState.FAILED: ("✗", "bad"),
    TestState.CANCELLED: ("–", "note"),
    TestState.PENDING: ("·", "note"),
    TestState.RUNNING: ("…", "note"),
}

DocumentT = TypeVar("DocumentT", bound=Document[Any, Any])


class Followed(ABC, Generic[DocumentT]):
    """How a document is shown while it runs. It remembers what it has told. What is told without a
    terminal goes where errors do: what is piped on is the answer alone."""

    kind: type[DocumentT]

    @abstractmethod
    def tell(self, document: DocumentT) -> None:
        """Prints a line for each thing that is new."""

    @abstractmethod
    def drawn(self, document: DocumentT | None) -> RenderableType:
        """All of it; of none before the first news."""


def follow_to_end(shown: Followed[DocumentT], documents: Iterable[dict[str, Any]]) -> DocumentT:
    """Shows a document until its stream ends; returns it as it was last told."""
    latest: DocumentT | None = None
    if out.is_terminal:
        with Live(
            console=out, get_renderable=lambda: shown.drawn(latest), refresh_per_second=8
        ) as live:
            for data in documents:
                latest = shown.kind.model_validate(data)
                live.refresh()
    else:
        for data in documents:
            latest = shown.kind.model_validate(data)
            shown.tell(latest)
    assert latest is not None, "a stream begins with the present document"
    return latest


def progress_bar(progress: float) -> RenderableType:
    """Args: progress: per cent."""
    row = Table.grid(padding=(0, 1))
    row.add_row(
        " ",
        ProgressBar(total=100, completed=progress, width=_BAR_WIDTH),
        Text(percentage(progress), style="note"),
    )
    return row
