"""The verdict on each document, whoever wrote it."""

from __future__ import annotations

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
from shared.documents.base import Collection
from shared.documents.dataset import DatasetStatus
from shared.events import Topic
from shared.handlers import publish_change
from shared.problems import Invalid

DATASETS, FEATURES, MODELS, TESTS, *_ = Collection


@pytest.fixture
def shop():
    return Shop()


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

    def broken(source):
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
    with pytest.raises(Invalid) as rejected:
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


class TestQuickTest:
    def test_pins_the_revisions_that_it_was_judged_by(self, shop):
        dataset_id = shop.dataset()
        shop.settle()
        feature_id, model_id = shop.feature_config(dataset_id), shop.model_config()
        editing.update(shop.ports, MODELS, model_id, spec={**MODEL_SPEC, "top_k": 7})
        test_id = shop.quick_test(feature_id, model_id)
        shop.settle()
        pinned = shop.test(test_id).pinned
        assert (pinned.feature_config_revision, pinned.model_config_revision) == (1, 2)
        assert (pinned.dataset_id, pinned.dataset_fingerprint) == (dataset_id, "v1")

    def test_stays_with_them_when_a_config_is_edited_afterwards(self, shop):
        dataset_id = shop.dataset()
        shop.settle()
        feature_id, model_id = shop.feature_config(dataset_id), shop.model_config()
        shop.settle()
        test_id = shop.quick_test(feature_id, model_id)
        shop.handle_until(Topic.CONFIG_VALIDATED)
        editing.update(shop.ports, FEATURES, feature_id, spec=feature_spec(dataset_id, 64))
        shop.settle()
        test = shop.test(test_id)
        assert test.pinned.feature_config_revision == 1
        preprocessing = shop.artifacts.read(test.code.preprocessing.uri)
        trainer = shop.artifacts.read(test.code.trainer.uri).decode()
        assert preprocessing != shop.artifacts.read(shop.config(feature_id).preprocessing.uri)
        assert '"revision": 1' in preprocessing.decode()
        assert " 32" in trainer

    def test_waits_for_the_dataset(self, shop):
        dataset_id = shop.dataset()
        changes, shop.documents.changes = shop.documents.changes, []
        test_id = shop.quick_test(shop.feature_config(dataset_id), shop.model_config())
        shop.settle()
        test = shop.test(test_id)
        assert (test.state, test.validation.state) == ("pending", "waiting")
        assert [entry.what for entry in test.timeline] == [f"waiting for datasets/{dataset_id}"]
        assert shop.pipelines.requests == {}
        shop.documents.changes = changes
        shop.settle()
        assert shop.test(test_id).state == "running"

    @pytest.mark.parametrize(
        ("spec", "path", "text"),
        [
            (
                {"feature_config_id": "fc-none", "model_config_id": "MODEL"},
                "spec.feature_config_id",
                "There is no feature config 'fc-none'.",
            ),
            (
                {"feature_config_id": "FEATURE", "model_config_id": "broken"},
                "spec.model_config_id",
                "Model config 'broken' is not valid. spec.buyer_tower_layers: Field required.",
            ),
            (
                {"feature_config_id": "FEATURE", "model_config_id": "MODEL", "epochs": 0},
                "spec.epochs",
                "Input should be greater than or equal to 1.",
            ),
            (
                {
                    "feature_config_id": "FEATURE",
                    "model_config_id": "MODEL",
                    "data_sample_percent": 0.001,
                },
                "spec.data_sample_percent",
                "0.001 % of 2,000 customers is less than one.",
            ),
        ],
    )
    def test_fails_at_once_and_says_why(self, shop, spec, path, text):
        dataset_id = shop.dataset()
        shop.settle()
        ids = {"FEATURE": shop.feature_config(dataset_id), "MODEL": shop.model_config()}
        broken = {"product_tower_layers": MODEL_SPEC["product_tower_layers"]}
        shop.documents.write("model_configs/broken", {"name": "x", "spec": broken})
        spec = {key: ids.get(value, value) for key, value in spec.items()}
        shop.documents.write("quick_tests/qt", {"name": "x", "spec": spec})
        shop.settle()
        test = shop.test("qt")
        assert test.state == "failed"
        assert test.error.stage is None
        assert test.error.message.startswith(f"{path}: {text}")
        assert test.validation.problems[0].path == path
        assert test.ended_at is not None
        assert shop.pipelines.requests == {}

    def test_takes_over_warnings(self, shop):
        test_id = shop.running_test(batch_size_override=65536, data_sample_percent=1)
        assert [warning.code for warning in shop.test(test_id).warnings] == ["batch_exceeds_sample"]

    def test_that_runs_is_left_alone_whatever_is_written_into_it(self, shop):
        test_id = shop.running_test()
        before = shop.test(test_id)
        data = shop.documents.data(f"quick_tests/{test_id}")
        data["spec"] = {"nonsense": True}
        shop.documents.write(f"quick_tests/{test_id}", data)
        shop.settle()
        after = shop.test(test_id)
        assert after.model_copy(update={"observed": before.observed}) == before
        shop.succeed(test_id)
        assert shop.test(test_id).state == "completed"


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
