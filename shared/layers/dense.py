"""Fully connected layer."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from shared.layers.base import LayerCode, LayerModel, Parameters

# Keras' name of each activation, as a Python expression.
_ACTIVATIONS = {
    "relu": '"relu"',
    "leaky_relu": "tf.nn.leaky_relu",
    "gelu": '"gelu"',
    "tanh": '"tanh"',
    "sigmoid": '"sigmoid"',
    "linear": None,
    None: None,
}


class Dense(LayerModel):
    """`activation(x · kernel + bias)`; `activation` null is linear."""

    type: Literal["dense"] = "dense"
    units: int = Field(ge=1, le=2048)
    activation: Literal["relu", "leaky_relu", "gelu", "tanh", "sigmoid", "linear"] | None = "relu"
    l2_reg: float = Field(default=0.0, ge=0, le=1)

    def output_width(self, width: int) -> int:
        return self.units

    def parameters(self, width: int) -> Parameters:
        return Parameters(trainable=width * self.units + self.units)

    def code(self) -> LayerCode:
        arguments = [repr(self.units)]
        if activation := _ACTIVATIONS[self.activation]:
            arguments.append(f"activation={activation}")
        if self.l2_reg:
            arguments.append(f"kernel_regularizer=tf.keras.regularizers.L2({self.l2_reg!r})")
        return LayerCode("Dense", tuple(arguments))
