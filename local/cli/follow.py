"""A quick test while it runs: stages, epochs, progress."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from local.cli.following import Followed, follow_to_end, progress_bar
from local.cli.output import done, duration, err
from shared.documents.quick_test import QuickTest
from shared.jobs import EpochProgress, Stage, State, Task

_LABELS = {
    Stage.EXAMPLES: "Sample and split the purchases",
    Stage.TRANSFORM: "Learn vocabularies, transform features",
    Stage.TRAIN: "Train the two towers",
    Stage.EVALUATE: "Evaluate on held-out purchases",
}
_PREPARING = "Validate, generate code, launch"


def follow(documents: Iterable[dict[str, Any]]) -> QuickTest:
    """Shows a quick test until its stream ends; returns it as it was last told."""
    return follow_to_end(_Shown(), documents)


def _seconds(task: Task) -> float | None:
    if task.started_at is None or task.ended_at is None:
        return None
    return (task.ended_at - task.started_at).total_seconds()


def _epoch(epoch: EpochProgress, epochs: int) -> str:
    validation = epoch.validation_loss
    held_out = "" if validation is None else f"   validation {validation:.4f}"
    # Models with a fitting slice end with a pass over the newest rows; older ones do not say so.
    newest = epoch.newest_rows or epoch.epoch > epochs
    name = "newest rows" if newest else f"epoch {epoch.epoch}/{epochs}"
    return f"{name}   loss {epoch.loss:.4f}{held_out}"


class _Shown(Followed[QuickTest]):
    kind = QuickTest

    def __init__(self) -> None:
        self._told: set[str] = set()
        self._since = time.monotonic()
        self._spinner = Spinner("dots", style="note")

    def tell(self, document: QuickTest) -> None:
        """A line for each stage that begins or ends, and for each epoch."""
        for task in document.status.stages:
            if task.name is Stage.EVALUATE:
                self._epochs(document)
            if task.state is State.SUCCEEDED and self._new(task.name):
                done(_label(task), _seconds(task), err)
            elif task.state is State.RUNNING and self._new(f"{task.name} runs"):
                err.print(f"  {_LABELS[task.name]} …")
        self._epochs(document)

    def _epochs(self, test: QuickTest) -> None:
        for epoch in test.status.epochs:
            if self._new(f"epoch {epoch.epoch}"):
                err.print(f"    {_epoch(epoch, test.spec.epochs)}   {duration(epoch.seconds)}")

    def _new(self, key: str) -> bool:
        new = key not in self._told
        self._told.add(key)
        return new

    def drawn(self, document: QuickTest | None) -> RenderableType:
        """The whole test in place."""
        if document is None:
            return Text("Waiting for the first news …", style="note")
        status, epochs = document.status, document.spec.epochs
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
        return grid if status.state.ended else Group(grid, progress_bar(status.progress))

    def _row(self, task: Task) -> tuple[RenderableType, RenderableType, str]:
        label = _label(task)
        if task.state is State.SUCCEEDED:
            return Text("✓", style="good"), label, duration(_seconds(task) or 0.0)
        if task.state is State.FAILED:
            return Text("✗", style="bad"), label, ""
        if task.state is State.RUNNING and task.started_at:
            elapsed = (datetime.now(UTC) - task.started_at).total_seconds()
            doing = f": {task.doing}" if task.doing else ""
            return self._spinner, f"{label}{doing}", duration(max(0.0, elapsed))
        return Text("·", style="note"), Text(label, style="note"), ""


def _label(task: Task) -> str:
    return f"{_LABELS[task.name]}{': as before, reused' if task.reused else ''}"


def failure(test: QuickTest) -> str:
    """One sentence or two on why a test ended as it did."""
    status = test.status
    if status.error is not None:
        where = f" in stage {status.error.stage}" if status.error.stage else ""
        return f"The quick test failed{where}: {status.error.message}"
    return f"The quick test is {status.state}."
