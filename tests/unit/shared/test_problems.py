"""How findings about a document are told."""

from __future__ import annotations

import pytest

from shared.documents.base import parse, read_status, spec_hash
from shared.documents.feature_config import FeatureConfig, FeatureConfigStatus
from shared.documents.model_config import LAYER_TAGS, ModelConfig
from shared.features import FEATURE_TAGS
from shared.problems import InvalidError, path_of, shorten


def problems(kind, data, tags):
    with pytest.raises(InvalidError) as caught:
        parse(kind, "x", data, tags)
    return [(p.path, p.code, p.message, p.received) for p in caught.value.problems]


def model(**fields):
    out = {"type": "dense", "units": 32}
    return {
        "name": "m",
        "spec": {"buyer_tower_layers": [out], "product_tower_layers": [out], **fields},
    }


BAD = {
    "an unknown layer": (
        ModelConfig,
        model(buyer_tower_layers=[{"type": "lstm"}]),
        LAYER_TAGS,
        "spec.buyer_tower_layers[0]",
        "union_tag_invalid",
        "Input tag 'lstm' found using 'type' does not match any of the expected tags: "
        "'dense', 'dropout', 'batch_norm', 'layer_norm'.",
        "{'type': 'lstm'}",
    ),
    "units 0": (
        ModelConfig,
        model(product_tower_layers=[{"type": "dense", "units": 0}]),
        LAYER_TAGS,
        "spec.product_tower_layers[0].units",
        "greater_than_equal",
        "Input should be greater than or equal to 1.",
        0,
    ),
    "a field that nobody knows": (
        ModelConfig,
        model(epochs=3),
        LAYER_TAGS,
        "spec.epochs",
        "extra_forbidden",
        "There is no such field in this version of Recsmith. Check its spelling, or leave it out.",
        3,
    ),
    "an embedding too narrow": (
        FeatureConfig,
        {
            "name": "f",
            "spec": {
                "dataset_id": "ds",
                "buyer_model_features": [
                    {"column": "a", "type": "string_embedding", "embedding_dim": 2}
                ],
            },
        },
        FEATURE_TAGS,
        "spec.buyer_model_features[0].embedding_dim",
        "greater_than_equal",
        "Input should be greater than or equal to 4.",
        2,
    ),
    "no spec": (
        FeatureConfig,
        {"name": "f"},
        FEATURE_TAGS,
        "spec",
        "missing",
        "Field required.",
        None,
    ),
    "no object": (
        FeatureConfig,
        ["f"],
        FEATURE_TAGS,
        "",
        "not_an_object",
        "A document is an object.",
        None,
    ),
}


@pytest.mark.parametrize(
    ("kind", "data", "tags", "path", "code", "message", "received"), BAD.values(), ids=BAD
)
def test_paths_are_the_documents_own(kind, data, tags, path, code, message, received):
    assert problems(kind, data, tags) == [(path, code, message, received)]


def test_one_look_reports_everything():
    found = problems(ModelConfig, model(top_k=0, batch_size=1, optimizer="magic"), LAYER_TAGS)
    assert [path for path, *_ in found] == ["spec.top_k", "spec.optimizer", "spec.batch_size"]


def test_long_values_are_not_repeated_whole():
    assert shorten("x" * 300) == "x" * 200 + "…"
    assert shorten(7) == 7
    assert shorten({"a": 1}) == "{'a': 1}"


def test_paths_name_fields_and_positions():
    assert path_of("spec", ("features", 0, "column")) == "spec.features[0].column"
    assert path_of("", ("name",)) == "name"


@pytest.mark.parametrize(
    "garbage", [None, 3, "x", [], {"validation": 7}, {"observed": {"revision": "x"}}]
)
def test_an_unreadable_status_counts_as_none(garbage):
    assert read_status(FeatureConfigStatus, {"status": garbage}) == FeatureConfigStatus()


def test_a_hash_tells_meanings_apart_not_spellings():
    assert spec_hash({"a": 1, "b": [2.0]}) == spec_hash({"b": [2], "a": 1.0})
    assert spec_hash({"a": 1}) != spec_hash({"a": "1"})
    assert spec_hash({"a": None}) != spec_hash({})
    assert spec_hash(None) != spec_hash({})


@pytest.mark.parametrize(
    ("received", "shown"),
    [
        ("http://me:hush@host/x", "http://…@host/x"),
        ("postgresql://me:hu/sh@p@host/db", "postgresql://…@host/db"),
        ("s3://shop/rows.csv?X-Amz-Signature=hush&a=b", "s3://shop/rows.csv?…"),
        ({"uri": "https://host/x?sig=hush"}, "{'uri': 'https://host/x?…'}"),
        ("http://me:" + "hush" * 200 + "@host", "http://…@host"),
        ("/data/part-?.csv", "/data/part-?.csv"),
    ],
)
def test_what_an_address_carries_to_be_let_in_is_not_repeated(received, shown):
    assert shorten(received) == shown
