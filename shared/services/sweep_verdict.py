"""Whether a sweep may run, and what it is then made of."""

from __future__ import annotations

from dataclasses import dataclass, field

from shared.documents.estimate import Estimate
from shared.documents.feature_config import FeatureConfig
from shared.documents.model_config import ModelConfig
from shared.documents.quick_test import QuickTestSpec
from shared.documents.sweep import Sweep, SweepSpec, SweepTest
from shared.ports import Ports
from shared.problems import Problem, errors
from shared.rules.estimate import total
from shared.rules.sweep import check_budget, check_size, check_sweep, grid, quick_test_spec
from shared.services.estimates import Estimator
from shared.services.store import FEATURE_CONFIG, MODEL_CONFIG
from shared.services.verdicts import Verdict, judge_quick_test, load_config

_LONGEST_ID = 200


@dataclass(frozen=True)
class SweepVerdict(Verdict):
    """`tests` and `estimate` are set where the sweep is valid."""

    tests: list[SweepTest] = field(default_factory=list)
    estimate: Estimate | None = None


def judge_sweep(sweep: Sweep, ports: Ports) -> SweepVerdict:
    """The grid is judged test by test, as each will be when it has been made."""
    spec = sweep.spec
    problems = list(check_sweep(spec))
    if len(sweep.id) > _LONGEST_ID:
        problems.append(
            Problem(
                path="id",
                code="id_too_long",
                message=f"A sweep's id has at most {_LONGEST_ID} characters.",
                received=len(sweep.id),
            )
        )
    features: list[FeatureConfig] = []
    for number, config_id in enumerate(spec.feature_config_ids):
        feature = load_config(FEATURE_CONFIG, config_id, None, ports)
        if isinstance(feature, Problem):
            problems.append(_at(feature, f"spec.feature_config_ids[{number}]"))
        else:
            features.append(feature)
    models: list[ModelConfig] = []
    for number, config_id in enumerate(spec.model_config_ids):
        model = load_config(MODEL_CONFIG, config_id, None, ports)
        if isinstance(model, Problem):
            problems.append(_at(model, f"spec.model_config_ids[{number}]"))
        else:
            models.append(model)
    problems += _one_dataset(features)
    if errors(problems):
        return SweepVerdict(problems)
    tests = grid(sweep.id, spec, features, models)
    problems += check_size(spec, len(tests))
    if errors(problems):
        return SweepVerdict(problems)
    return _judge_tests(sweep, tests, problems, ports)


def _judge_tests(
    sweep: Sweep, tests: list[SweepTest], problems: list[Problem], ports: Ports
) -> SweepVerdict:
    spec = sweep.spec
    estimator = Estimator(ports)
    estimates: list[Estimate | None] = []
    waiting_for: str | None = None
    for test in tests:
        test_spec = quick_test_spec(sweep.id, spec, test)
        verdict = judge_quick_test(test_spec, ports)
        waiting_for = waiting_for or verdict.waiting_for
        # That an ablation leaves a column out is no fault that anybody need be told of.
        meant = spec.ablation and test.overrides.leave_out
        for problem in errors(verdict.problems) if meant else verdict.problems:
            seen = _at(problem, _place(problem.path, spec, test))
            if seen not in problems:
                problems.append(seen)
        if verdict.pinned is not None:
            estimates.append(estimator.estimate(test_spec, verdict.pinned))
    if errors(problems) or waiting_for is not None:
        return SweepVerdict(problems, waiting_for)
    known = [estimate for estimate in estimates if estimate is not None]
    estimate = total(known) if len(known) == len(tests) else None
    if estimate is not None:
        problems += check_budget(spec, len(tests), estimate)
    return SweepVerdict(problems, tests=tests, estimate=estimate)


def _one_dataset(features: list[FeatureConfig]) -> list[Problem]:
    """Results over unlike data are not comparable."""
    for config in features[1:]:
        first = features[0]
        if config.spec.dataset_id != first.spec.dataset_id:
            return [
                Problem(
                    path="spec.feature_config_ids",
                    code="several_datasets",
                    message=f"Feature config {first.name!r} is over dataset "
                    f"{first.spec.dataset_id!r}, {config.name!r} over {config.spec.dataset_id!r}. "
                    "Only results over the same data can be compared: take configs of one dataset.",
                    received=[first.spec.dataset_id, config.spec.dataset_id],
                )
            ]
    return []


def _place(path: str, spec: SweepSpec, test: SweepTest) -> str:
    """Where in a sweep the field of one of its tests comes from."""
    name = path.removeprefix("spec.").split("[")[0].split(".")[0]
    if name in ("feature_config_id", "feature_config_revision"):
        return f"spec.feature_config_ids[{spec.feature_config_ids.index(test.feature_config_id)}]"
    if name in ("model_config_id", "model_config_revision"):
        return f"spec.model_config_ids[{spec.model_config_ids.index(test.model_config_id)}]"
    if name in SweepSpec.model_fields or name not in QuickTestSpec.model_fields:
        return path
    if spec.ablation:
        return "spec.ablation"
    number = spec.overrides.index(test.overrides)
    return path.replace("spec.", f"spec.overrides[{number}].", 1)


def _at(problem: Problem, path: str) -> Problem:
    return problem.model_copy(update={"path": path})
