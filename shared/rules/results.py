"""Whether what a training job left can be used at all."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from typing import Any

from shared.jobs import EpochProgress, MetricsReport, VocabularyReport
from shared.metrics import metric
from shared.problems import path_of
from shared.rules.metrics import MAIN_METRICS, main_metric
from shared.segment_reports import SEGMENTS_FILE, SegmentReport

_DIVERGED = re.compile(r"the loss became (\S+) in epoch (\d+)")
_ADVICE = (
    "Lower the learning rate, to a tenth for a start, or normalise the numbers that the towers get"
)


def unusable(report: MetricsReport) -> str | None:
    """What a training job's metrics lack, or None."""
    if main_metric(report.metrics) is None:
        held = ", ".join(metric(name).label for name in report.metrics) or "none"
        wanted = " nor ".join(metric(name).label for name in MAIN_METRICS)
        return f"metrics.json holds neither {wanted}; it holds {held}"
    for path, value in _not_finite(report.model_dump(mode="json")):
        if path.startswith("metrics."):
            name = path.removeprefix("metrics.")
            return (
                f"metrics.json says that {metric(name).label} is {value}; training has diverged. "
                f"{_ADVICE}"
            )
        return f"metrics.json says that {path} is {value}"
    return None


def unusable_vocabularies(reports: Sequence[VocabularyReport]) -> str | None:
    data = [report.model_dump(mode="json") for report in reports]
    found = next(_not_finite(data), None)
    return None if found is None else f"vocabulary.json says that {found[0]} is {found[1]}"


def unusable_segments(report: SegmentReport) -> str | None:
    found = next(_not_finite(report.model_dump(mode="json")), None)
    return None if found is None else f"{SEGMENTS_FILE} says that {found[0]} is {found[1]}"


def finite_epochs(epochs: Sequence[EpochProgress]) -> list[EpochProgress]:
    """The epochs up to the first whose loss is no number. A validation loss may be none: it is
    left out."""
    kept = []
    for epoch in epochs:
        if not (math.isfinite(epoch.loss) and math.isfinite(epoch.seconds)):
            break
        validation = epoch.validation_loss
        if validation is not None and not math.isfinite(validation):
            epoch = epoch.model_copy(update={"validation_loss": None})
        kept.append(epoch)
    return kept


def explained(message: str) -> str:
    """A job's own message, in plain words and with advice where we know any."""
    found = _DIVERGED.search(message)
    if found is None:
        return message
    loss, epoch = found.groups()
    return (
        f"Training diverged: the loss became {loss} in epoch {epoch}, so there is no model to "
        f"measure. {_ADVICE}."
    )


def _not_finite(value: Any, path: str = "") -> Iterator[tuple[str, float]]:
    """Numbers that JSON documents do not hold, with where they are."""
    if isinstance(value, float) and not math.isfinite(value):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _not_finite(item, path_of(path, (str(key),)))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _not_finite(item, path_of(path, (number,)))
