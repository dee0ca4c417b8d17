"""Training again week by week, with the last weights and from scratch: `make bench
ONLY=warm_start`.

A shop's purchases over a year, in which some customers and products appear only in the last weeks.
It is trained in full on all but the last weeks, then once more for each week that comes in: from
scratch, and with the weights that the last such training left. Both see the same rows, are judged
by the same newest purchases, and stop early by the same rule.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bench import shapes
from bench.report import Report, Row
from bench.report import main as report_main
from bench.shop import Shop, Timed, shop, until
from shared.jobs import asked_epochs
from shared.rules.presets import preset
from shared.services.stale import profile_again
from shared.services.store import DATASET, FEATURE_CONFIG

_SHAPE = shapes.Shape(
    "weekly", customers=1_500, products=2_000, rows=40_000, affinity=0.8, repeats=0.3
)
_WEEK = 7 * 86_400
_WEEKS = 2
# Of customers and of products, those that appear within the last weeks.
_NEW = 0.05
_EPOCHS, _PATIENCE = 20, 2
_METRIC = "recall_at_100"
# More epochs than from scratch would mean that a warm start is of no use.
_REACH = 1.0


@dataclass(frozen=True)
class Trained:
    """A full training."""

    timed: Timed

    @property
    def epochs(self) -> int:
        return len(asked_epochs(self.timed.test.status.epochs))

    @property
    def seconds(self) -> float:
        """Of the stage that trains."""
        return self.timed.stages["train"]

    def measured(self) -> str:
        results = self.timed.test.status.results
        assert results is not None
        interval = results.intervals[_METRIC]
        return f"{results.metrics[_METRIC]:.1%} ({interval.low:.1%} to {interval.high:.1%})"


def measure() -> Report:
    """Trainings from the last weights, against from scratch."""
    report = Report("Training again: warm start")
    lines: list[list[str]] = []
    totals = {"from scratch": [0, 0.0], "warm start": [0, 0.0]}
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        rows = purchases(folder / "all.parquet")
        file = folder / "purchases.parquet"
        write_until(rows, file, _WEEKS)
        with shop(folder / "home", file, shapes.MAPPING, spare=False) as one:
            model = one.model(**preset("recommended").spec.model_dump(mode="json"))
            tried = one.quick_test(model, epochs=1, data_sample_percent=20)
            last = trained(one, model, tried)
            lines.append(["the weeks before", *told(last)])
            for week in range(1, _WEEKS + 1):
                write_until(rows, file, _WEEKS - week)
                read_again(one)
                of_week = {
                    "from scratch": trained(one, model, tried),
                    "warm start": trained(one, model, tried, last),
                }
                for way, found in of_week.items():
                    lines.append([f"week {week}, {way}", *told(found)])
                    totals[way][0] += found.epochs
                    totals[way][1] += found.seconds
                last = of_week["warm start"]
    (epochs, seconds), (of_scratch, their_seconds) = totals["warm start"], totals["from scratch"]
    ratio = epochs / of_scratch
    report.rows.append(
        Row(
            f"training again for {_WEEKS} weeks, {_SHAPE.rows:,} rows, warm start",
            f"{epochs} epochs, {seconds:.0f} s",
            f"from scratch {of_scratch} epochs, {their_seconds:.0f} s",
            f"{ratio:.2f}× the epochs",
            f"≤ {_REACH:.0f}×",
            ratio <= _REACH,
        )
    )
    columns = ["training", "epochs", "seconds of training", "recall@100, 95% interval", "rows kept"]
    report.table(columns, lines)
    return report


def purchases(path: Path) -> pa.Table:
    """All of a year, in the order of time, without those by customers and of products before they
    first appear."""
    shapes.write(_SHAPE, path)
    table = pq.read_table(path)
    rng = np.random.default_rng(11)
    seconds = table["bought_at"].cast(pa.int64()).to_numpy() // 1_000_000
    end = int(seconds.max())
    kept = np.ones(len(table), bool)
    for column, count in (("customer", _SHAPE.customers), ("product", _SHAPE.products)):
        since = np.zeros(count, np.int64)
        new = rng.choice(count, int(_NEW * count), replace=False)
        since[new] = end - rng.integers(0, (_WEEKS + 6) * _WEEK, len(new))
        numbers = pc.utf8_slice_codeunits(table[column], 1).cast(pa.int64()).to_numpy()
        kept &= seconds >= since[numbers]
    return table.filter(pa.array(kept))


def write_until(rows: pa.Table, file: Path, weeks: int) -> None:
    """Writes what was bought before the last so many weeks."""
    seconds = rows["bought_at"].cast(pa.int64()).to_numpy() // 1_000_000
    part = rows.filter(pa.array(seconds <= seconds.max() - weeks * _WEEK))
    pq.write_table(part, file)


def read_again(one: Shop) -> None:
    ports = one.system.ports
    dataset_id = FEATURE_CONFIG.load(one.features, ports).spec.dataset_id
    before = DATASET.load(dataset_id, ports).status.fingerprint
    profile_again(dataset_id, ports)
    until(
        lambda: (
            (now := DATASET.load(dataset_id, ports)).status.validated(now.revision)
            and now.status.fingerprint != before
        )
    )


def trained(one: Shop, model: str, tried: Timed, last: Trained | None = None) -> Trained:
    return Trained(
        one.quick_test(
            model,
            purpose="full_training",
            source_test_id=tried.test.id,
            epochs=_EPOCHS,
            early_stopping_patience=_PATIENCE,
            warm_start_test_id=last.timed.test.id if last is not None else None,
        )
    )


def told(one: Trained) -> list[str]:
    results = one.timed.test.status.results
    assert results is not None
    kept = "–"
    if results.warm_start is not None:
        taken, of = (
            sum(getattr(table, name) for table in results.warm_start.tables)
            for name in ("taken", "rows")
        )
        kept = f"{taken:,} of {of:,}"
    return [str(one.epochs), f"{one.seconds:.1f}", one.measured(), kept]


if __name__ == "__main__":
    report_main(measure)
