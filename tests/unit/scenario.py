"""A small shop in memory: its data, configs that fit it, and the delivery of what is due."""

from __future__ import annotations

import json
from typing import Any

from declared import within
from fakes import Fakes

from shared import editing
from shared.columns import Column, ColumnStatistics, ColumnType
from shared.documents.base import Collection
from shared.documents.dataset import Dataset
from shared.documents.feature_config import FeatureConfigStatus
from shared.documents.quick_test import QuickTestStatus
from shared.documents.registered_model import RegisteredModel
from shared.documents.sweep import SweepStatus
from shared.documents.tuning import TuningStatus
from shared.events import Event, Topic
from shared.handlers import ROUTES, publish_change
from shared.jobs import METRICS_FILE, MODEL_FILE, PROGRESS_FILE, VOCABULARY_FILE, Stage, State
from shared.ports import Profile

URI = "/data/purchases.parquet"


def column(name: str, kind: str, unique: int = 100, **statistics: Any) -> Column:
    return Column(
        name=name,
        type=ColumnType(kind),
        statistics=ColumnStatistics(unique_count=unique, null_count=0, **statistics),
    )


COLUMNS = [
    column("customer", "INTEGER", 2_000),
    column("product", "INTEGER", 5_000),
    column("bought_at", "TIMESTAMP", 9_000, samples=["2017-01-01 08:30:00+00", "2017-01-02 17:00"]),
    column("title", "STRING", 4_900),
    column("department", "STRING", 30),
    column("price", "FLOAT", 800, skewness=3.5),
    column("revenue", "FLOAT", 900),
    column("organic", "BOOLEAN", 2),
    column("city", "STRING", 60),
    column("country", "STRING", 1),
]
MAPPING = {
    "customer": "customer_id",
    "product": "product_id",
    "bought_at": "transaction_date",
    "title": "product_name",
    "department": "category",
    "price": "product_price",
    "organic": "product_organic",
    "city": "customer_city",
    "country": "customer_country",
    "revenue": "revenue",
}
DATASET_SPEC = {"source": {"kind": "parquet", "uri": URI}, "column_mapping": MAPPING}
MODEL_SPEC: dict[str, Any] = {
    "buyer_tower_layers": [{"type": "dense", "units": 32, "activation": None}],
    "product_tower_layers": [{"type": "dense", "units": 32, "activation": None}],
    "batch_size": 4096,
}
ROWS = 1_000_000


def feature_spec(dataset_id: str, embedding_dim: int = 32) -> dict[str, Any]:
    return {
        "dataset_id": dataset_id,
        "buyer_model_features": [
            {"column": "customer", "type": "string_embedding", "embedding_dim": embedding_dim}
        ],
        "product_model_features": [{"column": "product", "type": "string_embedding"}],
    }


RULES = {
    "filters": [{"type": "range", "column": "price", "max": 20}],
    "caps": [{"column": "department", "at_most": 2}],
}


def profile(columns: list[Column] = COLUMNS, fingerprint: str = "v1", rows: int = ROWS) -> Profile:
    return Profile(columns, rows, fingerprint, source_fingerprint=f"files of {fingerprint}")


def known_dataset(columns: list[Column] = COLUMNS, rows: int | None = ROWS) -> Dataset:
    """A dataset that has been profiled, as the rules see it."""
    return Dataset.model_validate(
        {
            "id": "ds",
            "name": "Shop",
            "spec": DATASET_SPEC,
            "status": {
                "columns": [item.model_dump() for item in columns],
                "row_count": rows,
                "fingerprint": "v1",
            },
        }
    )


