"""Log transform: log(1 + x) for skewed numbers, before the other transforms."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from shared.transforms.base import Code, Output, Read, Transform

if TYPE_CHECKING:  # for what generated modules have of this file
    import tensorflow as tf


class Log(Transform):
    """Feeds no tower itself: the other transforms read its result."""

    name: ClassVar[str] = "log_transform"
    label: ClassVar[str] = "Log"
    help: ClassVar[str] = (
        "log(1 + x), before the other transforms: for skewed numbers, a few very large ones among "
        "many small. Negative numbers keep their sign."
    )
    position: ClassVar[int] = 1
    features: ClassVar[tuple[str, ...]] = ("numeric",)

    enabled: bool = False

    def outputs(self, key: str) -> tuple[Output, ...]:
        return ()

    def code(self, key: str, read: Read) -> list[Code]:
        return [Code(read.number, signed_log, (read.number,))] if self.enabled else []

    def in_words(self) -> str:
        return "log" if self.enabled else ""


def signed_log(values: tf.Tensor) -> tf.Tensor:
    """log(1 + x); negative numbers keep their sign: -log(1 - x)."""
    return tf.sign(values) * tf.math.log1p(tf.abs(values))
