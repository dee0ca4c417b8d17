"""Noise on a layer's input, in training only."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from shared.layers.base import LayerCode, LayerModel, Parameters


class GaussianNoise(LayerModel):
    """`stddev` is the noise's standard deviation."""

    label: ClassVar[str] = "Gaussian noise"
    help: ClassVar[str] = "Adds noise while training, against overfitting."

    type: Literal["gaussian_noise"] = "gaussian_noise"
    stddev: float = Field(default=0.1, gt=0, le=1)

    def parameters(self, width: int) -> Parameters:
        return Parameters(0)

    def code(self) -> LayerCode:
        return LayerCode("GaussianNoise", (repr(self.stddev),))

    def in_words(self, *, last: bool) -> str:
        return f"noise {self.stddev:g}"
