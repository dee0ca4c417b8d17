"""Normalize: scales the range of the training rows to [-1, 1] or [0, 1]."""

from __future__ import annotations

from typing import Literal

from shared.literals import literal
from shared.models import SpecModel
from shared.transforms.base import Code, Output, output_target

_HELPER = '''
def _normalize(values: tf.Tensor, low: float, high: float) -> tf.Tensor:
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
'''


class Normalize(SpecModel):
    enabled: bool = False
    range: tuple[Literal[-1, 0], Literal[1]] = (-1, 1)

    def outputs(self, key: str) -> tuple[Output, ...]:
        return (Output(f"{key}_norm", 1, "float32"),) if self.enabled else ()

    def code(self, key: str, source: str) -> Code:
        """Args: source: expression of a float64 tensor, shape [batch], NaN where missing."""
        low, high = self.range
        return Code(
            target=output_target(f"{key}_norm"),
            function="_normalize",
            arguments=(source, f"low={literal(float(low))}", f"high={literal(float(high))}"),
            helpers=(_HELPER,),
        )
