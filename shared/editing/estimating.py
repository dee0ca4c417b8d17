"""What a quick test, a sweep or a tuning would take, without starting it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.documents.base import Collection
from shared.documents.dataset import Dataset
from shared.documents.estimate import Estimate
from shared.documents.feature_config import FeatureConfig
from shared.documents.model_config import ModelConfig, ModelConfigSpec
from shared.documents.quick_test import QuickTestSpec
from shared.documents.sweep import Sweep, SweepTest
from shared.documents.tuning import Tuning
from shared.editing.checking import parsed
from shared.errors import NotFoundError
from shared.ports import Ports
from shared.problems import InvalidError, Problem, errors
from shared.rules.segment_columns import segment_columns
from shared.services.daily_budget import over_budget
from shared.services.estimates import Estimator, over_limit
from shared.services.store import DATASET, FEATURE_CONFIG
from shared.services.sweep_verdict import judge_sweep
from shared.services.telling_apart import tells_apart
from shared.services.tuning_forecast import JudgedTuning, judge_tuning
from shared.services.verdicts import judge_quick_test


@dataclass(frozen=True)
class Forecast:
    """Attributes:
    problems: everything that is to be said of the spec.
    estimate: None where there are errors, or the dataset's rows are not counted yet.
    tests: of a sweep without errors.
    segment_columns: of a quick test's dataset, those that results may be split by.
    tells_apart: what its sample would tell apart, in words.
    """

    problems: list[Problem]
    estimate: Estimate | None = None
    tests: list[SweepTest] = field(default_factory=list)
    segment_columns: list[str] = field(default_factory=list)
    tells_apart: str | None = None

    @property
    def valid(self) -> bool:
        return not errors(self.problems)


def forecast_quick_test(ports: Ports, spec: Any) -> Forecast:
    try:
        test = parsed(Collection.QUICK_TESTS, "unsaved", {"name": "unsaved", "spec": spec})
    except InvalidError as invalid:
        return Forecast(invalid.problems)
    verdict = judge_quick_test(test.spec, ports)
    dataset = _dataset(test.spec, ports)
    columns = [column.name for column in segment_columns(dataset)] if dataset else []
    told = tells_apart(test.spec, dataset, ports) if dataset else None
    problems, estimate = verdict.problems, None
    if verdict.pinned:
        estimate = Estimator(ports).estimate(test.spec, verdict.pinned)
        problems = [*problems, *over_limit(estimate, ports), *over_budget(estimate, ports)]
    return Forecast(problems, estimate, segment_columns=columns, tells_apart=told)


def forecast_presets(
    ports: Ports, features: FeatureConfig, models: Sequence[ModelConfigSpec]
) -> list[Estimate | None]:
    """What a quick test with its usual settings would take of each model, by earlier runs on this
    system; None for all where there are none, or no dataset to go by."""
    try:
        dataset = DATASET.load(features.spec.dataset_id, ports)
    except (NotFoundError, InvalidError):
        return [None for _ in models]
    estimator = Estimator(ports)
    return [
        estimator.learned(features, ModelConfig(id="unsaved", name="unsaved", spec=spec), dataset)
        for spec in models
    ]


def _dataset(spec: QuickTestSpec, ports: Ports) -> Dataset | None:
    """None where there is none, whatever else is wrong."""
    try:
        config = FEATURE_CONFIG.load(spec.feature_config_id, ports)
        return DATASET.load(config.spec.dataset_id, ports)
    except (NotFoundError, InvalidError):
        return None


def forecast_sweep(ports: Ports, spec: Any) -> Forecast:
    try:
        sweep = parsed(Collection.SWEEPS, "unsaved", {"name": "unsaved", "spec": spec})
    except InvalidError as invalid:
        return Forecast(invalid.problems)
    assert isinstance(sweep, Sweep)
    verdict = judge_sweep(sweep, ports)
    return Forecast(verdict.problems, verdict.estimate, verdict.tests)


def forecast_tuning(ports: Ports, spec: Any) -> JudgedTuning:
    try:
        tuning = parsed(Collection.TUNINGS, "unsaved", {"name": "unsaved", "spec": spec})
    except InvalidError as invalid:
        return JudgedTuning(invalid.problems)
    assert isinstance(tuning, Tuning)
    return judge_tuning(tuning, ports)
