"""A changed document is judged, and the verdict written on it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from scenario import (
    COLUMNS,
    DATASET_SPEC,
    MAPPING,
    MODEL_SPEC,
    URI,
    Shop,
    column,
    feature_spec,
    profile,
)

from shared import editing
from shared.columns.source_rows import SourceRows, latest_time
from shared.documents.base import Collection
from shared.documents.dataset import Dataset, DatasetStatus
from shared.events import Topic
from shared.handlers import publish_change
from shared.problems import InvalidError


@pytest.fixture
def shop():
    return Shop()


DATASETS, FEATURES, MODELS, TESTS, *_ = Collection


def validation(shop, path):
    return shop.documents.data(path)["status"]["validation"]


def test_a_dataset_is_profiled_once_per_revision(shop):
    dataset_id = shop.dataset()
    shop.settle()
    for _ in range(4):
        shop.handle(shop.event(Topic.CONFIG_CHANGED, DATASETS, dataset_id))
    status = DatasetStatus.model_validate(shop.documents.data(f"datasets/{dataset_id}")["status"])
    assert status.validated(1)
    assert (status.row_count, status.fingerprint) == (1_000_000, "v1")
    assert status.columns == COLUMNS
    assert shop.data.profiled == [URI]


def test_what_was_noted_of_the_data_is_told_on_the_dataset(shop):
    notes = ["1 column is left aside, because no feature can be made of the type: 'tags' (INT[])."]
    shop.data.profiles[URI] = replace(profile(), notes=notes)
    dataset_id = shop.dataset()
    shop.settle()
    assert shop.documents.data(f"datasets/{dataset_id}")["status"]["notes"] == notes


def test_a_profile_counts_the_rows_and_warns_of_those_that_are_lost(shop):
    rows = SourceRows(read=1_000_000, without_customer=400_000, without_time=7, implausible_time=7)
    shop.data.profiles[URI] = replace(profile(), rows=rows)
    dataset_id = shop.dataset()
    shop.settle()
    status = DatasetStatus.model_validate(shop.documents.data(f"datasets/{dataset_id}")["status"])
    assert status.rows == rows
    assert status.validated(1), "warnings are no errors"
    assert [(p.code, p.path, p.level) for p in status.validation.problems] == [
        ("rows_dropped", "spec.column_mapping.customer", "warning"),
        ("unknown_times", "spec.column_mapping.bought_at", "warning"),
    ]


def test_times_are_judged_by_the_moment_of_the_profile(shop):
    """It is that of the profile's beginning, and the jobs of all tests on it go by it."""
    begun = shop.clock.now()
    asked = []
    found = shop.data.profile

    def slow(source, mapping, latest, tables):
        asked.append((mapping, latest))
        shop.clock.advance(300)
        return found(source, mapping, latest, tables)

    shop.data.profile = slow
    dataset_id = shop.dataset()
    shop.settle()
    assert asked == [(MAPPING, latest_time(begun))]
    dataset = Dataset.model_validate({**shop.documents.data(f"datasets/{dataset_id}"), "id": "ds"})
    assert dataset.status.profiled_at == begun

    test_id = shop.quick_test(
        shop.feature_config(dataset_id), shop.model_config(), split={"ties": "hash"}
    )
    shop.settle()
    (request,) = shop.pipelines.requests.values()
    assert request.quick_test_id == test_id
    assert request.examples.latest_time == latest_time(begun)
    assert request.examples.ties == "hash"


def test_a_missing_file_is_written_on_the_dataset_with_what_was_received(shop):
    spec = {**DATASET_SPEC, "source": {"kind": "csv", "uri": "/nowhere.csv"}}
    shop.documents.write("datasets/ds", {"name": "x", "spec": spec})
    shop.settle()
    found = validation(shop, "datasets/ds")
    assert found["state"] == "invalid"
    assert [(p["path"], p["received"]) for p in found["problems"]] == [
        ("spec.source.uri", "/nowhere.csv")
    ]


def test_a_passing_fault_of_the_data_source_is_raised_that_the_event_comes_again(shop):
    dataset_id = shop.dataset()

    def broken(*_):
        raise ConnectionError("warehouse is away")

    shop.data.profile = broken
    with pytest.raises(ConnectionError):
        shop.settle()
    del shop.data.profile
    shop.handle(shop.event(Topic.CONFIG_CHANGED, DATASETS, dataset_id))
    assert validation(shop, f"datasets/{dataset_id}")["state"] == "valid"


BAD = {
    "an unknown column": (
        FEATURES,
        lambda ds: {
            **feature_spec(ds),
            "product_model_features": [{"column": "prodct", "type": "string_embedding"}],
        },
    ),
    "an unknown layer": (
        MODELS,
        lambda ds: {**MODEL_SPEC, "buyer_tower_layers": [{"type": "lstm"}]},
    ),
    "units 0": (
        MODELS,
        lambda ds: {**MODEL_SPEC, "buyer_tower_layers": [{"type": "dense", "units": 0}]},
    ),
    "unlike towers": (
        MODELS,
        lambda ds: {**MODEL_SPEC, "buyer_tower_layers": [{"type": "dense", "units": 16}]},
    ),
    "a dataset that is not there": (FEATURES, lambda ds: feature_spec("ds-none")),
    "no spec": (MODELS, lambda ds: None),
}


