"""Quick tests over more and more rows: `make bench ONLY=scaling`.

The same features and model as in `bench.quick_test`, with customers in proportion to the rows, for
one epoch: with two, ten million rows took twelve minutes.

`RECSMITH_BENCH_ROWS=50000000 python -m bench.scaling` measures that many beside 100,000
rows; several numbers are separated by commas.

Memory is what the job's process holds for itself: rows that lie in files, of which the system keeps
what it has room for, are not counted.
"""

from __future__ import annotations

import json
import os
import tempfile
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from bench import shapes
from bench.quick_test import BUYER, PRODUCT, SHAPE
from bench.report import Report, Row
from bench.report import main as report_main
from bench.shop import Timed, shop
from local.jobs.job_folder import JobFolder

_ASKED = os.environ.get("RECSMITH_BENCH_ROWS", "1000000,10000000")
# What is measured, as multiples of the least.
_TIMES = sorted({1, *(int(rows) // SHAPE.rows for rows in _ASKED.split(","))})
_MOST_MIB = 4096


def measure() -> Report:
    """Quick tests over more and more rows."""
    report = Report("Quick tests over more rows")
    found: dict[int, tuple[Timed, Mapping[str, float]]] = {}
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        for times in _TIMES:
            shape = replace(SHAPE, rows=SHAPE.rows * times, customers=SHAPE.customers * times)
            folder = Path(name) / str(times)
            folder.mkdir()
            purchases = folder / "purchases.parquet"
            shapes.write(shape, purchases)
            with shop(folder / "home", purchases, shapes.MAPPING, BUYER, PRODUCT) as one:
                model = one.model()
                one.wait_for_spare()
                with held(folder / "home" / "jobs") as mebibytes:
                    tested = one.quick_test(model, epochs=1)
            found[times] = tested, mebibytes
            peak = max(mebibytes.values())
            print(f"  {shape.rows:,} rows: {tested.seconds:.1f} s, {peak:.0f} MiB", flush=True)
    first, least = found[_TIMES[0]]
    for times, (tested, mebibytes) in list(found.items())[1:]:
        growth, peak = tested.seconds / first.seconds, max(mebibytes.values())
        report.rows.append(
            Row(
                f"quick test, {SHAPE.rows * times:,} rows, 1 epoch",
                f"{tested.seconds:.0f} s, {peak:,.0f} MiB",
                f"{SHAPE.rows:,} rows {first.seconds:.1f} s, {max(least.values()):,.0f} MiB",
                f"{growth:.1f}×",
                f"≤ {times}×, ≤ {_MOST_MIB:,} MiB",
                growth <= times and peak <= _MOST_MIB,
            )
        )
    stages = [stage for stage in first.stages if stage in least]
    report.table(
        ["rows", "", "whole", *stages, "recall@100"],
        [
            row
            for times, (tested, mebibytes) in found.items()
            for row in (
                [
                    f"{SHAPE.rows * times:,}",
                    "seconds",
                    f"{tested.seconds:.1f}",
                    *(f"{tested.stages[stage]:.1f}" for stage in stages),
                    f"{tested.metric('recall_at_100'):.3f}",
                ],
                [
                    "",
                    "MiB at the most",
                    f"{max(mebibytes.values()):,.0f}",
                    *(f"{mebibytes[stage]:,.0f}" for stage in stages),
                    "",
                ],
            )
        ],
    )
    return report


@contextmanager
def held(jobs: Path) -> Iterator[Mapping[str, float]]:
    """What the process of the one job there holds at the most in each stage, in MiB; known once the
    block has ended."""
    most: defaultdict[str, float] = defaultdict(float)
    done = threading.Event()

    def look() -> None:
        for folder in jobs.glob("*/"):
            pid, log = JobFolder(folder).live_pid(), folder / "status.jsonl"
            told = [json.loads(line) for line in log.read_text().splitlines()]
            stage = next(one["task"] for one in reversed(told) if "task" in one)
            status = Path(f"/proc/{pid}/status").read_text().splitlines()
            (own,) = (line.split()[1] for line in status if line.startswith("RssAnon"))
            most[stage] = max(most[stage], int(own) / 1024)

    def watch() -> None:
        while not done.wait(0.1):
            with suppress(OSError, ValueError, StopIteration):  # it begins, or ends
                look()

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield most
    finally:
        done.set()
        watcher.join()


if __name__ == "__main__":
    report_main(measure)
