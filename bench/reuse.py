"""A second quick test over the same dataset and features, with another model: `make bench
ONLY=reuse`.

The models are presets, which are what `recsmith` proposes.
The system is that of `recsmith up`, whose spare trainer is ready before each test.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from bench import shapes
from bench.quick_test import BUYER, PRODUCT, SHAPE
from bench.report import Report, Row
from bench.report import main as report_main
from bench.shop import Timed, shop
from shared.rules.presets import preset

_REACH = 0.35
PRESETS = ("standard", "minimal", "deep")


def measure() -> Report:
    """A second quick test over the same dataset and features, with another model."""
    report = Report("The second quick test")
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        purchases = folder / "purchases.parquet"
        shapes.write(SHAPE, purchases)
        tests: dict[str, Timed] = {}
        with shop(folder / "home", purchases, shapes.MAPPING, BUYER, PRODUCT) as one:
            for what in PRESETS:
                model = one.model(**preset(what).spec.model_dump(mode="json"))
                one.wait_for_spare()
                tests[what] = one.quick_test(model)
    first = tests[PRESETS[0]]
    for what, test in list(tests.items())[1:]:
        reused = [task.name.value for task in test.test.status.stages if task.reused]
        if reused != ["examples", "transform"]:
            raise RuntimeError(f"{what}: only {reused} was reused")
        ratio = test.seconds / first.seconds
        report.rows.append(
            Row(
                f"second quick test, {SHAPE.rows:,} rows, *{what}*",
                f"{test.seconds:.1f} s",
                f"*{PRESETS[0]}* first {first.seconds:.1f} s",
                f"{ratio:.2f}×",
                f"≤ {_REACH}×",
                ratio <= _REACH,
            )
        )
    report.table(
        ["seconds", "whole", *first.stages, "recall@100"],
        [
            [
                what,
                f"{test.seconds:.1f}",
                *(f"{value:.1f}" for value in test.stages.values()),
                f"{test.metric('recall_at_100'):.3f}",
            ]
            for what, test in tests.items()
        ],
    )
    return report


if __name__ == "__main__":
    report_main(measure)
