"""What an experiment has shown: rates and means of each version, and how they differ from the
control's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel

from shared.documents.online_experiment import Experiment
from shared.jobs import Interval
from shared.online.outcomes import LeftOut, Outcomes, VersionOutcomes
from shared.online.sample_size import change_words
from shared.online.statistics import (
    LEVEL,
    MISMATCH,
    Sample,
    newcombe_interval,
    sample_ratio_p,
    welch_interval,
    wilson_interval,
)
from shared.wording import percent, percentage, plural

Standing = Literal["higher", "lower", "cannot_tell_apart", "too_few"]
_DAY = 86_400.0


class MeasuredVersion(VersionOutcomes):
    """Attributes:
    rate: `converted` of `customers`; None without customers.
    interval: of the rate, 95%.
    """

    rate: float | None = None
    interval: Interval | None = None


class Difference(BaseModel):
    """A version beside the control.

    Attributes:
        measure: `converted`, `converted_shown` (rates), `purchases` or `value` (of a customer).
        value, control: of the version, and of the control.
        interval: of the version's minus the control's; None where customers are too few.
        sentence: all of this, for people.
    """

    version: int
    measure: Literal["converted", "converted_shown", "purchases", "value"]
    value: float
    control: float
    interval: Interval | None
    standing: Standing
    sentence: str


class ExperimentResult(BaseModel):
    """Attributes:
    sample_ratio_p: how likely numbers of customers as far from the shares as these are by chance.
    customers_per_day: how many were exposed for the first time; None where that spans no time.
    left_out_words: what does not count, a sentence each.
    warnings: what speaks against believing the differences, a sentence each.
    """

    experiment_id: str
    days: float
    versions: list[MeasuredVersion]
    differences: list[Difference]
    sample_ratio_p: float
    customers_per_day: float | None
    left_out: LeftOut
    left_out_words: list[str]
    warnings: list[str]


def measured(experiment: Experiment, outcomes: Outcomes) -> ExperimentResult:
    """The result. With several versions beside the control, intervals are as much wider as keeps
    all of them right at once in 95 of 100 experiments (Bonferroni)."""
    shares = experiment.shares_percent
    level = 1 - (1 - LEVEL) / (len(shares) - 1)
    p = sample_ratio_p(outcomes.exposed, shares)
    control, *others = outcomes.versions
    return ExperimentResult(
        experiment_id=experiment.id,
        days=outcomes.days,
        versions=[_with_rate(one) for one in outcomes.versions],
        differences=[
            difference
            for one in others
            for measure in _MEASURES
            if (difference := _difference(measure, one, control, level)) is not None
        ],
        sample_ratio_p=p,
        customers_per_day=_per_day(outcomes),
        left_out=outcomes.left_out,
        left_out_words=outcomes.left_out.sentences(),
        warnings=_warnings(experiment, outcomes, p),
    )


@dataclass(frozen=True)
class _Measure:
    name: Literal["converted", "converted_shown", "purchases", "value"]
    subject: str
    of: Callable[[VersionOutcomes], float | None]
    interval: Callable[[VersionOutcomes, VersionOutcomes, float], Interval | None]
    is_rate: bool


def _rates(
    count: Callable[[VersionOutcomes], int | None],
) -> Callable[[VersionOutcomes, VersionOutcomes, float], Interval | None]:
    return lambda one, other, level: newcombe_interval(
        (count(one) or 0, count(other) or 0), (one.customers, other.customers), level
    )


def _means(
    sample: Callable[[VersionOutcomes], Sample],
) -> Callable[[VersionOutcomes, VersionOutcomes, float], Interval | None]:
    return lambda one, other, level: welch_interval(sample(one), sample(other), level)


def _share(count: int | None, of: VersionOutcomes) -> float | None:
    return None if count is None else count / of.customers


_MEASURES = (
    _Measure(
        "converted",
        "Customers who bought",
        lambda one: _share(one.converted, one),
        _rates(lambda one: one.converted),
        True,
    ),
    _Measure(
        "converted_shown",
        "Customers who bought a product that they were shown",
        lambda one: _share(one.converted_shown, one),
        _rates(lambda one: one.converted_shown),
        True,
    ),
    _Measure(
        "purchases",
        "Purchases of a customer",
        lambda one: one.purchases_mean,
        _means(lambda one: Sample(one.customers, one.purchases_mean, one.purchases_variance)),
        False,
    ),
    _Measure(
        "value",
        "Value of a customer",
        lambda one: one.value_mean,
        _means(lambda one: Sample(one.customers, one.value_mean or 0.0, one.value_variance or 0.0)),
        False,
    ),
)


def _difference(
    measure: _Measure, one: VersionOutcomes, control: VersionOutcomes, level: float
) -> Difference | None:
    if not one.customers or not control.customers:
        return None
    value, beside = measure.of(one), measure.of(control)
    if value is None or beside is None:
        return None
    interval = measure.interval(one, control, level)
    standing: Standing = "too_few"
    if interval is not None:
        standing = "cannot_tell_apart"
        if interval.excludes_zero():
            standing = "higher" if interval.low > 0 else "lower"
    said = percent if measure.is_rate else "{:.4g}".format
    pair = f"version {one.version} and version {control.version}"
    words = {
        "higher": f"clearly higher with version {one.version} than with version {control.version}",
        "lower": f"clearly lower with version {one.version} than with version {control.version}",
        "cannot_tell_apart": f"{pair} cannot be told apart",
        "too_few": f"too few customers to tell {pair} apart",
    }[standing]
    between = f", {change_words(interval, measure.is_rate)}" if interval is not None else ""
    return Difference(
        version=one.version,
        measure=measure.name,
        value=value,
        control=beside,
        interval=interval,
        standing=standing,
        sentence=f"{measure.subject}: {words}: {said(value)} against {said(beside)}{between}.",
    )


def _with_rate(one: VersionOutcomes) -> MeasuredVersion:
    found = MeasuredVersion(**one.model_dump())
    if one.customers:
        found.rate = one.converted / one.customers
        found.interval = wilson_interval(one.converted, one.customers)
    return found


def _per_day(outcomes: Outcomes) -> float | None:
    first, last = outcomes.first_exposure, outcomes.last_exposure
    if first is None or last is None or last <= first:
        return None
    return sum(outcomes.exposed) * _DAY / (last - first).total_seconds()


def _warnings(experiment: Experiment, outcomes: Outcomes, p: float) -> list[str]:
    told = []
    total = sum(outcomes.exposed)
    if p < MISMATCH:
        told.append(
            f"Do not trust these differences: the versions have {_listed(outcomes.exposed)} "
            f"customers, where {_listed(experiment.shares_percent, '%')} were wished for. Chance "
            f"alone does that in fewer than 1 of {round(1 / MISMATCH):,} experiments. Usual causes "
            "are exposures that one version's pages do not log, bots, and salts or shares that "
            "were changed on the way."
        )
    several = outcomes.left_out.customers_of_several_versions
    if several > 0.01 * (total + several):
        told.append(
            f"{plural(several, 'customer')} saw several versions and are left out, which is more "
            "than 1%: their answers came from different experiments, or their ids change."
        )
    if total == 0:
        told.append("The log has no exposure of this experiment that counts.")
    elif not any(one.customers for one in outcomes.versions):
        told.append(
            f"No customer's {outcomes.days:g} days are over at the latest outcome. "
            "Give fewer days, or a later table of outcomes."
        )
    return told


def _listed(numbers: Sequence[float], unit: str = "") -> str:
    if unit:
        return " to ".join(percentage(one) for one in numbers)
    return " to ".join(f"{one:,}" for one in numbers)
