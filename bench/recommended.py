"""A quick test of what is recommended, against one of what was the default before: `make bench
ONLY=recommended`.

Smart defaults (history among them) with the preset *recommended* (a re-ranker among its parts);
ids and attributes without history with the preset *standard*, by this version; and the smart
defaults and *standard* of the last version without histories, by its own code, which Git has. All
over the same rows, in systems of their own, so that nothing is reused, with a spare trainer that is
ready.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from bench import shapes
from bench.quick_test import BUYER, PRODUCT, SHAPE
from bench.report import Report, Row
from bench.report import main as report_main
from bench.shop import Timed, shop
from shared.rules.presets import preset

_REACH = 1.3
_ROUNDS = 3
_ROOT = Path(__file__).resolve().parents[1]
# The last one without histories and re-ranker, of 2026-11-24.
_EARLIER = "f08415b"
_FEATURES: dict[str, tuple[list[str] | None, list[str] | None]] = {
    "standard": (BUYER, PRODUCT),
    "recommended": (None, None),
}


def measure() -> Report:
    """A quick test of what is recommended."""
    report = Report("A quick test of what is recommended")
    tests: dict[str, list[Timed]] = {what: [] for what in _FEATURES}
    earlier: list[float] = []
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        purchases = folder / "purchases.parquet"
        shapes.write(SHAPE, purchases)
        for number in range(_ROUNDS):
            for what, columns in _FEATURES.items():
                with shop(folder / f"{what}-{number}", purchases, shapes.MAPPING, *columns) as one:
                    model = one.model(**preset(what).spec.model_dump(mode="json"))
                    one.wait_for_spare()
                    tests[what].append(one.quick_test(model))
            earlier.append(_by_earlier_code(folder / f"earlier-{number}", purchases))
    median = {what: statistics.median(one.seconds for one in of) for what, of in tests.items()}
    ours = median["recommended"]
    for what, theirs, reach in (
        (f"*standard*, {_EARLIER}'s code", statistics.median(earlier), _REACH),
        ("*standard* without history", median["standard"], None),
    ):
        ratio = ours / theirs
        report.rows.append(
            Row(
                f"quick test, {SHAPE.rows:,} rows, 2 epochs, *recommended*",
                f"{ours:.1f} s",
                f"{what} {theirs:.1f} s",
                f"{ratio:.2f}×",
                f"≤ {reach}×" if reach else "",
                ratio <= reach if reach else None,
            )
        )
    report.table(
        ["seconds", "whole", *tests["recommended"][0].stages, "recall@100"],
        [
            [
                f"{what}, round {number}",
                f"{one.seconds:.1f}",
                *(f"{value:.1f}" for value in one.stages.values()),
                f"{one.metric('recall_at_100'):.3f}",
            ]
            for what, of in tests.items()
            for number, one in enumerate(of, 1)
        ],
    )
    seconds = ", ".join(f"{one:.1f}" for one in earlier)
    report.details.append(f"The earlier code's three: {seconds} s.")
    return report


def _by_earlier_code(home: Path, purchases: Path) -> float:
    """Seconds of its quick test. Raises CalledProcessError where Git does not have it."""
    checkout = home.with_suffix(".code")
    git = ["git", "-C", str(_ROOT), "worktree"]
    subprocess.run([*git, "add", "--quiet", "--detach", checkout, _EARLIER], check=True)
    try:
        for environment in (".venv", ".venv-trainer"):
            (checkout / environment).symlink_to(_ROOT / environment)
        script = _ROOT / "bench" / "earlier_quick_test.py"
        told = subprocess.run(
            [sys.executable, "-P", script, home, purchases],
            cwd=checkout,
            env={**os.environ, "PYTHONPATH": str(checkout)},
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        return float(told.stdout.split()[-1])
    finally:
        subprocess.run([*git, "remove", "--force", checkout], check=True)


if __name__ == "__main__":
    report_main(measure)
