"""How many parameters a model has, counted by hand and by independent sums."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from scenario import COLUMNS, known_dataset
from strategies import datasets, feature_configs, model_configs

from shared.codegen import plan_features
from shared.documents.feature_config import FeatureConfigSpec
from shared.documents.model_config import ModelConfigSpec
from shared.jobs import VocabularyReport
from shared.problems import errors
from shared.rules.feature_config import check_feature_config
from shared.rules.parameters import count_layer_parameters, count_parameters, vocabulary_sizes
from shared.rules.tensors import tensor_dims

FEATURES = FeatureConfigSpec.model_validate(
    {
        "dataset_id": "ds",
        "buyer_model_features": [
            {"column": "customer", "type": "string_embedding", "embedding_dim": 8},
            {"column": "city", "type": "string_embedding", "embedding_dim": 4},
        ],
        "buyer_model_crosses": [
            {"features": ["customer", "city"], "hash_bucket_size": 500, "embedding_dim": 4}
        ],
        "product_model_features": [
            {
                "column": "product",
                "type": "string_embedding",
                "embedding_dim": 12,
                "vocab_settings": {"max_size": 300, "oov_buckets": 3},
            },
            {
                "column": "price",
                "type": "numeric",
                "transforms": {
                    "normalize": {"enabled": True},
                    "bucketize": {"enabled": True, "buckets": 9, "embedding_dim": 4},
                },
            },
        ],
    }
)
SIZES = {("buyer", "customer"): 100, ("buyer", "city"): 20, ("product", "product"): 200}


def model(**fields) -> ModelConfigSpec:
    layers = [
        {"type": "dense", "units": 10},
        {"type": "batch_norm"},
        {"type": "layer_norm"},
        {"type": "dropout"},
        {"type": "dense", "units": 8, "activation": None},
    ]
    return ModelConfigSpec.model_validate(
        {"buyer_tower_layers": layers, "product_tower_layers": layers[-1:], **fields}
    )


def test_counts_embeddings_layers_and_what_is_not_trained():
    found = count_parameters(model(), FEATURES, SIZES)
    tables = {(t.name, t.rows, t.dim, t.parameters) for t in found.buyer_tower.embeddings}
    assert tables == {
        ("customer", 110, 8, 880),  # 10 rows for what is not in the vocabulary
        ("city", 30, 4, 120),
        ("customer × city", 500, 4, 2_000),
    }
    assert [
        (layer.type, layer.trainable, layer.non_trainable) for layer in found.buyer_tower.layers
    ] == [
        ("dense", 16 * 10 + 10, 0),
        ("batch_norm", 20, 20),
        ("layer_norm", 20, 0),
        ("dropout", 0, 0),
        ("dense", 10 * 8 + 8, 0),
    ]
    assert found.buyer_tower.trainable == 3_000 + 170 + 20 + 20 + 88
    assert found.buyer_tower.non_trainable == 20
    tables = {(t.name, t.rows, t.dim) for t in found.product_tower.embeddings}
    assert tables == {("product", 203, 12), ("price_bucket", 10, 4)}
    assert found.product_tower.input_width == 12 + 1 + 4
    assert found.product_tower.total == 203 * 12 + 40 + 17 * 8 + 8
    assert found.total == found.buyer_tower.total + found.product_tower.total
    assert (found.rating_head, found.estimated) == (None, False)


def test_a_rating_head_reads_both_embeddings():
    head = [{"type": "dense", "units": 4}, {"type": "dense", "units": 1, "activation": None}]
    found = count_parameters(
        model(model_type="multitask", rating_head_layers=head), FEATURES, SIZES
    )
    assert found.rating_head is not None
    assert found.rating_head.input_width == 16
    assert found.rating_head.total == 16 * 4 + 4 + 4 + 1
    parts = (found.buyer_tower, found.product_tower, found.rating_head)
    assert found.total == sum(part.total for part in parts)
    unused = count_parameters(model(rating_head_layers=head), FEATURES, SIZES)
    assert unused.rating_head is None


def test_layers_that_both_towers_share_count_once():
    layers = [{"type": "dense", "units": 8}, {"type": "batch_norm"}]
    towers = {"buyer_tower_layers": layers, "product_tower_layers": layers}
    shared = count_layer_parameters(model(**towers, share_tower_weights=True), 16, 16)
    alone = count_layer_parameters(model(**towers), 16, 16)
    one = 16 * 8 + 8 + 16
    assert (shared.trainable, shared.non_trainable) == (one, 16)
    assert (alone.trainable, alone.non_trainable) == (2 * one, 32)
    assert shared.product_tower.total == alone.product_tower.total


def test_vocabularies_are_estimated_before_a_test():
    def rows(dataset, vocabularies=None):
        found = count_parameters(model(), FEATURES, vocabularies, dataset)
        tables = [*found.buyer_tower.embeddings, *found.product_tower.embeddings]
        estimated = {table.name for table in tables if table.estimated}
        assert found.estimated == bool(estimated)
        return {table.name: table.rows for table in tables}, estimated

    found, estimated = rows(known_dataset())
    assert estimated == {"customer", "city", "product"}
    assert (found["customer"], found["city"], found["product"]) == (2_010, 70, 303)
    found, _ = rows(known_dataset(rows=1_000))  # 200 values at most are there five times
    assert found["customer"] == 210
    found, _ = rows(None)
    assert (found["customer"], found["product"]) == (100_010, 303)
    bare = [item.model_copy(update={"statistics": None}) for item in COLUMNS]
    assert rows(known_dataset(bare, rows=None))[0] == found
    _, estimated = rows(known_dataset(), {("buyer", "customer"): 7})
    assert estimated == {"city", "product"}


def test_sizes_come_from_a_tests_report():
    report = VocabularyReport(
        key="buyer_customer", column="customer", tower="buyer", vocabulary_size=7, oov_rate=0.1
    )
    assert vocabulary_sizes([report]) == {("buyer", "customer"): 7}


@st.composite
def documents(draw):
    dataset = draw(datasets())
    return dataset, draw(feature_configs(dataset))


@settings(max_examples=40)
@given(documents(), model_configs())
def test_dimensions_and_embeddings_are_those_of_the_generated_code(drawn, model_config):
    dataset, config = drawn
    assert errors(check_feature_config(config.spec, dataset)) == []
    plan = plan_features(config, dataset)
    sizes = {(t, f.column): 5 for t in ("buyer", "product") for f in config.spec.features(t)}
    found = count_parameters(model_config.spec, config.spec, sizes)
    for tower, part in zip(plan.towers, (found.buyer_tower, found.product_tower), strict=True):
        dims = tensor_dims(config.spec, tower.tower)
        assert dims.total == sum(item.dim for item in dims.breakdown) == tower.width
        assert part.input_width == tower.width
        tables = [
            (size, output.dim)
            for one in tower.parts
            for output in one.outputs
            if (size := _rows(one, output, plan)) is not None
        ]
        assert [(table.rows, table.dim) for table in part.embeddings] == tables
    assert found.total == found.trainable + found.non_trainable


def _rows(one, output, plan) -> int | None:
    """Of the table that an output has for itself, where vocabularies have 5 values."""
    if output.array is not None:
        return output.array.length if output.array.projected else None
    if output.pool is not None:
        if not output.pool.own_table:
            return None
        output = plan.product.embedding_of(one.raw.column)
    if not output.embedded:
        return None
    return (5 if output.rows is None else output.rows) + output.oov_buckets
