"""Any set of tests side by side: ranked where they may be, with what sets them apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import BaseModel

from shared.comparing.facts import NONE, Fact, Section, facts_of
from shared.comparing.loading import LeftOut, Tested, having, load_by_id
from shared.comparing.words import protocol_words
from shared.handlers.replicates import read_replicates
from shared.jobs import Interval, Replicates
from shared.ports import Ports
from shared.problems import Invalid, Problem
from shared.rules.comparability import grouped, reasons_against
from shared.rules.differences import Verdict, paired_difference
from shared.rules.metrics import metric as metric_of

MAX_TESTS = 100


class DifferingField(BaseModel):
    """A field in which the tests differ. `key` is one of each row's `fields`."""

    key: str
    section: Section
    label: str


class ToBase(BaseModel):
    """A test's metric minus the base's, paired by customer; `reason` says why it is not known."""

    difference: Interval | None
    verdict: Verdict
    reason: str | None


class ComparedTest(BaseModel):
    """A row of a group.

    Attributes:
        label: the name, with the id where another of these tests has the same name.
        rank: from 1, within the group, by the metric's value alone.
        best: whether it has the group's best value; nothing is the best of itself alone.
        difference: its metric minus the best one's, paired by customer; None for the best itself,
            and where it cannot be known (`reason`).
        verdict: against the best one; None for the best itself.
        to_base: against the base; None for the base itself, and where there is none in its group.
        fields: the fields in which the tests differ, as text.
    """

    quick_test_id: str
    name: str
    label: str
    rank: int
    best: bool
    value: float
    metrics: dict[str, float]
    intervals: dict[str, Interval]
    baselines: dict[str, dict[str, float]]
    difference: Interval | None
    verdict: Verdict | None
    reason: str | None
    to_base: ToBase | None
    fields: dict[str, str]


class ComparedGroup(BaseModel):
    """Tests that may be ranked against each other, best first.

    Attributes:
        measured: how all of them were measured, in words.
        reasons: why they are not ranked with the first group; none for that one.
        summary: what comes of the comparison, in a sentence.
    """

    measured: str
    reasons: list[str]
    summary: str
    rows: list[ComparedTest]


class Comparison(BaseModel):
    """Groups by their size, largest first. Tests of different groups are never ranked."""

    metric: str
    metric_label: str
    lower_is_better: bool
    differing: list[DifferingField]
    groups: list[ComparedGroup]
    left_out: list[LeftOut]


def compare(
    ids: Sequence[str], metric: str | None, ports: Ports, base: str | None = None
) -> Comparison:
    """Compares completed tests by a metric.

    Args:
        ids: 2 to MAX_TESTS different ones.
        metric: its name in a MetricsReport; None takes what most of them are ranked by.
        base: one of `ids` that the others are held against, beside the best.

    Raises:
        Invalid: too few, too many or unknown ids, a base that is none of them, or a metric that
            none of them has.
    """
    unique = list(dict.fromkeys(ids))
    if not 2 <= len(unique) <= MAX_TESTS:
        raise Invalid(
            [
                Problem(
                    path="quick_test_ids",
                    code="too_few" if len(unique) < 2 else "too_many",
                    message=f"A comparison takes 2 to {MAX_TESTS} different quick tests.",
                    received=len(unique),
                )
            ]
        )
    if base is not None and base not in unique:
        message = f"The base must be one of the tests that are compared. Received: {base!r}."
        raise Invalid([Problem(path="base", code="unknown_base", message=message, received=base)])
    everything = load_by_id(unique, ports)
    name, loaded = having(everything, metric)
    if metric is not None and not loaded.tests:
        raise Invalid([unknown_metric(metric, everything.tests)])
    groups = sorted(grouped(loaded.tests, lambda t: t.measurement, name), key=len, reverse=True)
    facts = facts_of(loaded.tests)
    labels = _labels(loaded.tests)
    differing = _differing(list(facts.values()))
    return Comparison(
        metric=name,
        metric_label=metric_of(name).label if name else "",
        lower_is_better=metric_of(name).lower_is_better,
        differing=differing,
        groups=[
            _group(group, groups[0], name, facts, labels, differing, base, ports)
            for group in groups
        ],
        left_out=loaded.left_out,
    )


