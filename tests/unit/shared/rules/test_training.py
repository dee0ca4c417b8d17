"""What a test trains with."""

from __future__ import annotations

import pytest

from shared.documents.model_config import ModelConfigSpec
from shared.documents.quick_test import QuickTestSpec
from shared.rules.presets import preset, presets
from shared.rules.training import FEWEST_EPOCHS_TO_STOP, fitting_fraction, training_of


def asked(epochs: int, **fields: int | None) -> QuickTestSpec:
    ids = {"feature_config_id": "f", "model_config_id": "m"}
    return QuickTestSpec.model_validate({**ids, "epochs": epochs, **fields})


@pytest.mark.parametrize(
    ("epochs", "own", "of_model", "patience"),
    [
        (20, None, None, None),
        (20, None, 3, 3),
        (FEWEST_EPOCHS_TO_STOP, None, 3, 3),
        (FEWEST_EPOCHS_TO_STOP - 1, None, 3, None),
        (20, 0, 3, None),
        (20, 5, 3, 5),
        (1, 5, None, 5),
    ],
)
def test_a_test_stops_by_its_own_patience_or_by_the_models_where_epochs_allow_it(
    epochs: int, own: int | None, of_model: int | None, patience: int | None
) -> None:
    model = preset("standard").spec.model_copy(update={"early_stopping_patience": of_model})
    test = asked(epochs, early_stopping_patience=own)
    assert training_of(test, model).early_stopping_patience == patience
    assert (fitting_fraction(test, model) > 0) == (patience is not None)


def test_models_of_today_stop_early_and_the_others_are_what_they_were() -> None:
    stopping = {item.key for item in presets() if item.spec.early_stopping_patience is not None}
    assert stopping == {"recommended", "wide"}
    old = preset("wide").spec.model_dump(exclude={"early_stopping_patience"})
    assert ModelConfigSpec.model_validate(old).early_stopping_patience is None


def test_a_re_ranker_has_its_slice_whatever_the_epochs() -> None:
    recommended = preset("recommended").spec
    assert {fitting_fraction(asked(epochs), recommended) for epochs in (1, 2, 20)} == {0.1}
