"""A completed test against the best that there was before it.

Events come in any order: a test that ended earlier may be tracked later. Every pair of comparable
tests is looked at when the later known of the two completes, and a comparison only ever gives way
to one with a better rival, so that all orders end alike.

A comparison says what the best was of all tests before. So the best before a test is found among
those that ended last before it, and what the first of these was compared with: two documents more,
however many tests there are. Only where that cannot be told are all of them read.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.documents.base import Collection, read_status
from shared.documents.quick_test import BestComparison, QuickTestStatus, TestState, WorseSegment
from shared.metrics import metric as metric_of
from shared.ports import Filter, JsonObject, Place, Ports, Snapshot
from shared.rules.comparability import comparable, measurement
from shared.rules.differences import paired_difference
from shared.rules.metrics import main_metric
from shared.services.quick_tests import status_of
from shared.services.replicates import read_replicates
from shared.services.segments import worse_segments
from shared.services.store import QUICK_TEST, change_status

# Of each of all tests over a dataset, no more than it takes to say which is best.
_FIELDS = (
    "name",
    "status.state",
    "status.pinned",
    "status.results.metrics",
    "status.results.baselines",
    "status.results.protocol",
    "status.ended_at",
    "status.comparison",
)
_LATEST, _MOST_LATEST = 50, 200
# Moments are ordered as text, which has no fraction of a whole second.
_UNORDERED = timedelta(seconds=1)


@dataclass(frozen=True)
class Completed:
    """A completed test, or one that is about to be."""

    id: str
    name: str
    status: QuickTestStatus
    ended_at: datetime

    @property
    def order(self) -> tuple[datetime, str]:
        return self.ended_at, self.id

    @property
    def metric(self) -> str:
        """What it is ranked by; "" where it has nothing of the kind."""
        return main_metric(self.status.results.metrics if self.status.results else {}) or ""

    def value(self, metric: str) -> float:
        assert self.status.results is not None
        return self.status.results.metrics[metric]


def compare_with_best(test: Completed, ports: Ports) -> BestComparison | None:
    """The comparison of a test that is about to complete; None where there is nothing before it."""
    if test.status.pinned is None:
        return None
    return _compared(test, _neighbours(test, ports), ports)


def settle_comparisons(quick_test_id: str, status: QuickTestStatus, ports: Ports) -> None:
    """Brings up to date what a completed test, and those that ended after it, are compared with."""
    if status.state is not TestState.COMPLETED or status.pinned is None:
        return
    offered: set[str] = set()
    while True:
        snapshot = ports.documents.get(QUICK_TEST.collection.path(quick_test_id))
        own = None if snapshot is None else _completed(snapshot)
        if own is None:
            return
        tests = _neighbours(own, ports)
        if not offered:
            _offer(own, tests, ports)
        # A test that completes meanwhile may have seen neither this one nor what it is offered.
        later = [test for test in tests if test.order > own.order and test.id not in offered]
        if not later:
            return
        for test in later:
            _offer(test, [own], ports)
            offered.add(test.id)


def _neighbours(own: Completed, ports: Ports) -> list[Completed]:
    """Of the completed tests over a test's dataset, all that ended after it, and of those before it
    as many as the best is among."""
    assert own.status.pinned is not None
    where = [
        Filter("status.pinned.dataset_id", "==", own.status.pinned.dataset_id),
        Filter("status.state", "==", TestState.COMPLETED.value),
    ]
    found: list[Completed] = []
    after: Place | None = None
    before = 0
    while before < _MOST_LATEST:
        page = ports.documents.query(
            Collection.QUICK_TESTS,
            where,
            order_by="status.ended_at",
            descending=True,
            limit=_LATEST,
            start_after=after,
            fields=_FIELDS,
        )
        tests = [test for test in map(_completed, page) if test is not None]
        found += tests
        if len(page) < _LATEST:
            return found
        after = page[-1].data["status"]["ended_at"], page[-1].id
        before += sum(test.order < own.order for test in tests)
        if tests and (first := _first_alike(own, found, tests[-1].ended_at + _UNORDERED)):
            best = _was_best(first, own, ports)
            if best is not None:
                return [*found, best]
    read = ports.documents.query(Collection.QUICK_TESTS, where, fields=_FIELDS)
    return [test for test in map(_completed, read) if test is not None]


def _first_alike(own: Completed, tests: list[Completed], since: datetime) -> Completed | None:
    """Of those that were measured just like it, and ended between a moment and its end, the
    first."""
    alike = [
        test
        for test in tests
        if since < test.ended_at
        and test.order < own.order
        and test.metric == own.metric
        and measurement(test.status) == measurement(own.status)
    ]
    return min(alike, key=lambda test: test.order, default=None)


def _was_best(test: Completed, own: Completed, ports: Ports) -> Completed | None:
    """What a test was compared with; None where that is not what it was then."""
    said = test.status.comparison
    if said is None or said.metric != own.metric:
        return None
    snapshot = ports.documents.get(QUICK_TEST.collection.path(said.quick_test_id))
    best = None if snapshot is None else _completed(snapshot)
    if best is None or best.order >= test.order:
        return None
    if not comparable(best.status, own.status, own.metric):
        return None
    return best if best.value(own.metric) == said.previous else None


def _offer(test: Completed, rivals: Iterable[Completed], ports: Ports) -> None:
    """Compares a test with the best of some rivals, where that is better than its present one."""
    rival = _best_before(test, rivals)
    if rival is None or not _gives_way(test.status.comparison, rival, test.metric):
        return
    comparison = _against(test, rival, ports)

    def write(_: JsonObject, status: QuickTestStatus) -> None:
        completed = status.state is TestState.COMPLETED
        if completed and _gives_way(status.comparison, rival, test.metric):
            status.comparison = comparison

    change_status(QUICK_TEST, test.id, write, ports)


def _compared(test: Completed, rivals: Iterable[Completed], ports: Ports) -> BestComparison | None:
    rival = _best_before(test, rivals)
    return None if rival is None else _against(test, rival, ports)


def _best_before(test: Completed, rivals: Iterable[Completed]) -> Completed | None:
    """Of equally good ones, that with the smallest id."""
    name = test.metric
    earlier = [
        rival
        for rival in rivals
        if rival.order < test.order and comparable(rival.status, test.status, name)
    ]
    sign = 1 if metric_of(name).lower_is_better else -1
    return min(earlier, key=lambda rival: (sign * rival.value(name), rival.id), default=None)


def _gives_way(standing: BestComparison | None, rival: Completed, metric: str) -> bool:
    if standing is None or standing.metric != metric:
        return True
    value = rival.value(metric)
    if value == standing.previous:
        return rival.id < standing.quick_test_id
    return metric_of(metric).better(value, standing.previous)


def _against(test: Completed, rival: Completed, ports: Ports) -> BestComparison:
    name = test.metric
    ours, theirs = _status(test.id, ports), _status(rival.id, ports)
    one, other = (read_replicates(own, ports) if own else None for own in (ours, theirs))
    found = paired_difference(one, other, name)
    worse: list[WorseSegment] = []
    if found.verdict == "better" and ours is not None and theirs is not None:
        worse = worse_segments(ours, theirs, name, ports)
    return BestComparison(
        quick_test_id=rival.id,
        name=rival.name,
        metric=name,
        value=test.value(name),
        previous=rival.value(name),
        difference=found.interval,
        verdict=found.verdict,
        reason=found.reason,
        worse_segments=worse,
    )


def _status(quick_test_id: str, ports: Ports) -> QuickTestStatus | None:
    snapshot = ports.documents.get(QUICK_TEST.collection.path(quick_test_id))
    return None if snapshot is None else status_of(snapshot, ports)


def _completed(snapshot: Snapshot) -> Completed | None:
    """None where it has not completed."""
    status = read_status(QuickTestStatus, snapshot.data)
    if status.state is not TestState.COMPLETED:
        return None
    if status.results is None or status.pinned is None or status.ended_at is None:
        return None
    name = snapshot.data.get("name")
    return Completed(
        snapshot.id, name if isinstance(name, str) else snapshot.id, status, status.ended_at
    )
