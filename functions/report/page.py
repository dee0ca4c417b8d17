"""A report as HTML: one file, without scripts and without anything from elsewhere."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path

import jinja2

from functions.report.charts import WIDTH, bar_chart, line_chart, span_chart
from functions.report.content import QuickTestReport
from shared.jobs import Interval, asked_epochs
from shared.metrics import metric
from shared.rules.differences import difference_words
from shared.wording import percent, percentage

_FOLDER = Path(__file__).parent
_WORDS = {
    "better": "better",
    "worse": "worse",
    "no_clear_difference": "no clear difference",
}


def render(report: QuickTestReport) -> str:
    """Everything that people wrote is escaped."""
    return _template().render(
        report=report,
        style=_STYLE,
        width=WIDTH,
        bars=bar_chart(report),
        spans=span_chart(report),
        lines=line_chart(asked_epochs(report.epochs)),
        main=next((line for line in report.metrics if line.name == report.main_metric), None),
        recommends=report.main_metric is None or not metric(report.main_metric).rating,
        longest=max([stage.seconds or 0.0 for stage in report.stages], default=0.0),
    )


def _said(value: float, name: str) -> str:
    return metric(name).said(value)


def _bounds(interval: Interval | None, name: str) -> str:
    if interval is None:
        return "–"
    said = metric(name).said
    return f"{said(interval.low)} – {said(interval.high)}"


def _difference(interval: Interval | None, name: str) -> str:
    return "–" if interval is None else difference_words(name, interval)


def _seconds(seconds: float | None) -> str:
    """`12.3 s`, `2 min 5 s`, `1 h 4 min`."""
    if seconds is None:
        return "–"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def _moment(at: datetime | None) -> str:
    return "–" if at is None else f"{at:%Y-%m-%d %H:%M:%S} UTC"


@cache
def _template() -> jinja2.Template:
    """Compiled by the first report: the API should not wait for that when it starts."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "said": _said,
        "bounds": _bounds,
        "difference": _difference,
        "seconds": _seconds,
        "moment": _moment,
        "verdict": lambda verdict: _WORDS[verdict] if verdict else "–",
        "share": percent,
        "percentage": percentage,
        "count": lambda value: f"{value:,}",
        "place": lambda value: f"{value:.1f}",
    }
    return environment.get_template("page.html.jinja")


_STYLE = (_FOLDER / "style.css").read_text()
