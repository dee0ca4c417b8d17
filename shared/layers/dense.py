"""Fully connected layer."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field, JsonValue

from shared.layers.base import LayerCode, LayerModel, Parameters

_CHOICES: list[JsonValue] = [
    {
        "value": "relu",
        "label": "ReLU",
        "help": "Fast, and right for most towers. Negative values become 0.",
    },
    {
        "value": "leaky_relu",
        "label": "Leaky ReLU",
        "help": "Lets a fifth of a negative value through, so that no unit stops learning.",
    },
    {
        "value": "gelu",
        "label": "GELU",
        "help": "A smooth ReLU. A little slower; sometimes better in deep towers.",
    },
    {
        "value": "tanh",
        "label": "tanh",
        "help": "Squashes values to between −1 and 1. Learns slowly where values are large.",
    },
    {
        "value": "sigmoid",
        "label": "Sigmoid",
        "help": "Squashes values to between 0 and 1. Rarely the best choice inside a tower.",
    },
    {
        "value": None,
        "label": "Linear",
        "help": "No activation: the plain weighted sum. Right for outputs, since an embedding may "
        "then point in any direction.",
    },
]
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

    label: ClassVar[str] = "Dense"
    help: ClassVar[str] = "Fully connected: every output is a weighted sum of all inputs."
    position: ClassVar[int] = 1
    example: ClassVar[dict[str, Any]] = {"units": 64}
    named_by: ClassVar[str] = "units"

    type: Literal["dense"] = "dense"
    units: int = Field(
        ge=1,
        le=2048,
        title="Units",
        description="More units can learn more, and take longer. Powers of 2 run fastest on GPUs.",
        examples=[32, 64, 128, 256, 512],
    )
    activation: Literal["relu", "leaky_relu", "gelu", "tanh", "sigmoid", "linear"] | None = Field(
        default="relu", title="Activation", json_schema_extra={"x-options": _CHOICES}
    )
    l2_reg: float = Field(
        default=0.0,
        ge=0,
        le=1,
        title="L2 regularization",
        description="A penalty on large weights, against overfitting. Start with none; try 0.001 "
        "to 0.01 if results get worse with more epochs.",
        examples=[0, 0.001, 0.01, 0.1],
    )

    @property
    def own_width(self) -> int:
        return self.units

    @property
    def linear(self) -> bool:
        return _ACTIVATIONS[self.activation] is None

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

    def in_words(self, *, last: bool) -> str:
        """`128`; ReLU is not said, nor is that the last layer is linear."""
        activation = self.activation or "linear"
        usual = "linear" if last else "relu"
        marks: list[str] = [] if activation == usual else [activation]
        if self.l2_reg:
            marks.append(f"L2 {self.l2_reg:g}")
        return f"{self.units} ({', '.join(marks)})" if marks else str(self.units)
