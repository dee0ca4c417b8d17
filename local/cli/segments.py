"""For whom a test is better or worse, on the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.markup import escape
from rich.table import Table
from rich.text import Text

from local.cli.output import out
from local.cli.tables import table
from shared.baselines import baseline as baseline_of
from shared.comparing.segment_pairs import SegmentComparison
from shared.comparing.segments import SegmentRow, SegmentTable
from shared.jobs import Interval
from shared.rules.differences import Verdict, difference_words

_BASELINE_COLUMNS = 3  # for which a terminal has room
_SIGNS: dict[Verdict | None, tuple[str, str]] = {
    "better": ("good", "▲"),
    "worse": ("bad", "▼"),
    "no_clear_difference": ("note", "≈"),
    None: ("", " "),
}


def show_segments(found: SegmentTable) -> None:
    """A metric by segment beside the baselines that are strongest over all rows."""
    plain = [one.name for one in found.whole.against if not baseline_of(one.name).obvious]
    names = plain[:_BASELINE_COLUMNS]
    made = _table(found, ["this model", "95% interval", *(baseline_of(n).column for n in names)])
    for label, row in _lines(made, found):
        theirs = {one.name: one for one in row.against}
        cells: list[str | Text] = [f"{row.value:.4f}", _bounds(row.interval)]
        for one in map(theirs.get, names):
            style, mark = _SIGNS[one.verdict if one else None]
            cells.append(Text(f"{one.value:.4f} {mark}", style=style) if one else Text("–  "))
        _add(made, label, row, cells)
    _print(made, found, "▲ ▼ ≈: the model is better, worse, not clearly different. ")


def show_segment_comparison(found: SegmentComparison) -> None:
    """Two tests by segment, with what a better total hides."""
    made = _table(found, [escape(found.label), escape(found.base_label), "difference"])
    made.columns[-1].justify = "left"
    for label, row in _lines(made, found):
        (base,) = row.against
        style, mark = _SIGNS[base.verdict]
        words = difference_words(found.metric, base.difference) if base.difference else "–"
        difference = Text(f"{mark} {words}", style=style)
        _add(made, label, row, [f"{row.value:.4f}", f"{base.value:.4f}", difference])
    _print(made, found)
    for warning in found.warnings:
        out.print(f"[bad]![/] {escape(warning)}", soft_wrap=True)


def _table(found: SegmentTable, columns: Sequence[str]) -> Table:
    title = f"For whom: {found.metric_label}"
    return table("segment", "purchases", "customers", *columns, title=title)


def _lines(made: Table, found: SegmentTable) -> Iterator[tuple[str, SegmentRow]]:
    """Each row with its label, a split's below its name."""
    yield found.whole.label, found.whole
    for split in found.splits:
        made.add_row(Text(split.label, style="title"))
        yield from ((f"  {row.label}", row) for row in split.rows)


def _add(made: Table, label: str, row: SegmentRow, cells: Sequence[str | Text]) -> None:
    made.add_row(Text(label), f"{row.rows:,}", f"{row.customers:,}", *cells)


def _print(made: Table, found: SegmentTable, key: str = "") -> None:
    for column in made.columns:
        column.no_wrap = column.header in ("segment", "95% interval", "difference")
    out.print()
    out.print(made)
    if found.reason:
        out.print(f"[note]{escape(found.reason)}[/]", soft_wrap=True)
        return
    for split in found.splits:
        rules = "; ".join(f"{row.label.lower()}: {row.rule}" for row in split.rows if row.rule)
        told = f"{split.label}: {rules}." if rules else ""
        if told:
            out.print(f"[note]{escape(told)}[/]", soft_wrap=True)
    out.print(f"[note]{key}{escape(found.told)}[/]", soft_wrap=True)


def _bounds(interval: Interval | None) -> str:
    return "–" if interval is None else f"{interval.low:.4f} – {interval.high:.4f}"
