"""Lists, comparisons and the next test where there are thousands: `make bench ONLY=many`.

A completed test and its model config are written ten thousand times each, as the load of `make
torture` does it; the trainer is its stand-in, which takes no time to speak of. Then the system is
asked over HTTP, one request after another.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.report import Report, Row
from bench.report import main as report_main
from tests.torture.load_documents import completed, multiply, tested
from tests.torture.load_shop import System, running

_MANY = 10_000
_PAGES, _HEATMAPS, _TESTS = 40, 7, 5
_PAGE_REACH, _HEATMAP_REACH = 0.050, 1.0


def measure() -> Report:
    """Lists, comparisons and the next test among ten thousand."""
    report = Report("Ten thousand tests and configs")
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        with running(folder) as system:
            first = tested(system, system.dataset())
            few = {what: _seconds(*ask) for what, ask in _asked(system, first).items()}
        multiply(folder / "home" / "state.db", first["id"], _MANY)
        with running(folder) as system:
            # Nobody was told of the many: the first that completes reads them all.
            alone = _seconds(lambda: _next(system, first, 100), 1)
            many = {what: _seconds(*ask) for what, ask in _asked(system, first).items()}
    reaches = dict.fromkeys(
        ("page of 50 tests", "page of 200 tests in short", "page of 200 model configs"), _PAGE_REACH
    )
    for what in (*reaches, "heatmap of the dataset"):
        reach = reaches.get(what, _HEATMAP_REACH)
        ours, theirs = _p95(many[what]), _p95(few[what])
        report.rows.append(
            Row(
                f"{what}, of {_MANY:,}",
                f"p95 {ours * 1000:.0f} ms",
                f"with one of each, {theirs * 1000:.0f} ms",
                f"{ours / theirs:.1f}×",
                f"p95 ≤ {reach * 1000:,.0f} ms",
                ours <= reach,
            )
        )
    report.table(
        [
            "asked",
            "times",
            "with one of each: p50, ms",
            "p95, ms",
            f"{_MANY:,}: p50, ms",
            "p95, ms",
        ],
        [[what, f"{len(found)}", *_told(few[what]), *_told(found)] for what, found in many.items()],
    )
    report.details.append(
        f"The first test that completed after the {_MANY:,} had been written, of which nobody had "
        f"been told, took {alone[0]:.1f} s."
    )
    return report


def _asked(system: System, first: dict[str, Any]) -> dict[str, tuple[Callable[[], Any], int]]:
    """What is measured, and how often."""
    dataset = {"dataset_id": first["status"]["pinned"]["dataset_id"]}
    seeds = iter(range(1, 100))
    tests, models = "/api/quick-tests/", "/api/model-configs/"
    return {
        "page of 50 tests": (lambda: system.get(tests, limit=50), _PAGES),
        "page of 200 tests": (lambda: system.get(tests, limit=200), _PAGES),
        "page of 200 tests in short": (
            lambda: system.get(f"{tests}summaries/", limit=200),
            _PAGES,
        ),
        "page of 200 model configs": (lambda: system.get(models, limit=200), _PAGES),
        "heatmap of the dataset": (lambda: system.post(f"{tests}heatmap/", dataset), _HEATMAPS),
        "a test, from its request to its end": (
            lambda: _next(system, first, next(seeds)),
            _TESTS,
        ),
    }


def _next(system: System, first: dict[str, Any], seed: int) -> None:
    completed(system, {**first["spec"], "training_seed": seed})


def _seconds(ask: Callable[[], Any], times: int) -> list[float]:
    found = []
    for _ in range(times):
        began = time.perf_counter()
        ask()
        found.append(time.perf_counter() - began)
    return found


def _p95(seconds: list[float]) -> float:
    return sorted(seconds)[len(seconds) * 95 // 100]


def _told(seconds: list[float]) -> list[str]:
    half = sorted(seconds)[len(seconds) // 2]
    return [f"{half * 1000:,.0f}", f"{_p95(seconds) * 1000:,.0f}"]


if __name__ == "__main__":
    report_main(measure)
