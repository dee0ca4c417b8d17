"""What a test measured, on the terminal: intervals, baselines, and verdicts in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

from rich.markup import escape
from rich.table import Table
from rich.text import Text

from local.cli.output import out
from local.cli.tables import table
from shared.baselines import Baseline, baselines
from shared.comparing.table import ComparedGroup, Comparison
from shared.documents.quick_test import QuickTest, RulesVerdict
from shared.jobs import Interval, MetricsReport
from shared.metrics import Metric, brief_metrics
from shared.metrics import metric as metric_of
from shared.rules.differences import Verdict, against_baseline, difference_words
from shared.rules.lists import SERVED_LISTS, judge_lists
from shared.rules.measured_rules import judge_rules
from shared.rules.metrics import main_metrics
from shared.rules.result_words import comparison_sentence, skipped_words
from shared.wording import percent, plural

_SIDE_BY_SIDE = 4  # tests that have room beside each other
_BASELINE_COLUMNS = 3  # and baselines
_MARKS: dict[Verdict | None, tuple[str, str]] = {
    "better": ("good", "better"),
    "worse": ("bad", "worse"),
    "no_clear_difference": ("note", "no clear difference"),
    None: ("note", ""),
}
_SIGNS: dict[Verdict | None, str] = {
    "better": "[good]✓[/]",
    "worse": "[bad]✗[/]",
    "no_clear_difference": "[note]·[/]",
    None: "[note]·[/]",
}


def show_measured(test: QuickTest) -> None:
    """The metrics beside their baselines, verdicts, the best test before, and the protocol."""
    results = test.status.results
    if results is None:
        return
    told = [metric for metric in brief_metrics() if metric.name in results.metrics]
    titles = [("How well it recommends", "", False), ("How well it rates", "", True)]
    titles += [(f"The list “{served.label}”", served.label, False) for served in SERVED_LISTS]
    for title, of_list, rating in titles:
        shown = [one for one in told if (one.of_list, one.rating) == (of_list, rating)]
        if shown:
            out.print()
            out.print(_metrics(title, shown, results))
            _weaker(_main(shown), results)
    _verdicts(results)
    if (judged := judge_rules(results)) is not None:
        _rules(judged)
    if test.status.comparison is not None:
        style, _ = _MARKS[test.status.comparison.verdict]
        sentence = comparison_sentence(test.status.comparison)
        out.print(f"[{style}]{escape(sentence)}[/]", soft_wrap=True)
    _index(results)
    protocol = results.protocol
    split = protocol.split.replace("_", "-")
    out.print(
        f"[note]{plural(protocol.holdout_rows, 'held-out purchase')} of "
        f"{plural(protocol.holdout_customers, 'customer')} ({split} split, "
        f"{protocol.held_out} held out{protocol.cut}), "
        f"{plural(protocol.candidates, 'product')} to choose from, "
        f"{plural(protocol.train_rows, 'purchase')} trained on.[/]"
    )
    if results.skipped:
        out.print(f"[note]{skipped_words(results)}[/]", soft_wrap=True)
    if results.rows is not None:
        for sentence in results.rows.told:
            out.print(f"[note]{sentence}[/]", soft_wrap=True)


def _metrics(title: str, shown: list[Metric], results: MetricsReport) -> Table:
    """One row for each metric; a baseline has a column where it has any of them."""
    names = [metric.name for metric in shown]
    plain, _ = _columns(_main(shown), [results.baselines])
    intervals = any(name in results.intervals for name in names)
    headings = {metric.heading for metric in shown}
    first = headings.pop() if len(headings) == 1 else "metric"
    columns = [first, "this model", *(baseline.column for baseline in plain)]
    made = table(*columns, *(["95% interval"] if intervals else []), title=title)
    for metric in shown:
        value = results.metrics[metric.name]
        theirs = [results.baselines.get(one.name, {}).get(metric.name) for one in plain]
        better = bool(theirs) and all(
            against_baseline(metric.name, baseline.name, results) == "better"
            for baseline, p in zip(plain, theirs, strict=True)
            if p is not None
        )
        made.add_row(
            metric.brief,
            Text(f"{value:.4f}", style="good" if better else ""),
            *("–" if p is None else f"{p:.4f}" for p in theirs),
            *([_bounds(results.intervals.get(metric.name))] if intervals else []),
        )
    return made


def _main(shown: list[Metric]) -> Metric:
    """What the baselines of a table are ranked by."""
    main = main_metrics({metric.name: 0.0 for metric in shown})
    return next((metric for metric in shown if metric.name in main), shown[0])


def _weaker(metric: Metric, results: MetricsReport) -> None:
    """The baselines for which the table has no room."""
    _, weaker = _columns(metric, [results.baselines])
    told = [f"{one.column} {results.baselines[one.name][metric.name]:.4f}" for one in weaker]
    if told:
        out.print(f"[note]Weaker in {metric.label}: {', '.join(told)}.[/]", soft_wrap=True)


def _columns(
    metric: Metric, tests: Sequence[Mapping[str, Mapping[str, float]]]
) -> tuple[list[Baseline], list[Baseline]]:
    """The strongest baselines of some tests in a metric, for which a table has room, in their
    order; and the others that have it, strongest first."""
    values = {
        baseline: max(found) * (-1 if metric.lower_is_better else 1)
        for baseline in _told_baselines()
        if (found := [of[baseline.name][metric.name] for of in tests if _has(of, baseline, metric)])
    }
    strongest = sorted(values, key=lambda baseline: -values[baseline])
    shown, weaker = strongest[:_BASELINE_COLUMNS], strongest[_BASELINE_COLUMNS:]
    return [baseline for baseline in values if baseline in shown], weaker


def _has(of: Mapping[str, Mapping[str, float]], baseline: Baseline, metric: Metric) -> bool:
    return metric.name in of.get(baseline.name, {})


def _told_baselines() -> list[Baseline]:
    return [baseline for baseline in baselines().values() if not baseline.obvious]


def _bounds(interval: Interval | None) -> str:
    return "–" if interval is None else f"{interval.low:.4f} – {interval.high:.4f}"


def _verdicts(results: MetricsReport) -> None:
    """How each task's main metric stands against the baselines that it is judged by."""
    for name, baseline in product(main_metrics(results.metrics), _told_baselines()):
        found = against_baseline(name, baseline.name, results)
        if found is None:
            continue
        difference = difference_words(name, results.differences[baseline.name][name])
        words = {
            "better": "Clearly better than",
            "worse": "Clearly worse than",
            "no_clear_difference": "No clear difference from",
        }[found]
        out.print(
            f"{_SIGNS[found]} {words} {baseline.doing}: [note]{difference}[/]",
            soft_wrap=True,
        )
    for judged in judge_lists(results):
        said = escape(f"{judged.label}: {judged.sentence}")
        out.print(f"{_SIGNS[judged.verdict]} {said}", soft_wrap=True)


