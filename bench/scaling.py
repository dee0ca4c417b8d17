"""Quick tests over more and more rows: `make bench ONLY=scaling`.

The same features and model as in `bench.quick_test`, with customers in proportion to the rows.
"""

from __future__ import annotations

import resource
import tempfile
from dataclasses import replace
from pathlib import Path

from bench import shapes
from bench.quick_test import BUYER, PRODUCT, SHAPE
from bench.report import Report, Row
from bench.report import main as report_main
from bench.shop import Timed, shop

_TIMES = (1, 10, 50)  # the rows of the first


def measure() -> Report:
    """Quick tests over 100 thousand, 1 million and 5 million rows."""
    report = Report("Quick tests over more rows")
    found: dict[int, tuple[Timed, float]] = {}
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
                tested = one.quick_test(model)
            # Of the largest process so far, which is this one's: all before had fewer rows.
            peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
            found[times] = tested, peak
            print(f"  {shape.rows:,} rows: {tested.seconds:.1f} s, {peak:.0f} MiB", flush=True)
    first, least = found[_TIMES[0]]
    for times, (tested, peak) in list(found.items())[1:]:
        growth = tested.seconds / first.seconds
        report.rows.append(
            Row(
                f"quick test, {SHAPE.rows * times:,} rows",
                f"{tested.seconds:.0f} s, {peak:,.0f} MiB",
                f"{SHAPE.rows:,} rows {first.seconds:.1f} s, {least:,.0f} MiB",
                f"{growth:.1f}×",
                f"≤ {times}×",
                growth <= times,
            )
        )
    report.table(
        ["rows", "seconds", *first.stages, "MiB at the most", "recall@100"],
        [
            [
                f"{SHAPE.rows * times:,}",
                f"{tested.seconds:.1f}",
                *(f"{value:.1f}" for value in tested.stages.values()),
                f"{peak:,.0f}",
                f"{tested.metric('recall_at_100'):.3f}",
            ]
            for times, (tested, peak) in found.items()
        ],
    )
    return report


if __name__ == "__main__":
    report_main(measure)
