"""What a run is expected to take and cost, and what it did."""

from __future__ import annotations

from datetime import datetime

from shared.codegen import examples_spec, make_plan
from shared.documents.base import Collection
from shared.documents.quick_test import Estimate, Pinned, QuickTestSpec, QuickTestStatus, TestState
from shared.handlers.generate_code import rating_column
from shared.handlers.inputs import Inputs, pinned_inputs
from shared.handlers.store import QUICK_TEST
from shared.jobs import Purpose
from shared.ports import Filter, NotFound, Ports
from shared.prices import Prices
from shared.problems import Invalid
from shared.rules.estimate import MOST_RUNS, Fitted, estimate, fit, stage_times
from shared.rules.runs import completed_run, run_size

# Tests to look through for runs of the wanted kind.
_LATEST = 200


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
        except (NotFound, Invalid):
            return None
        size = run_size(spec, inputs.feature_config.spec, inputs.model_config.spec, inputs.dataset)
        if size is None:
            return None
        read = self._bytes_read(spec, inputs)
        return estimate(size, self._fit(spec), spec.purpose, self._ports.prices, read)

    def _bytes_read(self, spec: QuickTestSpec, inputs: Inputs) -> int | None:
        """None too where the source cannot be read: whoever judges it says so."""
        rating = rating_column(inputs.model_config, spec)
        plan = make_plan(inputs.feature_config.spec, inputs.dataset, rating)
        wanted = examples_spec(plan, inputs.dataset, spec)
        key = (inputs.dataset.id, *sorted(wanted.columns))
        if key not in self._read:
            try:
                self._read[key] = self._ports.data.bytes_read(wanted.source, wanted.columns)
            except Invalid:
                self._read[key] = None
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
            )
            runs = []
            for snapshot in found:
                try:
                    test = QUICK_TEST.parse(snapshot.id, snapshot.data)
                except Invalid:
                    continue
                run = completed_run(test.status)
                same = (test.spec.runner, test.spec.purpose if rented else "") == key
                if same and run is not None:
                    runs.append(run)
            times = stage_times(spec.runner, rented=rented)
            self._fitted[key] = fit(runs[:MOST_RUNS], times)
        return self._fitted[key]


def account(status: QuickTestStatus, purpose: Purpose, prices: Prices | None) -> None:
    """Writes down what a test that has ended did cost, and how far off its estimate was: that is
    of a run which does everything itself."""
    if status.duration_seconds is None:
        return
    if status.cost_usd is None and prices is not None:
        status.cost_usd = prices.usd(purpose, status.duration_seconds, read_of(status))
    whole = status.state is TestState.COMPLETED and not any(task.reused for task in status.stages)
    if status.estimate is not None and whole:
        status.estimate_error = status.duration_seconds / status.estimate.seconds.likely - 1


def read_of(status: QuickTestStatus) -> int | None:
    """The bytes of BigQuery that a test's job reads, as they were asked for before."""
    return status.estimate.bytes_read if status.estimate else None


def seconds_worked(status: QuickTestStatus, now: datetime) -> float:
    """For how long a test's job has worked so far; a job that waits for its turn has not."""
    if status.started_at is None or status.stage is None:
        return 0.0
    return max(0.0, ((status.ended_at or now) - status.started_at).total_seconds())
