"""What a bench reports: rows of the one table, and its own section of docs/performance.md."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Row:
    """One comparison, in the words of the table.

    `ours` and `theirs` carry their units (`12.3 s`); `theirs` names the alternative, as measured in
    the same run. `ratio` is the figure that `reach` speaks of (`5.2×`); `reached` is None where
    nothing was asked.
    """

    bench: str
    ours: str
    theirs: str
    ratio: str
    reach: str
    reached: bool | None


@dataclass
class Report:
    """A bench's rows, and what else it wants to show, as Markdown (tables of all figures)."""

    title: str
    rows: list[Row] = field(default_factory=list)
    details: list[str] = field(default_factory=list)

    def table(self, columns: list[str], rows: list[list[str]]) -> None:
        """Adds a table to the details; numbers are the caller's to format."""
        lines = [columns, ["---"] * len(columns), *rows]
        self.details.append("\n".join(f"| {' | '.join(line)} |" for line in lines))


def main(measure: Callable[[], Report]) -> None:
    """The `main` of every bench: prints its report; with `--json FILE` writes it there as well."""
    parser = argparse.ArgumentParser(description=measure.__doc__)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    report = measure()
    print(f"\n## {report.title}\n")
    for details in report.details:
        print(f"{details}\n")
    for row in report.rows:
        mark = {True: "reached", False: "NOT REACHED", None: ""}[row.reached]
        print(f"{row.bench}: {row.ours} against {row.theirs}: {row.ratio} ({row.reach}) {mark}")
    if options.json:
        options.json.write_text(json.dumps(asdict(report)))