def unknown_metric(metric: str, tests: Sequence[Tested]) -> Problem:
    known = sorted({name for tested in tests for name in tested.results.metrics})
    listed = f"Theirs are {', '.join(known)}." if known else "None of them has completed."
    return Problem(
        path="metric",
        code="unknown_metric",
        message=f"None of these tests has a metric {metric!r}. {listed}",
        received=metric,
    )


def _differing(tests: list[dict[str, Fact]]) -> list[DifferingField]:
    """Fields that are not the same in all tests, in the order of the first test that has them."""
    keys: dict[str, Fact] = {}
    for section in ("features", "model", "test"):
        for facts in tests:
            for key, fact in facts.items():
                if fact.section == section and not fact.summary:
                    keys.setdefault(key, fact)
    return [
        DifferingField(key=key, section=fact.section, label=fact.label)
        for key, fact in keys.items()
        if len({_text(facts, key) for facts in tests}) > 1
    ]


def _text(facts: Mapping[str, Fact], key: str) -> str:
    return facts[key].text if key in facts else NONE


def _group(
    tests: list[Tested],
    first: list[Tested],
    metric: str,
    facts: Mapping[str, Mapping[str, Fact]],
    labels: Mapping[str, str],
    differing: list[DifferingField],
    base: str | None,
    ports: Ports,
) -> ComparedGroup:
    sign = 1 if metric_of(metric).lower_is_better else -1
    ordered = sorted(tests, key=lambda t: (sign * t.results.metrics[metric], t.test.id))
    replicates = [
        read_replicates(t.test.status, ports) if len(ordered) > 1 else None for t in ordered
    ]
    at = next((place for place, t in enumerate(ordered) if t.test.id == base), None)
    rows = [
        _row(place, at, tested, replicates, metric, facts[tested.test.id], labels, differing)
        for place, tested in enumerate(ordered)
    ]
    reasons = reasons_against(first[0].measurement, tests[0].measurement, metric)
    return ComparedGroup(
        measured=protocol_words(tests[0].results.protocol),
        reasons=reasons if tests is not first else [],
        summary=summary_of(rows, metric),
        rows=rows,
    )


def _row(
    place: int,
    base: int | None,
    tested: Tested,
    replicates: list[Replicates | None],
    metric: str,
    facts: Mapping[str, Fact],
    labels: Mapping[str, str],
    differing: list[DifferingField],
) -> ComparedTest:
    results = tested.results
    found = paired_difference(replicates[place], replicates[0], metric) if place else None
    return ComparedTest(
        quick_test_id=tested.test.id,
        name=tested.test.name,
        label=labels[tested.test.id],
        rank=place + 1,
        best=place == 0 and len(replicates) > 1,
        value=results.metrics[metric],
        metrics=results.metrics,
        intervals=results.intervals,
        baselines=results.baselines,
        difference=found.interval if found else None,
        verdict=found.verdict if found else None,
        reason=found.reason if found else None,
        to_base=_to_base(place, base, replicates, metric),
        fields={field.key: _text(facts, field.key) for field in differing},
    )


def _to_base(
    place: int, base: int | None, replicates: list[Replicates | None], metric: str
) -> ToBase | None:
    if base is None or place == base:
        return None
    found = paired_difference(replicates[place], replicates[base], metric)
    return ToBase(difference=found.interval, verdict=found.verdict, reason=found.reason)


def _labels(tests: Sequence[Tested]) -> dict[str, str]:
    names = [tested.test.name for tested in tests]
    return {
        tested.test.id: tested.test.name
        if names.count(tested.test.name) == 1
        else f"{tested.test.name} ({tested.test.id})"
        for tested in tests
    }


def summary_of(rows: list[ComparedTest], metric: str) -> str:
    """What comes of a group's comparison, in a sentence."""
    best, *others = rows
    said = f"{metric_of(metric).label} {metric_of(metric).said(best.value)}"
    if not others:
        return f"{best.label} stands alone: {said}. Nothing else here was measured alike."
    close = [row.label for row in others if row.verdict != "worse"]
    if not close:
        return f"{best.label} is clearly the best: {said}."
    shown = ", ".join(close[:3]) + (f" and {len(close) - 3} more" if len(close) > 3 else "")
    verb = "is" if len(close) == 1 else "are"
    return f"{best.label} has the best value: {said}. {shown} {verb} not clearly different from it."
