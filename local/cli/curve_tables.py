"""Learning curves as tables."""

from __future__ import annotations

from rich.markup import escape
from rich.table import Table
from rich.text import Text

from local.cli.output import out
from local.cli.tables import table
from shared.comparing.learning_curve import Curve, CurvePoint, LearningCurves
from shared.rules.differences import Verdict, difference_words
from shared.wording import plural

_GAIN: dict[Verdict, tuple[str, str]] = {
    "better": ("good", "better"),
    "worse": ("bad", "worse"),
    "no_clear_difference": ("note", "no clear difference"),
}


def show_curves(curves: LearningCurves) -> None:
    """Each curve, point by point, then what they advise."""
    for curve in curves.curves:
        out.print(_table(curve, curves))
        out.print()
    if curves.told:
        out.print(f"[note]{escape(curves.told)}[/]")
    for one in curves.advice:
        out.print(f"[good]→[/] {escape(one.sentence)}")


def _table(curve: Curve, curves: LearningCurves) -> Table:
    baseline = curves.baseline_label
    shown = table(
        curve.label.lower(),
        "trained on",
        curves.metric_label or "result",
        "95% interval",
        *([baseline] if baseline else []),
        "against the row before",
        title=f"By {'customers' if curve.by == 'customers' else 'epochs'}",
    )
    shown.columns[-1].justify = "left"
    for point in curve.points:
        baselines = [_number(point.baseline)] if baseline else []
        shown.add_row(
            point.label,
            plural(point.train_rows, "purchase") if point.train_rows is not None else "",
            _number(point.value) if point.value is not None else point.state.value,
            f"{point.interval.low:.4f} – {point.interval.high:.4f}" if point.interval else "–",
            *baselines,
            _gain(point, curves.metric),
        )
    return shown


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"


def _gain(point: CurvePoint, metric: str | None) -> Text:
    stopped = f"stopped after {plural(point.epochs, 'epoch')}" if point.epochs is not None else ""
    if point.difference is None or point.verdict is None or metric is None:
        return Text(stopped, style="note")
    style, words = _GAIN[point.verdict]
    told = f"{words}, {difference_words(metric, point.difference)}"
    return Text(f"{told}; {stopped}" if stopped else told, style=style)
