"""What is said of a quick test that would teach nothing."""

from __future__ import annotations

import pytest
from scenario import (
    COLUMNS,
    MAPPING,
    MODEL_SPEC,
    column,
    feature_spec,
    known_dataset,
)

from shared.columns.source_rows import SourceRows
from shared.documents.feature_config import FeatureConfig, FeatureConfigStatus
from shared.documents.model_config import LossFunction, ModelConfig
from shared.documents.quick_test import QuickTestSpec
from shared.features import Numeric
from shared.rules.quick_test import check_quick_test
from shared.rules.training import rating_column

FEATURES = FeatureConfig.model_validate(
    {"id": "fc", "name": "f", "spec": feature_spec("ds"), "status": {}}
)
UNEVEN = FeatureConfig.model_validate(
    {"id": "fc", "name": "f", "spec": feature_spec("ds", embedding_dim=64), "status": {}}
)


def model(**fields) -> ModelConfig:
    return ModelConfig.model_validate(
        {"id": "mc", "name": "m", "spec": {**MODEL_SPEC, **fields}, "status": {}}
    )


def rating_model(**fields) -> ModelConfig:
    head = [{"type": "dense", "units": 1, "activation": None}]
    return model(**{"model_type": "ranking", "rating_head_layers": head, **fields})


def spec(**fields) -> QuickTestSpec:
    return QuickTestSpec(feature_config_id="fc", model_config_id="mc", **fields)


def counted(**rows):
    found = known_dataset()
    found.status.rows = SourceRows(read=1_000_000, **rows)
    return found


def undated():
    dataset = known_dataset()
    dataset.spec.column_mapping = {k: v for k, v in MAPPING.items() if k != "bought_at"}
    return dataset


RERANKED = model(reranker={"candidates": 100})

FEW_PRODUCTS = [
    c.model_copy(update={"statistics": c.statistics.model_copy(update={"unique_count": 50})})
    for c in COLUMNS
]
PROBLEMS = {
    "a re-ranker without times": (
        spec(split={"strategy": "random"}),
        FEATURES,
        RERANKED,
        undated(),
        "error",
        "spec.model_config_id",
        "reranker_without_time",
        "The re-ranker of model config 'm' goes by what customers bought before, and dataset "
        "'Shop' maps no column to 'transaction_date'. Map one, or take a model config without a "
        "re-ranker, such as one from the preset 'wide'; the split 'leave_one_out' measures it "
        "without times.",
    ),
    "less than one customer": (
        spec(data_sample_percent=0.01),
        FEATURES,
        model(batch_size=2),
        known_dataset(),
        "error",
        "spec.data_sample_percent",
        "nothing_sampled",
        "0.01% of 2,000 customers is less than one. Take at least 0.05003%, or sample by row.",
    ),
    "nothing held out": (
        spec(data_sample_percent=1, sample_by="row"),
        FEATURES,
        model(batch_size=2),
        known_dataset(rows=500),
        "error",
        "spec.data_sample_percent",
        "nothing_held_out",
        "1% of 500 rows is about 5, of which 10% for evaluation is less than one. "
        "Take at least 2.001%.",
    ),
    "a dataset too small for any test": (
        spec(data_sample_percent=100),
        FEATURES,
        model(batch_size=2),
        known_dataset(rows=5),
        "error",
        "spec.data_sample_percent",
        "nothing_held_out",
        "100% of 5 rows is about 5, of which 10% for evaluation is less than one. "
        "The dataset needs at least 10 rows.",
    ),
    "a batch that swallows the sample": (
        spec(batch_size_override=8192),
        FEATURES,
        model(),
        known_dataset(rows=50_000),
        "warning",
        "spec.batch_size_override",
        "batch_exceeds_sample",
        "A batch of 8,192 is larger than the sample's 4,500 or so training rows: an epoch is then "
        "a single step. Take a smaller batch or a larger sample.",
    ),
    "a split by a time that is not mapped": (
        spec(split={"strategy": "temporal"}),
        FEATURES,
        model(),
        undated(),
        "error",
        "spec.split.strategy",
        "no_transaction_date",
        "A temporal split needs a time, and dataset 'Shop' maps no column to 'transaction_date'. "
        "Map one, or take 'random' or 'leave_one_out'.",
    ),
    "a split by times that are all in the future": (
        spec(),
        FEATURES,
        model(),
        counted(without_time=1_000_000, implausible_time=1_000_000),
        "error",
        "spec.split.strategy",
        "no_known_times",
        "A temporal split needs times, and of the 1,000,000 rows of dataset 'Shop' 1,000,000 "
        "have a time that cannot be right (a placeholder, or in the future). Map another column to "
        "'transaction_date', or take 'random' or 'leave_one_out'.",
    ),
    "shared weights over inputs of two widths": (
        spec(),
        UNEVEN,
        model(share_tower_weights=True),
        known_dataset(),
        "error",
        "spec.model_config_id",
        "shared_weights_widths",
        "Model config 'm' shares weights between the towers, but feature config 'f' makes the "
        "buyer's input 64 and the product's 32 wide. Make both equal, or share no weights.",
    ),
    "an archived feature config": (
        spec(),
        FEATURES.model_copy(update={"status": FeatureConfigStatus(lifecycle="archived")}),
        model(),
        known_dataset(),
        "error",
        "spec.feature_config_id",
        "archived_feature_config",
        "Feature config 'f' is archived. Unarchive it to test it, or take another.",
    ),
    "no rating column": (
        spec(),
        FEATURES,
        rating_model(),
        known_dataset(),
        "error",
        "spec.rating_column",
        "rating_column_missing",
        "A ranking model predicts a rating. Name a column, or map one to 'rating' in the dataset; "
        "numeric ones are 'customer', 'product', 'price', 'revenue'.",
    ),
    "a rating column of a dataset without numbers": (
        spec(rating_column="city"),
        FEATURES,
        rating_model(),
        known_dataset([column("city", "STRING")]),
        "error",
        "spec.rating_column",
        "rating_column_type",
        "'city' is STRING, but a rating is a number. Numeric columns are none: the dataset has no "
        "numbers.",
    ),
    "a rating column that is not there": (
        spec(rating_column="stars"),
        FEATURES,
        rating_model(model_type="multitask"),
        known_dataset(),
        "error",
        "spec.rating_column",
        "rating_column_unknown",
        "Dataset 'Shop' has no column 'stars'. Numeric ones are 'customer', 'product', 'price', "
        "'revenue'.",
    ),
    "a rating that never varies": (
        spec(rating_column="stars"),
        FEATURES,
        rating_model(),
        known_dataset([*COLUMNS, column("stars", "INTEGER", 1, min=5, max=5)]),
        "error",
        "spec.rating_column",
        "rating_column_constant",
        "'stars' has only one value, so there is nothing to predict. Take a column that varies.",
    ),
    "stars for binary cross-entropy": (
        spec(rating_column="stars"),
        FEATURES,
        rating_model(loss_function="binary_crossentropy"),
        known_dataset([*COLUMNS, column("stars", "INTEGER", 5, min=1, max=5)]),
        "error",
        "spec.rating_column",
        "rating_column_range",
        "'stars' runs from 1 to 5, but binary_crossentropy needs labels from 0 to 1. Take such a "
        "column, or the loss mse or huber.",
    ),
    "a rating that the towers see": (
        spec(rating_column="customer"),
        FEATURES,
        rating_model(),
        known_dataset(),
        "warning",
        "spec.rating_column",
        "rating_column_is_feature",
        "'customer' is also a feature of the buyer tower, which thus sees what it should predict. "
        "Remove it there.",
    ),
    "more recommendations than products": (
        spec(),
        FEATURES,
        model(),
        known_dataset(FEW_PRODUCTS),
        "warning",
        "spec.model_config_id",
        "top_k_exceeds_products",
        "Model config 'm' recommends 100 products, but the dataset has 50. "
        "All of them will be returned.",
    ),
}


