"""How results are read: which may be compared, and what their vocabularies warn of."""

from __future__ import annotations

import math
from collections.abc import Sequence

from shared.documents.quick_test import QuickTestStatus
from shared.jobs import EvaluationProtocol, MetricsReport, VocabularyReport
from shared.problems import Problem

RANKED_BY = "recall_at_100"
_RATED_BY = "rmse"
# What makes two evaluations one protocol. Row counts follow from these and the data.
_PROTOCOL = ("split", "holdout_fraction", "sample_percent", "sample_by", "seed")
_HIGH_OOV_RATE = 0.2


def comparable(one: QuickTestStatus, other: QuickTestStatus) -> bool:
    """Whether metrics of two completed tests may be ranked against each other: the same data,
    sampled, split and evaluated in the same way."""
    if one.results is None or other.results is None or one.pinned is None or other.pinned is None:
        return False
    return (
        one.pinned.dataset_id == other.pinned.dataset_id
        and one.pinned.dataset_fingerprint == other.pinned.dataset_fingerprint
        and _key(one.results.protocol) == _key(other.results.protocol)
    )


def _key(protocol: EvaluationProtocol) -> tuple[object, ...]:
    return (*(getattr(protocol, name) for name in _PROTOCOL), protocol.seen_items_included)


def unusable(report: MetricsReport) -> str | None:
    """What a training job's metrics lack, or None."""
    if RANKED_BY not in report.metrics and _RATED_BY not in report.metrics:
        held = ", ".join(report.metrics) or "none"
        return f"metrics.json holds neither {RANKED_BY} nor {_RATED_BY}; it holds {held}"
    for name, value in report.metrics.items():
        if not math.isfinite(value):
            return f"metrics.json says that {name} is {value}; training has diverged"
    return None


def check_index(report: MetricsReport) -> list[Problem]:
    """A warning where the model searches in another way than its config asks for."""
    index = report.index
    if index is None or index.algorithm == index.wanted:
        return []
    return [
        Problem(
            path="status.results.index.algorithm",
            code="too_few_products_for_scann",
            message=f"{report.protocol.candidates:,} products are too few for ScaNN's leaves, so "
            "the model searches all of them, which is exact. Lower scann_num_leaves, or take "
            "brute_force.",
            received=index.wanted,
            level="warning",
        )
    ]


def check_vocabularies(reports: Sequence[VocabularyReport]) -> list[Problem]:
    """Warnings about vocabularies that leave out much."""
    found = []
    for number, report in enumerate(reports):
        path = f"status.vocabulary[{number}]"
        if report.oov_rate > _HIGH_OOV_RATE:
            found.append(
                Problem(
                    path=path,
                    code="high_oov_rate",
                    message=f"{report.oov_rate:.0%} of the held-out rows have a value of "
                    f"{report.column!r} that is not in the {report.tower} tower's vocabulary. "
                    "Lower min_frequency, raise max_size, or sample more.",
                    received=report.oov_rate,
                    level="warning",
                )
            )
        if report.truncated:
            found.append(
                Problem(
                    path=path,
                    code="vocabulary_truncated",
                    message=f"The {report.tower} tower's vocabulary of {report.column!r} was cut "
                    f"off at {report.vocabulary_size:,} values. Raise max_size to keep more.",
                    received=report.vocabulary_size,
                    level="warning",
                )
            )
    return found
