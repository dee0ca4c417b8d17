"""One hash for configs that mean the same."""

from __future__ import annotations

import json
from typing import Any

from shared.documents.base import spec_hash
from shared.documents.feature_config import FeatureConfigSpec
from shared.documents.model_config import ModelConfigSpec


def config_hash(spec: FeatureConfigSpec | ModelConfigSpec) -> str:
    """SHA-256 of what a config says, defaults filled in.

    The order of a tower's features, of its crosses and of a cross's parts means nothing; that of
    layers does.
    """
    data = spec.model_dump(mode="json")
    if isinstance(spec, FeatureConfigSpec):
        for tower in ("buyer", "product"):
            crosses = data[f"{tower}_model_crosses"]
            for cross in crosses:
                cross["features"].sort()
            crosses.sort(key=_text)
            data[f"{tower}_model_features"].sort(key=_text)
    return spec_hash(data)


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
