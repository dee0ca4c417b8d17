"""Log transform: log(1 + x) for skewed numbers, before the other transforms."""

from __future__ import annotations

from shared.transforms.base import Code

_HELPER = '''
def _log(values: tf.Tensor) -> tf.Tensor:
    """log(1 + x); negative numbers keep their sign: -log(1 - x)."""
    return tf.sign(values) * tf.math.log1p(tf.abs(values))
'''


def log_code(target: str, source: str) -> Code:
    """Args: source: expression of a float64 tensor, shape [batch], NaN where missing."""
    return Code(target=target, function="_log", arguments=(source,), helpers=(_HELPER,))
