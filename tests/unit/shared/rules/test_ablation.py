"""Columns left out: neither they nor what is made of them reaches a tower."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import datasets, feature_configs

from shared.codegen import generate_preprocessing, plan_features
from shared.documents.feature_config import TOWERS, FeatureConfigSpec
from shared.documents.quick_test import LeftOut
from shared.rules.ablation import check_left_out, single_columns, without
from shared.rules.feature_config import check_feature_config
from shared.rules.tensors import tensor_dims

SPEC: dict[str, Any] = {
    "dataset_id": "ds",
    "buyer_model_features": [
        {"column": "customer", "type": "string_embedding"},
        {"column": "city", "type": "string_embedding"},
        {"column": "price", "type": "numeric", "transforms": {"bucketize": {"enabled": True}}},
    ],
    "buyer_model_crosses": [
        {"features": ["customer", "city"], "hash_bucket_size": 100},
        {"features": ["city", "price_bucket"], "hash_bucket_size": 100},
        {"features": ["customer", "price_bucket"], "hash_bucket_size": 100},
    ],
    "product_model_features": [{"column": "city", "type": "string_embedding"}],
}


def spec(**fields: Any) -> FeatureConfigSpec:
    return FeatureConfigSpec.model_validate({**SPEC, **fields})


def gone(tower: str, column: str) -> LeftOut:
    return LeftOut.model_validate({"tower": tower, "column": column})


def test_a_history_leaves_with_the_column_whose_table_it_shares() -> None:
    history = {"column": "city", "type": "history"}
    product = [{"column": one, "type": "string_embedding"} for one in ("city", "color")]
    customer = {"column": "customer", "type": "string_embedding"}
    both = spec(
        buyer_model_features=[customer, history],
        buyer_model_crosses=[],
        product_model_features=product,
    )
    assert [f.type for f in without(both, [gone("product", "city")]).buyer_model_features] == [
        "string_embedding"
    ]
    assert len(without(both, [gone("product", "color")]).buyer_model_features) == 2
    alone = both.model_copy(update={"buyer_model_features": both.buyer_model_features[1:]})
    assert [(item.tower, item.column) for item in single_columns(alone)] == [("product", "color")]


def crosses(left: FeatureConfigSpec) -> list[list[str]]:
    return [cross.features for cross in left.buyer_model_crosses]


def test_a_column_goes_with_every_cross_that_uses_it_and_from_one_tower_only():
    left = without(spec(), [gone("buyer", "city")])
    assert [f.column for f in left.buyer_model_features] == ["customer", "price"]
    assert crosses(left) == [["customer", "price_bucket"]]
    assert [f.column for f in left.product_model_features] == ["city"]
    assert spec() == FeatureConfigSpec.model_validate(SPEC)


def test_a_cross_of_buckets_goes_with_their_column():
    assert crosses(without(spec(), [gone("buyer", "price")])) == [["customer", "city"]]


def test_a_column_that_is_called_like_buckets_is_its_own():
    named = {"column": "price_bucket", "type": "string_embedding"}
    both = spec(buyer_model_features=[*SPEC["buyer_model_features"], named])
    assert len(without(both, [gone("buyer", "price")]).buyer_model_crosses) == 3
    assert crosses(without(both, [gone("buyer", "price_bucket")])) == [["customer", "city"]]


@pytest.mark.parametrize(
    ("leave_out", "path", "message"),
    [
        (
            [gone("product", "price")],
            "spec.leave_out[0].column",
            "The product tower has no column 'price' to leave out. It has 'city'.",
        ),
        (
            [gone("buyer", "city"), gone("buyer", "City")],
            "spec.leave_out[1].column",
            "The buyer tower has no column 'City' to leave out. It has 'customer', 'city', "
            "'price'.",
        ),
        (
            [gone("product", "city")],
            "spec.leave_out",
            "Nothing is left of the product tower. Keep at least one of its columns.",
        ),
    ],
)
def test_what_cannot_be_left_out_is_said(leave_out, path, message):
    (problem,) = check_left_out(spec(), leave_out)
    assert (problem.path, problem.message, problem.level) == (path, message, "error")


def test_each_column_that_a_tower_can_do_without_is_found():
    found = [(item.tower, item.column) for item in single_columns(spec())]
    assert found == [("buyer", "customer"), ("buyer", "city"), ("buyer", "price")]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_what_is_left_of_a_valid_config_is_valid_and_makes_code_without_the_column(data):
    dataset = data.draw(datasets())
    config = data.draw(feature_configs(dataset))
    for item in single_columns(config.spec):
        assert not list(check_left_out(config.spec, [item]))
        histories = {f.column for f in config.spec.buyer_model_features if f.of_past}
        left = config.model_copy(update={"spec": without(config.spec, [item])})
        faults = check_feature_config(left.spec, dataset)
        assert not [fault for fault in faults if fault.level == "error"]
        assert item.column not in [f.column for f in left.spec.features(item.tower)]
        for tower in TOWERS:
            before, after = (tensor_dims(c.spec, tower).total for c in (config, left))
            loses = tower == item.tower or (item.tower == "product" and item.column in histories)
            assert after < before if loses else after == before
        plan = plan_features(left, dataset)
        tower = plan.buyer if item.tower == "buyer" else plan.product
        assert item.column not in [planned.raw.column for planned in tower.features]
        generate_preprocessing(plan)
