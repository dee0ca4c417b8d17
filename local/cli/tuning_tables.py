"""A tuning's results as tables."""

from __future__ import annotations

from collections.abc import Iterable

from rich.markup import escape
from rich.table import Table
from rich.text import Text

from local.cli.output import duration, out
from local.cli.tables import Documents, table
from shared.documents.quick_test import TestState
from shared.documents.tuning import Searched, Trial, Tuning, TuningStatus, TuningTest
from shared.metrics import metric as metric_of
from shared.rules.search import values_of
from shared.rules.tunables import tunables
from shared.wording import percent, plural, uncapital

_MATTER = 3


def trial_in_words(test: TuningTest, metric: str | None) -> str:
    """`Recall@100 0.2134`, how far it is, or how it ended."""
    if isinstance(test, Trial) and test.pruned:
        return f"given up after {plural(len(test.losses), 'epoch')}"
    if test.state is TestState.COMPLETED and test.value is not None and metric:
        return f"{metric_of(metric).label} {test.value:.4f}"
    if test.state is TestState.RUNNING:
        return f"{test.progress}%"
    return test.state.value


def best_in_words(status: TuningStatus) -> str:
    best = status.best_trial()
    if best is None or best.value is None or status.metric is None:
        return "No trial has completed yet."
    default = status.trials[0].value
    told = f"Best so far: trial {best.number}, {metric_of(status.metric).label} {best.value:.4f}"
    if best.number != 1 and default is not None:
        told += f" (default {default:.4f})"
    return f"{told}: {best.label}"


def importance_in_words(status: TuningStatus) -> str:
    """The settings that matter most: `half-life (days) 61.0%, output width 22.0%`."""
    found = list(status.importance.items())[:_MATTER]
    return ", ".join(f"{called(key)} {percent(share)}" for key, share in found)


def called(key: str) -> str:
    """What a searched setting is called: `temperature`, `buyer city`."""
    tunable = tunables().get(key)
    return uncapital(tunable.label) if tunable else key.replace(".", " ", 1)


def space_in_words(one: Searched) -> str:
    """`10 to 400`, `16, 32 or 64`, `in or out`."""
    if one.values is None and one.low is None:
        return "in or out"
    if (values := values_of(one)) is not None:
        return ", ".join(f"{value:g}" for value in values)
    return f"{one.low:g} to {one.high:g}"


def show_space(space: Iterable[Searched]) -> None:
    shown = table("setting", "searched")
    for one in space:
        shown.add_row(Text(called(one.key)), Text(space_in_words(one)))
    for column in shown.columns:
        column.justify = "left"
    out.print(shown)


def tunings_table(found: Documents) -> Table:
    shown = table("tuning", "id", "state", "trials", "verdict")
    for tuning in map(Tuning.model_validate, found):
        status = tuning.status
        shown.add_row(
            Text(tuning.name),
            tuning.id,
            status.state.value,
            f"{len(status.trials)}/{tuning.spec.trials}",
            status.verdict.verdict.replace("_", " ") if status.verdict else "–",
        )
    return shown


def show_tuning(tuning: Tuning) -> None:
    """The trials, best first; what matters; the verdict; and what it all took."""
    status = tuning.status
    metric = metric_of(status.metric) if status.metric else None
    if status.trials:
        label = metric.label if metric else "value"
        shown = table("", "trial", f"{label} on validation", "quick test", title="Trials")
        shown.columns[1].justify = "left"
        for trial in sorted(status.trials, key=lambda trial: _order(trial, status)):
            value = trial_in_words(trial, None)
            if trial.state is TestState.COMPLETED and trial.value is not None:
                value = f"{trial.value:.4f}"
            style = "title" if trial.number == status.best else ""
            shown.add_row(
                str(trial.number), Text(trial.label, style=style), value, trial.quick_test_id
            )
        out.print(shown)
    if status.importance:
        matters = table("setting", "share", title="What matters")
        for key, share in status.importance.items():
            matters.add_row(Text(called(key)), percent(share))
        out.print(matters)
    if status.verdict is not None:
        style = "good" if status.verdict.verdict == "better" else "title"
        out.print()
        out.print(Text(status.verdict.sentence, style=style), soft_wrap=True)
        best = status.best_trial()
        if status.verdict.verdict == "better" and best is not None:
            out.print(f"[note]`recsmith train {best.quick_test_id}` trains it on all rows.[/]")
    out.print()
    facts = {"tuning": tuning.id}
    if status.why_no_more:
        facts["ended"] = status.why_no_more
    if status.refused:
        facts["refused"] = (
            f"{plural(status.refused, 'draw')} that could not be trained, at no cost; the first: "
            f"{status.refusals[0].reason}"
        )
    if status.duration_seconds is not None:
        facts["duration"] = duration(status.duration_seconds)
    if status.cost_usd is not None:
        facts["cost"] = f"{status.cost_usd:.2f} USD"
    for name, fact in facts.items():
        out.print(f"[note]{name:<15}[/]{escape(fact)}", soft_wrap=True)


def _order(trial: Trial, status: TuningStatus) -> tuple[bool, float, int]:
    """Completed trials by their value, then the others as they came."""
    sign = 1 if status.metric and metric_of(status.metric).lower_is_better else -1
    done = trial.state is TestState.COMPLETED and trial.value is not None
    return not done, sign * (trial.value or 0.0) if done else 0.0, trial.number
