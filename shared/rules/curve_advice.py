"""What a learning curve advises: more data, more epochs, a smaller or a larger model.

Only differences whose 95 % interval, paired by customer, is clear of zero count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel

from shared.jobs import Interval, Replicates
from shared.metrics import metric as metric_of
from shared.rules.differences import Difference, difference_words, paired_difference
from shared.rules.learning_curve import WHOLE
from shared.wording import alternatives, capital, percentage, plural

Kind = Literal[
    "more_data",
    "enough_data",
    "more_epochs",
    "enough_epochs",
    "fewer_epochs",
    "larger_model",
    "smaller_model",
    "keep_size",
    "unknown",
]


class Advice(BaseModel):
    kind: Kind
    sentence: str


@dataclass(frozen=True)
class Point:
    """A completed test of a curve.

    Attributes:
        at: per cent of the customers, or epochs.
    """

    at: float
    value: float
    replicates: Replicates | None


def gained(metric: str, one: Point, other: Point) -> Difference:
    """How much better or worse `one` is than `other`."""
    return paired_difference(one.replicates, other.replicates, metric)


def advise(
    metric: str,
    shares: Sequence[Point],
    epochs: Sequence[Point],
    usual: int,
    sample_percent: float,
) -> list[Advice]:
    """
    Args:
        shares, epochs: points of the two curves, ascending; none of one that has not ended.
        usual: epochs of the tests by share.
        sample_percent: of the data's customers, whom the curves' largest share is.
    """
    by_share = _by_share(metric, shares, sample_percent)
    by_epochs = _by_epochs(metric, epochs, usual)
    advice = [one for one in (by_share, by_epochs) if one is not None]
    if by_share and by_epochs and "unknown" not in (by_share.kind, by_epochs.kind):
        advice.append(_size(by_share.kind, by_epochs.kind))
    return advice


def _by_share(metric: str, points: Sequence[Point], sample_percent: float) -> Advice | None:
    if len(points) < 2:
        return None
    before, last = points[-2:]
    found = gained(metric, last, before)
    if found.interval is None:
        return _unknown(found)
    step = f"from {share_words(before.at)} to {share_words(last.at)}"
    name, words = metric_of(metric).label, difference_words(metric, found.interval)
    size = _size_words(metric, found.interval)
    if found.verdict == "better":
        what = (
            "Take a larger sample."
            if sample_percent < WHOLE
            else "More customers, or their purchases over a longer time, are worth having."
        )
        return Advice(
            kind="more_data", sentence=f"More data helps: {step} {name} improves by {size}. {what}"
        )
    if found.verdict == "worse":
        return Advice(
            kind="larger_model",
            sentence=f"More data makes it worse: {step} {name} is worse by {size}. That is more "
            "than this model has room for: try a larger one.",
        )
    enough = next(one for one in points if one is last or _as_good(metric, one, last))
    told = f" {capital(share_words(enough.at))} do as well." if enough.at < before.at else ""
    return Advice(
        kind="enough_data",
        sentence=f"More data does not clearly help: {step} {name} changes by {words}.{told}",
    )


def _by_epochs(metric: str, points: Sequence[Point], usual: int) -> Advice | None:
    base = next((one for one in points if one.at == usual), None)
    if base is None or len(points) < 2:
        return None
    found = {one.at: gained(metric, one, base) for one in points if one is not base}
    if unknown := next((one for one in found.values() if one.interval is None), None):
        return _unknown(unknown)
    name = metric_of(metric).label
    lower = metric_of(metric).lower_is_better
    better = [one for one in points if one is not base and found[one.at].verdict == "better"]
    if better:
        best = min(better, key=lambda one: one.value if lower else -one.value)
        chosen = next(one for one in better if one is best or _as_good(metric, one, best))
        interval = found[chosen.at].interval
        assert interval is not None
        gain = _size_words(metric, interval)
        told = f"{_epochs(chosen.at)} instead of {usual:g} improve {name} by {gain}."
        if chosen.at > usual:
            rises = chosen is points[-1]
            still = " It still rises there: try more." if rises else ""
            return Advice(kind="more_epochs", sentence=f"More epochs help: {told}{still}")
        return Advice(kind="fewer_epochs", sentence=f"Fewer epochs are better: {told}")
    worse = [one.at for one in points if one.at > usual and found[one.at].verdict == "worse"]
    others = [f"{one.at:g}" for one in points if one.at > usual]
    if worse:
        told = f"with {_epochs(worse[0])} {name} is clearly worse"
    elif others:
        told = f"{alternatives(others)} are not clearly better"
    else:
        told = "more were not tried"
    less = next((one for one in points if one.at < usual and _as_good(metric, one, base)), None)
    fewer = f" {_epochs(less.at)} would do as well." if less is not None else ""
    return Advice(
        kind="enough_epochs",
        sentence=f"{_epochs(usual)} {'is' if usual == 1 else 'are'} enough: {told}.{fewer}",
    )


def _size(data: Kind, epochs: Kind) -> Advice:
    if epochs == "fewer_epochs":
        more = " until there is more data" if data == "more_data" else ""
        return Advice(
            kind="smaller_model",
            sentence="It overfits: what it learns after the first epochs holds for its training "
            f"purchases only. Try a smaller model, or dropout and regularization{more}.",
        )
    if data == "enough_data" and epochs == "enough_epochs":
        return Advice(
            kind="larger_model",
            sentence="Neither more data nor more epochs help: the model has learned what it can "
            "learn of these columns. Try a larger model, or columns that say something new.",
        )
    then = "train for longer" if epochs == "more_epochs" else "get more data"
    return Advice(
        kind="keep_size",
        sentence=f"Nothing asks for a model of another size: {then} first.",
    )


def _size_words(metric: str, interval: Interval) -> str:
    """Of a clear difference, whichever way is better: `0.3 to 2.1 points`."""
    low, high = sorted((abs(interval.low), abs(interval.high)))
    if metric_of(metric).share:
        return f"{100 * low:.1f} to {100 * high:.1f} points"
    return f"{low:.4f} to {high:.4f}"


def _as_good(metric: str, one: Point, other: Point) -> bool:
    found = gained(metric, one, other)
    return found.interval is not None and found.verdict != "worse"


def _unknown(found: Difference) -> Advice:
    return Advice(kind="unknown", sentence=f"Nothing can be advised: {found.reason}")


def share_words(percent: float) -> str:
    """`all customers`, `25% of the customers`."""
    return "all customers" if percent == WHOLE else f"{percentage(percent)} of the customers"


def _epochs(number: float) -> str:
    return plural(round(number), "epoch")
