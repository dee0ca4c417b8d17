"""A quick test is judged, and pinned to what it will use."""

from __future__ import annotations

import pytest
from scenario import (
    MODEL_SPEC,
    Shop,
    feature_spec,
)

from shared import editing
from shared.documents.base import Collection
from shared.events import Topic
from shared.wording import field as called


@pytest.fixture
def shop():
    return Shop()


class TestQuickTest:
    def test_pins_the_revisions_that_it_was_judged_by(self, shop):
        dataset_id = shop.dataset()
        shop.settle()
        feature_id, model_id = shop.feature_config(dataset_id), shop.model_config()
        editing.update(
            shop.ports, Collection.MODEL_CONFIGS, model_id, spec={**MODEL_SPEC, "top_k": 7}
        )
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
        editing.update(
            shop.ports, Collection.FEATURE_CONFIGS, feature_id, spec=feature_spec(dataset_id, 64)
        )
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
                "Model config 'broken' is not valid. The buyer tower's layers: Field required.",
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
                "0.001% of 2,000 customers is less than one.",
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
        assert test.error.message.lower().startswith(f"{called(path)}: {text}".lower())
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
