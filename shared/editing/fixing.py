"""What would help with what a completed test warns of."""

from __future__ import annotations

from dataclasses import dataclass

from shared.documents.quick_test import TestState
from shared.ports import Ports
from shared.rules.fixes import Fix, Tried
from shared.rules.remedies import fixes_of
from shared.services.store import DATASET, FEATURE_CONFIG, MODEL_CONFIG, QUICK_TEST


@dataclass(frozen=True)
class FixOfWarning:
    """A change that would help with a warning, which `code` and `path` name."""

    code: str
    path: str
    fix: Fix


def fixes_of_test(ports: Ports, quick_test_id: str) -> list[FixOfWarning]:
    """Changes of the test's settings and of its configs as they are now; nothing is stored. None
    before the test has completed.

    Raises:
        NotFoundError: there is no such test, or one of its configs or its data is gone.
        InvalidError: one of them cannot be read.
    """
    test = QUICK_TEST.load(quick_test_id, ports)
    if test.status.state != TestState.COMPLETED:
        return []
    features = FEATURE_CONFIG.load(test.spec.feature_config_id, ports).spec
    model = MODEL_CONFIG.load(test.spec.model_config_id, ports).spec
    tried = Tried(test, features, model, DATASET.load(features.dataset_id, ports))
    return [
        FixOfWarning(warning.code, warning.path, fix)
        for warning in test.status.warnings
        for fix in fixes_of(warning, tried)
    ]
