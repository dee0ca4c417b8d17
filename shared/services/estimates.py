"""What a run is expected to take and cost, and what it did."""

from __future__ import annotations

from datetime import datetime

from shared.codegen import Plan, make_plan
from shared.documents.base import Collection
from shared.documents.dataset import Dataset
from shared.documents.estimate import Estimate
from shared.documents.feature_config import FeatureConfig
from shared.documents.model_config import ModelConfig
from shared.documents.quick_test import Pinned, QuickTestSpec, QuickTestStatus, TestState
from shared.errors import NotFoundError
from shared.jobs import Purpose
from shared.ports import Filter, Ports
from shared.prices import Prices
from shared.problems import InvalidError, Problem
from shared.rules.estimate import MOST_RUNS, Fitted, estimate, fit, stage_times
from shared.rules.runs import Run, completed_run, run_size
from shared.services.inputs import check_fit, pinned_inputs
from shared.services.store import QUICK_TEST

# Tests to look through for runs of the wanted kind.
_LATEST = 200
# Of each of these, no more than what a run teaches is read off.
_FIELDS = (
    "name",
    "spec",
    "status.state",
    "status.estimate",
    "status.stages",
    "status.epochs",
    "status.results.metrics",
    "status.results.baselines",
    "status.results.protocol",
    "status.duration_seconds",
)


class Estimator:
    """Estimates of tests; what earlier runs teach is read once for each kind of run."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._fitted: dict[tuple[str, str], Fitted] = {}
        self._read: dict[tuple[str, ...], int | None] = {}

    def estimate(self, spec: QuickTestSpec, pinned: Pinned) -> Estimate | None:
        """None where the dataset's rows have not been counted, or a config has gone since."""
        try:
            inputs = pinned_inputs(spec, pinned, self._ports)
        except (NotFoundError, InvalidError):
            return None
        size = run_size(spec, inputs.feature_config.spec, inputs.model_config.spec, inputs.dataset)
        if size is None:
            return None
        read = self._bytes_read(inputs.plan)
        return estimate(size, self._fit(spec), spec.purpose, self._ports.prices, read)

    def learned(
        self, features: FeatureConfig, model: ModelConfig, dataset: Dataset
    ) -> Estimate | None:
        """Of a quick test with its usual settings, whether or not the model is stored.

        None where the rows have not been counted, the features do not fit them, or no run on this
        system has taught anything yet.
        """
        spec = QuickTestSpec(feature_config_id=features.id, model_config_id=model.id)
        fitted = self._fit(spec)
        if not fitted.runs:
            return None
        try:
            check_fit(features, dataset)
            plan = make_plan(features, model, dataset, spec)
        except InvalidError:
            return None
        size = run_size(spec, features.spec, model.spec, dataset)
        if size is None:
            return None
        return estimate(size, fitted, spec.purpose, self._ports.prices, self._bytes_read(plan))

    def _bytes_read(self, plan: Plan) -> int | None:
        """None too where the source cannot be read: whoever judges it says so."""
        wanted = plan.examples
        key = (plan.dataset.id, *sorted(wanted.columns))
        if key not in self._read:
            try:
                reads = [
                    self._ports.data.bytes_read(wanted.source, columns, wanted.view)
                    for columns in (wanted.columns, wanted.counted_columns)
                ]
            except InvalidError:
                reads = []
            priced = [read for read in reads if read is not None]
            self._read[key] = sum(priced) if priced else None
        return self._read[key]

    def _fit(self, spec: QuickTestSpec) -> Fitted:
        """Runs of another runner, or on another machine, teach nothing."""
        rented = spec.purpose if self._ports.prices is not None else None
        key = (spec.runner, rented or "")
        if key not in self._fitted:
            completed = Filter("status.state", "==", TestState.COMPLETED.value)
            found = self._ports.documents.query(
                Collection.QUICK_TESTS,
                [completed],
                order_by="status.ended_at",
                descending=True,
                limit=_LATEST,
                fields=_FIELDS,
            )
            runs: list[Run] = []
            for snapshot in found:
                if len(runs) == MOST_RUNS:
                    break
                try:
                    test = QUICK_TEST.shown.parse(snapshot.id, snapshot.data)
                except InvalidError:
                    continue
                run = completed_run(test.status)
                same = (test.spec.runner, test.spec.purpose if rented else "") == key
                if same and run is not None:
                    runs.append(run)
            times = stage_times(spec.runner, rented=rented)
            self._fitted[key] = fit(runs, times)
        return self._fitted[key]


def over_limit(expected: Estimate | None, ports: Ports) -> list[Problem]:
    """An error where a run would read more of BigQuery than this deployment lets one."""
    read = expected.bytes_read if expected is not None else None
    if read is None or ports.most_bytes is None or read <= ports.most_bytes:
        return []
    asked, most = (f"{number / 2**30:,.0f} GiB" for number in (read, ports.most_bytes))
    return [
        Problem(
            path="spec.feature_config_id",
            code="reads_too_much",
            message=f"It would read {asked} of BigQuery, whatever the sample; one test may read "
            f"{most}. Use fewer columns, give a table of fewer rows, or have the limit raised "
            "(bigquery_max_gb).",
            received=read,
        )
    ]


def account(status: QuickTestStatus, purpose: Purpose, prices: Prices | None) -> None:
    """Writes down what a test that has ended did cost, and how far off its estimate was: that is
    of a run which does everything itself."""
    if status.duration_seconds is None:
        return
    if status.cost_usd is None and prices is not None:
        status.cost_usd = prices.usd(purpose, status.duration_seconds, read_of(status))
    whole = status.state is TestState.COMPLETED and not any(task.reused for task in status.stages)
    if status.estimate is not None and status.estimate.seconds.likely > 0 and whole:
        status.estimate_error = status.duration_seconds / status.estimate.seconds.likely - 1


def read_of(status: QuickTestStatus) -> int | None:
    """The bytes of BigQuery that a test's job reads, as they were asked for before."""
    return status.estimate.bytes_read if status.estimate else None


def seconds_worked(status: QuickTestStatus, now: datetime) -> float:
    """For how long a test's job has worked so far; a job that waits for its turn has not."""
    if status.started_at is None or status.stage is None:
        return 0.0
    return max(0.0, ((status.ended_at or now) - status.started_at).total_seconds())
