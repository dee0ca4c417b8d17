"""Moments of a column, from what BigQuery counts of scaled values."""

from __future__ import annotations

from typing import Any

from shared.columns import ColumnStatistics


def add_moments(
    statistics: ColumnStatistics, row: Any, place: int, scaled_by: tuple[float, float]
) -> None:
    """Takes the moments of scaled values back to the column's own unit."""
    middle, half = scaled_by
    count, mean, std = row[f"n{place}"], row[f"m{place}"], row[f"s{place}"]
    low, high = statistics.min, statistics.max
    assert low is not None
    assert high is not None
    statistics.mean = min(max(middle + half * mean, low), high)
    statistics.median = middle + half * row[f"q{place}"]
    statistics.std = None if std is None else std * half
    if high > low:
        statistics.skewness = skewness(count, mean, row[f"p{place}"], row[f"r{place}"])


def skewness(count: int, mean: float, squares: float, cubes: float) -> float | None:
    """Fisher–Pearson's adjusted coefficient, of at least three values, not all equal.

    Args:
        squares, cubes: sums of the second and third powers.

    https://www.itl.nist.gov/div898/handbook/eda/section3/eda35b.htm
    """
    if count < 3:
        return None
    second = squares / count - mean**2
    if second <= 0:
        return None
    third = cubes / count - 3 * mean * squares / count + 2 * mean**3
    adjustment: float = (count * (count - 1)) ** 0.5 / (count - 2)
    return float(adjustment * third / second**1.5)


def scale(low: float, high: float) -> tuple[float, float]:
    """Middle and half width of a range; the latter 1 where the range is a point."""
    half = high / 2 - low / 2
    return low / 2 + high / 2, half if half > 0 else 1.0