@pytest.mark.parametrize(
    ("spec", "features", "model", "dataset", "level", "path", "code", "message"),
    PROBLEMS.values(),
    ids=PROBLEMS,
)
def test_says_what_would_go_wrong(spec, features, model, dataset, level, path, code, message):
    found = check_quick_test(spec, features, model, dataset)
    (problem,) = [problem for problem in found if problem.code == code]
    assert (problem.level, problem.path, problem.message) == (level, path, message)


def test_the_percentage_that_it_asks_for_is_enough():
    dataset = known_dataset(rows=500)
    enough = spec(data_sample_percent=2.001, sample_by="row")
    assert all(p.level == "warning" for p in check_quick_test(enough, FEATURES, model(), dataset))


def test_has_nothing_to_say_about_a_sound_test():
    assert check_quick_test(spec(), FEATURES, model(), known_dataset()) == []
    liked = column("liked", "INTEGER", 2, min=0, max=1)
    for loss in LossFunction:
        found = check_quick_test(
            spec(rating_column="liked"),
            FEATURES,
            rating_model(loss_function=loss),
            known_dataset([*COLUMNS, liked]),
        )
        assert found == []


def rated():
    """The shop with stars from 1 to 5 that have the role of a rating."""
    stars = column("stars", "INTEGER", 5, min=1, max=5)
    dataset = known_dataset([*COLUMNS, stars])
    dataset.spec.column_mapping = {**MAPPING, "stars": "rating"}
    return dataset


def test_a_rating_of_the_dataset_is_what_is_predicted_unless_another_is_named():
    dataset, rates = rated(), rating_model()
    assert check_quick_test(spec(), FEATURES, rates, dataset) == []
    assert rating_column(spec(), rates.spec, dataset) == "stars"
    assert rating_column(spec(rating_column="price"), rates.spec, dataset) == "price"
    assert rating_column(spec(), model().spec, dataset) is None


def test_a_rating_of_the_dataset_that_a_tower_sees_is_warned_of():
    seen = FEATURES.model_copy(deep=True)
    seen.spec.buyer_model_features.append(Numeric(column="stars"))
    (problem,) = check_quick_test(spec(), seen, rating_model(), rated())
    assert problem.code == "rating_column_is_feature"


def test_a_split_that_becomes_random_for_want_of_a_time_says_so():
    (problem,) = check_quick_test(spec(), FEATURES, model(), undated())
    assert (problem.code, problem.level) == ("split_is_random", "warning")
    assert "'transaction_date'" in problem.message
    meant = spec(split={"strategy": "random"})
    assert check_quick_test(meant, FEATURES, model(), undated()) == []


def test_retrieval_ignores_the_rating_column():
    assert check_quick_test(spec(rating_column="?"), FEATURES, model(), known_dataset()) == []


def test_leaving_one_out_asks_for_no_share_and_no_time() -> None:
    left = spec(split={"strategy": "leave_one_out"}, data_sample_percent=100)
    few = undated()
    few.status.row_count = 5
    assert check_quick_test(left, FEATURES, model(batch_size=2), few) == []
    strategies = [spec(data_sample_percent=100), left]
    codes = [
        {one.code for one in check_quick_test(one, FEATURES, model(batch_size=2), few)}
        for one in strategies
    ]
    assert codes == [{"nothing_held_out", "split_is_random"}, set()]
