"""A test's configs as it trains them: without what it leaves out, with what it sets."""

from __future__ import annotations

from collections.abc import Iterator

from shared.documents.feature_config import FeatureConfig
from shared.documents.model_config import ModelConfig
from shared.documents.quick_test import QuickTestSpec
from shared.problems import Problem
from shared.rules.ablation import check_left_out, without
from shared.rules.tunables import check_settings, with_settings


def adapted(
    features: FeatureConfig, model: ModelConfig, spec: QuickTestSpec
) -> tuple[FeatureConfig, ModelConfig]:
    """Both configs as the test sees them."""
    reduced = without(features.spec, spec.leave_out) if spec.leave_out else features.spec
    of_features, of_model = with_settings(reduced, model.spec, spec.settings)
    return (
        features.model_copy(update={"spec": of_features}),
        model.model_copy(update={"spec": of_model}),
    )


def check_adapted(
    features: FeatureConfig, model: ModelConfig, spec: QuickTestSpec
) -> Iterator[Problem]:
    """What cannot be left out or set."""
    yield from check_left_out(features.spec, spec.leave_out)
    yield from check_settings(features.spec, model.spec, spec.settings)
