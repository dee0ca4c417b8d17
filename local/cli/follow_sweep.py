"""A sweep while it runs: which tests are done, how far the others are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from local.cli.following import MARKS, Followed, follow_to_end, progress_bar
from local.cli.output import err
from local.cli.sweep_tables import result_in_words
from shared.documents.quick_test import TestState
from shared.documents.sweep import Sweep, SweepTest
from shared.wording import percentage


def follow_sweep(documents: Iterable[dict[str, Any]]) -> Sweep:
    """Shows a sweep until its stream ends; returns it as it was last told."""
    return follow_to_end(_Shown(), documents)


class _Shown(Followed[Sweep]):
    kind = Sweep

    def __init__(self) -> None:
        self._told: set[tuple[str, TestState]] = set()
        self._spinner = Spinner("dots", style="note")

    def tell(self, document: Sweep) -> None:
        """A line for each test that begins or ends."""
        tests = document.status.tests
        for number, test in enumerate(tests, 1):
            key = (test.quick_test_id, test.state)
            if key in self._told or test.state is TestState.PENDING:
                continue
            self._told.add(key)
            place = f"{number}/{len(tests)}"
            if test.state is TestState.RUNNING:
                err.print(f"  {place} {escape(test.label)} …")
            else:
                mark, style = MARKS[test.state]
                said = escape(f"{test.label}   {result_in_words(test)}")
                err.print(f"[{style}]{mark}[/] {place} {said}")

    def drawn(self, document: Sweep | None) -> RenderableType:
        """All tests in their places."""
        if document is None or not document.status.tests:
            return Text("Validate, plan the tests …", style="note")
        grid = Table.grid(padding=(0, 2))
        for test in document.status.tests:
            grid.add_row(*self._row(test))
        if document.status.state.ended:
            return grid
        return Group(grid, progress_bar(document.status.progress))

    def _row(self, test: SweepTest) -> tuple[RenderableType, RenderableType, RenderableType]:
        if test.state is TestState.RUNNING:
            return self._spinner, Text(test.label), Text(percentage(test.progress), style="note")
        mark, style = MARKS[test.state]
        waiting = test.state is TestState.PENDING
        said = "" if waiting else result_in_words(test)
        return Text(mark, style=style), Text(test.label, style="note" if waiting else ""), said
