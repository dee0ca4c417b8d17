"""What a tuning is made of: what is searched, within which budget, and what is refused."""

from __future__ import annotations

import pytest
from tuned import SPACE, Tuned, finish

from shared import editing
from shared.documents.base import Collection
from shared.handlers import reconcile
from shared.problems import InvalidError


@pytest.fixture
def shop():
    return Tuned()


def test_the_default_space_is_what_the_configs_have(shop):
    tuning_id = shop.tune(space=None)
    shop.settle()
    keys = [one.key for one in shop.tuned(tuning_id).space]
    assert keys == [
        *("output_width", "hidden_layers", "hidden_width", "dropout", "l2_reg", "temperature"),
        *("learning_rate", "embedding_width", "half_life", "buyer.city"),
    ]
    status = shop.tuned(tuning_id)
    assert status.trials[0].params["half_life"] == 90
    assert status.estimate.seconds.likely == pytest.approx(
        26 * status.estimate_of_one.seconds.likely
    )


@pytest.mark.parametrize(
    ("spec", "path", "said"),
    [
        ({"space": []}, "spec.space", "The search space is empty"),
        (
            {"space": [{"setting": "dropout", "low": 0.2, "high": 0.2}]},
            "spec.space[0]",
            "Dropout has one value only",
        ),
        (
            {"space": [{"setting": "output_width", "values": [64, 64]}]},
            "spec.space[0]",
            "Output width has one value only",
        ),
        (
            {"space": [{"setting": "dropout", "low": 0.2, "high": 0.95}]},
            "spec.space[0].high",
            "Dropout is a number from 0 to 0.9",
        ),
        (
            {"space": [{"setting": "output_width", "values": [32, 33.5]}]},
            "spec.space[0].values[1]",
            "Output width is a whole number from 8 to 512",
        ),
        (
            {"space": [{"setting": "dropout", "low": 0.5, "high": 0.1}]},
            "spec.space[0]",
            "Swap them",
        ),
        ({"space": [{"setting": "dropout", "low": 0.2}]}, "spec.space[0]", "both low and high"),
        ({"space": [{"setting": "magic"}]}, "spec.space[0].setting", "no setting 'magic'"),
        ({"space": [SPACE[0], SPACE[0]]}, "spec.space[1]", "listed twice"),
        (
            {"space": [{"setting": "included", "tower": "buyer", "column": "moon"}]},
            "spec.space[0]",
            "buyer 'city'",
        ),
        ({"trials": 1}, "spec.trials", "greater than or equal to 2"),
        ({"budget_minutes": 0.01}, "spec.budget_minutes", "One trial takes about"),
        ({"feature_config_id": "fc-none"}, "spec.feature_config_id", "no feature config"),
        ({"model_config_id": "mc-none"}, "spec.model_config_id", "no model config"),
        ({"data_sample_percent": 0.0001}, "spec.data_sample_percent", "less than one"),
    ],
)
def test_what_is_wrong_is_said_by_field(shop, spec, path, said):
    with pytest.raises(InvalidError) as e:
        shop.tune(**spec)
    assert {p.path for p in e.value.problems} == {path}
    assert said in e.value.problems[0].message


def test_a_setting_that_the_task_has_not_is_named(shop):
    head = [{"type": "dense", "units": 1, "activation": None}]
    shop.model = shop.model_config("Rates", model_type="ranking", rating_head_layers=head)
    with pytest.raises(InvalidError, match="nothing that 'Temperature' would set"):
        shop.tune(rating_column="revenue")
    tuning_id = shop.tune(rating_column="revenue", space=None)
    shop.settle()
    status = shop.tuned(tuning_id)
    assert status.metric == "rmse"
    assert "temperature" not in [one.setting for one in status.space]


def test_what_a_tuning_names_stays_until_it_has_ended(shop):
    tuning_id = shop.tune(trials=3)
    with pytest.raises(editing.InUseError, match="Cancel the tuning first"):
        editing.delete(shop.ports, Collection.MODEL_CONFIGS, shop.model)
    shop.settle()
    with pytest.raises(editing.LockedError):
        editing.delete(shop.ports, Collection.TUNINGS, tuning_id)
    finish(shop, tuning_id)
    editing.delete(shop.ports, Collection.TUNINGS, tuning_id)
    reconcile(shop.ports)
