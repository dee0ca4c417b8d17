"""The code that a quick test would run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from shared.codegen import generate_preprocessing, generate_trainer
from shared.documents.base import Collection
from shared.documents.quick_test import QuickTestSpec
from shared.editing.checking import parsed
from shared.ports import Ports
from shared.problems import InvalidError, Problem, errors
from shared.services.inputs import pinned_inputs
from shared.services.verdicts import judge_quick_test


@dataclass(frozen=True)
class Preview:
    """Both modules' source."""

    preprocessing: str
    trainer: str


def preview_code(
    ports: Ports, feature_config_id: str, model_config_id: str, **overrides: Any
) -> Preview:
    """What a quick test of the two configs would run; nothing is stored.

    Args:
        overrides: fields of a quick test's spec, such as `epochs`.

    Raises:
        InvalidError: with everything that is wrong, and where the dataset is not profiled yet.
    """
    raw = {
        "feature_config_id": feature_config_id,
        "model_config_id": model_config_id,
        **overrides,
    }
    test = parsed(Collection.QUICK_TESTS, "preview", {"name": "preview", "spec": raw})
    spec: QuickTestSpec = test.spec
    verdict = judge_quick_test(spec, ports)
    if verdict.waiting_for is not None:
        waiting = Problem(
            path="spec.feature_config_id",
            code="not_ready",
            message=f"{verdict.waiting_for} is still being profiled. Try again in a moment.",
            received=feature_config_id,
        )
        raise InvalidError([*errors(verdict.problems), waiting])
    if errors(verdict.problems):
        raise InvalidError(errors(verdict.problems))
    assert verdict.pinned is not None, "a valid quick test is pinned"
    plan = pinned_inputs(spec, verdict.pinned, ports).plan
    return Preview(preprocessing=generate_preprocessing(plan), trainer=generate_trainer(plan))
