"""All benches, one table, and docs/performance.md: `make bench` (ONLY=name for one of them).

Each bench is a module with a `main`, run in a process of its own, in the light environment or in
the trainer's. What was measured last stays in `bench/results.json`, so that one bench can be
measured again alone; `bench/notes/NAME.md` says what a reader should know of its figures.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

_HERE = Path(__file__).resolve().parent
_ROOT = _HERE.parent
_RESULTS = _HERE / "results.json"
_PAGE = _ROOT / "docs" / "performance.md"
_LIGHT, _TRAINER, _GPU = ".venv", ".venv-trainer", ".venv-gpu"
# In the order of the page: module of this package, environment, seconds at the most.
BENCHES: list[tuple[str, str, int]] = [
    ("quick_test", _LIGHT, 420),
    ("recommended", _LIGHT, 300),
    ("reuse", _LIGHT, 200),
    ("warm_start", _LIGHT, 900),
    ("scaling", _LIGHT, 3600),
    ("config_latency", _LIGHT, 120),
    ("api", _LIGHT, 90),
    ("many", _LIGHT, 180),
    ("console", _LIGHT, 240),
    ("functions", _LIGHT, 120),
    ("profile", _LIGHT, 150),
    ("tables", _LIGHT, 900),
    ("start", _LIGHT, 60),
    ("training_step", _TRAINER, 90),
    ("training", _TRAINER, 180),
    ("ranking_training", _TRAINER, 90),
    ("evaluation", _TRAINER, 120),
    ("retrieval", _TRAINER, 120),
    ("predictions", _LIGHT, 120),
    ("serving", _LIGHT, 420),
    ("gpu", _GPU, 480),
]
_COLUMNS = ("bench", "ours", "theirs", "ratio", "reach")
_MARKS = {True: "yes", False: "**no**", None: "–"}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", default="", help="one bench, by its module's name")
    parser.add_argument("--page", action="store_true", help="measure nothing, write the page")
    options = parser.parse_args()
    results: dict[str, Any] = json.loads(_RESULTS.read_text()) if _RESULTS.exists() else {}
    # One for a machine of another kind is asked for by its name.
    chosen = [one for one in BENCHES if options.only in (one[0], "" if one[1] != _GPU else None)]
    if not chosen:
        print(f"There is no bench {options.only!r}: {', '.join(name for name, *_ in BENCHES)}.")
        return 2
    failed = False
    for name, environment, seconds in [] if options.page else chosen:
        print(f"… {name} (at most {seconds} s)", flush=True)
        report = _measured(name, environment, seconds)
        failed = failed or report is None
        if report:
            results[name] = report
            _RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    results = {name: results[name] for name, *_ in BENCHES if name in results}
    _PAGE.write_text(_page(results))
    table = Table("bench", "ours", "theirs", "ratio", "reach", "reached")
    for result in results.values():
        for row in result["rows"]:
            table.add_row(*(row[name] for name in _COLUMNS), _MARKS[row["reached"]].strip("*"))
    Console(width=None if sys.stdout.isatty() else 160).print(table)
    return 1 if failed else 0


def _measured(name: str, environment: str, seconds: int) -> dict[str, Any] | None:
    """A bench's report with its machine, or None where it failed; what it prints goes through."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        path = Path(folder) / "report.json"
        command = [_ROOT / environment / "bin" / "python", "-m", f"bench.{name}", "--json", path]
        load, began = os.getloadavg()[0], time.monotonic()
        try:
            subprocess.run(
                command,
                check=True,
                timeout=seconds,
                cwd=_ROOT,
                env={**os.environ, "PYTHONPATH": str(_ROOT)},
            )
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            print(f"  ✗ {error}")
            return None
        report: dict[str, Any] = json.loads(path.read_text())
    return report | {
        "date": date.today().isoformat(),
        "machine": _machine(),
        "load": round(load, 1),
        "seconds": round(time.monotonic() - began),
    }


def _machine() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((x.partition(": ")[2] for x in lines if x.startswith("model name")), "processor")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} × {model}, {memory:.0f} GiB, Python {platform.python_version()}"


def _page(results: dict[str, Any]) -> str:
    parts = [(_HERE / "notes" / "introduction.md").read_text().rstrip()]
    lines = ["| Bench | Ours | Against | Ratio | Reach | Reached |", "|---|---|---|---|---|---|"]
    for result in results.values():
        for row in result["rows"]:
            told = [*(row[name] for name in _COLUMNS), _MARKS[row["reached"]]]
            lines.append(f"| {' | '.join(told)} |")
    parts.append("\n".join(lines))
    for name, result in results.items():
        notes = _HERE / "notes" / f"{name}.md"
        measured = (
            f"*`make bench ONLY={name}`: {result['date']}, {result['machine']}; load"
            f" {result['load']} at the start; took {result['seconds']} s.*"
        )
        parts += [
            f"## {result['title']}",
            *([notes.read_text().rstrip()] if notes.exists() else []),
        ]
        parts += [*result["details"], measured]
    further = ["google_cloud"] if "gpu" in results else ["gpu_not_run", "google_cloud"]
    parts += [(_HERE / "notes" / f"{name}.md").read_text().rstrip() for name in further]
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    sys.exit(main())
