"""The sign of a number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from shared.transforms.base import Code, Output, Read, Transform, output_target

if TYPE_CHECKING:  # for what generated modules have of this file
    import tensorflow as tf


class Sign(Transform):
    """Minus one, nought or one."""

    name: ClassVar[str] = "sign"
    label: ClassVar[str] = "Sign"
    help: ClassVar[str] = "Whether a number is negative, zero or positive."
    features: ClassVar[tuple[str, ...]] = ("numeric",)
    choice: ClassVar[str] = "sign"
    part: ClassVar[str] = "sign"
    endings: ClassVar[tuple[str, ...]] = ("sign",)
    example: ClassVar[dict[str, Any]] = {"enabled": True}

    enabled: bool = False

    def outputs(self, key: str) -> tuple[Output, ...]:
        return (Output(f"{key}_sign", 1, "float32"),) if self.enabled else ()

    def code(self, key: str, read: Read) -> list[Code]:
        if not self.enabled:
            return []
        return [Code(output_target(f"{key}_sign"), sign, (read.number,))]

    def in_words(self) -> str:
        return "sign" if self.enabled else ""


def sign(values: tf.Tensor) -> tf.Tensor:
    """-1, 0 or 1; 0 where the value is missing."""
    return tf.cast(tf.sign(tf.where(tf.math.is_finite(values), values, 0.0)), tf.float32)
