"""Batch normalisation (Ioffe and Szegedy, 2015)."""

from __future__ import annotations

from typing import Literal

from shared.layers.base import LayerCode, LayerModel, Parameters


class BatchNorm(LayerModel):
    """Scale and offset are trained; the moving mean and variance are not."""

    type: Literal["batch_norm"] = "batch_norm"

    def parameters(self, width: int) -> Parameters:
        return Parameters(trainable=2 * width, non_trainable=2 * width)

    def code(self) -> LayerCode:
        return LayerCode("BatchNormalization")
