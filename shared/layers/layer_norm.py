"""Layer normalisation (Ba, Kiros and Hinton, 2016)."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from shared.layers.base import LayerCode, LayerModel, Parameters


class LayerNorm(LayerModel):
    """Normalises each row over its features; `epsilon` keeps a constant row finite."""

    label: ClassVar[str] = "Layer norm"
    help: ClassVar[str] = (
        "Normalizes each row by its mean and variance over its features, whatever the batch."
    )
    position: ClassVar[int] = 4

    type: Literal["layer_norm"] = "layer_norm"
    epsilon: float = Field(
        default=1e-6,
        ge=1e-7,
        le=1e-3,
        title="Epsilon",
        description="Added to the variance, so that a constant row stays finite. 1e-6 is right "
        "unless you know better.",
        examples=[1e-7, 1e-6, 1e-5, 1e-3],
    )

    def parameters(self, width: int) -> Parameters:
        return Parameters(trainable=2 * width)

    def code(self) -> LayerCode:
        return LayerCode("LayerNormalization", (f"epsilon={self.epsilon!r}",))

    def in_words(self, *, last: bool) -> str:
        usual = self.epsilon == LayerNorm().epsilon
        return "layer norm" if usual else f"layer norm (epsilon {self.epsilon:g})"
