"""How large a model would be over a feature config."""

from __future__ import annotations

from shared.documents.base import Collection
from shared.documents.dataset import Dataset
from shared.documents.feature_config import FeatureConfig
from shared.documents.model_config import ModelConfigSpec
from shared.documents.quick_test import TestState
from shared.handlers.store import DATASET, QUICK_TEST
from shared.ports import Filter, NotFound, Ports
from shared.problems import Invalid
from shared.rules.parameters import (
    ParameterSummary,
    VocabularySizes,
    count_parameters,
    vocabulary_sizes,
)

_LATEST = 20


def parameter_summary(
    ports: Ports, model: ModelConfigSpec, feature_config: FeatureConfig
) -> ParameterSummary:
    """With the vocabularies of the latest test of the feature config as it is, where there is one;
    estimated from the dataset's statistics otherwise."""
    try:
        dataset: Dataset | None = DATASET.load(feature_config.spec.dataset_id, ports)
    except (NotFound, Invalid):
        dataset = None
    sizes = _known_sizes(ports, feature_config)
    return count_parameters(model, feature_config.spec, sizes, dataset)


def _known_sizes(ports: Ports, feature_config: FeatureConfig) -> VocabularySizes | None:
    where = [
        Filter("spec.feature_config_id", "==", feature_config.id),
        Filter("status.state", "==", TestState.COMPLETED.value),
    ]
    found = ports.documents.query(
        Collection.QUICK_TESTS, where, order_by="updated_at", descending=True, limit=_LATEST
    )
    for snapshot in found:
        try:
            status = QUICK_TEST.parse(snapshot.id, snapshot.data).status
        except Invalid:
            continue
        pinned = status.pinned
        same = pinned and pinned.feature_config_revision == feature_config.revision
        if same and status.vocabulary:
            return vocabulary_sizes(status.vocabulary)
    return None
