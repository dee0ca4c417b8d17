"""A shop that runs sweeps of six tests."""

from __future__ import annotations

from scenario import Shop

from shared.jobs import Stage, State

SIX = [{"training_seed": seed} for seed in range(3)]
PRODUCT = [
    {"column": "product", "type": "string_embedding"},
    {"column": "department", "type": "string_embedding", "embedding_dim": 8},
    {"column": "price", "type": "numeric"},
]


class Swept(Shop):
    """A shop with two feature configs and a model config, and ways to drive a sweep of six."""

    def __post_init__(self) -> None:
        super().__post_init__()
        dataset_id = self.dataset()
        self.settle()
        self.features = [
            self.feature_config(dataset_id, "Ids"),
            self.feature_config(dataset_id, "Rich", product_model_features=PRODUCT),
        ]
        self.model = self.model_config()
        self.settle()

    def six(self, **spec):
        return self.sweep(self.features, [self.model], overrides=SIX, **spec)

    def under_way(self):
        """Ids of the tests whose jobs run."""
        asked = sorted(request.quick_test_id for request in self.pipelines.requests.values())
        stored = {test_id: self.documents.get(f"quick_tests/{test_id}") for test_id in asked}
        return [
            test_id
            for test_id, found in stored.items()
            if found is not None and found.data["status"]["state"] == "running"
        ]

    def fail(self, test_id, message="out of memory"):
        self.pipelines.advance(self.job_id(test_id), Stage.TRAIN, State.FAILED, message)
        self.job_news(test_id)

    def states(self, sweep_id):
        return [test.state.value for test in self.swept(sweep_id).tests]

    def tests(self):
        return [s.id for s in self.documents.query("quick_tests")]


def finish(shop, sweep_id):
    """Lets every job succeed, one after another."""
    for number in range(100):
        running = shop.under_way()
        if not running:
            return
        shop.clock.advance(30)
        shop.succeed(running[0], recall=0.1 + number / 100)
        shop.settle()
    raise AssertionError("the sweep does not come to an end")