def _rules(judged: RulesVerdict) -> None:
    """Metrics under a rule set beside those without, and what the rules cost in words."""
    if judged.metrics:
        shown = table(
            "metric",
            "without",
            "under the rules",
            "difference",
            title=f"Under the rule set {escape(judged.name)}, revision {judged.revision}",
        )
        for one in judged.metrics:
            said = metric_of(one.metric).said
            shown.add_row(
                one.label,
                said(one.without),
                said(one.under),
                _verdict(one.metric, one.verdict, one.difference),
            )
        out.print()
        out.print(shown)
    for rule in judged.told:
        out.print(f"[note]· {escape(rule)}[/]", soft_wrap=True)
    for place, sentence in enumerate(judged.sentences):
        sign = f"{_SIGNS[judged.standing]} " if place == 0 else ""
        out.print(f"{sign}{escape(sentence)}", soft_wrap=True)


def _index(results: MetricsReport) -> None:
    index = results.index
    if index is not None and index.algorithm == "scann":
        out.print(
            f"[note]ScaNN with {plural(index.num_leaves, 'leaf', 'leaves')}, "
            f"{index.leaves_to_search} of them searched, finds {percent(index.recall)} of the "
            "exact best products.[/]"
        )
    if index is not None and index.fitted_lists is not None:
        fitted = plural(index.fitted_lists, "customer")
        out.print(f"[note]The re-ranker was fitted to the lists of {fitted}.[/]")


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
        for warning in group.warnings:
            out.print(f"[bad]![/] {escape(warning)}", soft_wrap=True)
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
    plain, _ = _columns(metric_of(name), [row.baselines for row in group.rows])
    shown = table(
        "quick test",
        comparison.metric_label,
        "95% interval",
        *(baseline.column for baseline in plain),
        "against the first",
        *([f"against {escape(held.label)}"] if held else []),
        title=title,
    )
    for column in shown.columns[3 + len(plain) :]:
        column.justify = "left"
    for row in group.rows:
        against = [_verdict(name, row.verdict, row.difference)]
        if row.best:
            against = [Text("★ best", style="good")]
        elif row.rank == 1 and len(group.rows) > 1:
            against = [Text(f"no clear best; {_lower(row.judged.label)}", style="note")]
        if held is row:
            against.append(Text("base", style="note"))
        elif row.to_base is not None:
            against.append(_verdict(name, row.to_base.verdict, row.to_base.difference))
        theirs = [row.baselines.get(baseline.name, {}).get(name) for baseline in plain]
        shown.add_row(
            Text(row.label),
            f"{row.value:.4f}",
            _bounds(row.intervals.get(name)),
            *("–" if p is None else f"{p:.4f}" for p in theirs),
            *against,
        )
    return shown


def _lower(words: str) -> str:
    return f"{words[:1].lower()}{words[1:]}"


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
