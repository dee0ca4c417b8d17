"""A comparison shows what sets tests apart: no setting that changes a result may go unsaid."""

from __future__ import annotations

from typing import Any

import pytest
from scenario import DATASET_SPEC, metrics

from shared.comparing import loading
from shared.comparing.facts import facts_of
from shared.documents.dataset import Dataset
from shared.documents.feature_config import FeatureConfig, FeatureConfigSpec
from shared.documents.model_config import ModelConfig, ModelConfigSpec
from shared.documents.quick_test import Pinned, QuickTest, QuickTestSpec
from shared.jobs import MetricsReport
from shared.models import SpecModel

LAYERS: list[dict[str, Any]] = [
    {"type": "dense", "units": 64, "activation": "relu", "l2_reg": 0.0},
    {"type": "dropout", "rate": 0.2},
    {"type": "batch_norm"},
    {"type": "layer_norm", "epsilon": 1e-6},
    {"type": "dense", "units": 32, "activation": None},
]


def with_layer(number: int, **changed: Any) -> list[dict[str, Any]]:
    return [{**layer, **changed} if n == number else layer for n, layer in enumerate(LAYERS)]


OTHER_LAYERS = [
    with_layer(0, units=65),
    with_layer(0, activation="gelu"),
    with_layer(0, l2_reg=0.001),
    with_layer(1, rate=0.25),
    with_layer(3, epsilon=1e-5),
    with_layer(4, activation="tanh"),
    LAYERS[1:],
    [LAYERS[0], LAYERS[2], LAYERS[1], *LAYERS[3:]],
]
# Everything matters to a model that does both, and searches by ScaNN.
MODEL: dict[str, Any] = {
    "model_type": "multitask",
    "buyer_tower_layers": LAYERS,
    "product_tower_layers": LAYERS,
    "rating_head_layers": [{"type": "dense", "units": 1, "activation": None}],
    "retrieval_algorithm": "scann",
}
OTHER_MODELS: dict[str, list[Any]] = {
    "model_type": ["retrieval", "ranking"],
    "buyer_tower_layers": OTHER_LAYERS,
    "product_tower_layers": OTHER_LAYERS,
    "output_embedding_dim": [64],
    "share_tower_weights": [True],
    "rating_head_layers": [[LAYERS[0], *MODEL["rating_head_layers"]]],
    "loss_function": ["huber"],
    "retrieval_weight": [0.5],
    "ranking_weight": [0.5],
    "optimizer": ["adagrad"],
    "learning_rate": [0.0021],
    "batch_size": [1024],
    "early_stopping_patience": [2],
    "logq_correction": [False],
    "remove_accidental_hits": [False],
    "normalize_embeddings": [False],
    "temperature": [0.11],
    "retrieval_algorithm": ["brute_force"],
    "top_k": [99],
    "scann_num_leaves": [50],
    "scann_leaves_to_search": [9],
    "reranker": [{"candidates": 200}],
}

EMBEDDED: dict[str, Any] = {"column": "city", "type": "string_embedding"}
NUMBER: dict[str, Any] = {
    "column": "price",
    "type": "numeric",
    "transforms": {"bucketize": {"enabled": True}},
}
MOMENT: dict[str, Any] = {"column": "bought_at", "type": "timestamp"}
CROSS: dict[str, Any] = {"features": ["city", "price_bucket"], "hash_bucket_size": 5000}
FEATURES: dict[str, Any] = {
    "dataset_id": "ds",
    "buyer_model_features": [EMBEDDED, NUMBER, MOMENT],
    "product_model_features": [EMBEDDED, NUMBER, MOMENT],
    "buyer_model_crosses": [CROSS],
    "product_model_crosses": [CROSS],
}


def transformed(feature: dict[str, Any], **transforms: Any) -> dict[str, Any]:
    return {**feature, "transforms": {**feature.get("transforms", {}), **transforms}}


