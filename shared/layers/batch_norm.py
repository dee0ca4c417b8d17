"""Batch normalisation (Ioffe and Szegedy, 2015)."""

from __future__ import annotations

from typing import ClassVar, Literal

from shared.layers.base import LayerCode, LayerModel, Parameters


class BatchNorm(LayerModel):
    """Scale and offset are trained; the moving mean and variance are not."""

    label: ClassVar[str] = "Batch norm"
    help: ClassVar[str] = (
        "Normalizes each feature by its mean and variance over the batch; in serving, by their "
        "moving averages. Often trains faster."
    )
    position: ClassVar[int] = 3

    type: Literal["batch_norm"] = "batch_norm"

    @property
    def linear(self) -> bool:
        return True

    def parameters(self, width: int) -> Parameters:
        return Parameters(trainable=2 * width, non_trainable=2 * width)

    def code(self) -> LayerCode:
        return LayerCode("BatchNormalization")
