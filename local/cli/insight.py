"""`recsmith dataset report`: what a dataset's rows are like, before anything is trained."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from local.cli.datasets import DatasetArgument
from local.cli.output import heading, out, user_errors
from local.cli.system import DEFAULT_HOME, Home, connected, find
from shared.insights import Finding
from shared.rules.dataset_report import DatasetReport
from shared.wording import plural

_BAR = 24  # characters
_MOST_BARS = 12


def report(
    dataset: DatasetArgument,
    as_json: Annotated[bool, typer.Option("--json", help="The report as JSON.")] = False,
    home: Home = DEFAULT_HOME,
) -> None:
    """Show what a dataset's rows are like, what that means for a model, and what to do about it.

    [bold]Examples[/bold]

      recsmith dataset report purchases

      recsmith dataset report purchases --json
    """
    with user_errors(), connected(home) as api:
        known = find(api, "/api/datasets/", "dataset", dataset)
        answer = api.get(f"/api/datasets/{known['id']}/report/")
        if as_json:
            typer.echo(json.dumps(answer, indent=2, ensure_ascii=False))
            return
        found = DatasetReport.model_validate(answer)
        warned = sum(one.level == "warning" for one in found.findings)
        rows = f", {plural(found.rows, 'row')}" if found.rows is not None else ""
        heading(f"{found.dataset_name}  ({found.dataset_id}{rows})")
        if found.reason:
            out.print(f"[note]{escape(found.reason)}[/]", soft_wrap=True)
            out.print(f"[note]  recsmith dataset profile {escape(found.dataset_id)}[/]")
            return
        for note in found.notes:
            out.print(f"[note]{escape(note)}[/]", soft_wrap=True)
        if not warned:
            out.print("[good]✓[/] There is nothing to mend.")
        for one in found.findings:
            _show(one)


def _show(finding: Finding) -> None:
    mark = "[bad]![/]" if finding.level == "warning" else "[note]·[/]"
    out.print()
    out.print(f"{mark} [title]{escape(finding.label)}[/]")
    out.print(f"  {escape(finding.message)}", soft_wrap=True)
    out.print(f"  [note]→ {escape(finding.next_step)}[/]", soft_wrap=True)
    if finding.bars:
        made = Table(box=None, show_header=False, padding=(0, 2, 0, 2), pad_edge=True)
        made.add_column()
        made.add_column(justify="right")
        made.add_column()
        for bar in finding.bars[:_MOST_BARS]:
            blocks = "█" * max(round(bar.share * _BAR), bar.share > 0)
            made.add_row(Text(bar.label), Text(bar.value), Text(blocks, style="note"))
        out.print(made)
        if len(finding.bars) > _MOST_BARS:
            out.print(f"    [note]and {len(finding.bars) - _MOST_BARS} more (--json)[/]")
