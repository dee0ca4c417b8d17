"""A tuning while it runs: the best so far, and how the trials go."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from local.cli.following import MARKS, Followed, follow_to_end, progress_bar
from local.cli.output import err
from local.cli.tuning_tables import best_in_words, importance_in_words, trial_in_words
from shared.documents.tuning import ConfirmingTest, Trial, Tuning, TuningTest
from shared.wording import plural

_LATEST = 8


def follow_tuning(documents: Iterable[dict[str, Any]]) -> Tuning:
    """Shows a tuning until its stream ends; returns it as it was last told."""
    return follow_to_end(_Shown(), documents)


def _label(test: TuningTest) -> str:
    if isinstance(test, Trial):
        return test.label
    assert isinstance(test, ConfirmingTest)
    return f"{'the best' if test.of == 'best' else 'the default'}, seed {test.training_seed}"


class _Shown(Followed[Tuning]):
    kind = Tuning

    def __init__(self) -> None:
        self._told: set[str] = set()
        self._best: int | None = None

    def tell(self, document: Tuning) -> None:
        """A line for each test that ends, and for each new best."""
        status = document.status
        for number, test in enumerate([*status.trials, *status.confirming], 1):
            if test.quick_test_id in self._told or not test.state.ended:
                continue
            self._told.add(test.quick_test_id)
            mark, style = MARKS[test.state]
            said = escape(f"{_label(test)}   {trial_in_words(test, status.metric)}")
            err.print(f"[{style}]{mark}[/] {number} {said}", soft_wrap=True)
        if status.best != self._best and status.best is not None:
            self._best = status.best
            err.print(f"  [note]{escape(best_in_words(status))}[/]", soft_wrap=True)

    def drawn(self, document: Tuning | None) -> RenderableType:
        """The best, what matters, and the latest trials."""
        if document is None or not document.status.trials:
            return Text("Validate, fix the search space …", style="note")
        status = document.status
        if status.state.ended:
            return Text("")
        tests: list[TuningTest] = [*status.trials, *status.confirming]
        shown = [test for test in tests if not isinstance(test, ConfirmingTest) or test.created]
        grid = Table.grid(padding=(0, 2))
        if len(shown) > _LATEST:
            earlier = plural(len(shown) - _LATEST, "earlier test")
            grid.add_row("", Text(earlier, style="note"), "")
        for test in shown[-_LATEST:]:
            mark, style = MARKS[test.state]
            grid.add_row(Text(mark, style=style), _label(test), trial_in_words(test, status.metric))
        told = [Text(best_in_words(status), style="title")]
        if status.importance:
            told.append(Text(f"Matters most: {importance_in_words(status)}", style="note"))
        return Group(grid, *told, progress_bar(status.progress))
