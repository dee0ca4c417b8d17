"""How wide a tower's input is, and what it is made of."""

from __future__ import annotations

from collections.abc import Iterator

from shared.documents.feature_config import (
    FeatureConfigSpec,
    StringEmbedding,
    TensorDims,
    TensorPart,
    Timestamp,
    Tower,
)
from shared.transforms.base import Output


def tensor_dims(spec: FeatureConfigSpec, tower: Tower) -> TensorDims:
    """Width of a tower's input, by feature, in the order of the config."""
    breakdown = [
        TensorPart(name=name, dim=dim)
        for name, outputs in parts(spec, tower)
        if (dim := sum(output.dim for output in outputs))
    ]
    return TensorDims(total=sum(part.dim for part in breakdown), breakdown=breakdown)


def parts(spec: FeatureConfigSpec, tower: Tower) -> Iterator[tuple[str, tuple[Output, ...]]]:
    """The parts of a tower's input, with their names as shown. Outputs' keys are columns' names
    here: see `codegen.plan` for those in code."""
    for feature in spec.features(tower):
        column = feature.column
        if isinstance(feature, StringEmbedding):
            yield column, feature.vocab_settings.outputs(column, feature.embedding_dim)
            continue
        yield f"{column}_norm", feature.transforms.normalize.outputs(column)
        yield f"{column}_bucket", feature.transforms.bucketize.outputs(column)
        if isinstance(feature, Timestamp):
            yield f"{column}_cyclical", feature.transforms.cyclical.outputs(column)
    for cross in spec.crosses(tower):
        name = " × ".join(cross.features)
        yield name, cross.outputs(name)
