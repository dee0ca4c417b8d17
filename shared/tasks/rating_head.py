"""The rating head: from both towers' outputs to one number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter, ValidationError

from shared.layers import Dense, Layer

_LAYERS: TypeAdapter[list[Layer]] = TypeAdapter(list[Layer])


def rating_head(buyer_tower_layers: Sequence[Layer]) -> list[Layer]:
    """The head that fits a buyer tower: its dense widths, then one linear unit.

    128 → 64 → 32 becomes 128 → 64 → 32 → 1; dropout, normalisation and L2 are left out.
    """
    widths = [layer.own_width for layer in buyer_tower_layers if layer.own_width]
    hidden: list[Layer] = [Dense(units=width) for width in widths]
    return [*hidden, Dense(units=1, activation=None)]


def with_rating_head(raw: dict[str, Any]) -> dict[str, Any]:
    """A model config's spec as somebody wrote it, with the head that fits its buyer tower where it
    names none."""
    if raw.get("rating_head_layers"):
        return raw
    try:
        tower = _LAYERS.validate_python(raw.get("buyer_tower_layers"))
    except ValidationError:  # which is reported with all else
        return raw
    head = [layer.model_dump(mode="json") for layer in rating_head(tower)]
    return {**raw, "rating_head_layers": head}
