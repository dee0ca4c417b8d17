"""Settings that a tuning may search, as configs have them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scenario import feature_spec, known_dataset
from tuned import HISTORY

from shared.documents.feature_config import FeatureConfigSpec
from shared.documents.model_config import ModelConfigSpec
from shared.layers import Dense, Dropout
from shared.problems import errors
from shared.rules.feature_config import check_feature_config
from shared.rules.model_config import check_model_config
from shared.rules.presets import preset, presets
from shared.rules.search import holds
from shared.rules.search_space import default_params, default_space
from shared.rules.tunables import check_settings, tunables, with_settings

FEATURES = FeatureConfigSpec.model_validate({**feature_spec("ds"), "buyer_model_features": HISTORY})
SPACES = {one.key: default_space(FEATURES, one.spec, known_dataset()) for one in presets()}


def set_on(key: str, **values: float) -> tuple[FeatureConfigSpec, ModelConfigSpec]:
    return with_settings(FEATURES, preset(key).spec, values)


def widths(model: ModelConfigSpec) -> list[int]:
    return [layer.units for layer in model.buyer_tower_layers if isinstance(layer, Dense)]


def test_widths_and_layers_are_set_in_both_towers_and_end_as_wide_as_the_embeddings():
    _, model = set_on("standard", output_width=64, hidden_layers=3, hidden_width=256)
    assert widths(model) == [256, 128, 64, 64]
    assert model.product_tower_layers == model.buyer_tower_layers
    assert model.output_embedding_dim == 64
    _, model = set_on("standard", hidden_layers=0)
    assert widths(model) == [32]
    _, model = set_on("recommended", hidden_layers=1)
    assert widths(model) == [128, 64]


def test_dropout_stands_before_every_dense_layer_but_the_first_or_the_only_one():
    _, model = set_on("standard", dropout=0.25)
    kinds = [layer.type for layer in model.product_tower_layers]
    assert kinds == ["dense", "dropout", "dense", "dropout", "dense"]
    _, model = set_on("wide", dropout=0.25)
    assert [layer.type for layer in model.product_tower_layers] == ["dropout", "dense"]
    _, model = set_on("regularized", dropout=0)
    assert not [layer for layer in model.buyer_tower_layers if isinstance(layer, Dropout)]


def test_half_lives_keep_their_ratio_and_histories_share_the_embeddings_width():
    features, _ = set_on("standard", half_life=30, embedding_width=64)
    customer, history, city = features.buyer_model_features
    assert history.half_lives == [1.667, 6.667, 30]
    assert (customer.embedding_dim, history.embedding_dim, city.embedding_dim) == (64, 64, 8)


def test_the_configs_themselves_stay_as_they_are():
    before = preset("standard").spec, FEATURES.model_copy(deep=True)
    own = preset("standard").spec
    with_settings(FEATURES, own, {"dropout": 0.5, "half_life": 3, "output_width": 128})
    assert (own, FEATURES) == before


@pytest.mark.parametrize("key", SPACES)
def test_each_preset_lies_in_its_own_default_space(key):
    """But for what its towers do not say in one number."""
    model = preset(key).spec
    params = default_params(SPACES[key], FEATURES, model)
    same = with_settings(FEATURES, model, {k: v for k, v in params.items() if k in tunables()})
    assert same == (FEATURES, model)
    assert {"output_width", "temperature", "learning_rate", "half_life"} <= set(params)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_whatever_lies_in_a_default_space_is_valid(data):
    key = data.draw(st.sampled_from(list(SPACES)))
    chosen = {}
    for one in SPACES[key]:
        if one.setting not in tunables() or not data.draw(st.booleans()):
            continue
        if one.values is not None:
            chosen[one.setting] = data.draw(st.sampled_from(one.values))
        else:
            chosen[one.setting] = data.draw(st.floats(one.low, one.high))
        assert holds(one, chosen[one.setting])
    model = preset(key).spec
    assert not list(check_settings(FEATURES, model, chosen))
    features, changed = with_settings(FEATURES, model, chosen)
    assert not errors(check_feature_config(features, known_dataset()))
    assert not errors(check_model_config(changed))
    for name, value in chosen.items():
        if name != "hidden_width" or widths(changed)[:-1]:
            assert tunables()[name].read(features, changed) == pytest.approx(value, rel=1e-3)
