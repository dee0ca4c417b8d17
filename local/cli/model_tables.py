"""Registered models as tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.markup import escape
from rich.table import Table
from rich.text import Text

from local.cli.output import heading, out
from local.cli.tables import Documents, table
from shared.documents.registered_model import RegisteredModel, RegisteredVersion
from shared.metrics import metric as metric_of
from shared.rules.use_of_model import UseOfModel

_SHOWN = 10


def models_table(found: Documents) -> Table:
    shown = table("model", "id", "versions", "in production", "measured")
    for model in map(RegisteredModel.model_validate, found):
        production = model.status.aliases.production
        shown.add_row(
            Text(model.name),
            model.id,
            str(model.status.versions),
            f"version {production.version}" if production else "–",
            measured(production) if production else "–",
        )
    return shown


def show_versions(model: RegisteredModel, versions: Sequence[RegisteredVersion]) -> None:
    names = {one.version: alias for alias, one in model.status.aliases.by_name().items()}
    shown = table("version", "", "measured", "registered", "full training", "began with")
    for column in shown.columns[1:]:
        column.justify = "left"
    for version in versions:
        deleted = " (its model was deleted)" if version.model_deleted_at else ""
        shown.add_row(
            str(version.version),
            Text(names.get(version.version, ""), style="good"),
            measured(version),
            f"{version.registered_at:%Y-%m-%d %H:%M}",
            Text(f"{version.quick_test_id}{deleted}"),
            Text(_began(version)),
        )
    out.print(shown)


def _began(version: RegisteredVersion) -> str:
    began = version.began_from
    if began is None:
        return "random weights"
    return f"version {began.version}" if began.version is not None else began.quick_test_id


def measured(version: RegisteredVersion) -> str:
    """`Recall@100 24.9% (23.1% – 26.7%)`."""
    metric = metric_of(version.metric)
    interval = version.interval
    between = f" ({metric.said(interval.low)} – {metric.said(interval.high)})" if interval else ""
    return f"{metric.label} {metric.said(version.value)}{between}"


def show_audit(model: RegisteredModel) -> None:
    if not model.status.audit:
        return
    shown = table("when", "by", "change", "verdict", "reason", title="Promotions")
    for column in shown.columns[1:]:
        column.justify = "left"
    for line in model.status.audit[:_SHOWN]:
        shown.add_row(
            f"{line.at:%Y-%m-%d %H:%M}",
            Text(line.by or "–"),
            f"{line.from_version or '–'} → {line.to_version}",
            line.verdict.standing.replace("_", " "),
            Text(line.reason or "–"),
        )
    out.print()
    out.print(shown)


def show_use(answer: dict[str, Any]) -> None:
    heading("Use this model")
    for step in UseOfModel.model_validate(answer).steps:
        out.print(f"[note]{escape(step.title)}[/]")
        for line in step.code.splitlines():
            out.print(f"  {escape(line)}", soft_wrap=True)
