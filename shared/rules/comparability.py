"""Which tests may be ranked against each other: those whose numbers mean the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from shared.documents.quick_test import QuickTestStatus
from shared.jobs import EvaluationProtocol
from shared.metrics import metric as metric_of
from shared.wording import percentage

T = TypeVar("T")


@dataclass(frozen=True)
class Measurement:
    """What a completed test's numbers are numbers of."""

    dataset_id: str
    dataset_fingerprint: str
    protocol: EvaluationProtocol


def measurement(status: QuickTestStatus) -> Measurement | None:
    """None where the test has no results."""
    if status.results is None or status.pinned is None:
        return None
    pinned = status.pinned
    return Measurement(pinned.dataset_id, pinned.dataset_fingerprint, status.results.protocol)


# Why two measurements may not be ranked against each other; None where this rule allows it.
Rule = Callable[[Measurement, Measurement], str | None]


def same_dataset(one: Measurement, other: Measurement) -> str | None:
    if one.dataset_id == other.dataset_id:
        return None
    return f"other dataset: {one.dataset_id!r} against {other.dataset_id!r}"


def same_data(one: Measurement, other: Measurement) -> str | None:
    read, read_by_other = one.protocol.source_fingerprint, other.protocol.source_fingerprint
    profiled_alike = one.dataset_fingerprint == other.dataset_fingerprint
    if profiled_alike and not _differ(read, read_by_other):
        return None
    return "other data: the dataset's rows have changed between the two"


def same_sample(one: Measurement, other: Measurement) -> str | None:
    a, b = one.protocol.sample_percent, other.protocol.sample_percent
    return None if a == b else f"other sample: {percentage(a)} against {percentage(b)}"


def sampled_alike(one: Measurement, other: Measurement) -> str | None:
    a, b = one.protocol.sample_by, other.protocol.sample_by
    return None if a == b else f"sampled otherwise: by {a} against by {b}"


def same_seed(one: Measurement, other: Measurement) -> str | None:
    a, b = one.protocol.seed, other.protocol.seed
    return None if a == b else f"other seed of the sample: {a} against {b}"


def same_split(one: Measurement, other: Measurement) -> str | None:
    a, b = one.protocol.split, other.protocol.split
    return None if a == b else f"other split: {a} against {b}"


def same_holdout(one: Measurement, other: Measurement) -> str | None:
    if one.protocol.split == other.protocol.split == "leave_one_out":  # which asks for no share
        return None
    a, b = one.protocol.holdout_fraction, other.protocol.holdout_fraction
    return (
        None
        if a == b
        else f"other share held out: {percentage(100 * a)} against {percentage(100 * b)}"
    )


def same_slice(one: Measurement, other: Measurement) -> str | None:
    a, b = one.protocol.judged_on, other.protocol.judged_on
    return None if a == b else f"judged on other rows: the {a} slice against the {b} slice"


def same_ties(one: Measurement, other: Measurement) -> str | None:
    a, b = one.protocol.ties, other.protocol.ties
    words = {"whole": "kept together", "hash": "cut by hash"}
    return None if a == b else f"rows of one moment: {words[a]} against {words[b]}"


def same_rows(one: Measurement, other: Measurement) -> str | None:
    a, b = one.protocol, other.protocol
    if not _differ(a.holdout_fingerprint, b.holdout_fingerprint):
        return None
    return f"other rows held out: {a.holdout_rows:,} against {b.holdout_rows:,}, not the same ones"


def same_candidates(one: Measurement, other: Measurement) -> str | None:
    a, b = one.protocol, other.protocol
    if not _differ(a.candidates_fingerprint, b.candidates_fingerprint):
        return None
    return (
        f"other products to choose from: {a.candidates:,} against {b.candidates:,}, "
        "not the same ones"
    )


def seen_alike(one: Measurement, other: Measurement) -> str | None:
    a, b = one.protocol.seen_items_included, other.protocol.seen_items_included
    words = {True: "included", False: "left out"}
    return None if a == b else f"products already bought: {words[a]} against {words[b]}"


def same_rating(one: Measurement, other: Measurement) -> str | None:
    a, b = one.protocol.rating_column, other.protocol.rating_column
    return None if a == b else f"other rating: {_named(a)} against {_named(b)}"


RULES: tuple[Rule, ...] = (
    same_dataset,
    same_data,
    same_sample,
    sampled_alike,
    same_seed,
    same_split,
    same_holdout,
    same_slice,
    same_ties,
    same_rows,
)
RULES_OF_RANKINGS: tuple[Rule, ...] = (same_candidates, seen_alike)
RULES_OF_RATINGS: tuple[Rule, ...] = (same_rating,)


def reasons_against(one: Measurement, other: Measurement, metric: str) -> list[str]:
    """Why the two may not be ranked by this metric, in words; nothing where they may.

    >>> reasons_against(ten_percent, a_quarter, "recall_at_100")
    ['other sample: 10% against 25%']
    """
    further = RULES_OF_RATINGS if metric_of(metric).rating else RULES_OF_RANKINGS
    return [reason for rule in (*RULES, *further) if (reason := rule(one, other))]


def comparable(one: QuickTestStatus, other: QuickTestStatus, metric: str) -> bool:
    """Whether two tests have this metric and may be ranked by it."""
    if one.results is None or other.results is None:
        return False
    if metric not in one.results.metrics or metric not in other.results.metrics:
        return False
    a, b = measurement(one), measurement(other)
    return a is not None and b is not None and not reasons_against(a, b, metric)


def grouped(items: Sequence[T], measured: Callable[[T], Measurement], metric: str) -> list[list[T]]:
    """Groups within which everything may be ranked, in the order of their first items.

    A test of before there were fingerprints may be comparable with two that are not with each
    other; it then joins the first group.
    """
    groups: list[tuple[list[Measurement], list[T]]] = []
    for item in items:
        own = measured(item)
        for kinds, members in groups:
            if all(not reasons_against(kind, own, metric) for kind in kinds):
                members.append(item)
                if own not in kinds:
                    kinds.append(own)
                break
        else:
            groups.append(([own], [item]))
    return [members for _, members in groups]


def _differ(one: str, other: str) -> bool:
    """Whether two fingerprints say so; an older test has none."""
    return bool(one and other and one != other)


def _named(column: str | None) -> str:
    return "none" if column is None else repr(column)
