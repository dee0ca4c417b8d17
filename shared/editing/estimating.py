"""What a quick test or a sweep would take, without starting it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from shared.documents.base import Collection
from shared.documents.quick_test import Estimate
from shared.documents.sweep import Sweep, SweepTest
from shared.editing.checking import parsed
from shared.handlers.estimates import Estimator
from shared.handlers.sweep_verdict import judge_sweep
from shared.handlers.verdicts import judge_quick_test
from shared.ports import Ports
from shared.problems import Invalid, Problem, errors


@dataclass(frozen=True)
class Forecast:
    """Attributes:
    problems: everything that is to be said of the spec.
    estimate: None where there are errors, or the dataset's rows are not counted yet.
    tests: of a sweep without errors.
    """

    problems: list[Problem]
    estimate: Estimate | None = None
    tests: list[SweepTest] = field(default_factory=list)

    @property
    def valid(self) -> bool:
        return not errors(self.problems)


def forecast_quick_test(ports: Ports, spec: Any) -> Forecast:
    try:
        test = parsed(Collection.QUICK_TESTS, "unsaved", {"name": "unsaved", "spec": spec})
    except Invalid as invalid:
        return Forecast(invalid.problems)
    verdict = judge_quick_test(test.spec, ports)
    if verdict.pinned is None:
        return Forecast(verdict.problems)
    return Forecast(verdict.problems, Estimator(ports).estimate(test.spec, verdict.pinned))


def forecast_sweep(ports: Ports, spec: Any) -> Forecast:
    try:
        sweep = parsed(Collection.SWEEPS, "unsaved", {"name": "unsaved", "spec": spec})
    except Invalid as invalid:
        return Forecast(invalid.problems)
    assert isinstance(sweep, Sweep)
    verdict = judge_sweep(sweep, ports)
    return Forecast(verdict.problems, verdict.estimate, verdict.tests)
