"""Features: what becomes of a column in a tower, one file per kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Union

from pydantic import Field

from shared.columns import ColumnType
from shared.features.base import FeatureModel
from shared.features.numeric import Numeric, NumericTransforms
from shared.features.string_embedding import StringEmbedding
from shared.features.timestamp import Timestamp, TimestampTransforms
from shared.kinds import registry, tag
from shared.transforms import TRANSFORMS

# By `type`.
FEATURES: dict[str, type[FeatureModel]] = registry(__name__, FeatureModel, tag)  # type: ignore[type-abstract]
FEATURE_TAGS = frozenset(FEATURES)
# What outputs' keys may end in, after a feature's own key and an underscore.
ENDINGS = (
    *(ending for kind in TRANSFORMS.values() for ending in kind.endings),
    *(ending for kind in FEATURES.values() for ending in kind.endings),
)


def kinds_of(column_type: ColumnType) -> dict[str, type[FeatureModel]]:
    """What the values of a column may become, by `type`; a history is none of a row's value."""
    return {
        name: kind
        for name, kind in FEATURES.items()
        if column_type in kind.column_types and not kind.of_past
    }


if TYPE_CHECKING:
    Feature = FeatureModel
else:
    Feature = Annotated[Union[tuple(FEATURES.values())], Field(discriminator="type")]  # noqa: UP007


__all__ = [
    "ENDINGS",
    "FEATURES",
    "FEATURE_TAGS",
    "Feature",
    "FeatureModel",
    "Numeric",
    "NumericTransforms",
    "StringEmbedding",
    "Timestamp",
    "TimestampTransforms",
    "kinds_of",
]
