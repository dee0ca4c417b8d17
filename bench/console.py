"""The console in a browser, over ten thousand tests: `make bench ONLY=console`."""

from __future__ import annotations

import json
import statistics
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from bench.report import Report, Row
from bench.report import main as report_main
from tests.torture.load_documents import multiply, tested
from tests.torture.load_shop import running

_MANY = 10_000
_CONSOLE = Path(__file__).resolve().parents[1] / "console"
_LOAD_MS, _LOAD_KB, _NAVIGATION_MS, _CHANGE_MS, _TASK_MS = 1000, 200, 150, 50, 100


def measure() -> Report:
    """The console in a browser, over ten thousand tests."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        with running(folder) as system:
            first = tested(system, system.dataset())
            few = _measured(str(system.http.base_url))
        multiply(folder / "home" / "state.db", first["id"], _MANY)
        with running(folder) as system:
            found = _measured(str(system.http.base_url))
    report = Report("The console")
    load, before = (
        statistics.median(of["milliseconds"] for of in one["first"]) for one in (found, few)
    )
    kilobytes = max(one["kilobytes"] for one in found["first"])
    report.rows.append(
        Row(
            "console: first load of home, compressed scripts",
            f"{load:.0f} ms, {kilobytes:.0f} KB",
            f"with one test {before:.0f} ms",
            "–",
            f"≤ {_LOAD_MS:,} ms, ≤ {_LOAD_KB} KB",
            load <= _LOAD_MS and kilobytes <= _LOAD_KB,
        )
    )
    list_ = found["list"]
    for what, times, before, reach in (
        (
            "from a click in the navigation to the drawn page",
            *(one["navigation"] for one in (found, few)),
            _NAVIGATION_MS,
        ),
        (
            "from a change in a builder to the next paint",
            *(one["builder"] for one in (found, few)),
            _CHANGE_MS,
        ),
        (
            f"longest task while {_MANY:,} tests are scrolled",
            *(one["list"]["tasks"] for one in (found, few)),
            _TASK_MS,
        ),
    ):
        worst = max(times, default=0.0)
        report.rows.append(
            Row(
                f"console: {what}",
                f"at most {worst:.0f} ms",
                f"with one test at most {max(before, default=0.0):.0f} ms",
                "–",
                f"≤ {reach} ms",
                worst <= reach,
            )
        )
    report.details.append(
        f"{len(found['navigation'])} navigations (half of them at most"
        f" {statistics.median(found['navigation']):.0f} ms), {len(found['builder'])} changes in the"
        f" builder of models of 16 ms or more. All {_MANY:,} tests were read in"
        f" {list_['read'] / 1000:.1f} s, of which the first are shown at once;"
        f" {list_['rows']} rows were drawn."
    )
    return report


def _measured(url: str) -> dict[str, Any]:
    command = ["node", "scripts/budgets.mjs", url.rstrip("/")]
    done = subprocess.run(command, cwd=_CONSOLE, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    report_main(measure)
