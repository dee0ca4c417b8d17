"""What is said of a feature config that does not fit its dataset."""

from __future__ import annotations

import pytest
from scenario import known_dataset

from shared.columns import Column, ColumnStatistics, ColumnType
from shared.documents.dataset import Dataset
from shared.documents.feature_config import FeatureConfigSpec
from shared.rules.feature_config import check_feature_config
from shared.rules.tensors import tensor_dims

CUSTOMER = {"column": "customer", "type": "string_embedding"}
PRODUCT = {"column": "product", "type": "string_embedding"}
PRICE_BUCKETS = {
    "column": "price",
    "type": "numeric",
    "transforms": {"bucketize": {"enabled": True, "buckets": 10, "embedding_dim": 8}},
}


def spec(buyer=None, product=None, **crosses) -> FeatureConfigSpec:
    return FeatureConfigSpec.model_validate(
        {
            "dataset_id": "ds",
            "buyer_model_features": [CUSTOMER] if buyer is None else buyer,
            "product_model_features": [PRODUCT] if product is None else product,
            **crosses,
        }
    )


def cross(*features: str) -> dict:
    return {"features": list(features), "hash_bucket_size": 1000}


NO_TRANSFORM = {
    "normalize": {"enabled": False, "range": [-1, 1]},
    "bucketize": {"enabled": False, "buckets": 100, "embedding_dim": 32},
}
BAD = {
    "a column that is not there": (
        spec(product=[PRODUCT, {"column": "departmnt", "type": "string_embedding"}]),
        "spec.product_model_features[1].column",
        "unknown_column",
        "The dataset has no column 'departmnt'. Did you mean 'department'?",
        "departmnt",
    ),
    "text as a number": (
        spec(buyer=[CUSTOMER, {"column": "city", "type": "numeric"}]),
        "spec.buyer_model_features[1].type",
        "column_type",
        "Column 'city' is STRING; numeric takes INTEGER or FLOAT. Use string_embedding, text, "
        "list or vector.",
        "numeric",
    ),
    "a fraction as a category": (
        spec(product=[PRODUCT, {"column": "price", "type": "string_embedding"}]),
        "spec.product_model_features[1].type",
        "column_type",
        "Column 'price' is FLOAT; string_embedding takes STRING, INTEGER or BOOLEAN. Use numeric.",
        "string_embedding",
    ),
    "a number as a timestamp": (
        spec(buyer=[CUSTOMER, {"column": "product", "type": "timestamp"}], product=[PRODUCT]),
        "spec.buyer_model_features[1].type",
        "column_type",
        "Column 'product' is INTEGER; timestamp takes TIMESTAMP. Use string_embedding or numeric.",
        "timestamp",
    ),
    "an empty tower": (
        spec(buyer=[]),
        "spec.buyer_model_features",
        "empty_tower",
        "The buyer tower has no features. Give it at least one column.",
        [],
    ),
    "a feature twice": (
        spec(buyer=[CUSTOMER, CUSTOMER]),
        "spec.buyer_model_features[1].column",
        "duplicate_feature",
        "Column 'customer' is in the buyer tower twice. Keep one feature and enable all "
        "transforms on it.",
        "customer",
    ),
    "a number without a transform": (
        spec(
            product=[
                PRODUCT,
                {
                    "column": "price",
                    "type": "numeric",
                    "transforms": {"normalize": {"enabled": False}, "log_transform": True},
                },
            ]
        ),
        "spec.product_model_features[1].transforms",
        "no_transform",
        "Feature 'price' has no transform that feeds the tower. Enable normalize or bucketize, "
        "or remove the feature.",
        {**NO_TRANSFORM, "log_transform": True},
    ),
    "a timestamp without a transform": (
        spec(
            buyer=[
                CUSTOMER,
                {
                    "column": "bought_at",
                    "type": "timestamp",
                    "transforms": {"normalize": {"enabled": False}},
                },
            ]
        ),
        "spec.buyer_model_features[1].transforms",
        "no_transform",
        "Feature 'bought_at' has no transform that feeds the tower. Enable normalize, bucketize "
        "or a cycle, or remove the feature.",
        {
            **NO_TRANSFORM,
            "cyclical": dict.fromkeys(("annual", "quarterly", "monthly", "weekly", "daily"), False),
        },
    ),
    "a cross with a stranger": (
        spec(buyer_model_crosses=[cross("customer", "department")]),
        "spec.buyer_model_crosses[0].features[1]",
        "cross_feature",
        "The buyer tower has no feature 'department'. A cross takes its string_embedding columns, "
        "and '<column>_bucket' for its bucketised numbers and timestamps.",
        "department",
    ),
    "a cross with a number": (
        spec(product=[PRODUCT, PRICE_BUCKETS], product_model_crosses=[cross("product", "price")]),
        "spec.product_model_crosses[0].features[1]",
        "cross_feature",
        "'price' is a numeric feature; a cross takes its buckets. Enable bucketize on it and "
        "write 'price_bucket'.",
        "price",
    ),
    "a cross with buckets that are not made": (
        spec(
            product=[PRODUCT, {"column": "price", "type": "numeric"}],
            product_model_crosses=[cross("product", "price_bucket")],
        ),
        "spec.product_model_crosses[0].features[1]",
        "cross_feature",
        "'price_bucket' needs buckets: enable bucketize on 'price' in the product tower.",
        "price_bucket",
    ),
    "a cross with itself": (
        spec(buyer_model_crosses=[cross("customer", "customer")]),
        "spec.buyer_model_crosses[0].features",
        "cross_repeats_feature",
        "A cross combines 2 or 3 different features.",
        ["customer", "customer"],
    ),
    "a cross twice": (
        spec(
            product=[PRODUCT, PRICE_BUCKETS],
            product_model_crosses=[
                cross("product", "price_bucket"),
                cross("price_bucket", "product"),
            ],
        ),
        "spec.product_model_crosses[1].features",
        "duplicate_cross",
        "The product tower crosses price_bucket × product twice. Keep one of them.",
        ["price_bucket", "product"],
    ),
}
DOUBTFUL = {
    "the product's id is missing": (
        spec(product=[{"column": "department", "type": "string_embedding", "embedding_dim": 8}]),
        "spec.product_model_features",
        "no_product_id",
        "The product tower lacks 'product', the product_id: it cannot tell apart two products "
        "with equal attributes.",
    ),
    "a column in both towers": (
        spec(
            buyer=[CUSTOMER, {"column": "department", "type": "string_embedding"}],
            product=[
                PRODUCT,
                {"column": "department", "type": "string_embedding", "embedding_dim": 8},
            ],
        ),
        "spec.product_model_features[1].column",
        "column_in_both_towers",
        "Column 'department' is in both towers. Each tower can then read the answer off the "
        "other's input; keep it where it is known when recommending.",
    ),
    "an embedding wider than its vocabulary": (
        spec(
            product=[
                PRODUCT,
                {"column": "organic", "type": "string_embedding", "embedding_dim": 16},
            ]
        ),
        "spec.product_model_features[1].embedding_dim",
        "wide_embedding",
        "An embedding 16 wide for the 2 values of 'organic' is wider than its vocabulary. "
        "8 or less is enough.",
    ),
    "what is known only after the purchase": (
        spec(buyer=[CUSTOMER, {"column": "revenue", "type": "numeric"}]),
        "spec.buyer_model_features[1].column",
        "known_after_purchase",
        "Column 'revenue' is the revenue of the purchase itself, which is unknown when "
        "recommending. Metrics will look better than they are.",
    ),
}


