"""Differences between two groups of customers, and how many customers a difference takes.

Groups are of independent customers: each is in one of them by chance, and counts once.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

from shared.jobs import Interval

LEVEL = 0.95
POWER = 0.8
# Fewer customers say nothing of a mean whose values are as skewed as what people spend.
FEWEST_CUSTOMERS = 30
# Below it, shares that differ from what was wished for are no chance: Fabijan et al. (2019),
# "Diagnosing Sample Ratio Mismatch in Online Controlled Experiments", take 0.0005 to 0.01.
MISMATCH = 0.001
_NORMAL = NormalDist()


@dataclass(frozen=True)
class Sample:
    """A number of each customer of a group. `variance` is the sample's, by n - 1."""

    customers: int
    mean: float
    variance: float


def wilson_interval(successes: int, customers: int, level: float = LEVEL) -> Interval:
    """Of a rate: Wilson (1927), "Probable Inference, the Law of Succession, and Statistical
    Inference". Within 0 and 1, also where nobody or everybody succeeded."""
    z = _two_sided(level)
    rate = successes / customers
    middle = (rate + z * z / (2 * customers)) / (1 + z * z / customers)
    spread = math.sqrt(rate * (1 - rate) / customers + z * z / (4 * customers**2))
    half = spread * z / (1 + z * z / customers)
    return Interval(low=max(0.0, middle - half), high=min(1.0, middle + half))


def newcombe_interval(
    successes: tuple[int, int], customers: tuple[int, int], level: float = LEVEL
) -> Interval:
    """Of a difference of two rates, the first minus the second: method 10 of Newcombe (1998),
    "Interval Estimation for the Difference between Independent Proportions"."""
    (a, b), (m, n) = successes, customers
    one, other = wilson_interval(a, m, level), wilson_interval(b, n, level)
    p, q = a / m, b / n
    return Interval(
        low=p - q - math.hypot(p - one.low, other.high - q),
        high=p - q + math.hypot(one.high - p, q - other.low),
    )


def welch_interval(one: Sample, other: Sample, level: float = LEVEL) -> Interval | None:
    """Of a difference of two means, the first minus the second, of groups whose variances differ:
    Welch (1947), "The Generalization of 'Student's' Problem". None below 30 customers in one."""
    if min(one.customers, other.customers) < FEWEST_CUSTOMERS:
        return None
    parts = [group.variance / group.customers for group in (one, other)]
    difference, error = one.mean - other.mean, math.sqrt(sum(parts))
    if error == 0:
        return Interval(low=difference, high=difference)
    degrees = sum(parts) ** 2 / sum(
        part**2 / (group.customers - 1) for part, group in zip(parts, (one, other), strict=True)
    )
    half = student_quantile(0.5 + level / 2, degrees) * error
    return Interval(low=difference - half, high=difference + half)


def student_quantile(probability: float, degrees: float) -> float:
    """Of Student's t: Abramowitz and Stegun (1964), "Handbook of Mathematical Functions", 26.7.5;
    to four digits from 15 degrees of freedom on."""
    z = _NORMAL.inv_cdf(probability)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + sum(term / degrees ** (power + 1) for power, term in enumerate(terms))


def sample_ratio_p(customers: Sequence[int], shares_percent: Sequence[float]) -> float:
    """How likely numbers of customers as far from their shares as these are by chance: Pearson's
    chi-square test, of two to four groups."""
    total = sum(customers)
    if total == 0:
        return 1.0
    expected = [total * share / 100 for share in shares_percent]
    found = zip(customers, expected, strict=True)
    return _chi_square_p(sum((n - e) ** 2 / e for n, e in found), len(expected) - 1)


def _chi_square_p(statistic: float, degrees: int) -> float:
    """The upper tail, in closed form for 1 to 3 degrees of freedom (Abramowitz and Stegun,
    26.4.4 and 26.4.5)."""
    if degrees == 2:
        return math.exp(-statistic / 2)
    tail = math.erfc(math.sqrt(statistic / 2))
    if degrees == 3:
        tail += math.sqrt(2 * statistic / math.pi) * math.exp(-statistic / 2)
    return tail


def customers_for_rates(
    rate: float, other: float, share: float = 0.5, *, level: float = LEVEL, power: float = POWER
) -> int:
    """How many customers two groups take together to tell two rates apart: Fleiss, Levin and Paik
    (2003), "Statistical Methods for Rates and Proportions", 4.14 and 4.19, without the
    correction for continuity.

    Args:
        rate: of the control.
        other: that is to be told from it.
        share: of the customers of both who get the other version, between 0 and 1.
        power: how likely it is then found.
    """
    ratio = share / (1 - share)
    middle = (rate + ratio * other) / (1 + ratio)
    alike = math.sqrt((1 + 1 / ratio) * middle * (1 - middle))
    apart = math.sqrt(rate * (1 - rate) + other * (1 - other) / ratio)
    found = _two_sided(level) * alike + _NORMAL.inv_cdf(power) * apart
    return _both((found / (other - rate)) ** 2, ratio)


def customers_for_means(
    difference: float,
    variance: float,
    share: float = 0.5,
    *,
    level: float = LEVEL,
    power: float = POWER,
) -> int:
    """The same for two means of one variance (Fleiss' argument, with the normal distribution)."""
    ratio = share / (1 - share)
    found = (_two_sided(level) + _NORMAL.inv_cdf(power)) ** 2 * variance * (1 + 1 / ratio)
    return _both(found / difference**2, ratio)


def _both(control: float, ratio: float) -> int:
    """Of the control's customers, whole ones of both groups."""
    return math.ceil(control - 1e-9) + math.ceil(control * ratio - 1e-9)


def _two_sided(level: float) -> float:
    return _NORMAL.inv_cdf(0.5 + level / 2)