@pytest.mark.parametrize(("collection", "spec"), BAD.values(), ids=BAD)
def test_what_the_api_rejects_gets_the_same_problems_when_written_past_it(shop, collection, spec):
    dataset_id = shop.dataset()
    shop.settle()
    with pytest.raises(InvalidError) as rejected:
        editing.create(shop.ports, collection, name="x", spec=spec(dataset_id))
    path = collection.path("bad")
    shop.documents.write(path, {"name": "x", "spec": spec(dataset_id)})
    shop.settle()
    found = validation(shop, path)
    assert found["state"] == "invalid"
    faults = [problem for problem in found["problems"] if problem["level"] == "error"]
    assert faults == [p.model_dump(mode="json") for p in rejected.value.problems]


def test_a_feature_config_waits_for_its_dataset_and_then_goes_on(shop):
    dataset_id = shop.dataset()
    changes, shop.documents.changes = shop.documents.changes, []
    config_id = shop.feature_config(dataset_id)
    shop.settle()
    found = validation(shop, f"feature_configs/{config_id}")
    assert (found["state"], found["waiting_for"]) == ("waiting", f"datasets/{dataset_id}")
    shop.documents.changes = changes
    shop.settle()
    status = shop.config(config_id)
    assert status.validated(1)
    assert status.validation.waiting_for is None
    assert (status.buyer_tensor.total, status.product_tensor.total) == (32, 32)
    assert shop.artifacts.exists(status.preprocessing.uri)


def test_a_dataset_that_comes_later_mends_its_configs(shop):
    shop.documents.write("feature_configs/fc", {"name": "x", "spec": feature_spec("ds")})
    shop.settle()
    assert validation(shop, "feature_configs/fc")["problems"][0]["code"] == "unknown_dataset"
    shop.documents.write("datasets/ds", {"name": "x", "spec": DATASET_SPEC})
    shop.settle()
    assert validation(shop, "feature_configs/fc")["state"] == "valid"


def test_a_dataset_whose_columns_go_makes_its_configs_invalid(shop):
    dataset_id = shop.dataset()
    shop.settle()
    config_id = shop.feature_config(dataset_id)
    shop.settle()
    shop.data.profiles[URI] = profile([column("customer", "STRING"), column("item", "STRING")])
    mapping = {"customer": "customer_id", "item": "product_id"}
    editing.update(
        shop.ports, DATASETS, dataset_id, spec={**DATASET_SPEC, "column_mapping": mapping}
    )
    shop.settle()
    status = shop.config(config_id)
    assert [problem.code for problem in status.validation.problems] == [
        "unknown_column",
        "no_product_id",
    ]
    assert (status.buyer_tensor, status.preprocessing) == (None, None)


@pytest.mark.parametrize("revision", [0, 2, 99])
def test_an_event_of_another_revision_is_dropped(shop, revision):
    model_id = shop.model_config()
    shop.settle()
    shop.documents.write("x/y", {})
    before = shop.documents.documents
    for topic in (Topic.CONFIG_CHANGED, Topic.CONFIG_VALIDATED, Topic.CODE_GENERATED):
        shop.handle(shop.event(topic, MODELS, model_id, revision))
    assert shop.documents.documents == before
    assert shop.events.published == []


@pytest.mark.parametrize("topic", list(Topic))
@pytest.mark.parametrize("collection", list(Collection))
def test_an_event_about_nothing_is_dropped(shop, topic, collection):
    shop.handle(shop.event(topic, collection, "none"))
    assert shop.documents.documents == {}
    assert shop.events.published == []


@pytest.mark.parametrize("collection", [DATASETS, FEATURES, MODELS, TESTS])
def test_a_verdict_on_a_spec_that_changed_meanwhile_is_not_written(shop, collection):
    ids = {DATASETS: shop.dataset()}
    shop.settle()
    ids[FEATURES], ids[MODELS] = shop.feature_config(ids[DATASETS]), shop.model_config()
    shop.settle()
    ids[TESTS] = shop.quick_test(ids[FEATURES], ids[MODELS])
    path = collection.path(ids[collection])
    spec = shop.documents.data(path)["spec"]
    changed = {
        DATASETS: {**DATASET_SPEC, "column_mapping": {**MAPPING, "title": "product_title"}},
        FEATURES: feature_spec(ids[DATASETS], 64),
        MODELS: {**spec, "top_k": 7},
        TESTS: {**spec, "epochs": 7},
    }
    data = shop.documents.data(path)
    data["status"]["validation"] = {"state": "pending", "revision": 0}
    shop.documents.write(path, data)
    while shop.documents.changes:
        publish_change(shop.documents.changes.pop(0), shop.ports)
    shop.events.published.clear()

    def edit():
        editing.update(shop.ports, collection, ids[collection], spec=changed[collection])

    shop.documents.meanwhile = edit
    shop.handle(shop.event(Topic.CONFIG_CHANGED, collection, ids[collection]))
    assert validation(shop, path)["revision"] == 0
    assert all(event.document_id != ids[collection] for event in shop.events.published)
    shop.settle()
    assert validation(shop, path)["revision"] == 2
