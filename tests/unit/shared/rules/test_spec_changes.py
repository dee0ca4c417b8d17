"""What differs between two specs, in sentences."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scenario import MODEL_SPEC, RULES
from strategies import datasets, feature_configs, model_configs

from shared.documents.dataset import DatasetSpec
from shared.documents.feature_config import FeatureConfigSpec
from shared.documents.model_config import ModelConfigSpec
from shared.documents.rule_set import RuleSetSpec
from shared.documents.schedule import ScheduleSpec
from shared.features import FEATURES
from shared.layers import LAYERS
from shared.rules.settings import SettingInfo, settings_of
from shared.rules.spec_changes import changes_in_words, changes_of_data
from shared.rules_of_lists import FILTERS
from shared.transforms.cross import Cross

LINEAR = {"type": "dense", "units": 32, "activation": None}


def features(buyer: list[dict[str, Any]], **spec: Any) -> FeatureConfigSpec:
    return FeatureConfigSpec.model_validate(
        {"dataset_id": "ds-1", "buyer_model_features": buyer, **spec}
    )


def model(**spec: Any) -> ModelConfigSpec:
    return ModelConfigSpec.model_validate({**MODEL_SPEC, **spec})


def rules(**parts: Any) -> RuleSetSpec:
    return RuleSetSpec.model_validate({"dataset_id": "ds-1", "rules": {**RULES, **parts}})


CITY = {"column": "city", "type": "string_embedding"}
PRICE = {"column": "price", "type": "numeric"}


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (
            features([CITY]),
            features([CITY, {"column": "product", "type": "history"}]),
            ["Buyer tower: history of product (newest 50, half-lives 5 / 20 / 90 days) added"],
        ),
        (
            features([CITY, PRICE]),
            features([{**CITY, "embedding_dim": 64, "vocab_settings": {"min_frequency": 2}}]),
            [
                "Buyer tower, city: embedding dimension 32 → 64, minimum frequency 5 → 2",
                "Buyer tower: price (number, normalized to -1…1) removed",
            ],
        ),
        (
            features([PRICE]),
            features([{**PRICE, "transforms": {"bucketize": {"enabled": True}}}]),
            ["Buyer tower, price: bucketize enabled off → on"],
        ),
        (
            features([CITY]),
            features([{"column": "city", "type": "text"}]),
            [
                "Buyer tower, city: city (embedding 32) → "
                "city (text, words and pairs, first 20, embedding 32, mean)"
            ],
        ),
        (
            features([CITY, PRICE]),
            features([PRICE, CITY]),
            ["Buyer tower: in another order, price, city"],
        ),
        (
            features([CITY]),
            features(
                [CITY],
                buyer_model_crosses=[{"features": ["a", "b"], "hash_bucket_size": 5000}],
            ),
            ["Buyer tower: cross a × b (5,000 buckets, embedding 16) added"],
        ),
        (model(learning_rate=0.01), model(learning_rate=0.001), ["Learning rate 0.01 → 0.001"]),
        (
            model(product_tower_layers=[{"type": "dense", "units": 128}, LINEAR]),
            model(product_tower_layers=[{"type": "dense", "units": 64}, LINEAR]),
            ["Product tower, layer 1: dense 128 → 64"],
        ),
        (
            model(product_tower_layers=[{"type": "dense", "units": 128}, LINEAR]),
            model(
                product_tower_layers=[{"type": "dense", "units": 128}, {"type": "dropout"}, LINEAR]
            ),
            ["Product tower: dropout 0.2 added as layer 2"],
        ),
        (
            model(product_tower_layers=[{"type": "batch_norm"}, LINEAR]),
            model(),
            ["Product tower, layer 1: batch norm removed"],
        ),
        (
            model(),
            model(retrieval_algorithm="scann", share_tower_weights=True),
            ["Shared weights off → on", "Search Brute force → ScaNN"],
        ),
        (
            model(reranker={}),
            model(reranker={"units": [16], "candidates": 100}),
            ["Re-ranker: candidates 300 → 100, units 32 / 32 → 16"],
        ),
        (
            model(),
            model(reranker={}),
            ["Re-ranker added: 300 candidates, 100 popular, 150 item-item, 32–32, fitted to 10%"],
        ),
        (
            rules(),
            rules(filters=[{"type": "range", "column": "price", "max": 30}], caps=[]),
            [
                "Filters, filter 1: price up to 20 → 30",
                "Caps: at most 2 of each department removed",
            ],
        ),
        (
            rules(filters=[{"type": "except", "product_ids": [f"p{n}" for n in range(30)]}]),
            rules(filters=[{"type": "except", "product_ids": [f"p{n}" for n in range(1, 32)]}]),
            ["Filters, filter 1: none of 30 → 31 products"],
        ),
        (
            ScheduleSpec(model_id="rm-1", cron="0 3 * * *"),
            ScheduleSpec(model_id="rm-1", cron="0 4 * * *", enabled=False),
            ["Cron expression 0 3 * * * → 0 4 * * *", "Enabled on → off"],
        ),
        (
            DatasetSpec.model_validate({"source": {"kind": "csv", "uri": "/a.csv"}}),
            DatasetSpec.model_validate(
                {"source": {"kind": "parquet", "uri": "/a.csv"}, "column_mapping": {"a": "role"}}
            ),
            ["Source: kind csv → parquet", "Columns' roles, a: role added"],
        ),
    ],
    ids=lambda value: None if isinstance(value, list) else type(value).__name__,
)
def test_what_differs_is_said(before: Any, after: Any, said: list[str]) -> None:
    assert changes_in_words(before, after) == said


def test_a_list_that_is_long_is_told_by_what_came_and_went() -> None:
    before = rules(filters=[{"type": "except", "product_ids": [f"p{n}" for n in range(30)]}])
    after = rules(filters=[{"type": "except", "product_ids": [f"p{n}" for n in range(1, 31)]}])
    (said,) = changes_in_words(before, after)
    assert "1 added (p30), 1 removed (p0)" in said


def test_what_cannot_be_read_is_told_field_by_field() -> None:
    assert changes_of_data({"epoch": 1, "a": [1]}, {"epoch": 2, "a": [1]}) == ["Epoch 1 → 2"]
    assert changes_of_data("x", {"epoch": 2}) == ["All of it x → epoch: 2"]
    assert changes_of_data({"a": True}, {"a": 1}) == ["Written otherwise; it means the same"]
    assert changes_of_data({"a": 1}, {"a": 1}) == []


def _other(setting: SettingInfo, value: Any) -> Any:
    """Another value that a setting may have."""
    choices = setting.choices or [one.value for one in setting.options]
    if choices:
        return next(one for one in choices if one != value)
    if setting.type == "boolean":
        return not value
    if setting.type in ("integer", "number"):
        low = setting.minimum if setting.minimum is not None else (setting.above or 0) + 1
        candidates = [low, setting.maximum, low + 1]
        return next(one for one in candidates if one is not None and one != value)
    if setting.type == "array":
        texts = not value or isinstance(value[0], str)
        return [*(value or []), "x"] if texts else value[:-1] or [*value, *value]
    return f"{value or ''}x"


def _at(data: dict[str, Any], path: str) -> tuple[dict[str, Any], str]:
    *parts, last = path.split(".")
    for part in parts:
        data = data[part]
    return data, last


KINDS = [*FEATURES.values(), *LAYERS.values(), *FILTERS.values(), Cross]
SETTINGS = [(kind, setting) for kind in KINDS for setting in settings_of(kind)]


def _placed(kind: Any, item: dict[str, Any]) -> Any:
    """A spec that has it in a list."""
    if kind is Cross:
        return features([], buyer_model_crosses=[item])
    if kind in FEATURES.values():
        return features([item])
    if kind in LAYERS.values():
        return model(buyer_tower_layers=[item, LINEAR])
    return rules(filters=[item])


@pytest.mark.parametrize(
    ("kind", "setting"), SETTINGS, ids=lambda one: getattr(one, "name", None) or one.__name__
)
def test_every_setting_of_every_kind_makes_one_sentence(kind: Any, setting: SettingInfo) -> None:
    """Of each kind that there is: a new one has its settings here by being a file."""
    usual = {"column": "price", "values": ["a"], "product_ids": ["p"], "days": 3, "max": 20}
    fields = {name: usual[name] for name in kind.model_fields if name in usual}
    example = {**fields, **getattr(kind, "example", {})}
    before = kind.model_validate(example).model_dump(mode="json")
    after = kind.model_validate(example).model_dump(mode="json")
    holder, name = _at(after, setting.name)
    holder[name] = _other(setting, holder[name])
    one, other = _placed(kind, before), _placed(kind, after)
    said = changes_in_words(one, other)
    has_key = kind.model_validate(before).item_key is not None
    keyed = has_key and setting.name in ("column", "features")  # then it is another item
    assert len(said) == (2 if keyed else 1)
    assert all(sentence.count("\n") == 0 and "→" in sentence for sentence in said) or keyed
    assert changes_in_words(other, one) != said


@st.composite
def _pairs(draw: st.DrawFn) -> tuple[Any, Any]:
    if draw(st.booleans()):
        return draw(model_configs()).spec, draw(model_configs()).spec
    dataset = draw(datasets())
    return draw(feature_configs(dataset)).spec, draw(feature_configs(dataset)).spec


@given(_pairs())
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_what_differs_has_a_sentence_and_what_is_equal_none(pair: tuple[Any, Any]) -> None:
    one, other = pair
    said = changes_in_words(one, other)
    assert bool(said) == (one.model_dump(mode="json") != other.model_dump(mode="json"))
    assert len(set(said)) == len(said)
    assert all(sentence.isprintable() for sentence in said)
    for spec in pair:
        again = type(spec).model_validate(spec.model_dump(mode="json"))
        assert changes_in_words(spec, again) == []


@given(model_configs(), st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_one_field_that_differs_is_named_alone(config: Any, data: st.DataObject) -> None:
    other = data.draw(model_configs()).spec
    field = data.draw(st.sampled_from(sorted(ModelConfigSpec.model_fields)))
    before = config.spec
    after = before.model_copy(update={field: getattr(other, field)})
    differs = before.model_dump(mode="json") != after.model_dump(mode="json")
    assert bool(changes_in_words(before, after)) == differs
    if differs and not isinstance(getattr(before, field), list):
        assert len(changes_in_words(before, after)) == 1
