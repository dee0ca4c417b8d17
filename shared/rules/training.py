"""What a test trains with: its own settings, and where it has none, those of its configs."""

from __future__ import annotations

from dataclasses import dataclass

from shared.documents.dataset import RATING, Dataset
from shared.documents.model_config import ModelConfigSpec
from shared.documents.quick_test import QuickTestSpec

# Of the training rows, those by which early stopping goes.
_STOPPING_FRACTION = 0.1
# A model's own patience acts from so many epochs on: of one or two the last is hardly ever worse,
# and a slice of the rows would be kept from the towers for nothing.
FEWEST_EPOCHS_TO_STOP = 3


@dataclass(frozen=True)
class Training:
    """Attributes:
    seed: see `training_seed`.
    early_stopping_patience: epochs without a lower validation loss after which training ends;
        None trains all epochs.
    """

    epochs: int
    batch_size: int
    learning_rate: float
    seed: int
    early_stopping_patience: int | None = None


def training_of(test: QuickTestSpec, model: ModelConfigSpec) -> Training:
    """How a test trains its model."""
    return Training(
        epochs=test.epochs,
        batch_size=test.batch_size_override or model.batch_size,
        learning_rate=test.learning_rate_override or model.learning_rate,
        seed=training_seed(test),
        early_stopping_patience=patience_of(test, model),
    )


def patience_of(test: QuickTestSpec, model: ModelConfigSpec) -> int | None:
    """Epochs without a lower validation loss after which a test's training ends: its own, whatever
    its epochs, else the model's where the epochs allow it; None trains all epochs."""
    if test.early_stopping_patience is not None:
        return test.early_stopping_patience or None
    return model.early_stopping_patience if test.epochs >= FEWEST_EPOCHS_TO_STOP else None


def fitting_fraction(test: QuickTestSpec, model: ModelConfigSpec) -> float:
    """The share of the training rows that towers are not trained on at first: what stops the
    training early, and what the re-ranker is fitted to, must be new to them."""
    if model.reranks:
        assert model.reranker is not None
        return model.reranker.fitting_percent / 100
    return _STOPPING_FRACTION if patience_of(test, model) is not None else 0.0


def training_seed(test: QuickTestSpec) -> int:
    """Of initial weights, shuffling and dropout."""
    return test.seed if test.training_seed is None else test.training_seed


def rating_column(test: QuickTestSpec, model: ModelConfigSpec, dataset: Dataset) -> str | None:
    """The column that a test's model predicts: the one that it names, else the one with the role
    `rating`; None where it predicts none."""
    if not model.rates:
        return None
    return test.rating_column or dataset.spec.column_of(RATING)