@pytest.mark.parametrize(("spec", "path", "code", "message", "received"), BAD.values(), ids=BAD)
def test_names_the_field_what_was_received_and_what_would_be_right(
    spec, path, code, message, received
):
    found = check_feature_config(spec, known_dataset())
    (problem,) = [problem for problem in found if problem.level == "error"]
    assert (problem.path, problem.code) == (path, code)
    assert problem.message == message
    assert problem.received == received


@pytest.mark.parametrize(("spec", "path", "code", "message"), DOUBTFUL.values(), ids=DOUBTFUL)
def test_warns_of_what_is_allowed_but_seldom_meant(spec, path, code, message):
    found = check_feature_config(spec, known_dataset())
    assert [p for p in found if p.level == "error"] == []
    (problem,) = [problem for problem in found if problem.code == code]
    assert (problem.level, problem.path, problem.message) == ("warning", path, message)


def test_has_nothing_to_say_about_a_sound_config():
    sound = spec(
        product=[PRODUCT, PRICE_BUCKETS], product_model_crosses=[cross("product", "price_bucket")]
    )
    assert check_feature_config(sound, known_dataset()) == []


@pytest.mark.parametrize("name", ["product", "price_bucket", "price", "x_bucket", "nope"])
def test_accepts_in_a_cross_exactly_what_the_generator_can_cross(name):
    features = [
        PRODUCT,
        PRICE_BUCKETS,
        {"column": "department", "type": "string_embedding", "embedding_dim": 8},
    ]
    checked = spec(product=features, product_model_crosses=[cross("department", name)])
    generates = checked.crossed("product", name) is not None
    assert (check_feature_config(checked, known_dataset()) == []) is generates


def test_shows_the_width_of_a_tower_by_its_parts():
    wide = spec(
        buyer=[
            CUSTOMER,
            {
                "column": "bought_at",
                "type": "timestamp",
                "transforms": {"cyclical": {"weekly": True, "daily": True}},
            },
        ],
        product=[PRODUCT, PRICE_BUCKETS],
        product_model_crosses=[cross("product", "price_bucket")],
    )
    buyer, product = tensor_dims(wide, "buyer"), tensor_dims(wide, "product")
    assert [(part.name, part.dim) for part in buyer.breakdown] == [
        ("customer", 32),
        ("bought_at_norm", 1),
        ("bought_at_cyclical", 4),
    ]
    assert buyer.total == 37
    assert [(part.name, part.dim) for part in product.breakdown] == [
        ("product", 32),
        ("price_norm", 1),
        ("price_bucket", 8),
        ("product × price_bucket", 16),
    ]
    assert product.total == 57


