"""Normalize: scales the range of the training rows to [-1, 1] or [0, 1]."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from shared.literals import literal
from shared.transforms.base import Code, Output, Read, Transform, output_target

if TYPE_CHECKING:  # for what generated modules have of this file
    import tensorflow as tf
    import tensorflow_transform as tft


class Normalize(Transform):
    name: ClassVar[str] = "normalize"
    label: ClassVar[str] = "Normalize"
    help: ClassVar[str] = (
        "Scales the range of the training rows to [−1, 1] or [0, 1]. Missing values take the "
        "middle; later values beyond the range are clipped."
    )
    position: ClassVar[int] = 2
    features: ClassVar[tuple[str, ...]] = ("numeric", "timestamp", "days_since")
    choice: ClassVar[str] = "normalize"
    part: ClassVar[str] = "norm"
    endings: ClassVar[tuple[str, ...]] = ("norm",)
    example: ClassVar[dict[str, Any]] = {"enabled": True}

    enabled: bool = False
    range: tuple[Literal[-1, 0], Literal[1]] = Field(
        default=(-1, 1),
        title="Range",
        json_schema_extra={
            "x-options": [
                {"value": [-1, 1], "label": "−1 to 1"},
                {"value": [0, 1], "label": "0 to 1"},
            ]
        },
    )

    def outputs(self, key: str) -> tuple[Output, ...]:
        return (Output(f"{key}_norm", 1, "float32"),) if self.enabled else ()

    def code(self, key: str, read: Read) -> list[Code]:
        if not self.enabled:
            return []
        low, high = (literal(float(end)) for end in self.range)
        code = Code(
            target=output_target(f"{key}_norm"),
            function=normalize,
            arguments=(read.number, f"low={low}", f"high={high}"),
        )
        return [code]

    def in_words(self) -> str:
        low, high = self.range
        return f"normalized to {low}…{high}" if self.enabled else ""


def normalize(values: tf.Tensor, low: float, high: float) -> tf.Tensor:
    """Scales the range of the training rows to [low, high].

    Later values outside that range are clipped, missing ones take its middle, and a column that
    is constant gives 0.
    """
    known = tf.math.is_finite(values)
    seen = tf.boolean_mask(values, known)
    minimum, maximum = tft.min(seen), tft.max(seen)
    share = tf.math.divide_no_nan(values - minimum, maximum - minimum)
    scaled = low + (high - low) * tf.clip_by_value(share, 0.0, 1.0)
    scaled = tf.where(known, scaled, (low + high) / 2)
    scaled = tf.where(maximum > minimum, scaled, tf.zeros_like(scaled))
    return tf.cast(scaled, tf.float32)
