"""The completed test of a feature config with the best value, on the config."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from shared.documents.base import Collection, read_status
from shared.documents.dataset import DatasetStatus
from shared.documents.feature_config import BestMetrics, FeatureConfigStatus, Lifecycle
from shared.documents.quick_test import Judged, QuickTestStatus, TestState
from shared.errors import ConflictError
from shared.metrics import metric as metric_of
from shared.ports import Filter, JsonObject, Ports, Snapshot
from shared.rules.comparability import Measurement, grouped, measurement
from shared.rules.metrics import MAIN_METRICS
from shared.rules.verdict import judge
from shared.services.document_kind import find
from shared.services.inputs import launched_spec
from shared.services.store import DATASET, FEATURE_CONFIG, change_status

_ATTEMPTS = 5
# Of each of all tests of a config, no more than it takes to say which is best.
_FIELDS = (
    "name",
    "revision",
    "spec",
    "status.observed",
    "status.validation.revision",
    "status.pinned",
    "status.results.metrics",
    "status.results.baselines",
    "status.results.differences",
    "status.results.protocol",
    "status.ended_at",
)


@dataclass(frozen=True)
class _Result:
    id: str
    ended_at: str
    measurement: Measurement
    metrics: dict[str, float]
    judged: Judged


def record_result(feature_config_id: str, status: QuickTestStatus, ports: Ports) -> None:
    """Marks the config as tested, and keeps the best of its completed tests.

    The best is looked for anew among all of them, so that the order of events does not matter:
    among those on the present data, where there are any; by recall, where any has it, else by
    RMSE; in the largest group of comparable ones, of equally large ones the earliest. Tests that
    leave columns out, set something else or see the validation slice say nothing of the whole
    config.

    Raises:
        ConflictError: others have changed it too often meanwhile.
    """
    if status.state is not TestState.COMPLETED or status.results is None:
        return
    path = FEATURE_CONFIG.collection.path(feature_config_id)
    for _ in range(_ATTEMPTS):
        snapshot = find(FEATURE_CONFIG.collection, feature_config_id, ports)
        if snapshot is None:
            return
        standing = read_status(FeatureConfigStatus, snapshot.data).best
        best = _best(feature_config_id, ports)
        after = change_status(
            FEATURE_CONFIG, feature_config_id, _in_place_of(standing, best), ports
        )
        if after is None or after.best == best:
            return
    raise ConflictError(path)


def _in_place_of(
    standing: BestMetrics | None, best: BestMetrics | None
) -> Callable[[JsonObject, FeatureConfigStatus], None]:
    """Keeps the best, unless somebody who may have seen more tests has written another one since.

    It is looked for before the transaction, which can only read single documents.
    """

    def write(_: JsonObject, config: FeatureConfigStatus) -> None:
        if config.best == standing:
            config.best = best
        if config.lifecycle is Lifecycle.DRAFT:
            config.lifecycle = Lifecycle.TESTED

    return write


def _best(feature_config_id: str, ports: Ports) -> BestMetrics | None:
    where = [
        Filter("spec.feature_config_id", "==", feature_config_id),
        Filter("status.state", "==", TestState.COMPLETED.value),
    ]
    found = ports.documents.query(Collection.QUICK_TESTS, where, fields=_FIELDS)
    read = (_result(snapshot, ports) for snapshot in found)
    results = sorted((r for r in read if r is not None), key=lambda r: (r.ended_at, r.id))
    present = _present(results, ports)
    for candidates in (present, results):
        for name in MAIN_METRICS:
            having = [result for result in candidates if name in result.metrics]
            if not having:
                continue
            group = max(grouped(having, lambda result: result.measurement, name), key=len)
            sign = 1 if metric_of(name).lower_is_better else -1
            best = min(group, key=lambda result: sign * result.metrics[name])
            return BestMetrics(quick_test_id=best.id, metrics=best.metrics, judged=best.judged)
    return None


def _present(results: list[_Result], ports: Ports) -> list[_Result]:
    """Those that were measured on their dataset's rows as they are now."""
    fingerprints = {}
    for dataset_id in {result.measurement.dataset_id for result in results}:
        snapshot = find(DATASET.collection, dataset_id, ports)
        found = read_status(DatasetStatus, snapshot.data).fingerprint if snapshot else None
        fingerprints[dataset_id] = found
    return [
        result
        for result in results
        if result.measurement.dataset_fingerprint == fingerprints[result.measurement.dataset_id]
    ]


def _result(snapshot: Snapshot, ports: Ports) -> _Result | None:
    status = read_status(QuickTestStatus, snapshot.data)
    measured = measurement(status)
    spec = launched_spec(snapshot, status, ports)
    if measured is None or status.results is None or spec is None or not spec.of_whole_configs:
        return None
    ended = status.ended_at.isoformat() if status.ended_at else ""
    results = status.results
    return _Result(snapshot.id, ended, measured, results.metrics, judge(results))