def history(**fields) -> dict:
    return {"column": "product", "type": "history", **fields}


BAD_HISTORIES = {
    "in the product tower": (
        spec(product=[PRODUCT, history()]),
        "spec.product_model_features[1].type",
        "history_of_product",
        "A history is of the customer: put it into the buyer tower.",
    ),
    "of a column of the customers": (
        spec(buyer=[CUSTOMER, history(column="city")]),
        "spec.buyer_model_features[1].column",
        "history_column",
        "A history is of a column that the product tower embeds. Those are 'product'.",
    ),
    "of what the product tower does not embed": (
        spec(buyer=[CUSTOMER, history()], product=[{"column": "price", "type": "numeric"}]),
        "spec.buyer_model_features[1].column",
        "history_column",
        "It embeds none: add the product's id to it as string_embedding.",
    ),
    "of another width": (
        spec(buyer=[CUSTOMER, history(embedding_dim=16)]),
        "spec.buyer_model_features[1].embedding_dim",
        "history_width",
        "shares the product tower's table, which is 32 wide. Set embedding_dim to 32, or own_table "
        "to true.",
    ),
}


@pytest.mark.parametrize("case", BAD_HISTORIES)
def test_a_history_is_of_what_the_product_tower_embeds(case: str) -> None:
    config, path, code, message = BAD_HISTORIES[case]
    (found,) = [one for one in check_feature_config(config, known_dataset()) if one.code == code]
    assert (found.path, found.level) == (path, "error")
    assert message in found.message


def test_a_history_with_a_table_of_its_own_is_as_wide_as_it_likes() -> None:
    own = spec(buyer=[CUSTOMER, history(embedding_dim=16, own_table=True)])
    assert "history_width" not in {one.code for one in check_feature_config(own, known_dataset())}


SINCE = {"column": "signed_up", "type": "days_since"}


def with_columns(**columns: ColumnStatistics | None) -> Dataset:
    """The dataset, with more columns: of text, or of times where nothing is known of them."""
    dataset = known_dataset()
    for name, statistics in columns.items():
        kind = ColumnType.TIMESTAMP if statistics is None else ColumnType.STRING
        dataset.status.columns.append(Column(name=name, type=kind, statistics=statistics))
    return dataset


def test_days_are_counted_from_dates_of_customers_to_their_purchases() -> None:
    dataset = with_columns(signed_up=None)
    assert not check_feature_config(spec(buyer=[CUSTOMER, SINCE]), dataset)
    (found,) = check_feature_config(spec(product=[PRODUCT, SINCE]), dataset)
    assert (found.path, found.code) == (
        "spec.product_model_features[1].type",
        "days_since_of_product",
    )
    mapping = dataset.spec.column_mapping
    dataset.spec.column_mapping = {c: r for c, r in mapping.items() if r != "transaction_date"}
    (found,) = check_feature_config(spec(buyer=[CUSTOMER, SINCE]), dataset)
    assert found.code == "days_since_without_time"


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        (3, None),
        (None, None),
        (4, "holds no vectors of 3 numbers, by its samples. They have 4 numbers: set dimensions"),
        (0, "It holds texts. Use string_embedding, text or list."),
    ],
)
def test_vectors_have_as_many_numbers_as_is_said(numbers: int | None, message: str | None) -> None:
    statistics = ColumnStatistics(
        unique_count=9, null_count=0, samples=["red shoes"], numbers=numbers
    )
    dataset = with_columns(image=statistics)
    vector = {"column": "image", "type": "vector", "dimensions": 3}
    found = check_feature_config(spec(product=[PRODUCT, vector]), dataset)
    assert [message is not None and message in one.message for one in found] == (
        [] if message is None else [True]
    )


def test_a_history_needs_to_know_what_was_bought_before_what() -> None:
    dataset = known_dataset()
    dataset.spec.column_mapping = {
        column: role
        for column, role in dataset.spec.column_mapping.items()
        if role != "transaction_date"
    }
    (found,) = check_feature_config(spec(buyer=[CUSTOMER, history()]), dataset)
    assert (found.path, found.code) == ("spec.buyer_model_features[1]", "history_without_time")
    assert "Give a column of the dataset the role transaction_date" in found.message


@pytest.mark.parametrize("length", [0, -1, 501])
def test_a_history_has_a_length_within_its_bounds(length: int) -> None:
    with pytest.raises(ValueError, match="length") as error:
        spec(buyer=[CUSTOMER, history(length=length)])
    assert "greater than or equal to 1" in str(error.value) or length == 501