OTHER_FEATURES = [
    [NUMBER, MOMENT],
    *(
        [{**EMBEDDED, **changed}, NUMBER, MOMENT]
        for changed in (
            {"embedding_dim": 16},
            {"vocab_settings": {"max_size": 99}},
            {"vocab_settings": {"min_frequency": 4}},
            {"vocab_settings": {"oov_buckets": 9}},
        )
    ),
    *(
        [EMBEDDED, transformed(NUMBER, **changed), MOMENT]
        for changed in (
            {"log_transform": True},
            {"normalize": {"enabled": True, "range": [0, 1]}},
            {"normalize": {"enabled": False}},
            {"bucketize": {"enabled": True, "buckets": 9}},
            {"bucketize": {"enabled": True, "embedding_dim": 9}},
        )
    ),
    *(
        [EMBEDDED, NUMBER, transformed(MOMENT, **changed)]
        for changed in (
            {"normalize": {"enabled": True, "range": [0, 1]}},
            {"normalize": {"enabled": False}},
            {"bucketize": {"enabled": True}},
            *({"cyclical": {c: True}} for c in ("annual", "quarterly", "monthly")),
            *({"cyclical": {c: True}} for c in ("weekly", "daily")),
        )
    ),
]
OTHER_CROSSES = [
    [],
    [{**CROSS, "hash_bucket_size": 999}],
    [{**CROSS, "embedding_dim": 9}],
    [{**CROSS, "features": ["city", "bought_at_bucket"]}],
]
OTHER_FEATURE_CONFIGS: dict[str, list[Any]] = {
    "buyer_model_features": OTHER_FEATURES,
    "product_model_features": OTHER_FEATURES,
    "buyer_model_crosses": OTHER_CROSSES,
    "product_model_crosses": OTHER_CROSSES,
}

# Of so many epochs that a model may stop early.
TEST: dict[str, Any] = {"feature_config_id": "fc", "model_config_id": "mc", "epochs": 5}
OTHER_TESTS: dict[str, list[Any]] = {
    "rating_column": ["price"],
    "data_sample_percent": [12.5],
    "sample_by": ["row"],
    "trained_percent": [25],
    "judged_percent": [50],
    "split": [{"strategy": "random"}, {"holdout_percent": 20}, {"judged_on": "validation"}],
    "seed": [43],
    "training_seed": [7],
    "epochs": [3],
    "batch_size_override": [1024],
    "learning_rate_override": [0.01],
    "leave_out": [[{"tower": "buyer", "column": "city"}]],
    "segment_columns": [["city"]],
    "rule_set_id": ["rs-other"],
    "warm_start_test_id": ["qt-other"],
    "purpose": ["full_training"],
    "early_stopping_patience": [2],
    "runner": ["tfx"],
}
CASES = [
    *(("model", field, value) for field, values in OTHER_MODELS.items() for value in values),
    *(("features", f, value) for f, values in OTHER_FEATURE_CONFIGS.items() for value in values),
    *(("test", field, value) for field, values in OTHER_TESTS.items() for value in values),
]


def told(**changed: dict[str, Any]) -> dict[str, str]:
    """What a test is said to be made of; the configs' names do not give it away."""
    features, model, spec = (
        {**plain, **changed.get(part, {})}
        for part, plain in (("features", FEATURES), ("model", MODEL), ("test", TEST))
    )
    pinned = {
        "feature_config_revision": 1,
        "model_config_revision": 1,
        "dataset_id": "ds",
        "dataset_fingerprint": "v1",
    }
    tested = loading.Tested(
        test=QuickTest(id="qt", name="Try", spec=QuickTestSpec.model_validate(spec)),
        results=MetricsReport.model_validate(metrics(0.2)),
        pinned=Pinned.model_validate(pinned),
        features=FeatureConfig(id="fc", name="F", spec=FeatureConfigSpec.model_validate(features)),
        model=ModelConfig(id="mc", name="M", spec=ModelConfigSpec.model_validate(model)),
        dataset=Dataset.model_validate({"id": "ds", "name": "Shop", "spec": DATASET_SPEC}),
    )
    facts = facts_of([tested])["qt"].values()
    return {fact.key: fact.text for fact in facts if not fact.summary}


@pytest.mark.parametrize(("part", "field", "value"), CASES)
def test_whatever_differs_is_told(part: str, field: str, value: Any) -> None:
    assert told(**{part: {field: value}}) != told()


@pytest.mark.parametrize(
    ("spec", "cases", "elsewhere"),
    [
        (ModelConfigSpec, OTHER_MODELS, set()),
        (FeatureConfigSpec, OTHER_FEATURE_CONFIGS, {"dataset_id"}),  # grouped apart by it
        (
            QuickTestSpec,
            OTHER_TESTS,
            {
                *("feature_config_id", "feature_config_revision"),  # told by the config's name
                *("model_config_id", "model_config_revision"),
                *("source_test_id", "sweep_id", "tuning_id"),  # where it comes from changes nothing
                "champion_test_id",  # another model is measured besides
                "model_name",  # what it is called later changes nothing
                "settings",  # the configs are loaded with them
            },
        ),
    ],
)
def test_no_field_of_a_spec_is_forgotten(
    spec: type[SpecModel], cases: dict[str, list[Any]], elsewhere: set[str]
) -> None:
    assert set(cases) | elsewhere == set(spec.model_fields)
