"""Full trainings that begin with the weights of an earlier one: which may, and what is alike."""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from typing import Any

import pytest
from registered import MODEL, Registered

from shared import editing
from shared.codegen import make_plan
from shared.documents.feature_config import FeatureConfigSpec
from shared.documents.model_config import ModelConfigSpec
from shared.documents.quick_test import QuickTestSpec
from shared.jobs import WEIGHTS_FILE
from shared.problems import InvalidError
from shared.services.warm_starts import Agreement, agreement

DENSE = {"type": "dense", "units": 64}


@cache
def _with_a_version() -> Registered:
    shop = Registered()
    (test_id,) = shop.versions(0.2)
    shop.leave(test_id, WEIGHTS_FILE, "weights")
    return shop


@pytest.fixture
def shop() -> Registered:
    """With a version, which has left its weights."""
    return deepcopy(_with_a_version())


def spec_of(shop: Registered, test_id: str) -> dict[str, Any]:
    return dict(shop.documents.data(f"quick_tests/{test_id}")["spec"])


def test_a_full_training_begins_with_the_version_in_production_or_else_the_latest(
    shop: Registered,
) -> None:
    first = shop.registered_versions()[1]
    source = spec_of(shop, first)["source_test_id"]
    made = editing.train_in_full(shop.ports, source, warm_start=True)
    shop.settle()
    assert made.spec.warm_start_test_id == first
    request = shop.pipelines.requests[shop.job_id(made.id)]
    assert request.warm_start is not None
    assert request.warm_start.artifacts_uri == shop.test(first).artifacts_uri
    assert [one.name for one in request.warm_start.tables] == [
        "query_tower/embeddings/buyer_customer",
        "candidate_tower/embeddings/product_product",
    ]
    shop.succeed(made.id, 0.25)
    shop.settle()
    shop.leave(made.id, WEIGHTS_FILE, "weights")
    latest = editing.train_in_full(shop.ports, source, warm_start=True)
    assert latest.spec.warm_start_test_id == made.id
    shop.promote(MODEL, 1)
    of_production = editing.train_in_full(shop.ports, source, warm_start=True)
    assert of_production.spec.warm_start_test_id == first
    afresh = editing.train_in_full(shop.ports, made.id, model_name="Shop")
    assert afresh.spec.warm_start_test_id is None


def test_a_model_without_a_version_has_no_weights_to_begin_with(shop: Registered) -> None:
    source = spec_of(shop, shop.registered_versions()[1])["source_test_id"]
    with pytest.raises(InvalidError, match="'Other' has no version yet") as refused:
        editing.train_in_full(shop.ports, source, warm_start=True, model_name="Other")
    assert refused.value.problems[0].path == "warm_start"


def other_dataset(shop: Registered) -> dict[str, Any]:
    dataset = shop.dataset()
    shop.settle()
    other = shop.fully_trained(shop.feature_config(dataset, name="Elsewhere"), shop.configs[1])
    shop.leave(other, WEIGHTS_FILE, "weights")
    return {"warm_start_test_id": other}


def no_file(shop: Registered) -> dict[str, Any]:
    first = shop.registered_versions()[1]
    del shop.artifacts.files[f"{shop.test(first).artifacts_uri}/{WEIGHTS_FILE}"]
    return {"warm_start_test_id": first}


def quick_test(shop: Registered) -> dict[str, Any]:
    source = spec_of(shop, shop.registered_versions()[1])["source_test_id"]
    return {"warm_start_test_id": source}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"warm_start_test_id": "qt-none"}, "There is no full training 'qt-none'"),
        ({"purpose": "quick_test", "source_test_id": None}, "Only a full training begins with"),
        ({"split": {"strategy": "random"}}, "Only of a temporal split"),
        ({"split": {"holdout_percent": 30}}, "holds out the latest 30% of the rows, the earlier"),
        (other_dataset, "The weights are of another dataset"),
        (no_file, "has left no weights to begin with"),
        (quick_test, "is a quick test, whose weights are not kept"),
    ],
    ids=["unknown", "quick test", "split", "held out", "dataset", "no file", "of a quick test"],
)
def test_what_cannot_be_begun_with_says_why(shop: Registered, change: Any, message: str) -> None:
    first = shop.registered_versions()[1]
    change = change(shop) if callable(change) else change
    spec = {**spec_of(shop, first), "warm_start_test_id": first, **change}
    shop.documents.write("quick_tests/script", {"name": "x", "spec": spec})
    shop.settle()
    status = shop.test("script")
    assert status.state == "failed"
    (problem,) = status.validation.problems
    assert problem.path == "spec.warm_start_test_id"
    assert message in problem.message
    assert status.job is None


def changed(
    documents: Any, features: dict[str, Any] | None = None, model: dict[str, Any] | None = None
) -> Agreement:
    """What is alike between a training of documents and one of changed ones."""
    dataset, of_features, of_model = documents
    test = QuickTestSpec(feature_config_id="fc", model_config_id="mc")
    before = make_plan(of_features, of_model, dataset, test)
    spec = {**of_features.spec.model_dump(mode="json"), **(features or {})}
    others = of_features.model_copy(update={"spec": FeatureConfigSpec.model_validate(spec)})
    spec = {**of_model.spec.model_dump(mode="json"), **(model or {})}
    other = of_model.model_copy(update={"spec": ModelConfigSpec.model_validate(spec)})
    return agreement(make_plan(others, other, dataset, test), before)


def test_of_the_same_configs_everything_is_alike(everything: Any) -> None:
    found = changed(everything)
    dense = [one for one in found.parts if one.endswith("/dense/")]
    assert dense == ["query_tower/dense/", "candidate_tower/dense/"]
    by_name = {one.name: one for one in found.tables}
    household = by_name["query_tower/embeddings/buyer_household_id"]
    assert (household.column, household.vocabulary) == ("household_id", "buyer_household_id")
    bucket = by_name["query_tower/embeddings/buyer_purchased_at_bucket"]
    assert bucket.vocabulary is None


def test_a_table_of_another_width_and_the_layers_over_it_begin_afresh(recommended: Any) -> None:
    spec = recommended[1].spec.model_dump(mode="json")
    buyers = deepcopy(spec["buyer_model_features"])
    buyers[0]["embedding_dim"] = 16
    found = changed(recommended, {"buyer_model_features": buyers})
    assert [one.column for one in found.tables] == ["product_id"]
    assert "query_tower/dense/" not in found.parts
    assert "candidate_tower/dense/" in found.parts
    assert any(one.startswith("query_tower/pools/") for one in found.parts)


def test_other_layers_of_a_tower_begin_afresh_and_the_rest_stays(recommended: Any) -> None:
    layers = recommended[2].spec.model_dump(mode="json")["product_tower_layers"]
    found = changed(recommended, model={"product_tower_layers": [DENSE, *layers]})
    assert [one.column for one in found.tables] == ["household_id", "product_id"]
    assert "query_tower/dense/" in found.parts
    assert "candidate_tower/dense/" not in found.parts