class Shop(Fakes):
    """The fakes, and short ways to drive the system by what happens in it."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.data.profiles[URI] = profile()

    def dataset(self) -> str:
        return editing.create(self.ports, Collection.DATASETS, name="Shop", spec=DATASET_SPEC).id

    def feature_config(self, dataset_id: str, name: str = "Ids", **fields: Any) -> str:
        spec = {**feature_spec(dataset_id), **fields}
        return editing.create(self.ports, Collection.FEATURE_CONFIGS, name=name, spec=spec).id

    def model_config(self, name: str = "Small", **fields: Any) -> str:
        spec = {**MODEL_SPEC, **fields}
        return editing.create(self.ports, Collection.MODEL_CONFIGS, name=name, spec=spec).id

    def quick_test(self, feature_config_id: str, model_config_id: str, **spec: Any) -> str:
        return editing.create(
            self.ports,
            Collection.QUICK_TESTS,
            name="Try",
            spec={
                "feature_config_id": feature_config_id,
                "model_config_id": model_config_id,
                **spec,
            },
        ).id

    def running_test(self, **spec: Any) -> str:
        """The id of a quick test whose job has been launched."""
        dataset_id = self.dataset()
        self.settle()
        test_id = self.quick_test(self.feature_config(dataset_id), self.model_config(), **spec)
        self.settle()
        assert self.test(test_id).state == "running"
        return test_id

    def sweep(self, feature_config_ids: list[str], model_config_ids: list[str], **spec: Any) -> str:
        whole = {
            "feature_config_ids": feature_config_ids,
            "model_config_ids": model_config_ids,
            **spec,
        }
        return editing.create(self.ports, Collection.SWEEPS, name="Sweep", spec=whole).id

    def tuning(self, feature_config_id: str, model_config_id: str, **spec: Any) -> str:
        whole = {
            "feature_config_id": feature_config_id,
            "model_config_id": model_config_id,
            **spec,
        }
        return editing.create(self.ports, Collection.TUNINGS, name="Tuning", spec=whole).id

    def registered(self, feature_config_id: str, model_config_id: str, **spec: Any) -> str:
        """The id of the model of which a full training, which has completed, is a version."""
        test_id = self.fully_trained(feature_config_id, model_config_id, **spec)
        registered = self.test(test_id).registered
        assert registered is not None
        return registered.model_id

    def fully_trained(
        self, feature_config_id: str, model_config_id: str, recall: float = 0.2, **spec: Any
    ) -> str:
        """The id of a full training that has completed, with its model."""
        tried = self.quick_test(feature_config_id, model_config_id)
        self.settle()
        self.succeed(tried, recall)
        test_id = editing.train_in_full(self.ports, tried, **spec).id
        self.settle()
        self.leave(test_id, MODEL_FILE, "a model")
        self.succeed(test_id, recall)
        self.settle()
        return test_id

    def registered_model(self, model_id: str) -> RegisteredModel:
        data = self.documents.data(f"registered_models/{model_id}")
        return RegisteredModel.model_validate({"id": model_id, **data})

    def promote(self, model_id: str, version: int, reason: str | None = None) -> None:
        editing.promote(self.ports, model_id, version, reason)
        self.settle()

    def rule_set(self, dataset_id: str, rules: Any = RULES, name: str = "Front page") -> str:
        spec = {"dataset_id": dataset_id, "rules": rules}
        return editing.create(self.ports, Collection.RULE_SETS, name=name, spec=spec).id

    def schedule(self, model_id: str, **fields: Any) -> str:
        spec = {"model_id": model_id, "cron": "0 3 * * *", **fields}
        return editing.create(self.ports, Collection.SCHEDULES, name="Nightly", spec=spec).id

    def settle(self) -> None:
        """Delivers changes and events until nothing more happens."""
        for _ in range(200):
            if not self.documents.changes and not self.events.published:
                return
            while self.documents.changes:
                publish_change(self.documents.changes.pop(0), within("publish_change", self.ports))
            while self.events.published:
                self.handle(self.events.published.pop(0))
        raise AssertionError("the system does not come to rest")

    def handle_until(self, kind: Topic) -> None:
        """Delivers what is due until an event of this kind is; that one stays."""
        for _ in range(200):
            if any(event.kind is kind for event in self.events.published):
                return
            if self.documents.changes:
                publish_change(self.documents.changes.pop(0), within("publish_change", self.ports))
            else:
                self.handle(self.events.published.pop(0))
        raise AssertionError(f"no {kind}")

    def handle(self, event: Event) -> None:
        for name, handler in ROUTES[event.kind].items():
            handler(event, within(name, self.ports))

    def job_news(self, test_id: str) -> None:
        """What the pipeline service says whenever something has happened to a job."""
        self.handle(self.event(Topic.PIPELINE_STATUS, Collection.QUICK_TESTS, test_id, 0))

    def event(
        self, kind: Topic, collection: Collection, document_id: str, revision: int = 1
    ) -> Event:
        return Event(
            kind=kind,
            collection=collection,
            document_id=document_id,
            revision=revision,
            occurred_at=self.clock.now(),
        )

    def test(self, test_id: str) -> QuickTestStatus:
        return QuickTestStatus.model_validate(
            self.documents.data(f"quick_tests/{test_id}")["status"]
        )

    def swept(self, sweep_id: str) -> SweepStatus:
        return SweepStatus.model_validate(self.documents.data(f"sweeps/{sweep_id}")["status"])

    def tuned(self, tuning_id: str) -> TuningStatus:
        return TuningStatus.model_validate(self.documents.data(f"tunings/{tuning_id}")["status"])

    def config(self, config_id: str) -> FeatureConfigStatus:
        return FeatureConfigStatus.model_validate(
            self.documents.data(f"feature_configs/{config_id}")["status"]
        )

    def job_id(self, test_id: str) -> str:
        job = self.test(test_id).job
        assert job is not None
        return job.job_id

    def leave(self, test_id: str, name: str, content: Any) -> None:
        """A file that the job leaves."""
        text = content if isinstance(content, str) else json.dumps(content)
        uri = f"{self.test(test_id).artifacts_uri}/{name}"
        self.artifacts.files[uri] = text.encode()

    def succeed(
        self,
        test_id: str,
        recall: float = 0.2,
        *,
        report: dict[str, Any] | None = None,
        **protocol: Any,
    ) -> None:
        """The job of a test comes to a good end, with results."""
        self.leave(test_id, PROGRESS_FILE, [epoch(1), epoch(2)])
        self.leave(test_id, METRICS_FILE, report or metrics(recall, **protocol))
        self.leave(test_id, VOCABULARY_FILE, [vocabulary()])
        self.pipelines.advance(self.job_id(test_id), Stage.EVALUATE, State.SUCCEEDED)
        self.job_news(test_id)


def epoch(number: int) -> dict[str, Any]:
    return {"epoch": number, "loss": 8.0 / number, "validation_loss": None, "seconds": 3.0}


def metrics(recall: float, **protocol: Any) -> dict[str, Any]:
    return {
        "metrics": {"recall_at_10": recall / 2, "recall_at_100": recall},
        "baselines": {"popularity": {"recall_at_100": 0.1}},
        "protocol": {
            "split": "temporal",
            "holdout_fraction": 0.1,
            "sample_percent": 10.0,
            "sample_by": "customer",
            "seed": 42,
            "train_rows": 90_000,
            "holdout_rows": 10_000,
            "holdout_customers": 190,
            "candidates": 4_800,
            **protocol,
        },
    }


def vocabulary(**fields: Any) -> dict[str, Any]:
    return {
        "key": "buyer_customer",
        "column": "customer",
        "tower": "buyer",
        "vocabulary_size": 200,
        "oov_rate": 0.01,
        **fields,
    }
