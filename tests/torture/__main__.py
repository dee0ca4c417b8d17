"""Runs the trials, each in a process of its own, and prints the table: `make torture`."""

from __future__ import annotations

import argparse
import importlib
import json
import multiprocessing
import pkgutil
import sys
import tempfile
import time
import traceback
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

import tests.torture as package
from tests.torture.trial import TRIALS, Tally, Trial
from tests.waiting import PATIENCE


def _modules() -> list[str]:
    found = sorted(one.name for one in pkgutil.iter_modules(package.__path__))
    return [f"{package.__name__}.{name}" for name in found if name != "__main__"]


def discovered() -> list[Trial]:
    """All trials of this package's modules, in the order of their areas."""
    for module in _modules():
        importlib.import_module(module)
    areas = ["faults", "load", "abuse"]
    return sorted(TRIALS, key=lambda trial: areas.index(trial.area))


def run_one(trial: Trial, small: bool) -> dict[str, Any]:
    """Runs a trial in a process of its own, and says what it counted; stuck counts as lost."""
    from tests.torture import __main__ as this  # under `-m`, a child cannot import this by name

    # Each begins as a copy of a process that has loaded the modules, which takes three seconds.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_modules())
    with tempfile.TemporaryDirectory(prefix="torture-") as folder:
        reports, report = context.Pipe(duplex=False)
        process = context.Process(target=this._run, args=(trial.name, Path(folder), small, report))
        process.start()
        report.close()
        try:
            limit = trial.seconds + PATIENCE
            if reports.poll(limit):
                return dict(reports.recv())
            problem = f"not over after {limit:.0f} s"
        except EOFError:
            problem = "the trial's process ended without a word"
        finally:
            process.join(PATIENCE / 10)
            if process.is_alive():
                process.kill()
                process.join()
    return {"tries": 0, "lost": [problem], "let_in": [], "figures": []}


def _run(name: str, folder: Path, small: bool, report: Any) -> None:
    chosen = next(trial for trial in discovered() if trial.name == name)
    tally = Tally(folder, small)
    try:
        chosen.run(tally)
        if not tally.tries:
            tally.loses("the trial tried nothing")
    except BaseException:
        tally.loses(f"the trial itself failed:\n{traceback.format_exc()}")
    report.send({k: v for k, v in asdict(tally).items() if k not in ("folder", "small")})


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--small", action="store_true", help="the form that `make test` runs")
    parser.add_argument("--only", default="", help="only trials with this in their area or name")
    parser.add_argument("--list", action="store_true", help="say what there is, run nothing")
    parser.add_argument("--json", type=Path, help="write the counts there as well")
    options = parser.parse_args()
    trials = [
        one
        for one in discovered()
        if options.only in f"{one.area} {one.name}" and (one.small or not options.small)
    ]
    console = Console(width=None if sys.stdout.isatty() else 140)
    if options.list:
        for one in trials:
            console.print(f"{one.area:<7} {one.name}  (at most {one.seconds} s)")
        return 0
    if not trials:
        console.print(f"No trial has {options.only!r} in its area or name; see --list.")
        return 2
    table = Table("", "tried", "times", "lost", "let in", "s", "figures", title="Torture")
    counts, failed = {}, False
    for one in trials:
        console.print(f"… {one.area}: {one.name}", highlight=False)
        began = time.monotonic()
        told = run_one(one, options.small)
        counts[one.name] = told
        failed = failed or bool(told["lost"] or told["let_in"])
        for problem in (*told["lost"], *told["let_in"]):
            console.print(f"  ✗ {problem}", highlight=False, markup=False)
        table.add_row(
            one.area,
            one.name,
            f"{told['tries']:,}",
            str(len(told["lost"])),
            str(len(told["let_in"])),
            f"{time.monotonic() - began:.0f}",
            "; ".join(told["figures"]),
        )
    console.print(table)
    if options.json:
        options.json.write_text(json.dumps(counts, indent=2))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
