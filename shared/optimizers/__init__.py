"""Optimizers, one file per kind: when to take which, and the learning rate to begin with."""

from __future__ import annotations

from shared.kinds import registry
from shared.optimizers.base import OptimizerKind

# By key.
OPTIMIZERS: dict[str, OptimizerKind] = {
    key: optimizer()
    for key, optimizer in registry(__name__, OptimizerKind, lambda kind: kind.key).items()
}

__all__ = ["OPTIMIZERS", "OptimizerKind"]
