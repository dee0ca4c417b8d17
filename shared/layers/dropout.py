"""Dropout: zeroes a share of its inputs, in training only."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from shared.layers.base import LayerCode, LayerModel, Parameters


class Dropout(LayerModel):
    """`rate` is the share of inputs to drop; the others are scaled by 1 / (1 - rate)."""

    label: ClassVar[str] = "Dropout"
    help: ClassVar[str] = (
        "Zeroes a random share of its inputs in each training step, against overfitting."
    )
    position: ClassVar[int] = 2
    named_by: ClassVar[str] = "rate"
    draws: ClassVar[bool] = True

    type: Literal["dropout"] = "dropout"
    rate: float = Field(
        default=0.2,
        ge=0,
        le=0.9,
        title="Rate",
        description="Share of the inputs to drop. 0.1 to 0.2 is light, and a good start; 0.3 to "
        "0.5 is strong, for models that clearly overfit. Nothing is dropped in serving.",
        examples=[0.1, 0.2, 0.3, 0.5],
    )

    @property
    def linear(self) -> bool:
        return True

    def parameters(self, width: int) -> Parameters:
        return Parameters(0)

    def code(self) -> LayerCode:
        return LayerCode("Dropout", (repr(self.rate),))

    def in_words(self, *, last: bool) -> str:
        return f"dropout {self.rate:g}"
