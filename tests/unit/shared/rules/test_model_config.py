"""What is said of a model config that cannot be trained, and the presets, which can."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from strategies import model_configs

from shared.documents.model_config import LossFunction, ModelConfigSpec, Optimizer
from shared.errors import NotFoundError
from shared.layers import Dense
from shared.losses import LOSSES
from shared.optimizers import OPTIMIZERS
from shared.problems import errors
from shared.rules.model_config import check_model_config
from shared.rules.presets import preset, presets, rating_head_presets

OUT = {"type": "dense", "units": 32, "activation": None}
RATING = {"type": "dense", "units": 1, "activation": None}
RIGHT = "It must end in a dense layer of 32 units (the width of the embeddings)."


def spec(**fields) -> ModelConfigSpec:
    plain = {
        "buyer_tower_layers": [OUT],
        "product_tower_layers": [OUT],
        "optimizer": "adagrad",
        "learning_rate": 0.1,
        "normalize_embeddings": False,
        "temperature": 1.0,
    }
    return ModelConfigSpec.model_validate({**plain, **fields})


BAD = {
    "an empty tower": (
        spec(buyer_tower_layers=[]),
        "spec.buyer_tower_layers",
        "empty_tower",
        f"The buyer tower has no layers. {RIGHT}",
        [],
        "error",
    ),
    "a tower that ends in another width": (
        spec(product_tower_layers=[OUT, {"type": "dense", "units": 64, "activation": None}]),
        "spec.product_tower_layers[1].units",
        "tower_output",
        f"The product tower ends in 64 units. {RIGHT}",
        64,
        "error",
    ),
    "a tower that ends in no dense layer": (
        spec(buyer_tower_layers=[OUT, {"type": "dropout", "rate": 0.1}]),
        "spec.buyer_tower_layers[1]",
        "tower_output",
        f"The buyer tower ends in dropout. {RIGHT}",
        "{'type': 'dropout', 'rate': 0.1}",
        "error",
    ),
    "unlike towers that share weights": (
        spec(
            share_tower_weights=True,
            buyer_tower_layers=[{"type": "dense", "units": 64}, OUT],
        ),
        "spec.share_tower_weights",
        "towers_differ",
        "Towers that share weights need identical layers. Make the layers of both "
        "towers equal, or share nothing.",
        True,
        "error",
    ),
    "an embedding of positive numbers": (
        spec(product_tower_layers=[{"type": "dense", "units": 32}]),
        "spec.product_tower_layers[0].activation",
        "activated_output",
        "The product tower's last layer has activation 'relu'. Linear embeddings usually rank "
        "better, for they may point in every direction.",
        "relu",
        "warning",
    ),
    "cosines at temperature 1": (
        spec(normalize_embeddings=True),
        "spec.temperature",
        "flat_softmax",
        "Scores of normalized embeddings lie between -1 and 1, so that the softmax over a batch "
        "is nearly flat at temperature 1. Usual is 0.05 to 0.2.",
        1.0,
        "warning",
    ),
    "temperature without cosines": (
        spec(temperature=0.1),
        "spec.temperature",
        "temperature_without_normalization",
        "A temperature of 0.1 only scales embeddings whose length is learned anyway. "
        "Normalize the embeddings, or leave it at 1.",
        0.1,
        "warning",
    ),
    "a ranking tower without layers": (
        spec(model_type="ranking", rating_head_layers=[RATING], product_tower_layers=[]),
        "spec.product_tower_layers",
        "empty_tower",
        "The product tower has no layers. It needs at least one.",
        [],
        "error",
    ),
    "no rating head": (
        spec(model_type="ranking", buyer_tower_layers=[{"type": "dense", "units": 64}, OUT]),
        "spec.rating_head_layers",
        "empty_rating_head",
        "A ranking model needs a rating head. One that fits the buyer tower is dense "
        "64 → 32 → 1, the last one linear.",
        [],
        "error",
    ),
    "a rating of two numbers": (
        spec(model_type="multitask", rating_head_layers=[{**RATING, "units": 2}]),
        "spec.rating_head_layers[0]",
        "rating_head_output",
        "The rating head must end in a dense layer of 1 unit.",
        "{'type': 'dense', 'units': 2, 'activation': None, 'l2_reg': 0.0}",
        "error",
    ),
    "a rating head that ends in no dense layer": (
        spec(model_type="ranking", rating_head_layers=[RATING, {"type": "batch_norm"}]),
        "spec.rating_head_layers[1]",
        "rating_head_output",
        "The rating head must end in a dense layer of 1 unit.",
        "{'type': 'batch_norm'}",
        "error",
    ),
    "a rating with a bound": (
        spec(model_type="ranking", rating_head_layers=[{**RATING, "activation": "sigmoid"}]),
        "spec.rating_head_layers[0].activation",
        "activated_rating",
        "The rating head's last layer has activation 'sigmoid', but the loss needs its plain "
        "output. Set it to null.",
        "sigmoid",
        "error",
    ),
    "two tasks that do not count": (
        spec(
            model_type="multitask",
            rating_head_layers=[RATING],
            retrieval_weight=0,
            ranking_weight=0,
        ),
        "spec.retrieval_weight",
        "no_loss_weight",
        "With both weights 0 nothing is learned. Raise one of them above 0.",
        0.0,
        "error",
    ),
    "more leaves searched than there are": (
        spec(scann_num_leaves=10, scann_leaves_to_search=11),
        "spec.scann_leaves_to_search",
        "more_leaves_searched_than_exist",
        "11 leaves cannot be searched of 10. Take at most 10; a tenth to a fifth of them is usual.",
        11,
        "error",
    ),
    "adagrad's rate for adam": (
        spec(optimizer="adam"),
        "spec.learning_rate",
        "high_learning_rate",
        "0.1 is high for adam, which usually diverges above 0.02. "
        f"{OPTIMIZERS['adam'].learning_rate:g} is a good start.",
        0.1,
        "warning",
    ),
}


@pytest.mark.parametrize(
    ("spec", "path", "code", "message", "received", "level"), BAD.values(), ids=BAD
)
def test_names_the_field_what_was_received_and_what_would_be_right(
    spec, path, code, message, received, level
):
    (problem,) = check_model_config(spec)
    assert problem.model_dump() == {
        "path": path,
        "code": code,
        "message": message,
        "received": received,
        "level": level,
    }


@pytest.mark.parametrize("item", presets(), ids=lambda item: item.key)
def test_every_preset_is_sound_and_ends_linear(item):
    assert check_model_config(item.spec) == []
    for tower in ("buyer", "product"):
        last = item.spec.layers(tower)[-1]
        assert isinstance(last, Dense)
        assert last.activation is None
        assert last.units == item.spec.output_embedding_dim


@pytest.mark.parametrize("task", ["ranking", "multitask"])
@pytest.mark.parametrize("item", presets(), ids=lambda item: item.key)
def test_every_preset_has_a_rating_head_that_fits(item, task):
    heads = {head.key: head for head in rating_head_presets()}
    fields = {"model_type": task, "rating_head_layers": heads[item.key].layers}
    if task == "ranking":
        fields["reranker"] = None  # it has nothing to order
    assert check_model_config(item.spec.model_copy(update=fields)) == []


def test_rating_heads_have_the_widths_of_the_specification():
    widths = {
        head.key: "→".join(str(layer.units) for layer in head.layers)
        for head in rating_head_presets()
    }
    assert widths == {
        "recommended": "64→1",
        "wide": "64→1",
        "minimal": "64→32→1",
        "standard": "128→64→32→1",
        "deep": "256→128→64→32→1",
        "asymmetric": "256→128→64→1",
        "regularized": "128→64→32→1",
    }
    assert all(set(map(type, head.layers)) == {Dense} for head in rating_head_presets())
    assert all(layer.l2_reg == 0 for head in rating_head_presets() for layer in head.layers)


@settings(max_examples=40)
@given(model_configs())
def test_a_valid_config_draws_no_error(config):
    assert errors(check_model_config(config.spec)) == []


def test_every_optimizer_and_every_loss_is_described():
    assert set(OPTIMIZERS) == set(Optimizer)
    assert {loss.key for loss in LOSSES.values()} == set(LossFunction)
    for info in OPTIMIZERS.values():
        chosen = spec(optimizer=info.key, learning_rate=info.learning_rate)
        assert check_model_config(chosen) == []


def test_presets_have_the_widths_that_their_cards_show():
    widths = {
        item.key: tuple(
            [layer.units for layer in item.spec.layers(tower) if isinstance(layer, Dense)]
            for tower in ("buyer", "product")
        )
        for item in presets()
    }
    assert widths == {
        "recommended": ([64], [64]),
        "wide": ([64], [64]),
        "minimal": ([64, 32], [64, 32]),
        "standard": ([128, 64, 32], [128, 64, 32]),
        "deep": ([256, 128, 64, 32], [256, 128, 64, 32]),
        "asymmetric": ([256, 128, 64], [128, 64]),
        "regularized": ([128, 64, 32], [128, 64, 32]),
    }


def test_a_changed_preset_leaves_the_next_one_as_it_was():
    preset("standard").spec.buyer_tower_layers.clear()
    assert len(preset("standard").spec.buyer_tower_layers) == 3


def test_an_unknown_preset_is_answered_with_the_known_ones():
    with pytest.raises(
        NotFoundError, match="recommended, wide, minimal, standard, deep, asymmetric, regularized"
    ):
        preset("huge")


def test_a_task_ignores_the_settings_of_others():
    searched = {"scann_num_leaves": 2, "scann_leaves_to_search": 3}
    (problem,) = check_model_config(spec(**searched))
    assert problem.code == "more_leaves_searched_than_exist"
    ranking = spec(model_type="ranking", rating_head_layers=[RATING], **searched)
    assert check_model_config(ranking) == []


def test_a_re_ranker_needs_something_to_order():
    layers = [Dense(units=64), Dense(units=1, activation=None)]
    fields = {"model_type": "ranking", "rating_head_layers": layers}
    (problem,) = check_model_config(preset("recommended").spec.model_copy(update=fields))
    assert (problem.path, problem.level) == ("spec.reranker", "error")
    assert "retrieval or multitask" in problem.message
