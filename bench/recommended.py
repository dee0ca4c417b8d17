"""A quick test of what is recommended, against one of what was the default before: `make bench
ONLY=recommended`.

Smart defaults (history among them) with the preset *recommended* (a re-ranker among its parts), and
the same ids and attributes without history with the preset *standard*. Both over the same rows, in
systems of their own, so that nothing is reused, with a spare trainer that is ready.
"""

from __future__ import annotations

import statistics
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
_FEATURES: dict[str, tuple[list[str] | None, list[str] | None]] = {
    "standard": (BUYER, PRODUCT),
    "recommended": (None, None),
}


def measure() -> Report:
    """A quick test of what is recommended."""
    report = Report("A quick test of what is recommended")
    tests: dict[str, list[Timed]] = {what: [] for what in _FEATURES}
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
    median = {what: statistics.median(one.seconds for one in of) for what, of in tests.items()}
    ratio = median["recommended"] / median["standard"]
    report.rows.append(
        Row(
            f"quick test, {SHAPE.rows:,} rows, 2 epochs, *recommended*",
            f"{median['recommended']:.1f} s",
            f"*standard* without history {median['standard']:.1f} s",
            f"{ratio:.2f}×",
            f"≤ {_REACH}×",
            ratio <= _REACH,
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
    return report


if __name__ == "__main__":
    report_main(measure)
