"""How large a model would be over a feature config."""

from __future__ import annotations

from shared.documents.base import Collection
from shared.documents.dataset import Dataset
from shared.documents.feature_config import FeatureConfig
from shared.documents.model_config import ModelConfigSpec
from shared.documents.quick_test import TestState
from shared.errors import NotFoundError
from shared.ports import Filter, Ports
from shared.problems import InvalidError
from shared.rules.parameters import (
    ParameterSummary,
    VocabularySizes,
    count_parameters,
    vocabulary_sizes,
)
from shared.services.store import DATASET, QUICK_TEST

_LATEST = 20


def parameter_summary(
    ports: Ports, model: ModelConfigSpec, feature_config: FeatureConfig
) -> ParameterSummary:
    """With the vocabularies of the latest test of the feature config as it is, where there is one;
    estimated from the dataset's statistics otherwise."""
    try:
        dataset: Dataset | None = DATASET.shown.load(feature_config.spec.dataset_id, ports)
    except (NotFoundError, InvalidError):
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
            status = QUICK_TEST.shown.parse(snapshot.id, snapshot.data).status
        except InvalidError:
            continue
        pinned = status.pinned
        same = pinned and pinned.feature_config_revision == feature_config.revision
        if same and status.vocabulary:
            return vocabulary_sizes(status.vocabulary)
    return None
