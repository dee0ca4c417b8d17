"""What helps with a warning: the test's settings or its configs, changed in one respect."""

from __future__ import annotations

from dataclasses import replace

import pytest
from scenario import MODEL_SPEC, column, epoch, feature_spec, known_dataset, metrics, vocabulary

from shared.documents.feature_config import FeatureConfigSpec
from shared.documents.model_config import ModelConfigSpec
from shared.documents.quick_test import QuickTest, QuickTestSpec, Split
from shared.problems import Problem
from shared.rules.fixes import Fix, Tried
from shared.rules.remedies import fixes_of
from shared.rules.warnings import warning_codes

ATTRIBUTES = {"type": "string_embedding", "embedding_dim": 8}
SPLIT = Split().model_dump(mode="json")
DATASET = known_dataset(
    [
        column("customer", "STRING", 5_000),
        column("product", "STRING", 800),
        column("bought_at", "TIMESTAMP"),
        column("price", "FLOAT"),
        column("kind", "STRING", 20),
    ]
)


def tried(features=None, model=None, status=None, **spec) -> Tried:
    test = {
        "id": "t",
        "name": "Try",
        "spec": {"feature_config_id": "f", "model_config_id": "m", **spec},
        "status": {"state": "completed", **(status or {})},
    }
    return Tried(
        QuickTest.model_validate(test),
        FeatureConfigSpec.model_validate({**feature_spec("ds"), **(features or {})}),
        ModelConfigSpec.model_validate({**MODEL_SPEC, **(model or {})}),
        DATASET,
    )


def fixes(code, of: Tried, path="", received=None) -> list[Fix]:
    problem = Problem(path=path, code=code, message="", received=received, level="warning")
    found = list(fixes_of(problem, of))
    for fix in found:
        kinds = {"settings": QuickTestSpec, "features": FeatureConfigSpec, "model": ModelConfigSpec}
        assert kinds[fix.of].model_validate(fix.after).model_dump(mode="json") == fix.after
        assert fix.before != fix.after
    return found


def changed(fix: Fix) -> dict:
    return {name: value for name, value in fix.after.items() if value != fix.before[name]}


def held_out(*losses):
    return {"epochs": [{**epoch(n), "validation_loss": loss} for n, loss in enumerate(losses, 1)]}


