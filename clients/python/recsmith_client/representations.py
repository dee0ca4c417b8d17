"""How notebooks show results: plain HTML, in the notebook's own colours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import singledispatch
from html import escape
from typing import Any

from recsmith_client import models
from recsmith_client.rows import Row, rows_of

_SHOWN = "recall_at_100", "recall_at_10", "ndcg_at_10", "mrr", "rmse", "mae"


@singledispatch
def html_of(_: object) -> str | None:
    """None for what is shown as any other object."""
    return None


@html_of.register
def _(test: models.QuickTest) -> str:
    status = test.status
    head = [_title(test.name, f"{status.state}, {test.id}")]
    if status.verdict is not None:
        head.append(_paragraph(status.verdict.sentence))
    if status.error is not None:
        head.append(_paragraph(status.error.message))
    if status.results is None:
        return "".join([*head, _paragraph(f"{status.progress}%")])
    results = status.results
    names = [name for name in _SHOWN if name in results.metrics] or list(results.metrics)[:6]
    baselines = list(results.baselines)
    columns = ["metric", "value", "95% interval", *baselines]
    rows = [
        [
            name,
            _number(results.metrics[name]),
            _interval(results.intervals.get(name)),
            *(_number(results.baselines[baseline].get(name)) for baseline in baselines),
        ]
        for name in names
    ]
    warnings = [_paragraph(warning.message) for warning in status.warnings]
    return "".join([*head, _table(columns, rows), *warnings])


@html_of.register
def _(comparison: models.Comparison) -> str:
    parts = [_title("Comparison", comparison.metric_label)]
    labels = [field.label for field in comparison.differing]
    for group in comparison.groups:
        parts += [_paragraph(group.summary), *map(_paragraph, group.warnings)]
        columns = ["", "test", comparison.metric_label, "95% interval", "difference", *labels]
        parts.append(
            _table(
                columns,
                [
                    [
                        "★" if test.best else str(test.rank),
                        test.name,
                        _number(test.value),
                        _interval(test.intervals.get(comparison.metric)),
                        _interval(test.difference, signed=True),
                        *(test.fields.get(field.key, "") for field in comparison.differing),
                    ]
                    for test in group.rows
                ],
            )
        )
    if comparison.left_out:
        count = len(comparison.left_out)
        parts.append(_paragraph(f"Left out: {count} that cannot be compared."))
    return "".join(parts)


@html_of.register
def _(heatmap: models.Heatmap) -> str:
    rows, columns = heatmap.rows, heatmap.columns
    cells = {(cell.row, cell.column): cell for cell in heatmap.cells}

    def shown(row: int, column: int) -> str:
        cell = cells.get((row, column))
        if cell is None:
            return ""
        return (
            f"{'★ ' if cell.best else ''}{_number(cell.value)} {_interval(cell.interval)}".strip()
        )

    table = _table(
        [f"{rows.label} \\ {columns.label}", *columns.values],
        [
            [name, *(shown(row, column) for column in range(len(columns.values)))]
            for row, name in enumerate(rows.values)
        ],
    )
    return _title("Heatmap", heatmap.metric_label) + _paragraph(heatmap.summary) + table


@html_of.register
def _(prediction: models.Prediction) -> str:
    found: list[Row] = list(rows_of(prediction))
    columns = [name for name in ("rank", "product_id", "name", "score") if found]
    rows = [
        [_number(row[name]) if name == "score" else str(row[name] or "") for name in columns]
        for row in found
    ]
    return _title("Recommendations", "") + (_table(columns, rows) if found else _paragraph("None."))


@html_of.register
def _(found: models.Differences) -> str:
    before, after = found.before, found.after
    sides = [f"{one.name}, version {one.revision}" for one in (before, after)]
    changes = "".join(f"<li>{escape(one)}</li>" for one in found.changes)
    parts = [_title(" → ".join(dict.fromkeys(sides)), "")]
    parts.append(f"<ul>{changes}</ul>" if changes else _paragraph("Nothing differs."))
    if found.effect is not None:
        parts += map(_paragraph, [found.effect.sentence, *(found.effect.warnings or [])])
    return "".join(parts)


def _title(name: str, beside: str) -> str:
    return f"<p><strong>{escape(name)}</strong> {escape(beside)}</p>"


def _paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>"


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in columns)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _number(value: Any) -> str:
    return "" if value is None else f"{value:.4f}"


def _interval(interval: models.Interval | None, *, signed: bool = False) -> str:
    if interval is None:
        return ""
    form = "+.4f" if signed else ".4f"
    return f"{interval.low:{form}} to {interval.high:{form}}"
