"""Any set of tests side by side: ranked where they may be, with what sets them apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import BaseModel

from shared.comparing.facts import NONE, Fact, Section, facts_of
from shared.comparing.loading import LeftOut, Tested, having, load_by_id
from shared.comparing.segment_pairs import hidden_losses
from shared.documents.quick_test import Judged
from shared.jobs import Interval, Replicates
from shared.metrics import metric as metric_of
from shared.ports import Ports
from shared.problems import InvalidError, Problem
from shared.rules.comparability import grouped, reasons_against
from shared.rules.differences import Verdict, paired_difference
from shared.rules.verdict import (
    BestOf,
    Candidate,
    best_of,
    best_sentence,
    differences_to_first,
    judge,
    ranked,
)
from shared.services.replicates import read_replicates

MAX_TESTS = 100
# Of a group's tests, those whose segments are held against each other's.
_MOST_BY_SEGMENT = 20


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
        best: whether it is clearly better than all others of the group, and than every baseline.
        judged: compared with simple baselines.
        difference: its metric minus that of the first, paired by customer; None for the first
            itself, and where it cannot be known (`reason`).
        verdict: against the first; None for the first itself.
        to_base: against the base; None for the base itself, and where there is none in its group.
        fields: the fields in which the tests differ, as text.
    """

    quick_test_id: str
    name: str
    label: str
    rank: int
    best: bool
    judged: Judged
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
        verdict: which of them is best.
        summary: the same in words.
        warnings: for whom the first is clearly worse than one that it is better than over all
            rows; looked for among the first 20.
    """

    measured: str
    reasons: list[str]
    verdict: BestOf
    summary: str
    warnings: list[str] = []
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
        InvalidError: too few, too many or unknown ids, a base that is none of them, or a metric
            that none of them has.
    """
    unique = list(dict.fromkeys(ids))
    if not 2 <= len(unique) <= MAX_TESTS:
        raise InvalidError(
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
        raise InvalidError(
            [Problem(path="base", code="unknown_base", message=message, received=base)]
        )
    everything = load_by_id(unique, ports)
    name, loaded = having(everything, metric)
    if metric is not None and not loaded.tests:
        raise InvalidError([unknown_metric(metric, everything.tests)])
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
    several = len(tests) > 1
    order = ranked(
        [
            Candidate(
                t.test.id,
                t.results.metrics[metric],
                [t.results],
                read_replicates(t.test.status, ports) if several else None,
            )
            for t in tests
        ],
        metric,
    )
    found = differences_to_first(order, metric)
    verdict = best_of(order, found, metric)
    own = {t.test.id: t for t in tests}
    replicates = [one.replicates for one in order]
    at = next((place for place, one in enumerate(order) if one.id == base), None)
    rows = []
    for place, (one, difference) in enumerate(zip(order, found, strict=True)):
        tested = own[one.id]
        rows.append(
            ComparedTest(
                quick_test_id=one.id,
                name=tested.test.name,
                label=labels[one.id],
                rank=place + 1,
                best=one.id == verdict.best,
                judged=judge(tested.results),
                value=one.value,
                metrics=tested.results.metrics,
                intervals=tested.results.intervals,
                baselines=tested.results.baselines,
                difference=difference.interval if difference else None,
                verdict=difference.verdict if difference else None,
                reason=difference.reason if difference else None,
                to_base=_to_base(place, at, replicates, metric),
                fields={field.key: _text(facts[one.id], field.key) for field in differing},
            )
        )
    reasons = reasons_against(first[0].measurement, tests[0].measurement, metric)
    return ComparedGroup(
        measured=tests[0].results.protocol.told,
        reasons=reasons if tests is not first else [],
        verdict=verdict,
        summary=summary_of(verdict, rows, metric),
        warnings=[
            warning
            for row in rows[:_MOST_BY_SEGMENT]
            if row.verdict == "worse"
            for warning in hidden_losses(own[order[0].id], own[row.quick_test_id], metric, ports)
        ],
        rows=rows,
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


def summary_of(verdict: BestOf, rows: Sequence[ComparedTest], metric: str) -> str:
    """What comes of a group's comparison, by the labels of its rows."""
    return best_sentence(
        verdict, {row.quick_test_id: (row.label, row.value) for row in rows}, metric
    )
