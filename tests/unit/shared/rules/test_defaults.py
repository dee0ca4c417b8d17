"""The feature config that a dataset suggests."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scenario import COLUMNS, column, known_dataset

from shared.columns import ColumnType
from shared.features import StringEmbedding
from shared.rules.defaults import embedding_recommendations, smart_defaults
from shared.rules.feature_config import check_feature_config
from shared.rules.starting_points import TEMPLATES
from shared.transforms.vocabulary import embedding_dim


def defaults(*columns, **mapping):
    dataset = known_dataset([*COLUMNS[:2], *columns])
    dataset.spec.column_mapping = {
        "customer": "customer_id",
        "product": "product_id",
        **mapping,
    }
    spec = smart_defaults(dataset)
    assert [p for p in check_feature_config(spec, dataset) if p.level == "error"] == []
    return {
        feature.column: feature
        for feature in (*spec.buyer_model_features[1:], *spec.product_model_features[1:])
    }


@pytest.mark.parametrize(
    ("cardinality", "dim"),
    [(0, 8), (49, 8), (50, 16), (499, 16), (500, 32), (5_000, 64), (50_000, 96), (500_000, 128)],
)
def test_wider_embeddings_for_more_values(cardinality, dim):
    assert embedding_dim(cardinality) == dim


def test_the_whole_shop():
    dataset = known_dataset()
    spec = smart_defaults(dataset)
    assert spec.dataset_id == "ds"
    assert [f.column for f in spec.buyer_model_features] == [
        "customer",
        "bought_at",
        "city",
        "product",
    ]
    history = spec.buyer_model_features[-1]
    assert (history.type, history.embedding_dim) == ("history", 64)
    assert [f.column for f in spec.product_model_features] == [
        "product",
        "title",
        "department",
        "price",
        "organic",
    ]
    assert spec.product_model_features[1].type == "text"
    assert check_feature_config(spec, dataset) == []
    (cross,) = spec.buyer_model_crosses
    assert (cross.features, cross.hash_bucket_size) == (["customer", "city"], 5_000)
    assert spec.product_model_crosses == []


def test_ids_come_first_and_rare_customers_keep_a_row_of_their_own():
    customer, product = (
        features[0]
        for features in (
            smart_defaults(known_dataset()).buyer_model_features,
            smart_defaults(known_dataset()).product_model_features,
        )
    )
    assert isinstance(customer, StringEmbedding)
    assert isinstance(product, StringEmbedding)
    assert (customer.embedding_dim, customer.vocab_settings.min_frequency) == (64, 1)
    assert (product.embedding_dim, product.vocab_settings.min_frequency) == (64, 5)
    assert product.vocab_settings.max_size == 10_000


def test_many_customers_need_several_purchases_each():
    dataset = known_dataset([column("customer", "STRING", 60_000), *COLUMNS[1:]])
    customer = smart_defaults(dataset).buyer_model_features[0]
    assert isinstance(customer, StringEmbedding)
    assert customer.vocab_settings.min_frequency == 5


@pytest.mark.parametrize(
    ("left_out", "role"),
    [
        (column("ean", "STRING", 4_100), "product_ean"),  # over 80 % of 5,000 products
        (column("sku", "INTEGER", 5_000), "product_sku"),
        (column("email", "STRING", 1_990), "customer_email"),
        (column("shop", "STRING", 1), "category"),
        (column("empty", "FLOAT", 0), "product_weight"),
        (column("paid", "FLOAT", 900), "revenue"),
        (column("units", "INTEGER", 9), "quantity"),
        (column("when", "TIMESTAMP", 1), "transaction_date"),
        (column("user_rating", "INTEGER", 5), "rating"),
    ],
)
def test_leaves_out_what_would_mislead(left_out, role):
    assert left_out.name not in defaults(left_out, **{left_out.name: role})


def test_leaves_out_columns_without_a_role():
    assert defaults(column("department", "STRING", 30)) == {}


def test_an_attribute_that_many_products_share_stays_in():
    assert "line" in defaults(column("line", "STRING", 3_900), line="product_line")


@pytest.mark.parametrize(
    ("samples", "role", "kind"),
    [
        (["Oats", "Milk"], "product_name", "text"),
        (["Whole milk, 1 l", "Oats, rolled"], "product_description", "text"),
        (["B07XYZ", "B08ABC"], "product_asin", None),
        (["Drama|Comedy", "Drama", "War|Drama"], "product_genres", "list"),
        (["Drama;Comedy", "War; Drama"], "product_genres", "list"),
        (["Milk, butter", "Eggs, cheese"], "product_group", "text"),
        ([], "product_note", None),
    ],
)
def test_words_and_lists_are_told_by_their_values(samples, role, kind):
    """Of a column that differs for nearly every product."""
    found = defaults(column("what", "STRING", 4_900, samples=samples), what=role)
    assert (found["what"].type if found else None) == kind


def test_vectors_are_told_by_their_numbers_and_wide_ones_are_projected():
    for numbers, projection in ((16, 0), (384, 64)):
        vectors = column("image", "STRING", 4_900, samples=["0.1 0.2 0."], numbers=numbers)
        found = defaults(vectors, image="product_image")["image"]
        assert (found.type, found.dimensions, found.projection) == ("vector", numbers, projection)
    place = column("place", "STRING", 40, samples=["1.5 48.1"], numbers=2)
    assert defaults(place, place="product_place")["place"].type != "vector"


def test_dates_of_customers_are_counted_in_days_to_the_purchase():
    joined = column("joined", "TIMESTAMP", 900)
    when = column("when", "TIMESTAMP", 900)
    assert defaults(joined, joined="customer_joined")["joined"].type == "timestamp"
    found = defaults(joined, when, joined="customer_joined", when="transaction_date")
    assert found["joined"].type == "days_since"


def test_a_list_is_split_at_its_own_delimiter():
    found = defaults(column("tags", "STRING", 40, samples=["a;b", "b; c"]), tags="product_tags")
    assert found["tags"].delimiter == ";"


@pytest.mark.parametrize(
    ("samples", "daily"),
    [
        (["2017-01-01 00:00:00+00", "2017-06-03 00:00:00+00"], False),
        (["2017-01-01 05:00:00+00", "2017-06-03 05:00:00+00"], False),
        (["2017-01-01 08:30:00+00", "2017-06-03 17:00:00+00"], True),
        (["2017-01-01T08:30:00Z", "2017-01-01"], True),
        (["2017-01-01", "2017-01-02"], False),
        (["1483228800", "1483232400"], True),
        (["not a time"], False),
        ([], False),
    ],
)
def test_hours_matter_only_where_the_samples_have_them(samples, daily):
    found = defaults(column("at", "TIMESTAMP", 300, samples=samples), at="transaction_date")
    transforms = found["at"].transforms
    assert transforms.cyclical.daily is daily
    assert transforms.cyclical.weekly
    assert transforms.cyclical.monthly
    assert transforms.cyclical.quarterly
    assert not transforms.cyclical.annual
    assert not transforms.normalize.enabled


@pytest.mark.parametrize(("skewness", "log"), [(3.0, True), (2.0, False), (None, False)])
def test_skewed_numbers_are_logged(skewness, log):
    found = defaults(column("price", "FLOAT", 800, skewness=skewness), price="product_price")
    assert found["price"].transforms.log_transform is log


@given(
    st.lists(
        st.tuples(
            st.sampled_from(list(ColumnType)),
            st.integers(0, 10_000_000),
            st.sampled_from(
                ["category", "customer_x", "product_y", "transaction_date", "revenue", "other"]
            ),
        ),
        max_size=6,
    )
)
def test_defaults_of_any_dataset_are_valid(found):
    columns = [column(f"c{i}", kind, unique) for i, (kind, unique, _) in enumerate(found)]
    dataset = known_dataset([*COLUMNS[:2], *columns])
    dataset.spec.column_mapping = {
        "customer": "customer_id",
        "product": "product_id",
        **{
            f"c{i}": role
            for i, (kind, _, role) in enumerate(found)
            if role != "transaction_date" or kind is ColumnType.TIMESTAMP
        },
    }
    for template in TEMPLATES[1:]:
        problems = check_feature_config(template.make(dataset), dataset)
        assert [problem for problem in problems if problem.level == "error"] == []


def crosses(*columns, tower="product", customers=2_000, **mapping):
    dataset = known_dataset([column("customer", "INTEGER", customers), COLUMNS[1], *columns])
    dataset.spec.column_mapping = {"customer": "customer_id", "product": "product_id", **mapping}
    spec = smart_defaults(dataset)
    assert check_feature_config(spec, dataset) == []
    return {tuple(c.features): c.hash_bucket_size for c in spec.crosses(tower)}


@pytest.mark.parametrize(
    ("categories", "subcategories", "buckets"),
    [
        (30, 20, 2_000),  # 600 combinations
        (30, 59, 5_000),
        (300, 200, 10_000),  # no more combinations than products
        (30, 60, None),  # a hierarchy
        (30, 1, None),
        (1, 1, None),
    ],
)
def test_category_by_subcategory_where_the_one_does_not_imply_the_other(
    categories, subcategories, buckets
):
    found = crosses(
        column("aisle", "STRING", categories),
        column("kind", "STRING", subcategories),
        aisle="category",
        kind="subcategory",
    )
    assert found.get(("aisle", "kind")) == buckets


@pytest.mark.parametrize(
    ("customers", "cities", "buckets"),
    [(2_000, 60, 5_000), (100, 4, 200), (50_000, 60, 100_000), (50_001, 60, None), (100, 1, None)],
)
def test_customer_by_place_while_there_is_a_bucket_for_each(customers, cities, buckets):
    place = column("town", "STRING", cities)
    found = crosses(place, tower="buyer", customers=customers, town="customer_city")
    assert found.get(("customer", "town")) == buckets


def test_one_place_is_crossed_the_one_with_most_values():
    found = crosses(
        column("town", "STRING", 60),
        column("zip", "STRING", 300),
        column("age", "STRING", 9),
        tower="buyer",
        town="customer_city",
        zip="customer_zip",
        age="customer_age",
    )
    assert set(found) == {("customer", "zip")}


def test_recommends_a_width_for_every_column_of_ids_or_categories():
    found = {item.column: item for item in embedding_recommendations(known_dataset())}
    dims = {name: item.embedding_dim for name, item in found.items()}
    assert dims == {
        "customer": 64,
        "product": 64,
        "title": 32,
        "department": 8,
        "organic": 8,
        "city": 16,
        "country": 8,
    }
    assert found["customer"].vocab_settings.min_frequency == 1
    assert found["customer"].role == "customer_id"
    assert found["city"].unique_count == 60


def test_recommends_for_columns_that_nobody_has_counted():
    dataset = known_dataset([COLUMNS[0].model_copy(update={"statistics": None})])
    (item,) = embedding_recommendations(dataset)
    assert (item.unique_count, item.embedding_dim) == (None, 64)


def test_templates_go_from_nothing_to_rich():
    dataset = known_dataset()
    made = {template.key: template.make(dataset) for template in TEMPLATES}
    assert list(made) == ["blank", "smart_defaults", "ids_only", "ids_and_time", "rich"]
    columns = {
        key: [[f.column for f in spec.features(tower)] for tower in ("buyer", "product")]
        for key, spec in made.items()
    }
    assert columns["blank"] == [[], []]
    assert columns["ids_only"] == [["customer"], ["product"]]
    assert columns["ids_and_time"] == [["customer", "bought_at"], ["product"]]
    assert columns["rich"] == columns["smart_defaults"]
    assert columns["rich"][0][-1] == "product"  # the history
    assert made["smart_defaults"] == smart_defaults(dataset)
    wide, usual = (made[key].buyer_model_features for key in ("rich", "smart_defaults"))
    assert (wide[0].embedding_dim, usual[0].embedding_dim) == (96, 64)
    assert wide[1].transforms.cyclical.annual
    assert [c.features for c in made["rich"].buyer_model_crosses] == [["customer", "city"]]
    rich = [c.features for c in made["rich"].product_model_crosses]
    assert rich == [["department", "price_bucket"]]
    for key in ("ids_only", "ids_and_time", "rich"):
        assert check_feature_config(made[key], dataset) == []


@pytest.mark.parametrize(
    ("days", "monthly", "quarterly"), [(60, False, False), (300, True, False), (800, True, True)]
)
def test_a_cycle_is_suggested_that_the_data_has_gone_through(days, monthly, quarterly):
    span = {"min": 0.0, "max": days * 86_400.0}
    found = defaults(column("at", "TIMESTAMP", 300, **span), at="transaction_date")
    cycles = found["at"].transforms.cyclical
    assert (cycles.weekly, cycles.monthly, cycles.quarterly) == (True, monthly, quarterly)


def test_without_a_time_there_is_no_history():
    dataset = known_dataset()
    mapping = {c: r for c, r in dataset.spec.column_mapping.items() if r != "transaction_date"}
    spec = dataset.spec.model_copy(update={"column_mapping": mapping})
    features = smart_defaults(dataset.model_copy(update={"spec": spec})).buyer_model_features
    assert "history" not in {feature.type for feature in features}
