"""A sweep while it runs: which tests are done, how far the others are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.console import Group, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from local.cli.console import out
from local.cli.sweep_tables import result_in_words
from shared.documents.quick_test import TestState
from shared.documents.sweep import Sweep, SweepTest

_BAR_WIDTH = 40
_MARKS = {
    TestState.COMPLETED: ("✓", "good"),
    TestState.FAILED: ("✗", "bad"),
    TestState.CANCELLED: ("–", "note"),
    TestState.PENDING: ("·", "note"),
}


def follow_sweep(documents: Iterable[dict[str, Any]]) -> Sweep:
    """Shows a sweep until its stream ends; returns it as it was last told."""
    view = _LiveView() if out.is_terminal else _Lines()
    sweep: Sweep | None = None
    with view:
        for data in documents:
            sweep = Sweep.model_validate(data)
            view.show(sweep)
    assert sweep is not None, "a stream begins with the present document"
    return sweep


class _Lines:
    """One line for each test that begins or ends: for logs."""

    def __init__(self) -> None:
        self._told: set[tuple[str, TestState]] = set()

    def __enter__(self) -> _Lines:
        return self

    def __exit__(self, *_: object) -> None: ...

    def show(self, sweep: Sweep) -> None:
        tests = sweep.status.tests
        for number, test in enumerate(tests, 1):
            key = (test.quick_test_id, test.state)
            if key in self._told or test.state is TestState.PENDING:
                continue
            self._told.add(key)
            place = f"{number}/{len(tests)}"
            if test.state is TestState.RUNNING:
                out.print(f"  {place} {escape(test.label)} …")
            else:
                mark, style = _MARKS[test.state]
                said = escape(f"{test.label}   {result_in_words(test)}")
                out.print(f"[{style}]{mark}[/] {place} {said}")


class _LiveView:
    """All tests in place, redrawn as they move."""

    def __init__(self) -> None:
        self._sweep: Sweep | None = None
        self._spinner = Spinner("dots", style="note")
        self._live = Live(console=out, get_renderable=self._render, refresh_per_second=8)

    def __enter__(self) -> _LiveView:
        self._live.__enter__()
        return self

    def __exit__(self, *details: Any) -> None:
        self._live.__exit__(*details)

    def show(self, sweep: Sweep) -> None:
        self._sweep = sweep
        self._live.refresh()

    def _render(self) -> RenderableType:
        if self._sweep is None or not self._sweep.status.tests:
            return Text("Validate, plan the tests …", style="note")
        grid = Table.grid(padding=(0, 2))
        for test in self._sweep.status.tests:
            grid.add_row(*self._row(test))
        if self._sweep.status.state.ended:
            return grid
        bar = Table.grid(padding=(0, 1))
        progress = self._sweep.status.progress
        bar.add_row(
            " ",
            ProgressBar(total=100, completed=progress, width=_BAR_WIDTH),
            Text(f"{progress} %", style="note"),
        )
        return Group(grid, bar)

    def _row(self, test: SweepTest) -> tuple[RenderableType, RenderableType, RenderableType]:
        if test.state is TestState.RUNNING:
            return self._spinner, Text(test.label), Text(f"{test.progress} %", style="note")
        mark, style = _MARKS[test.state]
        waiting = test.state is TestState.PENDING
        said = "" if waiting else result_in_words(test)
        return Text(mark, style=style), Text(test.label, style="note" if waiting else ""), said
