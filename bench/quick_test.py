"""A whole quick test against the stock pipeline of TFX and TFRS: `make bench ONLY=quick_test`.

100,000 purchases, two epochs, retrieval. Ours is timed from the request to the completed test,
in a system that was started a little before, as `recsmith up` is; theirs from the start of the
process to its end. Both train the same towers on the same rows, and measure recall@100 over the
same held-out rows and candidates.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from pathlib import Path

import duckdb

from bench import shapes
from bench.report import Report, Row
from bench.report import main as report_main
from bench.shop import Timed, shop

_ROOT = Path(__file__).resolve().parents[1]
SHAPE = shapes.Shape("bench", customers=2_000, products=2_000, rows=100_000)
BUYER, PRODUCT = ["customer", "segment"], ["product", "category"]
_REACH = 12.0
# Ours learns unknown customers from 2 % of the rows, and shuffles otherwise. Trainings of one
# config that differ by their seed alone lie about 0.01 apart.
_NOISE = 0.03


def measure() -> Report:
    """A whole quick test against the stock pipeline."""
    report = Report("A whole quick test")
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        purchases = folder / "purchases.parquet"
        shapes.write(SHAPE, purchases)
        with shop(folder / "home", purchases, shapes.MAPPING, BUYER, PRODUCT) as one:
            model = one.model()
            one.wait_for_spare()
            ours = one.quick_test(model)
        before = _processor()
        with shop(folder / "cold", purchases, shapes.MAPPING, BUYER, PRODUCT, spare=False) as one:
            cold = one.quick_test(one.model())
        between = _processor()
        seconds, recall = _stock(folder, ours)
        our_work, their_work = between - before, _processor() - between
    assert ours.test.status.results is not None
    protocol = ours.test.status.results.protocol
    for what, tested, reach in (("", ours, _REACH), (", no spare trainer", cold, None)):
        ratio = seconds / tested.seconds
        report.rows.append(
            Row(
                f"quick test, {SHAPE.rows:,} rows, 2 epochs{what}",
                f"{tested.seconds:.1f} s",
                f"stock TFX and TFRS {seconds:.1f} s",
                f"{ratio:.1f}× faster",
                f"≥ {reach:.0f}× faster" if reach else "",
                ratio >= reach if reach else None,
            )
        )
    report.rows.append(
        Row(
            "the processor's work for it, imports included",
            f"{our_work:.0f} s",
            f"{their_work:.0f} s",
            f"{their_work / our_work:.1f}× less",
            "",
            None,
        )
    )
    found = ours.metric("recall_at_100")
    report.rows.append(
        Row(
            f"its recall@100, {protocol.holdout_rows:,} held-out rows, "
            f"{protocol.candidates:,} candidates",
            f"{found:.3f}",
            f"{recall:.3f}",
            f"{found - recall:+.3f}",
            f"not below by more than {_NOISE}",
            found >= recall - _NOISE,
        )
    )
    report.table(
        ["seconds", *ours.stages],
        [
            [what, *(f"{value:.1f}" for value in tested.stages.values())]
            for what, tested in (("with a spare trainer", ours), ("without", cold))
        ],
    )
    return report


def _processor() -> float:
    """Seconds of the processor of all processes that were waited for."""
    times = os.times()
    return times.children_user + times.children_system


def _stock(folder: Path, ours: Timed) -> tuple[float, float]:
    """Seconds and recall@100 of the stock pipeline over the rows that our test has used."""
    for split in ("train", "eval", "candidates"):
        (folder / "csv" / split).mkdir(parents=True)
        rows = f"read_parquet('{ours.output}/examples/{split}/*.parquet')"
        # What does not describe a product is empty there, and would be no value in a CSV file.
        given = ", ".join(
            f"coalesce(nullif({name}, ''), '-') AS {name}" for name in (*BUYER, *PRODUCT)
        )
        target = folder / "csv" / split / "rows.csv"
        duckdb.execute(f"COPY (SELECT {given} FROM {rows}) TO '{target}' (HEADER)")
    output = folder / "stock"
    output.mkdir()
    python = _ROOT / ".venv-trainer" / "bin" / "python"
    began = time.monotonic()
    with (folder / "stock.log").open("wb") as log:
        ended = subprocess.run(
            [python, "-m", "bench.stock", folder / "csv", output],
            cwd=_ROOT,
            env={**os.environ, "PYTHONPATH": str(_ROOT)},
            stdout=log,
            stderr=subprocess.STDOUT,
            check=False,
        )
    seconds = time.monotonic() - began
    if ended.returncode:
        raise RuntimeError((folder / "stock.log").read_text(errors="replace")[-3000:])
    return seconds, float(json.loads((output / "metrics.json").read_text())["recall_at_100"])


if __name__ == "__main__":
    report_main(measure)
