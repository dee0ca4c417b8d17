"""A shop that runs tunings, whose tests come to what a rule says of their settings."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

from scenario import Shop, metrics, vocabulary

from shared.documents.quick_test import QuickTestSpec
from shared.jobs import (
    METRICS_FILE,
    PROGRESS_FILE,
    REPLICATES_FILE,
    VOCABULARY_FILE,
    Stage,
    State,
)

SPACE: list[dict[str, Any]] = [
    {"setting": "output_width", "values": [16, 32, 64, 128]},
    {"setting": "half_life", "low": 5, "high": 400},
    {"setting": "dropout", "low": 0, "high": 0.5},
    {"setting": "temperature", "low": 0.03, "high": 0.3},
]
HISTORY = [
    {"column": "customer", "type": "string_embedding"},
    {"column": "product", "type": "history"},
    {"column": "city", "type": "string_embedding", "embedding_dim": 8},
]
Rule = Callable[[QuickTestSpec], float]


def planted(spec: QuickTestSpec) -> float:
    """One width and one half-life matter."""
    width = spec.settings.get("output_width", 32)
    half_life = spec.settings.get("half_life", 90)
    return (
        0.3
        - 0.03 * abs(math.log2(width / 128))
        - 0.05 * abs(math.log(half_life / 20)) / math.log(2)
    )


def noise(spec: QuickTestSpec) -> float:
    """Nothing matters; each test comes to what its settings and its seed draw."""
    return 0.2 + random.Random(_told(spec)).gauss(0, 0.005)


def _told(spec: QuickTestSpec) -> str:
    return "2" + spec.model_dump_json(include={"settings", "leave_out", "training_seed"})


class Tuned(Shop):
    """A shop with a feature config and a model config, and ways to drive a tuning."""

    def __post_init__(self) -> None:
        super().__post_init__()
        dataset_id = self.dataset()
        self.settle()
        self.features = self.feature_config(
            dataset_id,
            "Rich",
            buyer_model_features=HISTORY,
            product_model_features=[{"column": "product", "type": "string_embedding"}],
        )
        self.model = self.model_config()
        self.settle()

    def tune(self, **spec: Any) -> str:
        features = spec.pop("feature_config_id", self.features)
        model = spec.pop("model_config_id", self.model)
        return self.tuning(features, model, **{"space": SPACE, **spec})

    def under_way(self) -> list[str]:
        """Ids of the tests whose jobs run."""
        asked = sorted(request.quick_test_id for request in self.pipelines.requests.values())
        stored = {test_id: self.documents.get(f"quick_tests/{test_id}") for test_id in asked}
        return [
            test_id
            for test_id, found in stored.items()
            if found is not None and found.data["status"]["state"] == "running"
        ]

    def spec_of(self, test_id: str) -> QuickTestSpec:
        return QuickTestSpec.model_validate(self.documents.data(f"quick_tests/{test_id}")["spec"])

    def come_to(self, test_id: str, rule: Rule, losses: list[float] | None = None) -> None:
        """A test's job comes to what the rule says; its bootstrap replicates lie around that."""
        spec = self.spec_of(test_id)
        value = rule(spec)
        told = losses or [8 - value, 7 - value, 6 - value]
        epochs = [
            {"epoch": n, "loss": loss, "validation_loss": loss, "seconds": 1.0}
            for n, loss in enumerate(told, 1)
        ]
        draws = random.Random(7)  # the same customers in every test
        replicates = [value + draws.gauss(0, 0.01) for _ in range(200)]
        own = random.Random(_told(spec))
        drawn = [one + own.gauss(0, 0.004) for one in replicates]
        holdout = spec.split.judged_on
        self.leave(
            test_id,
            REPLICATES_FILE,
            {"holdout_fingerprint": holdout, "customers": 190, "metrics": {"recall_at_100": drawn}},
        )
        self.clock.advance(30)
        self.leave(test_id, PROGRESS_FILE, epochs)
        report = metrics(value, holdout_fingerprint=holdout, judged_on=holdout)
        self.leave(test_id, METRICS_FILE, report)
        self.leave(test_id, VOCABULARY_FILE, [vocabulary()])
        self.pipelines.advance(self.job_id(test_id), Stage.EVALUATE, State.SUCCEEDED)
        self.job_news(test_id)

    def epochs(self, test_id: str, losses: list[float]) -> None:
        """A running job has come through so many epochs."""
        told = [
            {"epoch": n, "loss": loss, "validation_loss": loss, "seconds": 1.0}
            for n, loss in enumerate(losses, 1)
        ]
        self.leave(test_id, PROGRESS_FILE, told)
        self.pipelines.advance(self.job_id(test_id), Stage.TRAIN, State.RUNNING)
        self.job_news(test_id)
        self.settle()


def finish(shop: Tuned, tuning_id: str, rule: Rule = planted, most: int = 400) -> None:
    """Lets every job come to what the rule says, one after another."""
    for _ in range(most):
        running = shop.under_way()
        if not running:
            return
        shop.come_to(running[0], rule)
        shop.settle()
    raise AssertionError("the tuning does not come to an end")
