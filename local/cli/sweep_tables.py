"""A sweep's results as tables."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from rich.markup import escape
from rich.table import Table
from rich.text import Text

from local.cli.output import duration, out
from local.cli.results import show_comparison
from local.cli.tables import Documents, table
from shared.comparing.heatmap import Heatmap
from shared.comparing.heatmap_cells import HeatmapCell
from shared.comparing.table import ComparedTest, Comparison, summary_of
from shared.documents.quick_test import TestState
from shared.documents.sweep import Sweep, SweepTest
from shared.metrics import metric as metric_of
from shared.rules.differences import Verdict, difference_words
from shared.rules.metrics import main_metric
from shared.wording import plural

_MOST_COLUMNS = 8
# Of the test without a column, said of the column.
_WORTH: dict[Verdict, tuple[str, str]] = {
    "worse": ("good", "helps"),
    "better": ("bad", "harms"),
    "no_clear_difference": ("note", "no clear difference"),
}


def result_in_words(test: SweepTest) -> str:
    """`Recall@100 0.2134`, or how the test ended."""
    metric = main_metric(test.metrics)
    if test.state is TestState.COMPLETED and metric is not None:
        return f"{metric_of(metric).label} {test.metrics[metric]:.4f}"
    return test.state.value


def sweeps_table(found: Documents) -> Table:
    shown = table("sweep", "id", "state", "tests", "best value")
    for sweep in map(Sweep.model_validate, found):
        tests = sweep.status.tests
        ended = sum(test.state.ended for test in tests)
        best = _best(tests)
        shown.add_row(
            Text(sweep.name),
            sweep.id,
            sweep.status.state.value,
            f"{ended}/{len(tests)}",
            result_in_words(best) if best else "–",
        )
    return shown


def _best(tests: Iterable[SweepTest]) -> SweepTest | None:
    found: SweepTest | None = None
    for test in tests:
        metric = main_metric(test.metrics) if test.state is TestState.COMPLETED else None
        if metric is None:
            continue
        beaten = found is None or metric_of(metric).better(
            test.metrics[metric], found.metrics.get(metric, test.metrics[metric])
        )
        found = test if beaten else found
    return found


def completed(tests: Iterable[SweepTest]) -> list[SweepTest]:
    return [test for test in tests if test.state is TestState.COMPLETED]


def ablations(tests: Iterable[SweepTest]) -> Iterator[tuple[SweepTest, list[SweepTest]]]:
    """Of completed tests, by pair of configs, the one with all columns and those without one;
    only where there is something to compare."""
    pairs: dict[tuple[str, str], list[SweepTest]] = {}
    for test in tests:
        pairs.setdefault((test.feature_config_id, test.model_config_id), []).append(test)
    for own in pairs.values():
        whole = next((test for test in own if not test.overrides.leave_out), None)
        without = [test for test in own if test.overrides.leave_out]
        if whole is not None and without:
            yield whole, without


def show_ranked(tests: Iterable[SweepTest], comparison: Comparison) -> None:
    """The tests as `recsmith compare` shows them, by what sets them apart in the sweep."""
    labels = {test.quick_test_id: test.label for test in tests}
    for group in comparison.groups:
        for row in group.rows:
            row.label = labels[row.quick_test_id]
        group.summary = summary_of(group.verdict, group.rows, comparison.metric)
    show_comparison(comparison)


def show_heatmap(heatmap: Heatmap) -> None:
    """Where two settings differ, and have room."""
    differing = [dimension for dimension in heatmap.dimensions if dimension.values > 1]
    if len(differing) < 2 or len(heatmap.columns.values) > _MOST_COLUMNS:
        return
    rows, columns = heatmap.rows, heatmap.columns
    shown = table(rows.label, *map(escape, columns.values))
    cells = {(cell.row, cell.column): cell for cell in heatmap.cells}
    for down, name in enumerate(rows.values):
        across = (cells.get((down, place)) for place in range(len(columns.values)))
        shown.add_row(Text(name), *map(_cell, across))
    out.print()
    title = f"{heatmap.metric_label}: {rows.label} by {columns.label}"
    out.print(f"[title]{title}[/]")  # a table would break a long title
    out.print(shown)
    out.print(escape(heatmap.summary), soft_wrap=True)
    out.print(f"[note]{escape(heatmap.note)}[/]")


def _cell(cell: HeatmapCell | None) -> Text:
    return Text("–" if cell is None else f"{cell.value:.4f}")


def show_ablation(
    whole: SweepTest,
    without: Sequence[SweepTest],
    comparison: Comparison,
    names: Mapping[str, str] | None = None,
) -> None:
    """What is lost without each column, beside the test with all of them, most first.

    Args:
        comparison: of all these tests, with `whole` as its base.
        names: of both configs by id, where there are several pairs of them.
    """
    title = "What each column is worth"
    if names is not None:
        title += (
            f": {', '.join(names[c] for c in (whole.feature_config_id, whole.model_config_id))}"
        )
    metric = metric_of(comparison.metric)
    rows = {row.quick_test_id: row for group in comparison.groups for row in group.rows}
    base = rows[whole.quick_test_id].value
    shown = table(
        "column", "tower", f"{metric.label} without it", "lost without it", "", title=title
    )
    shown.columns[-1].justify = "left"
    shown.add_row("(all columns)", "", f"{base:.4f}", "", "")
    sign = -1 if metric.lower_is_better else 1

    def lost(test: SweepTest) -> float:
        return sign * (base - rows[test.quick_test_id].value)

    for test in sorted(without, key=lost, reverse=True):
        column, row = test.overrides.leave_out[0], rows[test.quick_test_id]
        shown.add_row(
            Text(column.column),
            column.tower,
            f"{row.value:.4f}",
            f"{lost(test):+.4f}",
            _worth(comparison.metric, row),
        )
    out.print(shown)


def _worth(metric: str, row: ComparedTest) -> Text:
    told = row.to_base
    if told is None or told.difference is None:
        return Text("not known", style="note")
    style, words = _WORTH[told.verdict]
    return Text(f"{words}, {difference_words(metric, told.difference)}", style=style)


def show_rest(sweep: Sweep, there: Collection[str]) -> None:
    """Which quick test is which, what has no results, and what the sweep took.

    Args:
        there: ids of the tests that have not been deleted.
    """
    status = sweep.status
    shown = table("test", "quick test", "")
    for test in status.tests:
        gone = test.created and test.quick_test_id not in there
        said = "" if test.state is TestState.COMPLETED and not gone else result_in_words(test)
        shown.add_row(
            Text(test.label),
            Text(test.quick_test_id if test.created else "–"),
            Text(f"{said}, deleted since" if gone else said, style="note"),
        )
    for column in shown.columns:
        column.justify = "left"
    out.print()
    out.print(shown)
    out.print()
    facts = {"sweep": sweep.id}
    if status.duration_seconds is not None:
        facts["duration"] = duration(status.duration_seconds)
    if status.cost_usd is not None:
        facts["cost"] = f"{status.cost_usd:.2f} USD"
    if status.budget_spent:
        left_out = sum(not test.created for test in status.tests)
        facts["left out"] = f"{plural(left_out, 'test')}, for the budget is spent"
    for name, fact in facts.items():
        out.print(f"[note]{name:<15}[/]{escape(fact)}", soft_wrap=True)
