"""A kind is a file: those that `tests/added_kinds` adds to a copy of the product go all the way."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.added_kinds import run


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("added")
    run(folder)
    made: dict[str, Any] = json.loads((folder / "found.json").read_text())
    return made


def test_their_settings_are_validated(found: dict[str, Any]) -> None:
    assert found["refused"] == [["buyer_tower_layers", 0, "gaussian_noise", "stddev"]]


def test_their_checks_are_asked(found: dict[str, Any]) -> None:
    problems = found["problems"]
    assert problems["always_present"] == "Column 'category' always has a value."
    assert problems["high_learning_rate"] == (
        "0.05 is high for nadam, which usually diverges above 0.03. 0.002 is a good start."
    )
    assert problems["rating_column_range"] == (
        "'quantity' runs from 1 to 101, but log_cosh needs labels from 0 to 100. Take such a "
        "column, or the loss mse or huber."
    )
    assert "no_transform" not in problems
    assert problems["much_on_the_side"].startswith("Ratings count much")


def test_they_are_planned(found: dict[str, Any]) -> None:
    buyer, product = found["tensors"]
    assert buyer["breakdown"][1:] == [{"name": "sales_value_sign", "dim": 1}]
    assert product["breakdown"][1:] == [{"name": "category_presence", "dim": 1}]
    noise, dense = found["parameters"]["buyer_tower"]["layers"]
    assert (noise["type"], noise["trainable"], noise["output_width"]) == ("gaussian_noise", 0, 9)
    assert dense["trainable"] == 9 * 8 + 8


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("preprocessing", 'outputs["buyer_sales_value_sign"] = sign(buyer_'),
        ("preprocessing", 'outputs["product_category_presence"] = presence(inputs["category"], '),
        ("preprocessing", "def sign(values: tf.Tensor) -> tf.Tensor:"),
        ("trainer", "tf.keras.layers.GaussianNoise(0.05)"),
        ("trainer", "tf.keras.losses.log_cosh(labels"),
        ("trainer", "tf.clip_by_value(rating, 0.0, 100.0)"),
        ("trainer", "Nadam"),
        ("trainer", '"""Two-tower auxiliary model'),
        ("trainer", "RANKING_WEIGHT = 0.4\n"),
        ("trainer", "losses = RETRIEVAL_WEIGHT * retrieval + RANKING_WEIGHT * ranking"),
    ],
)
def test_they_become_code(found: dict[str, Any], module: str, line: str) -> None:
    assert line in found[module]


def test_the_api_describes_them(found: dict[str, Any]) -> None:
    schemas = found["openapi"]
    assert "log_cosh" in schemas["LossFunction"]["enum"]
    assert "nadam" in schemas["Optimizer"]["enum"]
    assert "auxiliary" in schemas["ModelType"]["enum"]
    weight = schemas["ModelConfigSpec"]["properties"]["auxiliary_weight"]
    assert (weight["default"], weight["maximum"]) == (0.1, 0.5)
    assert "auxiliary_weight: what the loss" in schemas["ModelConfigSpec"]["description"]
    assert schemas["GaussianNoise"]["properties"]["stddev"]["maximum"] == 1
    assert schemas["Presence"]["properties"]["weight"]["maximum"] == 8
    spec = schemas["FeatureConfigSpec"]["properties"]["buyer_model_features"]["items"]
    assert spec["discriminator"]["mapping"]["presence"] == "#/components/schemas/Presence"
    assert schemas["NumericTransforms"]["properties"]["sign"]["$ref"].endswith("/Sign")


@pytest.mark.parametrize(
    ("kinds", "name", "label"),
    [
        ("features", "presence", "Presence"),
        ("transforms", "sign", "Sign"),
        ("layers", "gaussian_noise", "Gaussian noise"),
        ("losses", "log_cosh", "Log-cosh"),
        ("optimizers", "nadam", "Nadam"),
    ],
)
def test_lists_of_kinds_have_them_last(
    found: dict[str, Any], kinds: str, name: str, label: str
) -> None:
    last = found["kinds"][kinds][-1]
    assert (last["name"], last["label"]) == (name, label)


def test_the_catalogue_says_what_an_added_task_does_and_reads(found: dict[str, Any]) -> None:
    task = found["kinds"]["tasks"][-1]
    assert (task["name"], task["label"]) == ("auxiliary", "Retrieval and ratings")
    assert (task["retrieves"], task["rates"], task["main_metrics"]) == (
        True,
        True,
        ["recall_at_100"],
    )
    assert {"auxiliary_weight", "temperature", "loss_function"} <= set(task["settings"])
    assert "learning_rate" not in task["settings"]


def test_comparisons_tell_them(found: dict[str, Any]) -> None:
    facts = found["facts"]
    assert facts["buyer.sales_value"] == "sign"
    assert facts["product.category"] == "presence, weight 2"
    assert facts["buyer_tower"] == "noise 0.05→8"
    assert facts["model_type"] == "auxiliary"
    assert facts["auxiliary"] == "0.4"
    assert facts["optimizer"] == "nadam"


@pytest.mark.parametrize(
    "line",
    [
        "| `stddev` | number | `0.1` | above 0, to 1 | `tf.keras.layers.GaussianNoise(0.25)` |",
        "### Sign",
        "### Presence",
        "`log_cosh`",
        "`nadam`",
        "- `auxiliary_weight`: what the loss of the rating counts.",
        "| `auxiliary_weight` | number | `0.1` | above 0, to 0.5 |",
    ],
)
def test_the_page_of_settings_has_them(found: dict[str, Any], line: str) -> None:
    assert line in found["page"]
