"""How wide a tower's input is, and what it is made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from shared.documents.feature_config import (
    Feature,
    FeatureConfigSpec,
    TensorDims,
    TensorPart,
    Tower,
)
from shared.features.base import Part


def tensor_dims(spec: FeatureConfigSpec, tower: Tower) -> TensorDims:
    """Width of a tower's input, by feature, in the order of the config."""
    breakdown = told(part for _, part in parts(spec, tower))
    return TensorDims(total=sum(part.dim for part in breakdown), breakdown=breakdown)


def told(parts: Iterable[Part]) -> list[TensorPart]:
    """Parts with their widths, without those that add nothing."""
    return [
        TensorPart(name=name, dim=dim)
        for name, outputs in parts
        if (dim := sum(output.dim for output in outputs))
    ]


def parts(spec: FeatureConfigSpec, tower: Tower) -> Iterator[tuple[Feature | None, Part]]:
    """The parts of a tower's input, each with its feature; None for a cross.

    Outputs' keys are columns' names here: see `codegen.plan` for those in code.
    """
    for feature in spec.features(tower):
        for part in feature.parts(feature.column):
            yield feature, part
    for cross in spec.crosses(tower):
        yield None, Part(cross.name, cross.outputs(cross.name))
