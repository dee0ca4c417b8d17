"""Configs that mean the same have one hash, others have not."""

from __future__ import annotations

import pytest

from shared.documents.feature_config import FeatureConfigSpec
from shared.documents.model_config import ModelConfigSpec
from shared.rules.config_hash import config_hash

A = {"column": "a", "type": "string_embedding"}
B = {"column": "b", "type": "string_embedding", "embedding_dim": 8}
C = {"column": "c", "type": "string_embedding"}
AB = {"features": ["a", "b"], "hash_bucket_size": 500}
BC = {"features": ["b", "c"], "hash_bucket_size": 500}


def features(**fields) -> str:
    plain = {
        "dataset_id": "ds",
        "buyer_model_features": [A, B, C],
        "buyer_model_crosses": [AB, BC],
        "product_model_features": [A],
    }
    return config_hash(FeatureConfigSpec.model_validate({**plain, **fields}))


@pytest.mark.parametrize(
    "fields",
    [
        {"buyer_model_features": [C, A, B]},
        {"buyer_model_features": [{**A, "embedding_dim": 32}, B, C]},
        {"buyer_model_crosses": [BC, {**AB, "features": ["b", "a"]}]},
        {"product_model_crosses": []},
    ],
)
def test_order_and_spelt_out_defaults_change_nothing(fields):
    assert features(**fields) == features()


@pytest.mark.parametrize(
    "fields",
    [
        {"dataset_id": "other"},
        {"buyer_model_features": [A, B]},
        {"buyer_model_features": [A, {**B, "embedding_dim": 16}, C]},
        {"buyer_model_crosses": [AB]},
        {"buyer_model_crosses": [AB, {**BC, "hash_bucket_size": 600}]},
        {"product_model_features": [B]},
        {
            "buyer_model_features": [A],
            "buyer_model_crosses": [],
            "product_model_features": [A, B, C],
        },
    ],
)
def test_what_changes_the_features_changes_the_hash(fields):
    assert features(**fields) != features()


def test_the_order_of_layers_matters():
    def towers(*layers):
        return config_hash(
            ModelConfigSpec.model_validate(
                {"buyer_tower_layers": layers, "product_tower_layers": layers}
            )
        )

    dense, norm = {"type": "dense", "units": 32}, {"type": "batch_norm"}
    assert towers(dense, norm) != towers(norm, dense)
    assert towers(dense, norm) == towers({**dense, "activation": "relu"}, norm)
