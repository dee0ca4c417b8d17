"""A sweep's results as tables."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from statistics import fmean

from rich.markup import escape
from rich.text import Text

from local.cli.console import duration, out
from local.cli.tables import table
from shared.documents.quick_test import TestState
from shared.documents.sweep import Sweep, SweepTest
from shared.rules.metrics import RANKED_BY

_RATED_BY = "rmse"
_SHOWN = (RANKED_BY, "recall_at_10", _RATED_BY, "mae")
_MOST_COLUMNS = 8


def result_in_words(test: SweepTest) -> str:
    """`recall_at_100 0.2134`, or how the test ended."""
    metric = _metric([test])
    if test.state is TestState.COMPLETED and metric in test.metrics:
        return f"{metric} {test.metrics[metric]:.4f}"
    return test.state.value


def show_sweep(sweep: Sweep, names: Mapping[str, str]) -> None:
    """The tests, best first; what differs most as a heatmap; for an ablation what each column is
    worth. `names`: of the configs, by id."""
    status = sweep.status
    out.print()
    metric = _metric(status.tests)
    if sweep.spec.ablation:
        _show_columns(status.tests, metric, names)
    else:
        _show_ranked(status.tests)
        _show_heatmap(sweep, metric, names)
    out.print()
    facts = {"sweep": sweep.id}
    if status.duration_seconds is not None:
        facts["duration"] = duration(status.duration_seconds)
    if status.cost_usd is not None:
        facts["cost"] = f"{status.cost_usd:.2f} USD"
    left_out = sum(not test.created for test in status.tests)
    if status.budget_spent:
        facts["left out"] = f"{left_out} tests, for the budget is spent"
    for name, fact in facts.items():
        out.print(f"[note]{name:<15}[/]{escape(fact)}", soft_wrap=True)


def list_sweeps(sweeps: Iterable[Sweep]) -> None:
    shown = table("sweep", "id", "state", "tests", "best")
    for sweep in sweeps:
        tests = sweep.status.tests
        ended = sum(test.state.ended for test in tests)
        best = _best_first(tests)[:1]
        shown.add_row(
            Text(sweep.name),
            sweep.id,
            sweep.status.state.value,
            f"{ended}/{len(tests)}",
            result_in_words(best[0]) if best else "–",
        )
    out.print(shown)


def _metric(tests: Iterable[SweepTest]) -> str:
    """What the tests are ordered by."""
    return RANKED_BY if any(RANKED_BY in test.metrics for test in tests) else _RATED_BY


def _best_first(tests: Iterable[SweepTest]) -> list[SweepTest]:
    tests = list(tests)
    metric = _metric(tests)
    done = [t for t in tests if t.state is TestState.COMPLETED and metric in t.metrics]
    return sorted(done, key=lambda test: test.metrics[metric], reverse=metric == RANKED_BY)


def _show_ranked(tests: list[SweepTest]) -> None:
    metrics = [name for name in _SHOWN if any(name in test.metrics for test in tests)]
    shown = table("test", *metrics, "quick test", title="Best first")
    ranked = _best_first(tests)
    for place, test in enumerate(ranked):
        values = [f"{test.metrics[m]:.4f}" if m in test.metrics else "–" for m in metrics]
        shown.add_row(Text(test.label, style="good" if not place else ""), *values, _id(test))
    for test in tests:
        if test not in ranked:
            shown.add_row(Text(test.label), *["–"] * len(metrics), f"{test.state} {_id(test)}")
    out.print(shown)


def _id(test: SweepTest) -> str:
    return test.quick_test_id if test.created else ""


def _show_columns(tests: list[SweepTest], metric: str, names: Mapping[str, str]) -> None:
    """What is lost without each column, by pair of configs."""
    pairs = dict.fromkeys((test.feature_config_id, test.model_config_id) for test in tests)
    for pair in pairs:
        own = [test for test in tests if (test.feature_config_id, test.model_config_id) == pair]
        whole = next(test for test in own if not test.overrides.leave_out)
        title = "What each column is worth"
        if len(pairs) > 1:
            title += f": {names.get(pair[0], pair[0])}, {names.get(pair[1], pair[1])}"
        shown = table("column", "tower", f"{metric} without it", "lost without it", title=title)
        base = whole.metrics.get(metric)
        shown.add_row("(all columns)", "", _number(base), "")
        sign = 1 if metric == RANKED_BY else -1

        lost = {
            test.quick_test_id: sign * (base - test.metrics[metric])
            for test in own
            if base is not None and metric in test.metrics
        }
        others = [test for test in own if test.overrides.leave_out]
        for test in sorted(others, key=lambda t: -lost.get(t.quick_test_id, -math.inf)):
            column, worth = test.overrides.leave_out[0], lost.get(test.quick_test_id)
            shown.add_row(
                Text(column.column),
                column.tower,
                _number(test.metrics.get(metric)) if test.metrics else test.state.value,
                "–" if worth is None else Text(f"{worth:+.4f}", style="good" if worth > 0 else ""),
            )
        out.print(shown)
    out.print(
        "[note]One run each: small differences mean nothing. Where a column says what another says "
        "too, neither seems worth much.[/]"
    )


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"


def _show_heatmap(sweep: Sweep, metric: str, names: Mapping[str, str]) -> None:
    """Rows × columns of the two settings that have most values, where two differ at all."""
    made = [(test, _settings(test, sweep, names)) for test in sweep.status.tests]
    values = {  # in the order of the grid
        setting: list(dict.fromkeys(settings[setting] for _, settings in made))
        for setting in (made[0][1] if made else {})
    }
    differing = sorted(
        (setting for setting in values if len(values[setting]) > 1),
        key=lambda setting: -len(values[setting]),
    )
    if len(differing) < 2 or len(values[differing[1]]) > _MOST_COLUMNS:
        return
    rows, columns = differing[:2]
    found: dict[tuple[str, str], list[float]] = {}
    for test, settings in made:
        if metric in test.metrics:
            cell = (settings[rows], settings[columns])
            found.setdefault(cell, []).append(test.metrics[metric])
    means = {cell: fmean(measured) for cell, measured in found.items()}
    best = (max if metric == RANKED_BY else min)(means.values(), default=None)
    shown = table(rows, *values[columns])
    for down in values[rows]:
        cells = [means.get((down, across)) for across in values[columns]]
        styled = [
            Text(_number(v), style="good" if v is not None and v == best else "") for v in cells
        ]
        shown.add_row(Text(down), *styled)
    out.print()
    out.print(f"[title]{metric}: {rows} by {columns}[/]")  # a table would break a long title
    out.print(shown)
    if len(differing) > 2:
        out.print(f"[note]Means over {', '.join(differing[2:])}.[/]")


def _settings(test: SweepTest, sweep: Sweep, names: Mapping[str, str]) -> dict[str, str]:
    """What a test was run with, by what it is called."""
    overrides = test.overrides
    gone = ", ".join(f"{item.column} ({item.tower})" for item in overrides.leave_out)
    return {
        "feature config": names.get(test.feature_config_id, test.feature_config_id),
        "model config": names.get(test.model_config_id, test.model_config_id),
        "learning rate": _own(overrides.learning_rate_override),
        "batch size": _own(overrides.batch_size_override),
        "epochs": str(overrides.epochs or sweep.spec.epochs),
        "seed": str(
            sweep.spec.seed if overrides.training_seed is None else overrides.training_seed
        ),
        "left out": gone or "nothing",
    }


def _own(value: float | None) -> str:
    return "its own" if value is None else f"{value:g}"
