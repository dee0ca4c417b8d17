"""For whom one test is better or worse than another."""

from __future__ import annotations

from shared.comparing.loading import Tested, load_by_id
from shared.comparing.segments import (
    NOT_MEASURED,
    Against,
    SegmentRows,
    SegmentTable,
    chosen,
    metrics_of,
    row,
    whole_of,
)
from shared.jobs import Interval
from shared.metrics import metric as metric_of
from shared.ports import Ports
from shared.problems import InvalidError, Problem
from shared.rules.comparability import reasons_against
from shared.rules.differences import Verdict, difference_words, paired_difference
from shared.rules.segments import paired_segments
from shared.services.replicates import read_replicates
from shared.services.segments import read_drawn, worse_segments
from shared.wording import listed


class SegmentComparison(SegmentTable):
    """A metric of two tests by segment; each row of the test is held against the base's.

    Attributes:
        warnings: for whom the one that is better over all rows is clearly worse.
    """

    quick_test_id: str
    label: str
    base_id: str
    base_label: str
    warnings: list[str]


def compare_segments(
    quick_test_id: str, base_id: str, metric: str | None, ports: Ports
) -> SegmentComparison:
    """The segments of two completed tests, paired by customer.

    Raises:
        InvalidError: unknown or equal ids, a test that has not completed, tests that were not
            measured alike, or a metric that they do not both have by segment.
    """
    tested, base = _both(quick_test_id, base_id, ports)
    ours, theirs = (read_drawn(one.test.status, ports) for one in (tested, base))
    names = [*metrics_of(ours.report)] if ours else [*tested.results.metrics]
    known = metrics_of(theirs.report) if theirs else base.results.metrics
    names = [name for name in names if name in known]
    name = chosen(metric, names, "One of the two")
    if reasons := reasons_against(tested.measurement, base.measurement, name):
        message = f"The two were not measured alike: {listed(reasons)}."
        raise _invalid("base_id", "not_comparable", message, base_id)
    drawn, drawn_base = (read_replicates(one.test.status, ports) for one in (tested, base))
    total = paired_difference(drawn, drawn_base, name)
    pairs = paired_segments(ours, theirs, name) if ours and theirs else []
    label, base_label = labels(tested, base)

    def held(value: float, difference: Interval | None, verdict: Verdict | None) -> list[Against]:
        return [
            Against(
                name=base.test.id,
                label=base_label,
                value=value,
                difference=difference,
                verdict=verdict if difference else None,
            )
        ]

    whole = held(base.results.metrics[name], total.interval, total.verdict)
    missing = [one.test.name for one, its in ((tested, ours), (base, theirs)) if its is None]
    return SegmentComparison(
        metric=name,
        metric_label=metric_of(name).label,
        lower_is_better=metric_of(name).lower_is_better,
        metrics=names,
        whole=row(whole_of(tested), name, whole),
        splits=[
            SegmentRows(
                name=split.name,
                label=split.label,
                help=split.help,
                rows=[
                    row(one.one, name, held(one.other.metrics[name], one.difference, one.verdict))
                    for one in own
                ],
            )
            for split in (ours.report.splits if ours else [])
            if (own := [one for one in pairs if one.split is split])
        ],
        reason=f"{missing[0]}: {NOT_MEASURED}" if missing else None,
        quick_test_id=tested.test.id,
        label=label,
        base_id=base.test.id,
        base_label=base_label,
        warnings=_warnings(tested, base, total.verdict, name, ports),
    )


def hidden_losses(better: Tested, worse: Tested, metric: str, ports: Ports) -> list[str]:
    """For whom a test is clearly worse than one that it is clearly better than over all rows."""
    names = labels(better, worse)
    return [
        f"{names[0]} is clearly better than {names[1]} over all rows, but clearly worse for "
        f"{loss.segment}: {metric_of(metric).said(loss.value)} against "
        f"{metric_of(metric).said(loss.previous)} ({difference_words(metric, loss.difference)})."
        for loss in worse_segments(better.test.status, worse.test.status, metric, ports)
    ]


def labels(one: Tested, other: Tested) -> tuple[str, str]:
    """Names of two tests, with their ids where they have one name."""
    if one.test.name != other.test.name:
        return one.test.name, other.test.name
    return f"{one.test.name} ({one.test.id})", f"{other.test.name} ({other.test.id})"


def _warnings(
    tested: Tested, base: Tested, verdict: Verdict, metric: str, ports: Ports
) -> list[str]:
    if verdict == "better":
        return hidden_losses(tested, base, metric, ports)
    return hidden_losses(base, tested, metric, ports) if verdict == "worse" else []


def _both(quick_test_id: str, base_id: str, ports: Ports) -> tuple[Tested, Tested]:
    if quick_test_id == base_id:
        message = "Give two different tests."
        raise _invalid("base_id", "same_quick_test", message, base_id)
    found = []
    for path, wanted in (("quick_test_id", quick_test_id), ("base_id", base_id)):
        loaded = load_by_id([wanted], ports, path)
        if loaded.left_out:
            one = loaded.left_out[0]
            message = f"{one.name or wanted} cannot be compared. {one.reason}"
            raise _invalid(path, "not_completed", message, wanted)
        found.append(loaded.tests[0])
    return found[0], found[1]


def _invalid(path: str, code: str, message: str, received: str) -> InvalidError:
    return InvalidError([Problem(path=path, code=code, message=message, received=received)])
