"""What a test measured, on the terminal: intervals, baselines, and verdicts in words."""

from __future__ import annotations

from itertools import product

from rich.markup import escape
from rich.table import Table
from rich.text import Text

from local.cli.console import out
from local.cli.tables import table
from shared.comparing.table import ComparedGroup, Comparison
from shared.comparing.words import BASELINES, comparison_sentence, difference_words
from shared.documents.quick_test import QuickTest
from shared.jobs import Interval, MetricsReport
from shared.rules.differences import Verdict, against_baseline
from shared.rules.metrics import main_metrics, metric

_RECALLS = {
    "recall_at_10": "@10",
    "recall_at_50": "@50",
    "recall_at_100": "@100",
    "recall_at_100_repeat": "@100, bought before",
    "recall_at_100_new": "@100, new to them",
}
_SIDE_BY_SIDE = 4  # tests that have room beside each other
_ERRORS = {"rmse": "RMSE", "mae": "MAE"}
_SHORT = {
    "popularity": "popularity",
    "own_history": "own history",
    "global_mean": "global mean",
    "customer_product_means": "customer, product means",
}
_MARKS: dict[Verdict | None, tuple[str, str]] = {
    "better": ("good", "better"),
    "worse": ("bad", "worse"),
    "no_clear_difference": ("note", "no clear difference"),
    None: ("note", ""),
}


def show_measured(test: QuickTest) -> None:
    """The metrics beside their baselines, verdicts, the best test before, and the protocol."""
    results = test.status.results
    if results is None:
        return
    for title, first, names in (
        ("How well it recommends", "recall", _RECALLS),
        ("How well it rates", "error", _ERRORS),
    ):
        shown = {name: label for name, label in names.items() if name in results.metrics}
        if shown:
            out.print()
            out.print(_metrics(title, first, shown, results))
    _verdicts(results)
    if test.status.comparison is not None:
        style, _ = _MARKS[test.status.comparison.verdict]
        sentence = comparison_sentence(test.status.comparison)
        out.print(f"[{style}]{escape(sentence)}[/]", soft_wrap=True)
    _index(results)
    protocol = results.protocol
    out.print(
        f"[note]{protocol.holdout_rows:,} held-out purchases of "
        f"{protocol.holdout_customers:,} customers ({protocol.split} split), "
        f"{protocol.candidates:,} products to choose from, "
        f"{protocol.train_rows:,} purchases trained on.[/]"
    )


def _metrics(title: str, first: str, names: dict[str, str], results: MetricsReport) -> Table:
    """One row for each metric; a baseline has a column where it has any of them."""
    baselines = [
        baseline
        for baseline in _SHORT
        if any(name in results.baselines.get(baseline, {}) for name in names)
    ]
    intervals = any(name in results.intervals for name in names)
    columns = [first, "this model", *(_SHORT[baseline] for baseline in baselines)]
    shown = table(*columns, *(["95 % interval"] if intervals else []), title=title)
    for name, label in names.items():
        value = results.metrics[name]
        plain = [results.baselines.get(baseline, {}).get(name) for baseline in baselines]
        better = bool(plain) and all(p is None or metric(name).better(value, p) for p in plain)
        shown.add_row(
            label,
            Text(f"{value:.4f}", style="good" if better else ""),
            *("–" if p is None else f"{p:.4f}" for p in plain),
            *([_bounds(results.intervals.get(name))] if intervals else []),
        )
    return shown


def _bounds(interval: Interval | None) -> str:
    return "–" if interval is None else f"{interval.low:.4f} – {interval.high:.4f}"


def _verdicts(results: MetricsReport) -> None:
    """How each task's main metric stands against the baselines that it is judged by."""
    for name, baseline in product(main_metrics(results.metrics), _SHORT):
        found = against_baseline(name, baseline, results)
        if found is None:
            continue
        interval = results.differences[baseline][name]
        mark, words = {
            "better": ("[good]✓[/]", "Clearly better than"),
            "worse": ("[bad]✗[/]", "Clearly worse than"),
            "no_clear_difference": ("[note]·[/]", "No clear difference from"),
        }[found]
        out.print(
            f"{mark} {words} {BASELINES[baseline]}: [note]{difference_words(name, interval)}[/]",
            soft_wrap=True,
        )


