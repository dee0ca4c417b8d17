"""A config that says what another one says already, whoever wrote it."""

from __future__ import annotations

import pytest
from scenario import MODEL_SPEC, Shop, feature_spec

from shared import editing
from shared.documents.base import Collection

DATASETS, FEATURES, MODELS, TESTS, *_ = Collection


@pytest.fixture
def shop():
    return Shop()


def model(shop, name, **fields):
    shop.clock.advance(1)
    return editing.create(shop.ports, MODELS, name=name, spec={**MODEL_SPEC, **fields})


def warned(shop, document) -> list[str]:
    """Ids of the configs that a stored config is said to repeat."""
    problems = shop.documents.data(document)["status"]["validation"]["problems"]
    return [p["received"] for p in problems if p["code"] == "duplicate_config"]


def test_the_copy_is_told_and_names_the_original(shop):
    first = model(shop, "First")
    assert first.status.validation.problems == []
    copy = model(shop, "Copy")
    (problem,) = copy.status.validation.problems
    assert problem.model_dump() == {
        "path": "spec",
        "code": "duplicate_config",
        "message": "Model config 'First' says the same already. Use that one, or "
        "change what you want to compare.",
        "received": first.id,
        "level": "warning",
    }
    assert copy.status.config_hash == first.status.config_hash
    shop.settle()
    assert warned(shop, f"model_configs/{copy.id}") == [first.id]
    assert warned(shop, f"model_configs/{first.id}") == []
    assert model(shop, "Third").status.validation.problems[0].received == first.id
    assert model(shop, "Other", batch_size=64).status.validation.problems == []


def test_a_config_that_a_script_wrote_is_told_too(shop):
    first = model(shop, "First")
    shop.documents.write("model_configs/script", {"name": "Script", "spec": MODEL_SPEC})
    shop.settle()
    assert warned(shop, "model_configs/script") == [first.id]
    stored = shop.documents.data("model_configs/script")["status"]
    assert stored["config_hash"] == first.status.config_hash
    assert stored["validation"]["state"] == "valid"


def test_a_config_that_has_changed_since_is_no_original_any_more(shop):
    first = model(shop, "First")
    editing.update(shop.ports, MODELS, first.id, spec={**MODEL_SPEC, "batch_size": 64})
    assert model(shop, "Second").status.validation.problems == []  # its hash is not written yet
    shop.settle()
    again = model(shop, "Third", batch_size=64)
    assert [p.received for p in again.status.validation.problems] == [first.id]


def test_features_in_another_order_are_the_same_features(shop):
    dataset_id = shop.dataset()
    shop.settle()
    spec = feature_spec(dataset_id)
    spec["buyer_model_features"].append({"column": "city", "type": "string_embedding"})
    first = editing.create(shop.ports, FEATURES, name="First", spec=spec)
    shop.clock.advance(1)
    turned = {**spec, "buyer_model_features": spec["buyer_model_features"][::-1]}
    copy = editing.create(shop.ports, FEATURES, name="Copy", spec=turned)
    assert [p.code for p in copy.status.validation.problems] == ["duplicate_config"]
    shop.settle()
    assert warned(shop, f"feature_configs/{copy.id}") == [first.id]
    assert shop.config(copy.id).validated(1)


def test_an_unreadable_config_repeats_nobody(shop):
    digest = model(shop, "First").status.config_hash
    odd = {"name": "x", "spec": {"batch_size": 1}, "status": {"config_hash": digest}}
    shop.documents.write("model_configs/odd", odd)
    assert [p.received for p in model(shop, "Copy").status.validation.problems] != ["odd"]
    shop.settle()
    assert shop.documents.data("model_configs/odd")["status"]["config_hash"] is None
