"""What the catalogue says of settings, and what answers say so that the console need not decide."""

from __future__ import annotations

import pytest
from api_client import Client, error
from pydantic import BaseModel, Field
from scenario import MODEL_SPEC, Shop, feature_spec

from shared.documents.feature_config import FeatureConfigSpec
from shared.documents.quick_test import QuickTestSpec
from shared.jobs import EvaluationProtocol, VocabularyReport
from shared.rules.catalogue import catalogue
from shared.rules.feature_words import described_features
from shared.rules.presets import preset
from shared.rules.settings import settings_of
from shared.rules.tensors import tensor_dims
from shared.rules.usual_roles import tower_of
from shared.rules.vocabulary import judge_vocabulary
from shared.tasks import TASKS


class _Inner(BaseModel):
    on: bool = False


class _Example(BaseModel):
    rate: float = Field(gt=0, le=1, title="Rate", description="How much.", examples=[0.1, 0.5])
    epochs: int | None = Field(default=None, ge=1)
    inner: _Inner = _Inner(on=True)


def test_a_setting_has_its_bounds_words_and_usual_values() -> None:
    rate, epochs, on = settings_of(_Example)
    assert (rate.label, rate.help, rate.usual) == ("Rate", "How much.", [0.1, 0.5])
    assert (rate.above, rate.minimum, rate.maximum, rate.required) == (0, None, 1, True)
    assert rate.words == "a number above 0, up to 1"
    assert (epochs.label, epochs.minimum, epochs.default) == ("Epochs", 1, None)
    assert (on.name, on.default) == ("inner.on", True)


def test_defaults_bounds_and_usual_values_agree() -> None:
    found = catalogue()
    kinds = (*found.features, *found.transforms, *found.layers, *found.crosses)
    for setting in [one for kind in (*kinds, *found.documents) for one in kind.settings]:
        numbers = [*setting.usual, *([setting.default] if setting.usual else [])]
        for value in numbers:
            if value is not None:
                assert setting.minimum is None or value >= setting.minimum
                assert setting.maximum is None or value <= setting.maximum
                assert setting.above is None or value > setting.above
        if setting.options and setting.choices is not None:
            assert {option.value for option in setting.options} <= set(setting.choices)


def test_a_documents_settings_are_those_that_it_takes() -> None:
    (quick_test,) = [one for one in catalogue().documents if one.name == "quick_test"]
    names = {setting.name.partition(".")[0] for setting in quick_test.settings}
    assert names == set(QuickTestSpec.model_fields)


def test_every_warning_says_where_its_cause_is_mended() -> None:
    found = catalogue()
    remedies = {one.name: one.remedy for one in found.remedies}
    assert {warning.name: warning.remedy for warning in found.warnings}.items() <= remedies.items()
    assert remedies["column_in_both_towers"] == "features"


@pytest.mark.parametrize(
    ("role", "tower"),
    [
        ("customer_id", "buyer"),
        ("customer_city", "buyer"),
        ("subcategory", "product"),
        ("product_brand", "product"),
        ("revenue", None),
        ("rating", None),
    ],
)
def test_a_role_describes_a_side_or_the_purchase_itself(role: str, tower: str | None) -> None:
    assert tower_of(role) == tower


@pytest.fixture
def shop():
    return Shop()


@pytest.fixture
def client(shop):
    return Client(shop)


@pytest.fixture
def dataset_id(shop):
    made = shop.dataset()
    shop.settle()
    return made


