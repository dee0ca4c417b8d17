"""Does a small test predict a large one? `make small-tests` runs this and writes the page.

    .venv/bin/python -m bench.small_tests_study [--public DIR] [--only NAME] [--configs N]

Several configs of each kind of data are tested on samples of the customers and on all of them, as a
user would. What was measured before is not measured again; `bench/small_tests_page.py` writes the
page from it.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.models_study import ROOT, SEEDS, Found, Purchases, purchases
from bench.shop import Shop, Timed, shop
from shared.jobs import REPLICATES_FILE, Replicates
from shared.rules.presets import preset

RESULTS = ROOT / "bench" / "small_tests_results.jsonl"
# With how many sample seeds each share of the customers is drawn, in per cent.
SHARES = {5: 2, 10: 2, 25: 1, 100: 1}
WHOLE = max(SHARES)
# So many of a test's replicates are kept, in steps of a hundred-thousandth.
KEPT, STEP = 200, 1e-5


@dataclass(frozen=True)
class Tried:
    """A config that is ranked among others."""

    name: str
    preset: str
    epochs: int = 2
    history: bool = True


# The first of them first: an interrupted study has some configs with all shares.
TRIED = (
    Tried("recommended", "recommended"),
    Tried("standard", "standard"),
    Tried("wide", "wide"),
    Tried("minimal", "minimal"),
    Tried("wide, no history", "wide", history=False),
    Tried("recommended, 1 epoch", "recommended", epochs=1),
)
# By name, with what they are ranked by: of few products nearly all are among a hundred.
DATA = {
    "corner shop": "recall_at_10",
    "many products, few rows": "recall_at_100",
    "groceries (demo)": "recall_at_100",
    "repeat purchases": "recall_at_100",
    "gifts, online": "recall_at_100",
}


@dataclass(frozen=True)
class Measured:
    """One test.

    Attributes:
        percent: of the customers that were sampled, by `seed`.
        value: of the data's metric.
        replicates: KEPT draws of it, in STEPs; tests of one sample drew the same customers.
    """

    data: str
    config: str
    percent: int
    seed: int
    value: float
    rows: int
    customers: int
    fingerprint: str
    seconds: float
    replicates: tuple[int, ...]

    @property
    def key(self) -> tuple[str, str, int, int]:
        return self.data, self.config, self.percent, self.seed


def found(path: Path = RESULTS) -> list[Measured]:
    """What was measured here, and what the study of models did on all customers of the same data,
    which kept no replicates."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    read = map(json.loads, lines)
    own = [Measured(**{**one, "replicates": tuple(one["replicates"])}) for one in read]
    known = {one.key for one in own}
    return [*own, *(one for one in _taken_over() if one.key not in known)]


def _taken_over() -> Iterator[Measured]:
    for (data, model, seed), one in Found().all.items():
        if data in DATA and seed == SEEDS[0] and model in [tried.name for tried in TRIED]:
            value = round(one["metrics"][DATA[data]], 6)
            rows, customers = one["rows"], one["customers"]
            yield Measured(data, model, WHOLE, 1, value, rows, customers, "", 0.0, ())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--public", type=Path, help="folder of public data sets")
    parser.add_argument("--only", help="the name of one of the data sets")
    parser.add_argument("--configs", type=int, default=len(TRIED), help="the first so many")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="study-") as name:
        at_hand = {one.name: one for one in purchases(arguments.public, Path(name))}
        # First seeds first: an interrupted study has all data sets.
        for seed in range(1, max(SHARES.values()) + 1):
            for wanted in DATA:
                if wanted in at_hand and arguments.only in (None, wanted):
                    home = Path(name, f"{wanted}-{seed}")
                    _measure(at_hand[wanted], home, seed, TRIED[: arguments.configs])


def _measure(data: Purchases, home: Path, seed: int, configs: Sequence[Tried]) -> None:
    known = {one.key for one in found()}
    wanted = [
        (tried, percent)
        for tried in configs
        for percent, seeds in SHARES.items()
        if seed <= seeds and (data.name, tried.name, percent, seed) not in known
    ]
    if not wanted:
        return
    with shop(home, data.path, data.mapping, spare=False) as opened:
        models = {
            name: opened.model(**preset(name).spec.model_dump(mode="json"))
            for name in dict.fromkeys(tried.preset for tried, _ in wanted)
        }
        for tried, percent in wanted:
            timed = _test(opened, models[tried.preset], tried, percent, seed, data)
            line = json.dumps(asdict(_measured(data.name, tried, percent, seed, timed)))
            with RESULTS.open("a", encoding="utf-8") as file:
                file.write(line + "\n")
            print(line[:200], flush=True)


def _test(
    opened: Shop, model: str, tried: Tried, percent: int, seed: int, data: Purchases
) -> Timed:
    product = next(name for name, role in data.mapping.items() if role == "product_id")
    without = [] if tried.history else [{"tower": "buyer", "column": product}]
    return opened.quick_test(
        model,
        data_sample_percent=percent,
        seed=seed,
        epochs=tried.epochs,
        leave_out=without,
    )


def _measured(name: str, tried: Tried, percent: int, seed: int, timed: Timed) -> Measured:
    results, metric = timed.test.status.results, DATA[name]
    assert results is not None
    replicates = Replicates.model_validate_json((timed.output / REPLICATES_FILE).read_bytes())
    return Measured(
        name,
        tried.name,
        percent,
        seed,
        round(results.metrics[metric], 6),
        results.protocol.holdout_rows,
        results.protocol.holdout_customers,
        results.protocol.holdout_fingerprint,
        round(timed.seconds, 1),
        tuple(_thinned(replicates.metrics.get(metric, []))),
    )


def _thinned(values: list[float]) -> Iterator[int]:
    for value in values[:: max(1, len(values) // KEPT)][:KEPT]:
        yield round(value / STEP)


if __name__ == "__main__":
    main()
