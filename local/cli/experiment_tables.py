"""Experiments and what they have shown, as tables."""

from __future__ import annotations

from rich.markup import escape

from local.cli.output import out
from local.cli.tables import table
from shared.documents.online_experiment import Experiment
from shared.online.measuring import ExperimentResult
from shared.wording import percent, percentage, plural

_ENDED = {"asked": "", "promotion": ", as another version came into production", "replaced": ""}


def show_experiment(one: Experiment) -> None:
    """An experiment in a few lines."""
    shares = ", ".join(
        f"version {each.version} {percentage(each.share_percent)}" for each in one.versions
    )
    by = f" by {one.began_by}" if one.began_by else ""
    out.print(f"[title]{one.id}[/]  {shares}")
    out.print(escape(f"  began {one.began_at:%Y-%m-%d %H:%M} UTC{by}, salt {one.salt}"))
    if one.ended_at is not None:
        by = f" by {one.ended_by}" if one.ended_by else ""
        why = _ENDED.get(one.ended_because or "", "")
        out.print(escape(f"  ended {one.ended_at:%Y-%m-%d %H:%M} UTC{by}{why}"))


def show_result(experiment: Experiment, result: ExperimentResult) -> None:
    """Warnings first, then the versions, then how they differ."""
    for warning in result.warnings:
        out.print(f"[bad]{escape(warning)}[/]", soft_wrap=True)
    shown = table("version", "share", "customers", "bought", "rate", "95% interval")
    for told, one in zip(experiment.versions, result.versions, strict=True):
        interval = one.interval
        shown.add_row(
            str(one.version),
            percentage(told.share_percent),
            f"{one.customers:,}",
            f"{one.converted:,}",
            percent(one.rate, 2) if one.rate is not None else "–",
            f"{percent(interval.low, 2)} – {percent(interval.high, 2)}" if interval else "–",
        )
    out.print(shown)
    for difference in result.differences:
        out.print(escape(difference.sentence), soft_wrap=True)
    if result.customers_per_day is not None:
        per_day = plural(round(result.customers_per_day), "customer")
        out.print(f"[note]{per_day} a day were exposed for the first time.[/]")
    for sentence in result.left_out_words:
        out.print(f"[note]{escape(sentence)}[/]", soft_wrap=True)