def _index(results: MetricsReport) -> None:
    index = results.index
    if index is not None and index.algorithm == "scann":
        out.print(
            f"[note]ScaNN with {index.num_leaves} leaves, {index.leaves_to_search} of them "
            f"searched, finds {index.recall:.1%} of the exact best products.[/]"
        )


def show_comparison(comparison: Comparison, base: str | None = None) -> None:
    """Groups that may be ranked, one below the other, and the fields in which tests differ.

    Args:
        base: the id of the test that the comparison was asked to hold the others against.
    """
    for number, group in enumerate(comparison.groups, 1):
        out.print()
        several = len(comparison.groups) > 1
        title = f"Group {number}: {group.measured}" if several else group.measured
        out.print(_ranking(comparison, group, title, base))
        for reason in group.reasons:
            out.print(f"[note]Not ranked with group 1: {escape(reason)}.[/]")
        out.print(escape(group.summary), soft_wrap=True)
        told = [row.reason for row in group.rows]
        told += [row.to_base.reason for row in group.rows if row.to_base is not None]
        for reason in sorted({reason for reason in told if reason}):
            out.print(f"[note]{escape(reason)}[/]", soft_wrap=True)
    if comparison.differing:
        out.print()
        out.print(_fields(comparison))
    elif comparison.groups:
        out.print("[note]They do not differ in any setting.[/]")
    for item in comparison.left_out:
        name = item.name or item.quick_test_id
        out.print(f"[note]Left out: {escape(name)}. {escape(item.reason)}[/]", soft_wrap=True)


def _ranking(comparison: Comparison, group: ComparedGroup, title: str, base: str | None) -> Table:
    name = comparison.metric
    held = next((row for row in group.rows if row.quick_test_id == base), None)
    baselines = [b for b in _SHORT if any(name in row.baselines.get(b, {}) for row in group.rows)]
    shown = table(
        "quick test",
        comparison.metric_label,
        "95 % interval",
        *(_SHORT[baseline] for baseline in baselines),
        "against the best",
        *([f"against {escape(held.label)}"] if held else []),
        title=title,
    )
    for column in shown.columns[3 + len(baselines) :]:
        column.justify = "left"
    for row in group.rows:
        against = [_verdict(name, row.verdict, row.difference)]
        if row.best:
            against = [Text("★ best", style="good")]
        if held is row:
            against.append(Text("base", style="note"))
        elif row.to_base is not None:
            against.append(_verdict(name, row.to_base.verdict, row.to_base.difference))
        plain = [row.baselines.get(baseline, {}).get(name) for baseline in baselines]
        shown.add_row(
            Text(row.label),
            f"{row.value:.4f}",
            _bounds(row.intervals.get(name)),
            *("–" if p is None else f"{p:.4f}" for p in plain),
            *against,
        )
    return shown


def _verdict(name: str, verdict: Verdict | None, difference: Interval | None) -> Text:
    style, words = _MARKS[verdict]
    if difference is not None:
        words = f"{words}, {difference_words(name, difference)}"
    return Text(words, style=style)


def _fields(comparison: Comparison) -> Table:
    """Tests side by side in the order of their ranks; below each other where there are many."""
    rows = [row for group in comparison.groups for row in group.rows]
    fields = comparison.differing
    if len(rows) <= max(len(fields), _SIDE_BY_SIDE):
        shown = table("what differs", *(escape(row.label) for row in rows))
        for field in fields:
            shown.add_row(Text(field.label), *(Text(row.fields[field.key]) for row in rows))
    else:
        shown = table("quick test", *(escape(field.label) for field in fields))
        for row in rows:
            shown.add_row(Text(row.label), *(Text(row.fields[field.key]) for field in fields))
    for column in shown.columns[1:]:
        column.justify = "left"
        column.overflow = "fold"
    return shown
