"""The rating head: from both towers' outputs to one number."""

from __future__ import annotations

from collections.abc import Sequence

from shared.layers import Dense, Layer


def rating_head(buyer_tower_layers: Sequence[Layer]) -> list[Layer]:
    """The head that fits a buyer tower: its dense widths, then one linear unit.

    128 → 64 → 32 becomes 128 → 64 → 32 → 1; dropout, normalisation and L2 are left out.
    """
    widths = [layer.units for layer in buyer_tower_layers if isinstance(layer, Dense)]
    hidden: list[Layer] = [Dense(units=width) for width in widths]
    return [*hidden, Dense(units=1, activation=None)]
