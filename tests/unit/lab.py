"""A shop whose tests have been measured in full: with intervals, baselines and replicates."""

from __future__ import annotations

import random
from typing import Any

from scenario import MODEL_SPEC, Shop, feature_spec, metrics, vocabulary

from shared import editing
from shared.documents.base import Collection
from shared.jobs import (
    METRICS_FILE,
    PROGRESS_FILE,
    REPLICATES_FILE,
    VOCABULARY_FILE,
    Stage,
    State,
    Task,
)

DRAWS = 200
# The customers that a replicate draws move all tests alike, which is what pairing is for.
_COMMON = [random.Random(7).gauss(0, 0.03) for _ in range(DRAWS)]


def replicates(
    value: float, *, name: str = "recall_at_100", own: float = 0.002, seed: int = 1, **fields: Any
) -> dict[str, Any]:
    """Args: own: how much a test swings by itself, beside what all of them have in common."""
    chance = random.Random(seed)
    values = [value + common + chance.gauss(0, own) for common in _COMMON]
    return {"holdout_fingerprint": "rows", "customers": 190, "metrics": {name: values}, **fields}


def retrieval(recall: float, *, beats: bool = False, **protocol: Any) -> dict[str, Any]:
    """A metrics.json of today. `beats`: clearly better than every baseline."""
    values = {
        "recall_at_10": recall / 3,
        "recall_at_50": recall * 0.7,
        "recall_at_100": recall,
        "recall_at_100_repeat": min(1.0, recall * 1.6),
        "recall_at_100_new": recall * 0.5,
        "mrr": recall / 5,
        "ndcg_at_10": recall / 6,
        "coverage_at_10": 0.12,
        "identical_top_10": 0.02,
    }
    shares = {"popularity": 0.7, "own_history": 0.95, "random": 0.02}
    return {
        "metrics": values,
        "intervals": {
            name: {"low": value * 0.92, "high": value * 1.07}
            for name, value in values.items()
            if name.startswith(("recall", "mrr", "ndcg"))
        },
        "baselines": {
            baseline: {
                name: value * share
                for name, value in values.items()
                if not name.startswith(("coverage", "identical"))
            }
            for baseline, share in shares.items()
        },
        "differences": {
            "popularity": {"recall_at_100": {"low": recall * 0.25, "high": recall * 0.35}},
            "own_history": {
                "recall_at_100": {"low": recall * (0.01 if beats else -0.02), "high": recall * 0.11}
            },
        },
        "protocol": {
            **metrics(0)["protocol"],
            "holdout_fingerprint": "rows",
            "candidates_fingerprint": "products",
            "repeat_rows": 4_200,
            **protocol,
        },
    }


def ranking(rmse: float, **protocol: Any) -> dict[str, Any]:
    values = {"rmse": rmse, "mae": rmse * 0.8}
    return {
        "metrics": values,
        "intervals": {name: {"low": v * 0.95, "high": v * 1.05} for name, v in values.items()},
        "baselines": {
            "global_mean": dict.fromkeys(values, 1.0),
            "customer_product_means": dict.fromkeys(values, 0.9),
        },
        "differences": {
            "global_mean": {"rmse": {"low": -0.3, "high": -0.2}},
            "customer_product_means": {"rmse": {"low": -0.2, "high": -0.1}},
        },
        "protocol": {
            **metrics(0)["protocol"],
            "holdout_fingerprint": "rows",
            "rating_column": "price",
            **protocol,
        },
    }


class Lab(Shop):
    """Tests over one dataset, which complete as they are told to."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.dataset_id = self.dataset()
        self.settle()

    def features(self, name: str = "Ids", **spec: Any) -> str:
        whole = {**feature_spec(self.dataset_id), **spec}
        made = editing.create(self.ports, Collection.FEATURE_CONFIGS, name=name, spec=whole)
        self.settle()
        return made.id

    def model(self, name: str = "Small", **spec: Any) -> str:
        whole = {**MODEL_SPEC, **spec}
        made = editing.create(self.ports, Collection.MODEL_CONFIGS, name=name, spec=whole)
        self.settle()
        return made.id

    def launched(self, name: str, features: str, model: str, **spec: Any) -> str:
        self.clock.advance(60)
        configs = {"feature_config_id": features, "model_config_id": model}
        made = editing.create(
            self.ports, Collection.QUICK_TESTS, name=name, spec={**configs, **spec}
        )
        self.settle()
        assert self.test(made.id).state == "running"
        return made.id

    def leave_results(
        self,
        test_id: str,
        report: dict[str, Any],
        drawn: dict[str, Any] | None = None,
        losses: tuple[float, ...] = (4.0, 3.0, 2.5),
        vocabularies: list[dict[str, Any]] | None = None,
    ) -> None:
        """What a job leaves, and its end, of which nobody has heard yet."""
        epochs = [
            {"epoch": n, "loss": loss, "validation_loss": loss + 0.3, "seconds": 3.0}
            for n, loss in enumerate(losses, 1)
        ]
        self.leave(test_id, PROGRESS_FILE, epochs)
        self.leave(test_id, METRICS_FILE, report)
        self.leave(test_id, VOCABULARY_FILE, vocabularies or [vocabulary()])
        if drawn is not None:
            self.leave(test_id, REPLICATES_FILE, drawn)
        job_id, began = self.job_id(test_id), self.clock.now()
        self.clock.advance(100)
        self.pipelines.advance(job_id, Stage.EVALUATE, State.SUCCEEDED)
        tasks = [
            Task(name=stage, state=State.SUCCEEDED, started_at=began, ended_at=self.clock.now())
            for stage in Stage
        ]
        job = self.pipelines.jobs[job_id]
        self.pipelines.jobs[job_id] = job.model_copy(update={"tasks": tasks})

    def completed(
        self,
        name: str,
        recall: float,
        features: str,
        model: str,
        *,
        seed: int = 1,
        beats: bool = True,
        **spec: Any,
    ) -> str:
        """A completed retrieval test; `beats`: clearly better than every baseline."""
        test_id = self.launched(name, features, model, **spec)
        sample = spec.get("data_sample_percent", 10.0)
        report = retrieval(recall, beats=beats, sample_percent=sample)
        self.leave_results(test_id, report, replicates(recall, seed=seed))
        self.job_news(test_id)
        assert self.test(test_id).state == "completed"
        return test_id
