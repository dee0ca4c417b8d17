"""Layer normalisation (Ba, Kiros and Hinton, 2016)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from shared.layers.base import LayerCode, LayerModel, Parameters


class LayerNorm(LayerModel):
    """Normalises each row over its features; `epsilon` keeps a constant row finite."""

    type: Literal["layer_norm"] = "layer_norm"
    epsilon: float = Field(default=1e-6, ge=1e-7, le=1e-3)

    def parameters(self, width: int) -> Parameters:
        return Parameters(trainable=2 * width)

    def code(self) -> LayerCode:
        return LayerCode("LayerNormalization", (f"epsilon={self.epsilon!r}",))
