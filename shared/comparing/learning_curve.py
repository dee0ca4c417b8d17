"""A sweep's learning curves: what more customers, or more epochs, made of one config."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from pydantic import BaseModel

from shared.baselines import baseline as baseline_of
from shared.baselines import baselines
from shared.comparing.loading import Tested, load
from shared.documents.base import Collection
from shared.documents.quick_test import TestState
from shared.documents.sweep import Overrides, SweepSpec, SweepTest
from shared.jobs import Interval, MetricsReport, asked_epochs
from shared.metrics import metric as metric_of
from shared.ports import Ports
from shared.problems import InvalidError, Problem
from shared.rules.comparability import reasons_against
from shared.rules.curve_advice import Advice, Point, advise, gained, share_words
from shared.rules.differences import Verdict
from shared.rules.learning_curve import by_epochs, by_share, epochs, trained_percent
from shared.rules.verdict import telling_metrics
from shared.services.document_kind import find
from shared.services.replicates import read_replicates
from shared.services.store import SWEEP
from shared.wording import capital, plural

_HOW = (
    "All tests are judged by the same held-out purchases, and choose among the same products. "
    "Differences are paired by customer."
)


class CurvePoint(BaseModel):
    """A test of a curve.

    Attributes:
        at: per cent of the sample's customers, or epochs.
        label: the same in words: `25% of the customers`.
        value, interval: of the metric; None before the test has completed.
        baseline: value of the strongest baseline that was trained on the same rows.
        train_rows: that it was trained on.
        epochs: that it was trained for, where early stopping ended it.
        difference, verdict: against the point before; None for the first, and where it cannot be
            known.
    """

    quick_test_id: str
    at: float
    label: str
    state: TestState
    value: float | None = None
    interval: Interval | None = None
    baseline: float | None = None
    train_rows: int | None = None
    epochs: int | None = None
    difference: Interval | None = None
    verdict: Verdict | None = None


class Curve(BaseModel):
    """A metric against a share of the customers, or against epochs. Points ascend."""

    by: Literal["customers", "epochs"]
    label: str
    points: list[CurvePoint]


class LearningCurves(BaseModel):
    """Attributes:
    metric: None before a test has completed.
    baseline_label: of the baseline that is strongest with all customers.
    told: how they were measured, in words.
    advice: what follows of curves all of whose tests have ended.
    """

    metric: str | None = None
    metric_label: str = ""
    lower_is_better: bool = False
    baseline_label: str | None = None
    told: str = ""
    curves: list[Curve]
    advice: list[Advice] = []


def learning_curves(sweep_id: str, ports: Ports) -> LearningCurves:
    """
    Raises:
        NotFoundError: there is no such sweep.
        InvalidError: its tests are no points of a learning curve.
    """
    sweep = SWEEP.shown.load(sweep_id, ports)
    if not sweep.spec.learning_curve:
        raise InvalidError(
            [
                Problem(
                    path="sweep_id",
                    code="no_learning_curve",
                    message=f"{sweep.name!r} is no learning curve. Start one from a completed "
                    "test.",
                    received=sweep_id,
                )
            ]
        )
    tests = sweep.status.tests
    tested = _tested([test for test in tests if test.state is TestState.COMPLETED], ports)
    metric = next((name for one in tested.values() for name in telling_metrics(one.results)), None)
    last = max(tested.values(), key=lambda one: one.results.protocol.trained_percent, default=None)
    baseline = _strongest(last.results, metric) if last is not None and metric else None
    known = _alike(tested, last, metric) if last is not None and metric else {}
    read = {
        test_id: Point(0.0, one.results.metrics[metric], read_replicates(one.test.status, ports))
        for test_id, one in known.items()
        if metric is not None
    }

    def curve(by: Literal["customers", "epochs"]) -> Curve:
        label, of, at, words = _AXES[by]
        own = sorted(
            (test for test in tests if of(test.overrides, sweep.spec)),
            key=lambda test: at(test.overrides, sweep.spec),
        )
        points: list[CurvePoint] = []
        before: Point | None = None
        for test in own:
            place = at(test.overrides, sweep.spec)
            point = CurvePoint(
                quick_test_id=test.quick_test_id,
                at=place,
                label=capital(words(place)),
                state=test.state,
            )
            if test.quick_test_id in known and metric is not None:
                now = read[test.quick_test_id]
                _measured(point, known[test.quick_test_id], metric, baseline)
                if before is not None:
                    found = gained(metric, now, before)
                    point.difference = found.interval
                    point.verdict = found.verdict if found.interval else None
                before = now
            points.append(point)
        return Curve(by=by, label=label, points=points)

    curves = [one for one in (curve("customers"), curve("epochs")) if len(one.points) > 1]
    made = LearningCurves(curves=curves)
    if metric is None or last is None:
        return made
    made.metric, made.metric_label = metric, metric_of(metric).label
    made.lower_is_better = metric_of(metric).lower_is_better
    made.baseline_label = baseline_of(baseline).label if baseline else None
    protocol = last.results.protocol
    made.told = (
        f"By {plural(protocol.holdout_rows, 'held-out purchase')} of "
        f"{plural(protocol.holdout_customers, 'customer')}. {_HOW}"
    )
    points = {one.by: _for_advice(one, read) for one in curves}
    made.advice = advise(
        metric,
        points.get("customers", []),
        points.get("epochs", []),
        sweep.spec.epochs,
        sweep.spec.data_sample_percent,
    )
    return made


_Of = Callable[[Overrides, SweepSpec], bool]
_At = Callable[[Overrides, SweepSpec], float]
_AXES: dict[str, tuple[str, _Of, _At, Callable[[float], str]]] = {
    "customers": (
        "Share of the customers",
        by_share,
        lambda overrides, _: trained_percent(overrides),
        share_words,
    ),
    "epochs": ("Epochs", by_epochs, epochs, lambda at: plural(round(at), "epoch")),
}


def _tested(tests: Sequence[SweepTest], ports: Ports) -> dict[str, Tested]:
    """Those that have not been deleted since, by id."""
    found = (find(Collection.QUICK_TESTS, test.quick_test_id, ports) for test in tests)
    loaded = load([snapshot for snapshot in found if snapshot is not None], ports)
    return {one.test.id: one for one in loaded.tests}


def _alike(tested: dict[str, Tested], last: Tested, metric: str) -> dict[str, Tested]:
    """Those whose numbers mean the same as the last one's: not of data that changed meanwhile."""
    return {
        test_id: one
        for test_id, one in tested.items()
        if metric in one.results.metrics
        and not reasons_against(one.measurement, last.measurement, metric)
    }


def _strongest(results: MetricsReport, metric: str) -> str | None:
    """The baseline with the best value, of those that say something."""
    values = {
        name: results.baselines[name][metric]
        for name in baselines()
        if name in results.baselines and metric in results.baselines[name]
    }
    sign = 1 if metric_of(metric).lower_is_better else -1
    return min(values, key=lambda name: sign * values[name], default=None)


def _measured(point: CurvePoint, tested: Tested, metric: str, baseline: str | None) -> None:
    results = tested.results
    point.value = results.metrics[metric]
    point.interval = results.intervals.get(metric)
    point.baseline = results.baselines.get(baseline or "", {}).get(metric)
    point.train_rows = results.protocol.train_rows
    trained = len(asked_epochs(tested.test.status.epochs))
    point.epochs = trained if 0 < trained < tested.test.spec.epochs else None


def _for_advice(curve: Curve, read: dict[str, Point]) -> list[Point]:
    """A curve's completed points; none while some are still to come."""
    if not all(point.state.ended for point in curve.points):
        return []
    return [
        Point(point.at, read[point.quick_test_id].value, read[point.quick_test_id].replicates)
        for point in curve.points
        if point.quick_test_id in read
    ]
