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
from shared.rules.metrics import MAIN_METRICS, main_metric
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


def record_result(
    feature_config_id: str, status: QuickTestStatus, ports: Ports, *, completed: str | None = None
) -> None:
    """Marks the config as tested, and keeps the best of its completed tests.

    Whatever the order of events, that is the best of all of them: among those on the present data,
    where there are any; by recall, where any has it, else by RMSE; in the largest group of
    comparable ones, of equally large ones the earliest. Tests that leave columns out, set something
    else or see the validation slice say nothing of the whole config.

    Args:
        completed: the id of the test with this status, where it has come to the others. One that
            was measured just like the best so far is held against that alone; only else are all
            of the config's tests read.

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
        best = None
        if standing is not None and completed is not None:
            best = _better(standing, completed, status, feature_config_id, ports)
        best = best or _best(feature_config_id, ports)
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


def _better(
    standing: BestMetrics,
    completed: str,
    status: QuickTestStatus,
    feature_config_id: str,
    ports: Ports,
) -> BestMetrics | None:
    """The better of the best so far and a test that was measured just like it on the present data:
    their group, which was the largest, has grown. None where that cannot be told of the two."""
    snapshot = find(Collection.QUICK_TESTS, standing.quick_test_id, ports)
    best = None if snapshot is None else _of_config(snapshot, feature_config_id, ports)
    own = _result_of(completed, status)
    if best is None or own is None or best.metrics != standing.metrics:
        return None
    name = main_metric(best.metrics)
    alike = own.measurement == best.measurement and main_metric(own.metrics) == name
    if name is None or not alike or not _present([best], ports):
        return None
    return _first(sorted([best, own], key=_order), name)


def _of_config(snapshot: Snapshot, feature_config_id: str, ports: Ports) -> _Result | None:
    """The result of a completed test of a config; None where it is not one."""
    status = read_status(QuickTestStatus, snapshot.data)
    spec = launched_spec(snapshot, status, ports)
    if spec is None or spec.feature_config_id != feature_config_id:
        return None
    return _result(snapshot, ports) if status.state is TestState.COMPLETED else None


def _best(feature_config_id: str, ports: Ports) -> BestMetrics | None:
    where = [
        Filter("spec.feature_config_id", "==", feature_config_id),
        Filter("status.state", "==", TestState.COMPLETED.value),
    ]
    found = ports.documents.query(Collection.QUICK_TESTS, where, fields=_FIELDS)
    read = (_result(snapshot, ports) for snapshot in found)
    results = sorted((r for r in read if r is not None), key=_order)
    present = _present(results, ports)
    for candidates in (present, results):
        for name in MAIN_METRICS:
            having = [result for result in candidates if name in result.metrics]
            if not having:
                continue
            group = max(grouped(having, lambda result: result.measurement, name), key=len)
            return _first(group, name)
    return None


def _order(result: _Result) -> tuple[str, str]:
    return result.ended_at, result.id


def _first(results: list[_Result], metric: str) -> BestMetrics:
    """By the metric; of equals, the first."""
    sign = 1 if metric_of(metric).lower_is_better else -1
    best = min(results, key=lambda result: sign * result.metrics[metric])
    return BestMetrics(quick_test_id=best.id, metrics=best.metrics, judged=best.judged)


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
    spec = launched_spec(snapshot, status, ports)
    whole = spec is not None and spec.of_whole_configs
    return _result_of(snapshot.id, status) if whole else None


def _result_of(quick_test_id: str, status: QuickTestStatus) -> _Result | None:
    measured, results = measurement(status), status.results
    if measured is None or results is None:
        return None
    ended = status.ended_at.isoformat() if status.ended_at else ""
    return _Result(quick_test_id, ended, measured, results.metrics, judge(results))
