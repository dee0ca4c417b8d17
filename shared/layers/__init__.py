"""Layers of a tower, one file per kind."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from shared.layers.batch_norm import BatchNorm
from shared.layers.dense import Dense
from shared.layers.dropout import Dropout
from shared.layers.layer_norm import LayerNorm

Layer = Annotated[Dense | Dropout | BatchNorm | LayerNorm, Field(discriminator="type")]

LAYER_TAGS = frozenset({"dense", "dropout", "batch_norm", "layer_norm"})

__all__ = ["LAYER_TAGS", "BatchNorm", "Dense", "Dropout", "Layer", "LayerNorm"]
