"""For whom a test is better or worse than simple baselines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import BaseModel

from shared.baselines import baseline as baseline_of
from shared.comparing.loading import Tested, load
from shared.documents.base import Collection
from shared.errors import NotFoundError
from shared.jobs import Interval
from shared.metrics import metric as metric_of
from shared.ports import Ports
from shared.problems import InvalidError, Problem
from shared.rules.differences import Verdict, against_baseline
from shared.rules.metrics import main_metric
from shared.rules.segments import RULE, against_baselines
from shared.segment_reports import Segment, SegmentReport
from shared.services.document_kind import find
from shared.services.segments import read_segments

NOT_MEASURED = "It was measured before results were split by segments. Run it again to see them."


class Against(BaseModel):
    """What a row is held against.

    Attributes:
        name: a baseline's name, or a test's id.
        difference: the test's metric minus this value, paired by customer.
        verdict: None where there is no interval, and of baselines that anything beats. Corrected
            for the number of segments, except over all rows.
    """

    name: str
    label: str
    value: float
    difference: Interval | None
    verdict: Verdict | None


class SegmentRow(BaseModel):
    """A segment, or all held-out rows.

    Attributes:
        rule: which rows these are, in words; "" where the label says it.
        against: baselines, the strongest in this segment first; of two tests, the base.
    """

    key: str
    label: str
    rule: str
    rows: int
    customers: int
    value: float
    interval: Interval | None
    against: list[Against]


class SegmentRows(BaseModel):
    """All held-out rows, split in one way: the rows' numbers add up to those of the whole."""

    name: str
    label: str
    help: str
    rows: list[SegmentRow]


class SegmentTable(BaseModel):
    """A metric of a test by segment.

    Attributes:
        metrics: which ones there are by segment.
        whole: all held-out rows.
        splits: none where the test has no segments; `reason` then says why.
        told: how "better" and "worse" are meant.
    """

    metric: str
    metric_label: str
    lower_is_better: bool
    metrics: list[str]
    whole: SegmentRow
    splits: list[SegmentRows]
    told: str = RULE
    reason: str | None = None


def segment_table(quick_test_id: str, metric: str | None, ports: Ports) -> SegmentTable:
    """The segments of a completed test beside its baselines.

    Args:
        metric: its name in a MetricsReport; None takes what the test is ranked by.

    Raises:
        NotFoundError: there is no such test, or it has not completed.
        InvalidError: a metric that is not measured by segment.
    """
    snapshot = find(Collection.QUICK_TESTS, quick_test_id, ports)
    if snapshot is None:
        raise NotFoundError(Collection.QUICK_TESTS.noun, quick_test_id)
    loaded = load([snapshot], ports)
    if not loaded.tests:
        reason = loaded.left_out[0].reason
        raise NotFoundError("segments of quick test", quick_test_id, f": {reason}")
    tested = loaded.tests[0]
    return table_of(tested, read_segments(tested.test.status, ports), metric)


def table_of(tested: Tested, report: SegmentReport | None, metric: str | None) -> SegmentTable:
    """Raises InvalidError: a metric that is not measured by segment."""
    results, names = tested.results, metrics_of(report)
    name = chosen(metric, names or list(results.metrics), "This test")
    said = against_baselines(report, name) if report else {}
    whole = whole_of(tested)
    clear = {
        baseline: word
        for baseline in results.differences
        if not baseline_of(baseline).obvious
        and (word := against_baseline(name, baseline, results)) is not None
    }
    return SegmentTable(
        metric=name,
        metric_label=metric_of(name).label,
        lower_is_better=metric_of(name).lower_is_better,
        metrics=names,
        whole=row(whole, name, _baselines(whole, name, clear)),
        splits=[
            SegmentRows(
                name=split.name,
                label=split.label,
                help=split.help,
                rows=[
                    row(segment, name, _baselines(segment, name, said.get(full, {})))
                    for full, own, segment in report.each()
                    if own is split and name in segment.metrics
                ],
            )
            for split in report.splits
        ]
        if report
        else [],
        reason=None if report else NOT_MEASURED,
    )


def row(segment: Segment, metric: str, against: list[Against]) -> SegmentRow:
    return SegmentRow(
        key=segment.key,
        label=segment.label,
        rule=segment.rule,
        rows=segment.rows,
        customers=segment.customers,
        value=segment.metrics[metric],
        interval=segment.intervals.get(metric),
        against=against,
    )


def whole_of(tested: Tested) -> Segment:
    """All held-out rows as if they were a segment."""
    results = tested.results
    return Segment(
        key="",
        label="All purchases",
        phrase="all rows",
        rows=results.protocol.holdout_rows,
        customers=results.protocol.holdout_customers,
        fingerprint=results.protocol.holdout_fingerprint,
        **results.model_dump(include={"metrics", "intervals", "baselines"}),
        differences={
            baseline: {
                name: {**one.model_dump(), "standard_error": 0.0} for name, one in of.items()
            }
            for baseline, of in results.differences.items()
        },
    )


def metrics_of(report: SegmentReport | None) -> list[str]:
    """Which metrics some segment has, in their order."""
    found = (name for _, _, segment in report.each() for name in segment.metrics) if report else ()
    return list(dict.fromkeys(found))


def chosen(metric: str | None, names: Sequence[str], whose: str) -> str:
    """Raises InvalidError: it is none of these metrics."""
    name = metric or main_metric(dict.fromkeys(names, 0.0)) or next(iter(names), "")
    if name not in names:
        message = (
            f"{whose} has no metric {name!r} by segment. Those that there are: {', '.join(names)}."
        )
        problem = Problem(path="metric", code="unknown_metric", message=message, received=name)
        raise InvalidError([problem])
    return name


def _baselines(segment: Segment, metric: str, said: Mapping[str, Verdict]) -> list[Against]:
    """Strongest first; those that anything beats last."""
    sign = 1 if metric_of(metric).lower_is_better else -1
    found = [
        Against(
            name=baseline,
            label=baseline_of(baseline).label,
            value=values[metric],
            difference=segment.differences.get(baseline, {}).get(metric),
            verdict=said.get(baseline),
        )
        for baseline, values in segment.baselines.items()
        if metric in values
    ]
    return sorted(found, key=lambda one: (baseline_of(one.name).obvious, sign * one.value))
