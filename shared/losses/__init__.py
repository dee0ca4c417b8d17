"""Losses of a rating, one file per kind."""

from __future__ import annotations

from shared.kinds import registry
from shared.losses.base import Loss

# By key.
LOSSES: dict[str, Loss] = {
    key: loss() for key, loss in registry(__name__, Loss, lambda loss: loss.key).items()
}

__all__ = ["LOSSES", "Loss"]
