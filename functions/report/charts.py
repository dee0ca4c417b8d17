"""Where the lines and bars of a report's charts are, in SVG units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10

from functions.report.content import QuickTestReport, ReportMetric
from shared.baselines import baseline as baseline_of
from shared.jobs import EpochProgress
from shared.metrics import metric
from shared.wording import capital

WIDTH = 720
_LABELS = 210  # width of the labels left of the bars
_VALUES = 190  # and of the values right of them
_ROW = 22
_GAP = 18
_TITLE = 22


@dataclass(frozen=True)
class Bar:
    """`whisker`: both ends of the interval; None where there is none."""

    y: float
    width: float
    label: str
    text: str
    model: bool
    whisker: tuple[float, float] | None


@dataclass(frozen=True)
class BarGroup:
    y: float
    title: str
    bars: list[Bar]


@dataclass(frozen=True)
class BarChart:
    height: float
    x: float
    groups: list[BarGroup]


@dataclass(frozen=True)
class Span:
    """A difference with its interval. `verdict` is its class."""

    y: float
    x1: float
    x2: float
    label: str
    text: str
    verdict: str


@dataclass(frozen=True)
class SpanChart:
    height: float
    zero: float
    spans: list[Span]
    ticks: list[tuple[float, str]]


@dataclass(frozen=True)
class Curve:
    """`label_y`: where its name is written, beside its end."""

    name: str
    kind: str
    points: list[tuple[float, float]]
    label_y: float


@dataclass(frozen=True)
class LineChart:
    width: float
    height: float
    left: float
    right: float
    bottom: float
    curves: list[Curve]
    x_ticks: list[tuple[float, str]]
    y_ticks: list[tuple[float, str]]


def bar_chart(report: QuickTestReport) -> BarChart | None:
    """Metrics beside their baselines, on one scale; those that a baseline has too."""
    main = report.main_metric or ""
    shown = [
        line
        for line in report.metrics
        if line.baselines
        and metric(line.name).brief is not None
        and not metric(line.name).of_list  # of which sentences tell
        and metric(line.name).rating == metric(main).rating
    ]
    if not shown:
        return None
    most = max(
        value
        for line in shown
        for value in (
            line.value,
            line.interval.high if line.interval else 0.0,
            *(baseline.value for baseline in line.baselines),
        )
    )
    scale = (WIDTH - _LABELS - _VALUES) / (most or 1.0)
    y = 0.0
    groups = []
    for line in shown:
        bars = _bars(line, y + _TITLE, scale)
        groups.append(BarGroup(y + 15, line.label, bars))
        y += _TITLE + _ROW * len(bars) + _GAP
    return BarChart(y - _GAP + 6, _LABELS, groups)


def _bars(line: ReportMetric, y: float, scale: float) -> list[Bar]:
    said = metric(line.name).said
    whisker, text = None, said(line.value)
    if line.interval is not None:
        whisker = line.interval.low * scale, line.interval.high * scale
        text += f"  ({said(line.interval.low)} – {said(line.interval.high)})"
    bars = [Bar(y, max(line.value * scale, 0.0), "This model", text, True, whisker)]
    for number, baseline in enumerate(line.baselines, 1):
        label = _column(baseline.name)
        width = max(baseline.value * scale, 0.0)
        bars.append(Bar(y + number * _ROW, width, label, said(baseline.value), False, None))
    return bars


def _column(name: str) -> str:
    return capital(baseline_of(name).column)


def span_chart(report: QuickTestReport) -> SpanChart | None:
    """The main metric's difference to every baseline, and to the best test before."""
    line = next((line for line in report.metrics if line.name == report.main_metric), None)
    if line is None:
        return None
    found = [
        (_column(b.name), b.difference, b.verdict or "no_clear_difference")
        for b in line.baselines
        if b.difference is not None
    ]
    comparison = report.comparison
    if comparison is not None and comparison.difference is not None:
        name = f"Best before: {_shortened(comparison.name)}"
        found.append((name, comparison.difference, comparison.verdict))
    if not found:
        return None
    factor, unit = (100, " points") if line.share else (1, "")
    places = 1 if line.share else 4
    ends = [0.0, *(v for _, i, _ in found for v in (i.low, i.high))]
    low, high = min(ends), max(ends)
    room = (high - low) * 0.06 or 1.0
    low, high = low - room, high + room
    scale = (WIDTH - _LABELS - _VALUES) / (high - low)

    def x(value: float) -> float:
        return _LABELS + (value - low) * scale

    spans = [
        Span(
            14 + number * 30,
            x(interval.low),
            x(interval.high),
            label,
            f"{interval.low * factor:+.{places}f} to {interval.high * factor:+.{places}f}{unit}",
            verdict,
        )
        for number, (label, interval, verdict) in enumerate(found)
    ]
    ticks = [(x(t), f"{t * factor:+g}" if t else "0") for t in _ticks(low, high)]
    return SpanChart(30.0 * len(spans) + 24, x(0.0), spans, ticks)


def line_chart(epochs: Sequence[EpochProgress]) -> LineChart | None:
    """The losses by epoch; a single epoch makes no line."""
    series = [
        ("training rows", "model", [(e.epoch, e.loss) for e in epochs]),
        (
            "validation",
            "plain",
            [(e.epoch, e.validation_loss) for e in epochs if e.validation_loss is not None],
        ),
    ]
    series = [(name, kind, points) for name, kind, points in series if len(points) > 1]
    if not series:
        return None
    losses = [loss for _, _, points in series for _, loss in points]
    first, last = epochs[0].epoch, epochs[-1].epoch
    low, high = min(losses), max(losses)
    room = (high - low) * 0.1 or abs(high) * 0.1 or 1.0
    low, high = low - room, high + room
    left, right, top, bottom = 56.0, WIDTH - 120.0, 10.0, 200.0

    def x(epoch: float) -> float:
        return left + (epoch - first) / (last - first) * (right - left)

    def y(loss: float) -> float:
        return bottom - (loss - low) / (high - low) * (bottom - top)

    step = max(1, (last - first) // 10)
    return LineChart(
        width=WIDTH,
        height=bottom + 40,
        left=left,
        right=right,
        bottom=bottom,
        curves=_labelled(
            [(name, kind, [(x(e), y(loss)) for e, loss in points]) for name, kind, points in series]
        ),
        x_ticks=[(x(e), str(e)) for e in range(first, last + 1, step)],
        y_ticks=[(y(t), f"{t:g}") for t in _ticks(low, high)],
    )


def _labelled(curves: Sequence[tuple[str, str, list[tuple[float, float]]]]) -> list[Curve]:
    """Names beside the curves' ends, moved apart where they would overlap."""
    made: list[Curve] = []
    for name, kind, points in curves:
        y = points[-1][1] + 4
        if made and abs(y - made[-1].label_y) < 16:
            y = made[-1].label_y + (16 if y >= made[-1].label_y else -16)
        made.append(Curve(name, kind, points, y))
    return made


def _ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round numbers from low to high."""
    raw = (high - low) / about
    power = 10.0 ** floor(log10(raw))
    step = next(n * power for n in (1, 2, 5, 10) if n * power >= raw)
    first = floor(low / step) + 1
    return [round(n * step, 10) for n in range(first, floor(high / step) + 1)]


def _shortened(text: str) -> str:
    return text if len(text) <= 18 else f"{text[:17]}…"