CASES = {
    "still learning": (
        ("more_epochs_would_help", tried(epochs=3)),
        ("Train 6 epochs", {"epochs": 6}),
    ),
    "overfitting: the epoch that was best": (
        ("validation_loss_rises", tried(epochs=3, status=held_out(3.0, 2.0, 2.5))),
        ("Train 2 epochs", {"epochs": 2}),
    ),
    "unstable: a tenth of the rate of the model": (
        ("exploding_loss", tried(model={"learning_rate": 0.5})),
        ("Learning rate 0.05", {"learning_rate_override": 0.05}),
    ),
    "unstable: a tenth of the rate of the test": (
        ("exploding_loss", tried(learning_rate_override=0.02)),
        ("Learning rate 0.002", {"learning_rate_override": 0.002}),
    ),
    "a sample that says little": (
        ("wide_interval", tried(data_sample_percent=10)),
        ("Sample 25%", {"data_sample_percent": 25.0}),
    ),
    "nearly all customers": (
        ("wide_interval", tried(data_sample_percent=60)),
        ("Use all customers", {"data_sample_percent": 100.0}),
    ),
    "no larger sample: more of it is held out": (
        ("few_held_out_customers", tried(data_sample_percent=100)),
        ("Hold out 20%", {"split": {**SPLIT, "holdout_percent": 20.0}}),
    ),
    "an approximate search of too few": (
        ("too_few_products_for_scann", tried(model={"retrieval_algorithm": "scann"})),
        ("Search all products", {"retrieval_algorithm": "brute_force"}),
    ),
    "products that nobody is shown": (
        ("low_coverage", tried(model={"logq_correction": False})),
        ("Turn on the logQ correction", {"logq_correction": True}),
    ),
    "the same list for all": (
        ("same_list", tried(epochs=2)),
        ("Train 4 epochs", {"epochs": 4}),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_each_cause_has_its_change(case):
    (code, of), (label, changes) = CASES[case]
    first, *_ = fixes(code, of)
    assert first.label == label
    assert changed(first) == changes


def test_what_is_at_its_bound_is_not_offered():
    assert fixes("more_epochs_would_help", tried(epochs=80)) == []
    assert fixes("wide_interval", tried(data_sample_percent=100)) == []
    assert fixes("too_few_products_for_scann", tried()) == []


def test_a_column_known_only_after_the_purchase_is_left_out_of_the_tower_that_has_it():
    price = {"column": "price", "type": "numeric"}
    one = tried({"product_model_features": [*feature_spec("ds")["product_model_features"], price]})
    (fix,) = fixes("known_after_purchase", one, received="price")
    assert fix.label == "Remove price and test again"
    assert changed(fix) == {"leave_out": [{"tower": "product", "column": "price"}]}
    done = tried(
        {"product_model_features": [*feature_spec("ds")["product_model_features"], price]},
        leave_out=[{"tower": "product", "column": "price"}],
    )
    assert fixes("known_after_purchase", done, received="price") == []
    assert fixes("known_after_purchase", one, received="no such column") == []


def test_a_column_in_both_towers_may_leave_either():
    kind = {"column": "kind", **ATTRIBUTES}
    towers = ("buyer_model_features", "product_model_features")
    both = tried({tower: [*feature_spec("ds")[tower], kind] for tower in towers})
    labels = [fix.label for fix in fixes("column_in_both_towers", both, received="kind")]
    assert labels == [
        "Remove kind from the buyer tower and test again",
        "Remove kind from the product tower and test again",
    ]


def test_past_purchases_are_added_where_there_are_none_and_purchases_have_a_time():
    timed = tried()
    timed.dataset.spec.column_mapping["bought_at"] = "transaction_date"
    first, *_ = fixes("not_above_own_history", timed)
    assert (first.of, first.label) == ("features", "Add history")
    added = changed(first)["buyer_model_features"][-1]
    assert (added["type"], added["column"]) == ("history", "product")
    again = Tried(timed.test, FeatureConfigSpec.model_validate(first.after), timed.model, DATASET)
    assert all(fix.of != "features" for fix in fixes("not_above_own_history", again))


@pytest.mark.parametrize(
    ("segment", "labels"),
    [
        ("customers.heavy", ["Add history", "Sample 25%"]),
        ("customers.new", ["Sample 25%"]),
        ("products.tail", ["Add kind to the product tower", "Sample 25%"]),
    ],
)
def test_what_helps_a_segment_is_what_its_rows_can_be_learned_by(segment, labels):
    timed = tried(data_sample_percent=10)
    timed.dataset.spec.column_mapping.update(bought_at="transaction_date", kind="category")
    found = [fix.label for fix in fixes("worse_segment", timed, f"segments.{segment}")]
    assert [label for label in labels if label in found] == labels
    assert ("Add history" in found) == (segment == "customers.heavy")


# Their words say that no setting helps, and what does.
WITHOUT = {"source_changed", "unknown_times", "rows_dropped", "too_few_products_for_recall"}


def test_a_warning_that_no_setting_helps_with_leads_to_the_data():
    remedies = {code.name: code.remedy for code in warning_codes()}
    assert {remedies[code] for code in WITHOUT} == {"data"}
    for code in WITHOUT:
        assert fixes(code, tried()) == []


def test_vocabularies_grow_or_keep_rare_values_by_what_is_missing():
    cut = {"vocabulary": [vocabulary(oov_rate=0.4, cut_rate=0.4)]}
    (fix,) = fixes("high_oov_rate", tried(status=cut), "status.vocabulary[0]")
    assert fix.after["buyer_model_features"][0]["vocab_settings"]["max_size"] == 200_000
    rare = {"vocabulary": [vocabulary(oov_rate=0.4, rare_rate=0.4)]}
    few = feature_spec("ds")
    few["buyer_model_features"][0]["vocab_settings"] = {"min_frequency": 5}
    (fix,) = fixes("high_oov_rate", tried(few, status=rare), "status.vocabulary[0]")
    assert fix.after["buyer_model_features"][0]["vocab_settings"]["min_frequency"] == 1
    assert fixes("high_oov_rate", tried(status=rare), "status.vocabulary[7]") == []


def test_an_attribute_that_varies_leaves_the_product_tower_with_what_is_made_of_it():
    kind = {"column": "kind", **ATTRIBUTES}
    features = {"product_model_features": [*feature_spec("ds")["product_model_features"], kind]}
    results = {**metrics(0.2), "varying_attributes": {"kind": 0.4}}
    path = "status.results.varying_attributes.kind"
    (fix,) = fixes("varying_attribute", tried(features, status={"results": results}), path)
    assert [f["column"] for f in fix.after["product_model_features"]] == ["product"]


@pytest.mark.parametrize("code", [*(code.name for code in warning_codes()), "no_such_code"])
def test_whatever_a_document_says_no_fix_fails(code):
    for path in ("", "status.vocabulary[0]", "status.results.nothing", "\x00"):
        fixes(code, tried(), path, received=["not", {"what": "it"}, "was"])


def test_a_model_that_reminds_but_does_not_discover_gets_what_products_share():
    titled = known_dataset([*DATASET.status.columns, column("title", "STRING", 40)])
    code = "discovers_less_than_popularity"
    *described, ordered = fixes(
        code, replace(tried(model={"reranker": {"candidates": 300}}), dataset=titled)
    )
    (title,) = [fix for fix in described if fix.label == "Add title to the product tower"]
    *had, added = title.after["product_model_features"]
    assert had == title.before["product_model_features"]
    assert added["column"] == "title"
    assert ordered.label == "Have the re-ranker order 600 candidates"
    assert ordered.after["reranker"]["candidates"] == 600
    there = {"product_model_features": title.after["product_model_features"]}
    again = fixes(code, replace(tried(features=there), dataset=titled))
    assert title.label not in [fix.label for fix in again]
