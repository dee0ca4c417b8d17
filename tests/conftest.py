"""Options and documents that several test folders use."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import pytest
import typer.testing
from hypothesis import settings

from shared.documents.dataset import Dataset
from shared.documents.feature_config import FeatureConfig
from shared.documents.model_config import ModelConfig

# Speed is measured in bench/, and never asserted by a test.
settings.register_profile("recsmith", deadline=None)
settings.load_profile("recsmith")

# What Typer makes of the command's functions, anew for every call, takes longer than most calls.
typer.testing._get_command = cache(typer.testing._get_command)  # type: ignore[attr-defined]

Documents = tuple[Dataset, FeatureConfig, ModelConfig]
WATCH = Path(__file__).parent / "integration" / "trainer" / "watch"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-golden", action="store_true", help="write tests/golden anew")


def pytest_configure() -> None:
    """With RECSMITH_TEST_WEIGHT_NOISE, every training that a test sets off starts from other
    weights by a little: no test may mind. The small models of tests gain nothing by more threads
    than two, and several trainings at once would get in each other's way: a machine may show more
    processors than it gives."""
    for threads in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
        os.environ.setdefault(threads, "2")
    if os.environ.get("RECSMITH_TEST_WEIGHT_NOISE"):
        paths = filter(None, [str(WATCH), os.environ.get("PYTHONPATH")])
        os.environ["PYTHONPATH"] = os.pathsep.join(paths)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """By `--dist loadgroup`, tests of one file go to one process: what they share is made once.
    The trials of torture, some of which take minutes, are begun first."""
    items.sort(key=lambda item: item.path.stem != "test_torture")
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


def _dataset() -> Dataset:
    columns = {
        "household_id": "INTEGER",
        "product_id": "INTEGER",
        "purchased_at": "TIMESTAMP",
        "category": "STRING",
        "brand": "STRING",
        "sales_value": "FLOAT",
        "quantity": "INTEGER",
    }
    return Dataset.model_validate(
        {
            "id": "ds-groceries",
            "name": "Groceries",
            "spec": {
                "source": {"kind": "parquet", "uri": "/data/groceries.parquet"},
                "column_mapping": {
                    "household_id": "customer_id",
                    "product_id": "product_id",
                    "purchased_at": "transaction_date",
                },
            },
            "status": {"columns": [{"name": n, "type": t} for n, t in columns.items()]},
        }
    )


def _embedding(column: str, dim: int, **settings: int) -> dict[str, object]:
    return {
        "column": column,
        "type": "string_embedding",
        "embedding_dim": dim,
        "vocab_settings": settings,
    }


def _dense(units: int, activation: str | None = "relu", l2_reg: float = 0.0) -> dict[str, object]:
    return {"type": "dense", "units": units, "activation": activation, "l2_reg": l2_reg}


@pytest.fixture(scope="session")
def standard() -> Documents:
    """What most people start from: ids, a category, cycles; three dense layers."""
    features = FeatureConfig.model_validate(
        {
            "id": "fc-standard",
            "name": "Standard",
            "spec": {
                "dataset_id": "ds-groceries",
                "buyer_model_features": [
                    _embedding("household_id", 32, min_frequency=1),
                    {
                        "column": "purchased_at",
                        "type": "timestamp",
                        "transforms": {
                            "normalize": {"enabled": False},
                            "cyclical": {"weekly": True, "monthly": True},
                        },
                    },
                ],
                "product_model_features": [
                    _embedding("product_id", 32),
                    _embedding("category", 16),
                ],
            },
        }
    )
    towers = [_dense(128), _dense(64), _dense(32, None)]
    model = ModelConfig.model_validate(
        {
            "id": "mc-standard",
            "name": "Standard",
            "spec": {"buyer_tower_layers": towers, "product_tower_layers": towers},
        }
    )
    return _dataset(), features, model


@pytest.fixture(scope="session")
def everything() -> Documents:
    """Every transform and every layer at least once."""
    features = FeatureConfig.model_validate(
        {
            "id": "fc-everything",
            "name": "Everything",
            "spec": {
                "dataset_id": "ds-groceries",
                "buyer_model_features": [
                    _embedding("household_id", 16, min_frequency=1),
                    {
                        "column": "purchased_at",
                        "type": "timestamp",
                        "transforms": {
                            "normalize": {"enabled": True},
                            "bucketize": {"enabled": True, "buckets": 20, "embedding_dim": 8},
                            "cyclical": dict.fromkeys(
                                ["annual", "quarterly", "monthly", "weekly", "daily"], True
                            ),
                        },
                    },
                    {
                        "column": "sales_value",
                        "type": "numeric",
                        "transforms": {
                            "normalize": {"enabled": True, "range": [0, 1]},
                            "bucketize": {"enabled": True, "buckets": 10, "embedding_dim": 4},
                            "log_transform": True,
                        },
                    },
                    {"column": "quantity", "type": "numeric"},
                ],
                "product_model_features": [
                    _embedding("product_id", 16),
                    _embedding("category", 8, max_size=50, oov_buckets=2),
                    _embedding("brand", 4),
                ],
                "buyer_model_crosses": [
                    {
                        "features": ["household_id", "sales_value_bucket", "purchased_at_bucket"],
                        "hash_bucket_size": 1000,
                        "embedding_dim": 8,
                    }
                ],
                "product_model_crosses": [
                    {"features": ["category", "brand"], "hash_bucket_size": 500}
                ],
            },
        }
    )
    model = ModelConfig.model_validate(
        {
            "id": "mc-everything",
            "name": "Everything",
            "spec": {
                "buyer_tower_layers": [
                    _dense(32, "leaky_relu", 0.001),
                    {"type": "batch_norm"},
                    {"type": "dropout", "rate": 0.1},
                    _dense(24, "gelu"),
                    {"type": "layer_norm"},
                    _dense(16, None),
                ],
                "product_tower_layers": [_dense(24, "tanh"), _dense(16, None)],
                "output_embedding_dim": 16,
                "optimizer": "adagrad",
                "learning_rate": 0.1,
                "normalize_embeddings": False,
                "temperature": 1.0,
            },
        }
    )
    return _dataset(), features, model


@pytest.fixture
def multitask(standard: Documents) -> Documents:
    """The standard towers with a rating head, served by ScaNN."""
    dataset, features, model = standard
    head = [_dense(128), _dense(64), _dense(32), _dense(1, None)]
    changed = {
        "model_type": "multitask",
        "rating_head_layers": head,
        "loss_function": "huber",
        "ranking_weight": 0.5,
        "retrieval_algorithm": "scann",
    }
    spec = {**model.spec.model_dump(mode="json"), **changed}
    model = ModelConfig.model_validate({"id": "mc-multitask", "name": "Multitask", "spec": spec})
    return dataset, features, model


@pytest.fixture(scope="session")
def recommended() -> Documents:
    """Wide towers of ids and of what was bought before, and a re-ranker."""
    features = FeatureConfig.model_validate(
        {
            "id": "fc-recommended",
            "name": "Recommended",
            "spec": {
                "dataset_id": "ds-groceries",
                "buyer_model_features": [
                    _embedding("household_id", 64, min_frequency=1),
                    {"column": "product_id", "type": "history", "embedding_dim": 64},
                ],
                "product_model_features": [_embedding("product_id", 64)],
            },
        }
    )
    towers = [_dense(64, None)]
    model = ModelConfig.model_validate(
        {
            "id": "mc-recommended",
            "name": "Recommended",
            "spec": {
                "buyer_tower_layers": towers,
                "product_tower_layers": towers,
                "output_embedding_dim": 64,
                "reranker": {},
            },
        }
    )
    return _dataset(), features, model
