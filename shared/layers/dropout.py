"""Dropout: zeroes a share of its inputs, in training only."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from shared.layers.base import LayerCode, LayerModel, Parameters


class Dropout(LayerModel):
    """`rate` is the share of inputs to drop; the others are scaled by 1 / (1 - rate)."""

    type: Literal["dropout"] = "dropout"
    rate: float = Field(default=0.2, ge=0, le=0.9)

    def parameters(self, width: int) -> Parameters:
        return Parameters(0)

    def code(self) -> LayerCode:
        return LayerCode("Dropout", (repr(self.rate),))