def test_a_column_becomes_what_smart_defaults_make_of_it(client, dataset_id) -> None:
    items = client("GET", f"/api/datasets/{dataset_id}/column-features/").json()["items"]
    first = {item["column"]: item["features"][0] for item in items}
    defaults = client("GET", f"/api/datasets/{dataset_id}/smart-defaults/").json()
    for feature in (*defaults["buyer_model_features"], *defaults["product_model_features"]):
        if feature["type"] == "history":  # of the customer, not of a row's value
            continue
        assert first[feature["column"]] == feature
    columns = client("GET", f"/api/datasets/{dataset_id}/").json()["status"]["columns"]
    assert [item["column"] for item in items] == [column["name"] for column in columns]
    for item, column in zip(items, columns, strict=True):
        kinds = [feature["type"] for feature in item["features"]]
        assert len(set(kinds)) == len(kinds) >= 1
        assert (len(kinds) == 2) == (column["type"] in ("INTEGER", "TIMESTAMP"))


def test_features_are_described_as_the_whole_tensor_is(client, dataset_id) -> None:
    spec = feature_spec(dataset_id)
    told = client("POST", "/api/feature-configs/describe/", json={"spec": spec}).json()
    parsed = FeatureConfigSpec.model_validate(spec)
    for tower in ("buyer", "product"):
        found = told[tower]
        assert found["tensor"] == tensor_dims(parsed, tower).model_dump()
        parts = [part for feature in found["features"] for part in feature["parts"]]
        crosses = [{"name": one["name"], "dim": one["dim"]} for one in found["crosses"]]
        assert [*parts, *crosses] == found["tensor"]["breakdown"]
        assert all(feature["words"] for feature in found["features"])
    error(client("POST", "/api/feature-configs/describe/", json={"spec": {}}), 422, "invalid")


def test_a_feature_that_gives_nothing_is_described_too() -> None:
    off = {"column": "price", "type": "numeric", "transforms": {"normalize": {"enabled": False}}}
    spec = FeatureConfigSpec.model_validate({"dataset_id": "ds", "buyer_model_features": [off]})
    (found,) = described_features(spec).buyer.features
    assert (found.dim, found.parts, found.words, found.cross_name) == (0, [], "Unused", None)


def test_the_head_that_fits_a_tower_is_told_with_it(client) -> None:
    spec = {**MODEL_SPEC, "buyer_tower_layers": [{"type": "dense", "units": 32}]}
    told = client("POST", "/api/model-configs/validate/", json={"spec": spec}).json()
    assert [layer["units"] for layer in told["fitting_head"]] == [32, 1]
    for one in client("GET", "/api/model-configs/presets/").json()["items"]:
        assert one["rating_head"][-1]["units"] == 1


@pytest.mark.parametrize(
    ("rates", "standing", "causes"),
    [
        ({"oov_rate": 0.01}, "good", ""),
        ({"oov_rate": 0.01, "truncated": True}, "some_unknown", ""),
        (
            {"oov_rate": 0.21, "unseen_rate": 0.01, "rare_rate": 0.2},
            "much_unknown",
            "20.0% below the minimum frequency, 1.0% unseen in training",
        ),
    ],
)
def test_a_vocabulary_is_judged_with_its_causes(rates, standing: str, causes: str) -> None:
    report = VocabularyReport(key="c", column="c", tower="buyer", vocabulary_size=3, **rates)
    judge_vocabulary(report)
    assert (report.standing, report.causes) == (standing, causes)


def test_what_was_held_out_is_told_and_what_was_asked_for_where_that_differs() -> None:
    def told(train: int, held_out: int, **more) -> str:
        return EvaluationProtocol(
            **{"split": "temporal", "holdout_fraction": 0.1, "sample_percent": 10.0},
            **{"sample_by": "customer", "seed": 42, "train_rows": train, "holdout_rows": held_out},
            **{"holdout_customers": 1, "candidates": 1},
            **more,
        ).told

    start = "10% of the customers (seed 42), the latest "
    assert told(90, 10) == f"{start}10% of the rows held out"
    assert told(50, 70, ties="hash") == (
        f"{start}58.3% (asked: 10%) of the rows held out, cut within a moment"
    )


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_a_new_model_begins_with_a_preset_that_fits_its_task(task) -> None:
    first = preset(task.preset).spec
    assert (first.reranker is not None) == task.retrieves
