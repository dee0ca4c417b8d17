"""Model configs to start from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shared.documents.model_config import ModelConfigSpec
from shared.errors import NotFoundError
from shared.layers import Dense, Dropout, Layer
from shared.rules.defaults import WIDE
from shared.tasks.rating_head import rating_head
from shared.tasks.reranker import Reranker

# Losses go up and down a little: one epoch without progress is not the end of it.
_PATIENCE = 2


@dataclass(frozen=True)
class Preset:
    """`key` is stable; `name` and `description` are for people."""

    key: str
    name: str
    description: str
    spec: ModelConfigSpec


@dataclass(frozen=True)
class RatingHeadPreset:
    """The rating head that goes with the tower preset of the same `key`."""

    key: str
    name: str
    description: str
    layers: list[Layer]


def rating_head_presets() -> list[RatingHeadPreset]:
    made = []
    for item in presets():
        layers = rating_head(item.spec.buyer_tower_layers)
        widths = " → ".join(str(layer.own_width) for layer in layers if layer.own_width)
        description = f"{widths}, the last one linear. Fits the {item.name.lower()} towers."
        made.append(RatingHeadPreset(item.key, item.name, description, layers))
    return made


def presets() -> list[Preset]:
    """All presets: those to begin with, then by size; copies, which callers may change."""
    return [
        Preset(
            "recommended",
            "Recommended",
            "The wide towers, and a re-ranker that orders what they find by what customers did "
            "before. Finds the most wherever customers come back.",
            _wide(Reranker()),
        ),
        Preset(
            "wide",
            "Wide",
            "One linear layer, as wide as the ids' embeddings. Trains fast and loses nothing of "
            "them.",
            _wide(),
        ),
        _same_towers(
            "minimal", "Minimal", "Two layers. Trains fast; good for a first try.", _dense(64, 32)
        ),
        _same_towers(
            "standard",
            "Standard",
            "Three layers. Balanced, for many attributes.",
            _dense(128, 64, 32),
        ),
        _same_towers(
            "deep",
            "Deep",
            "Four layers. The most capacity; for large datasets.",
            _dense(256, 128, 64, 32),
        ),
        Preset(
            "asymmetric",
            "Asymmetric",
            "A larger buyer tower for rich context, a smaller product tower.",
            ModelConfigSpec(
                buyer_tower_layers=_dense(256, 128, 64),
                product_tower_layers=_dense(128, 64),
                output_embedding_dim=64,
            ),
        ),
        _same_towers(
            "regularized",
            "Regularized",
            "Standard with dropout and L2, against overfitting.",
            [
                Dense(units=128, l2_reg=0.01),
                Dropout(rate=0.2),
                Dense(units=64, l2_reg=0.01),
                Dropout(rate=0.1),
                Dense(units=32, activation=None),
            ],
        ),
    ]


def preset(key: str) -> Preset:
    """Raises NotFoundError, which names the known ones."""
    known = {item.key: item for item in presets()}
    if key not in known:
        raise NotFoundError("preset", key, f"; there are {', '.join(known)}")
    return known[key]


def _wide(reranker: Reranker | None = None) -> ModelConfigSpec:
    """Towers of today: of their epochs they take the best, where a test has several."""
    return ModelConfigSpec(
        early_stopping_patience=_PATIENCE,
        buyer_tower_layers=_dense(WIDE),
        product_tower_layers=_dense(WIDE),
        output_embedding_dim=WIDE,
        reranker=reranker,
    )


def _dense(*units: int) -> list[Layer]:
    """ReLU layers, the last one linear: a tower confined to positive numbers ranks worse."""
    hidden: list[Layer] = [Dense(units=width) for width in units[:-1]]
    return [*hidden, Dense(units=units[-1], activation=None)]


def _same_towers(key: str, name: str, description: str, layers: Sequence[Layer]) -> Preset:
    def copies() -> list[Layer]:
        return [layer.model_copy() for layer in layers]

    return Preset(
        key,
        name,
        description,
        ModelConfigSpec(buyer_tower_layers=copies(), product_tower_layers=copies()),
    )
