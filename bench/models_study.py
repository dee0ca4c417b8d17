"""Are the models that Recsmith proposes better than simple methods? Part of `make study`.

    .venv/bin/python -m bench.models_study [--public DIR]

Each kind of data goes the way of a user: smart defaults, a preset, quick tests of two epochs over
all rows, with several training seeds. DIR holds what can be had of `bench/public_data.py`. What was
measured before is not measured again, and `bench/study_page.py` writes the page.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import shapes
from bench.public_data import PUBLIC_DATA
from bench.shop import Shop, shop
from local import demo_data
from shared.rules.presets import preset
from shared.tasks.rating_head import rating_head

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "bench" / "models_results.jsonl"
SEEDS = (1, 2, 3)
RECALLS = ("recall_at_10", "recall_at_50", "recall_at_100")
METRICS = (*RECALLS, "recall_at_10_buy_again", "recall_at_100_discover", "rmse")


@dataclass(frozen=True)
class Proposed:
    """A model that is tried.

    Attributes:
        seeds: what it is trained with; several where its spread is to be seen.
    """

    name: str
    preset: str
    seeds: tuple[int, ...] = SEEDS
    rates: bool = False

    @property
    def spec(self) -> dict[str, Any]:
        chosen = preset(self.preset).spec
        spec = chosen.model_dump(mode="json")
        if not self.rates:
            return spec
        head = [layer.model_dump(mode="json") for layer in rating_head(chosen.buyer_tower_layers)]
        return {**spec, "model_type": "ranking", "reranker": None, "rating_head_layers": head}


MODELS = (
    Proposed("recommended", "recommended"),
    Proposed("wide", "wide", SEEDS[:1]),
    Proposed("standard", "standard", SEEDS[:1]),
    Proposed("ratings", "recommended", rates=True),
)


@dataclass(frozen=True)
class Purchases:
    """Data of the study, as a Parquet file."""

    name: str
    path: Path
    mapping: dict[str, str]
    rating: str | None = None


def purchases(public: Path | None, folder: Path) -> Iterator[Purchases]:
    """What can be had of the data, written when it is asked for."""
    yield Purchases(
        "groceries (demo)",
        demo_data.prepare(ROOT / ".recsmith"),
        demo_data.MAPPING,
        rating="quantity",
    )
    for number, shape in enumerate(shapes.SHAPES):
        path = folder / f"shape-{number}.parquet"
        shapes.write(shape, path)
        mapping = {**shapes.MAPPING, "segment": "customer_segment", "category": "category"}
        yield Purchases(shape.name, path, mapping, rating="rating")
    for number, data in enumerate(PUBLIC_DATA):
        if public is None or not (public / data.file).exists():
            print(f"{data.name}: {data.file} is not at hand; see bench/public_data.py")
            continue
        path = folder / f"public-{number}.parquet"
        data.write(public, path)
        yield Purchases(data.name, path, data.mapping, data.rating)


class Found:
    """What has been measured, line by line in a file: an interrupted study goes on."""

    def __init__(self, path: Path = RESULTS) -> None:
        self._path = path
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        self.all: dict[tuple[str, str, int], dict[str, Any]] = {
            (data, model, seed): found for data, model, seed, found in map(json.loads, lines)
        }

    def add(self, data: str, model: str, seed: int, found: dict[str, Any]) -> None:
        self.all[data, model, seed] = found
        line = json.dumps([data, model, seed, found])
        with self._path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
        print(line, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--public", type=Path, help="folder of public data sets")
    parser.add_argument("--only", help="the name of one of the data sets")
    arguments = parser.parse_args()
    found = Found()
    with tempfile.TemporaryDirectory(prefix="study-") as name:
        for one in purchases(arguments.public, Path(name)):
            if arguments.only in (None, one.name):
                _measure(one, Path(name, one.name), found)


def _measure(data: Purchases, home: Path, found: Found) -> None:
    wanted = [
        (model, seed)
        for model in MODELS
        for seed in model.seeds
        if (data.name, model.name, seed) not in found.all and (data.rating or not model.rates)
    ]
    if not wanted:
        return
    with shop(home, data.path, data.mapping, spare=False) as opened:
        models = {model.name: opened.model(**model.spec) for model, _ in wanted}
        for model, seed in wanted:
            rating = data.rating if model.rates else None
            measured = _one(opened, models[model.name], seed, rating)
            found.add(data.name, model.name, seed, measured)


def _one(opened: Shop, model: str, seed: int, rating: str | None) -> dict[str, Any]:
    results = opened.quick_test(model, training_seed=seed, rating_column=rating).test.status.results
    assert results is not None
    chosen = {
        "metrics": results.metrics,
        **{f"baseline {name}": metrics for name, metrics in results.baselines.items()},
    }
    return {
        "rows": results.protocol.holdout_rows,
        "customers": results.protocol.holdout_customers,
        "candidates": results.protocol.candidates,
        **{what: {k: v for k, v in one.items() if k in METRICS} for what, one in chosen.items()},
        "differences": {
            name: {k: [v.low, v.high] for k, v in intervals.items() if k in METRICS}
            for name, intervals in results.differences.items()
        },
    }


if __name__ == "__main__":
    main()
