"""What a sweep is made of, and what is wrong with it."""

from __future__ import annotations

import pytest
from remembered import remembered_code
from scenario import DATASET_SPEC, MODEL_SPEC, Shop, feature_spec
from swept import SIX, Swept, finish

from shared import editing, services
from shared.documents.base import Collection
from shared.handlers import publish_change
from shared.problems import InvalidError
from shared.wording import field as called


@pytest.fixture(scope="module", autouse=True)
def code():
    with remembered_code():
        yield


@pytest.fixture
def shop():
    return Swept()


def test_a_sweep_written_past_the_api_runs_too(shop):
    spec = {"feature_config_ids": shop.features, "model_config_ids": [shop.model]}
    shop.documents.write("sweeps/von Hand", {"name": "Script", "spec": spec})
    shop.settle()
    assert shop.tests() == ["qt-von Hand-01", "qt-von Hand-02"]
    finish(shop, "von Hand")
    assert shop.swept("von Hand").state == "completed"


@pytest.mark.parametrize(
    ("change", "path", "message"),
    [
        ({"max_tests": 5}, "spec.max_tests", "2 feature configs × 1 model config × 3 sets of "),
        ({"max_tests": 5}, "spec.max_tests", "is 6 tests, more than max_tests, 5"),
        ({"feature_config_ids": ["fc-none"]}, "spec.feature_config_ids[0]", "no feature config"),
        ({"model_config_ids": ["mc-none"]}, "spec.model_config_ids[0]", "no model config"),
        ({"overrides": [{}, {}]}, "spec.overrides[1]", "listed twice"),
        ({"ablation": True}, "spec.overrides", "makes its own"),
        (
            {"overrides": [{"leave_out": [{"tower": "product", "column": "brand"}]}]},
            "spec.overrides[0].leave_out[0].column",
            "no column 'brand' to leave out. It has 'product'",
        ),
        (
            {"overrides": [{}, {"leave_out": [{"tower": "buyer", "column": "customer"}]}]},
            "spec.overrides[1].leave_out",
            "Nothing is left of the buyer tower",
        ),
        ({"data_sample_percent": 1e-4}, "spec.data_sample_percent", "less than one"),
        ({"feature_config_ids": []}, "spec.feature_config_ids", "at least 1 item"),
    ],
)
def test_what_is_wrong_is_said_over_the_api_and_past_it(shop, change, path, message):
    spec = {
        "feature_config_ids": shop.features,
        "model_config_ids": [shop.model],
        "overrides": SIX,
        **change,
    }
    with pytest.raises(InvalidError) as refused:
        editing.create(shop.ports, Collection.SWEEPS, name="Bad", spec=spec)
    assert {p.path for p in refused.value.problems if message in p.message} == {path}
    shop.documents.write("sweeps/bad", {"name": "Bad", "spec": spec})
    shop.settle()
    status = shop.swept("bad")
    assert status.state == "failed"
    assert f"{called(path)}: ".lower() in status.error.lower()
    assert message in status.error
    assert shop.tests() == []


def test_configs_over_unlike_data_are_not_swept_together(shop):
    other = shop.feature_config(shop.dataset(), "Elsewhere")
    with pytest.raises(InvalidError, match="same data can be compared"):
        shop.sweep([shop.features[0], other], [shop.model])


def test_a_sweep_over_a_dataset_that_is_being_profiled_waits_for_it():
    shop = Shop()
    shop.documents.write("feature_configs/fc", {"name": "f", "spec": feature_spec("ds")})
    shop.documents.write("model_configs/mc", {"name": "m", "spec": MODEL_SPEC})
    spec = {"feature_config_ids": ["fc"], "model_config_ids": ["mc"]}
    shop.documents.write("datasets/ds", {"name": "d", "spec": DATASET_SPEC})
    shop.documents.write("sweeps/sw", {"name": "s", "spec": spec})
    changes, shop.documents.changes = shop.documents.changes, []
    for change in reversed(changes):
        publish_change(change, shop.ports)
    for event in [*shop.events.published]:
        if event.collection is not Collection.DATASETS:
            shop.events.published.remove(event)
            shop.handle(event)
    assert shop.swept("sw").validation.waiting_for == "datasets/ds"
    shop.settle()
    assert shop.swept("sw").state == "running"


def test_without_each_column_in_turn(shop):
    sweep_id = shop.sweep([shop.features[1]], [shop.model], ablation=True, in_flight=10)
    shop.settle()
    assert [test.label for test in shop.swept(sweep_id).tests] == [
        "all columns",
        "without product (product)",
        "without department (product)",
        "without price (product)",
    ]
    by_test = {r.quick_test_id: r for r in shop.pipelines.requests.values()}
    whole, *_, priceless = (by_test[test_id] for test_id in shop.tests())
    assert "price" in {feature.key for feature in whole.examples.features}
    assert "price" not in {feature.key for feature in priceless.examples.features}
    assert whole.preprocessing != priceless.preprocessing
    assert "product_price" not in shop.artifacts.read(priceless.preprocessing.uri).decode()

    finish(shop, sweep_id)
    assert shop.config(shop.features[1]).best.quick_test_id == whole.quick_test_id


def test_configs_of_a_running_sweep_are_in_use_and_it_is_not_deleted(shop):
    sweep_id = shop.sweep([shop.features[0]], [shop.model])
    for collection, config_id in (
        (Collection.FEATURE_CONFIGS, shop.features[0]),
        (Collection.MODEL_CONFIGS, shop.model),
    ):
        with pytest.raises(editing.InUseError, match=sweep_id):
            editing.delete(shop.ports, collection, config_id)
    shop.settle()
    with pytest.raises(editing.LockedError, match=r"is running\. Cancel it first"):
        editing.delete(shop.ports, Collection.SWEEPS, sweep_id)
    services.cancel_sweep(sweep_id, shop.ports)
    shop.settle()
    editing.delete(shop.ports, Collection.SWEEPS, sweep_id)
    for test_id in shop.tests():
        editing.delete(shop.ports, Collection.QUICK_TESTS, test_id)
    editing.delete(shop.ports, Collection.MODEL_CONFIGS, shop.model)
