"""Ranking: a rating head over both towers' outputs predicts one number."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Any, ClassVar

from pydantic import Field

from shared.layers import Dense, layers_in_words
from shared.losses import LOSSES
from shared.problems import Problem, shorten
from shared.tasks.base import TOWERS, Constant, Layers, SettingInWords, Task, TowerSettings
from shared.tasks.rating_head import rating_head, with_rating_head


class LossFunction(StrEnum):
    """Of the rating. Binary cross-entropy is for labels from 0 to 1; the head gives its logit."""

    vars().update({key.upper(): key for key in LOSSES})  # one member for each kind


class RankingSettings(TowerSettings):
    """Attributes:
    rating_head_layers: from both towers' outputs, concatenated, to one number; for models that
        rate.
    loss_function: of the rating; ignored by models that do not rate.
    """

    rating_head_layers: Layers = Field(default=[], title="Rating head")
    loss_function: LossFunction = LossFunction("mse")


class Ranking(Task[RankingSettings]):
    key = "ranking"
    label = "Ranking"
    help = "Predicts how a customer would rate a product, to sort a short list."
    when_to_use = (
        "For ordering some hundred candidates",
        "Needs a column with ratings, amounts, or yes and no",
        "Measured by RMSE and MAE: how far predictions are off",
    )
    position = 2
    rates = True
    settings: ClassVar[type[TowerSettings]] = RankingSettings
    main_metrics = ("rmse",)

    def check(self, spec: RankingSettings) -> Iterator[Problem]:
        for tower in TOWERS:
            if not spec.layers(tower):  # the head takes embeddings of any width
                yield Problem(
                    path=f"spec.{tower}_tower_layers",
                    code="empty_tower",
                    message=f"The {tower} tower has no layers. It needs at least one.",
                    received=[],
                )
        yield from check_head(spec, self.key)

    def in_words(self, spec: RankingSettings) -> Iterator[SettingInWords]:
        head = layers_in_words(spec.rating_head_layers)
        yield SettingInWords("rating_head", "Rating head", head)
        yield SettingInWords("loss", "Loss of the rating", spec.loss_function.value)

    def constants(self, spec: RankingSettings) -> Iterator[Constant]:
        yield from ()

    def given(self, spec: RankingSettings) -> dict[str, bool | str]:
        loss = LOSSES[spec.loss_function]
        return {
            **super().given(spec),
            "RATING_LOSS": loss.expression,
            "SERVED_RATING": loss.served,
            "RATING_START": loss.start,
        }

    def filled_in(self, raw: dict[str, Any]) -> dict[str, Any]:
        return with_rating_head(raw)


def check_head(spec: RankingSettings, task: str) -> Iterator[Problem]:
    """From both embeddings to one number, without a bound on it.

    Args:
        task: key of the task that needs the head.
    """
    layers = spec.rating_head_layers
    if not layers:
        fitting = rating_head(spec.buyer_tower_layers)
        widths = " → ".join(str(layer.own_width) for layer in fitting)
        yield Problem(
            path="spec.rating_head_layers",
            code="empty_rating_head",
            message=f"A {task} model needs a rating head. One that fits the buyer tower "
            f"is dense {widths}, the last one linear.",
            received=[],
        )
        return
    last = layers[-1]
    path = f"spec.rating_head_layers[{len(layers) - 1}]"
    if not isinstance(last, Dense) or last.units != 1:
        yield Problem(
            path=path,
            code="rating_head_output",
            message="The rating head must end in a dense layer of 1 unit.",
            received=shorten(last.model_dump(mode="json")),
        )
    elif last.activation not in (None, "linear"):
        yield Problem(
            path=f"{path}.activation",
            code="activated_rating",
            message=f"The rating head's last layer has activation {last.activation!r}, but the "
            "loss needs its plain output. Set it to null.",
            received=last.activation,
        )
