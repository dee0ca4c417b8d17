"""A quick test while it runs: stages, epochs, progress."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from local.cli.console import done, duration, out
from shared.documents.quick_test import QuickTest, QuickTestStatus
from shared.jobs import EpochProgress, Stage, State, Task

_LABELS = {
    Stage.EXAMPLES: "Sample and split the purchases",
    Stage.TRANSFORM: "Learn vocabularies, transform features",
    Stage.TRAIN: "Train the two towers",
    Stage.EVALUATE: "Evaluate on held-out purchases",
}
_BAR_WIDTH = 40
_PREPARING = "Validate, generate code, launch"


def follow(documents: Iterable[dict[str, Any]]) -> QuickTest:
    """Shows a quick test until its stream ends; returns it as it was last told."""
    view = _LiveView() if out.is_terminal else _Lines()
    test: QuickTest | None = None
    with view:
        for data in documents:
            test = QuickTest.model_validate(data)
            view.show(test)
    assert test is not None, "a stream begins with the present document"
    return test


def _seconds(task: Task) -> float | None:
    if task.started_at is None or task.ended_at is None:
        return None
    return (task.ended_at - task.started_at).total_seconds()


def _epoch(epoch: EpochProgress, epochs: int) -> str:
    validation = epoch.validation_loss
    held_out = "" if validation is None else f"   held out {validation:.4f}"
    return f"epoch {epoch.epoch}/{epochs}   loss {epoch.loss:.4f}{held_out}"


class _Lines:
    """One line for each thing that is new: for logs."""

    def __init__(self) -> None:
        self._told: set[str] = set()

    def __enter__(self) -> _Lines:
        return self

    def __exit__(self, *_: object) -> None: ...

    def show(self, test: QuickTest) -> None:
        status = test.status
        for task in status.stages:
            if task.name is Stage.EVALUATE:
                self._epochs(test)
            if task.state is State.SUCCEEDED and self._new(task.name):
                done(_label(task), _seconds(task))
            elif task.state is State.RUNNING and self._new(f"{task.name} runs"):
                out.print(f"  {_LABELS[task.name]} …")
        self._epochs(test)

    def _epochs(self, test: QuickTest) -> None:
        for epoch in test.status.epochs:
            if self._new(f"epoch {epoch.epoch}"):
                out.print(f"    {_epoch(epoch, test.spec.epochs)}   {duration(epoch.seconds)}")

    def _new(self, key: str) -> bool:
        new = key not in self._told
        self._told.add(key)
        return new


class _LiveView:
    """The whole test in place, redrawn as it moves."""

    def __init__(self) -> None:
        self._test: QuickTest | None = None
        self._since = time.monotonic()
        self._spinner = Spinner("dots", style="note")
        self._live = Live(
            console=out, get_renderable=self._render, refresh_per_second=8, transient=False
        )

    def __enter__(self) -> _LiveView:
        self._live.__enter__()
        return self

    def __exit__(self, *details: Any) -> None:
        self._live.__exit__(*details)

    def show(self, test: QuickTest) -> None:
        self._test = test
        self._live.refresh()

    def _render(self) -> RenderableType:
        if self._test is None:
            return self._waiting()
        status, epochs = self._test.status, self._test.spec.epochs
        grid = Table.grid(padding=(0, 1))
        grid.add_column(width=1)
        grid.add_column(min_width=46)
        grid.add_column(justify="right", style="note", min_width=10)
        if not any(task.state is not State.PENDING for task in status.stages):
            grid.add_row(self._spinner, _PREPARING, duration(time.monotonic() - self._since))
        for task in status.stages:
            grid.add_row(*self._row(task))
            if task.name is Stage.TRAIN:
                for epoch in status.epochs:
                    line = Text(f"  {_epoch(epoch, epochs)}", style="note")
                    grid.add_row("", line, duration(epoch.seconds))
        if status.state.ended:
            return grid
        return Group(grid, _bar(status))

    def _waiting(self) -> RenderableType:
        return Group(Text("Waiting for the first news …", style="note"))

    def _row(self, task: Task) -> tuple[RenderableType, RenderableType, str]:
        label = _label(task)
        if task.state is State.SUCCEEDED:
            return Text("✓", style="good"), label, duration(_seconds(task) or 0.0)
        if task.state is State.FAILED:
            return Text("✗", style="bad"), label, ""
        if task.state is State.RUNNING and task.started_at:
            elapsed = (datetime.now(UTC) - task.started_at).total_seconds()
            return self._spinner, label, duration(max(0.0, elapsed))
        return Text("·", style="note"), Text(label, style="note"), ""


def _label(task: Task) -> str:
    return f"{_LABELS[task.name]}{': as before, reused' if task.reused else ''}"


def _bar(status: QuickTestStatus) -> RenderableType:
    row = Table.grid(padding=(0, 1))
    row.add_row(
        " ",
        ProgressBar(total=100, completed=status.progress, width=_BAR_WIDTH),
        Text(f"{status.progress} %", style="note"),
    )
    return row


def failure(test: QuickTest) -> str:
    """One sentence or two on why a test ended as it did."""
    status = test.status
    if status.error is not None:
        where = f" in stage {status.error.stage}" if status.error.stage else ""
        return f"The quick test failed{where}: {status.error.message}"
    return f"The quick test is {status.state}."
