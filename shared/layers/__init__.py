"""Layers of a tower, one file per kind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Union

from pydantic import Field

from shared.kinds import registry, tag
from shared.layers.base import LayerModel
from shared.layers.batch_norm import BatchNorm
from shared.layers.dense import Dense
from shared.layers.dropout import Dropout
from shared.layers.layer_norm import LayerNorm

# By `type`.
LAYERS: dict[str, type[LayerModel]] = registry(__name__, LayerModel, tag)  # type: ignore[type-abstract]
LAYER_TAGS = frozenset(LAYERS)

if TYPE_CHECKING:
    Layer = LayerModel
else:
    Layer = Annotated[Union[tuple(LAYERS.values())], Field(discriminator="type")]  # noqa: UP007


def layers_in_words(layers: Sequence[Layer]) -> str:
    """`128→64→32`; what is usual is not said."""
    last = len(layers) - 1
    parts = [layer.in_words(last=number == last) for number, layer in enumerate(layers)]
    return "→".join(parts) or "none"


__all__ = [
    "LAYERS",
    "LAYER_TAGS",
    "BatchNorm",
    "Dense",
    "Dropout",
    "Layer",
    "LayerNorm",
    "layers_in_words",
]
