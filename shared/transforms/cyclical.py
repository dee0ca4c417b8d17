"""Cyclical: where a moment lies in the year, quarter, month, week and day, as sine and cosine."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from shared.transforms.base import Code, Output, Read, Transform, output_target

if TYPE_CHECKING:  # for what generated modules have of this file
    import tensorflow as tf

CYCLES = ("annual", "quarterly", "monthly", "weekly", "daily")
_WAVES = ("sin", "cos")


class Cyclical(Transform):
    """Any number of cycles of one timestamp.

    Attributes:
        annual: quarter of the year.
        quarterly: month of the quarter.
        monthly: day of the month, by that month's length.
        weekly: day of the week.
        daily: hour of the day.
    """

    name: ClassVar[str] = "cyclical"
    label: ClassVar[str] = "Cyclical"
    help: ClassVar[str] = (
        "Where a moment lies in the year, quarter, month, week and day, as sine and cosine."
    )
    position: ClassVar[int] = 4
    features: ClassVar[tuple[str, ...]] = ("timestamp",)
    choice: ClassVar[str] = "a cycle"
    part: ClassVar[str] = "cyclical"
    endings: ClassVar[tuple[str, ...]] = tuple(
        f"{cycle}_{wave}" for cycle in CYCLES for wave in _WAVES
    )
    reads_number: ClassVar[bool] = False
    example: ClassVar[dict[str, Any]] = {"weekly": True}

    annual: bool = Field(
        default=False,
        title="Annual",
        description="Quarter of the year: seasons, holidays, spring sales.",
    )
    quarterly: bool = Field(
        default=False,
        title="Quarterly",
        description="Month of the quarter: end-of-quarter habits.",
    )
    monthly: bool = Field(
        default=False,
        title="Monthly",
        description="Day of the month: paydays and billing dates.",
    )
    weekly: bool = Field(
        default=False,
        title="Weekly",
        description="Day of the week: weekdays and weekends.",
    )
    daily: bool = Field(
        default=False,
        title="Daily",
        description="Hour of the day: morning, lunch, evening.",
    )

    @property
    def cycles(self) -> list[str]:
        return [cycle for cycle in CYCLES if getattr(self, cycle)]

    def outputs(self, key: str) -> tuple[Output, ...]:
        return tuple(
            Output(f"{key}_{cycle}_{wave}", 1, "float32")
            for cycle in self.cycles
            for wave in _WAVES
        )

    def code(self, key: str, read: Read) -> list[Code]:
        if not self.cycles:
            return []
        calendar = f"{read.number}_calendar"
        codes = [Code(calendar, calendar_phases, (read.raw,))]
        codes += [
            Code(
                target="sin, cos",
                function=sine_and_cosine,
                arguments=(f'{calendar}["{cycle}"]',),
                then=(
                    f"{output_target(f'{key}_{cycle}_sin')} = sin",
                    f"{output_target(f'{key}_{cycle}_cos')} = cos",
                ),
            )
            for cycle in self.cycles
        ]
        return codes

    def in_words(self) -> str:
        return ", ".join(f"{cycle} cycle" for cycle in self.cycles)


def calendar_phases(seconds: tf.Tensor) -> dict[str, tf.Tensor]:
    """How far each cycle has come at a moment in UTC: float32 in [0, 1), NaN where missing.

    The date comes from the day number by H. Hinnant's `civil_from_days`, which is exact for the
    proleptic Gregorian calendar, before 1970 too.
    """
    missing = seconds == tf.int64.min
    seconds = tf.where(missing, tf.zeros_like(seconds), seconds)
    days = seconds // 86_400
    shifted = days + 719_468  # days since 0000-03-01
    era = shifted // 146_097
    day_of_era = shifted - era * 146_097
    year_of_era = (
        day_of_era - day_of_era // 1_460 + day_of_era // 36_524 - day_of_era // 146_096
    ) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    month_from_march = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * month_from_march + 2) // 5
    month = (month_from_march + 2) % 12
    year = year_of_era + era * 400 + tf.cast(month < 2, tf.int64)
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    month_lengths = tf.constant([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], tf.int64)
    month_length = tf.gather(month_lengths, month) + tf.cast(leap & (month == 1), tf.int64)

    def share(part: tf.Tensor, whole: tf.Tensor | int) -> tf.Tensor:
        phase = tf.cast(part, tf.float32) / tf.cast(whole, tf.float32)
        return tf.where(missing, float("nan"), phase)

    return {
        "annual": share(month // 3, 4),  # quarter of the year
        "quarterly": share(month % 3, 3),  # month of the quarter
        "monthly": share(day, month_length),  # day of the month
        "weekly": share((days + 3) % 7, 7),  # day of the week, Monday first
        "daily": share(seconds % 86_400 // 3_600, 24),  # hour of the day
    }


def sine_and_cosine(phase: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Sine and cosine of a phase in [0, 1); the centre of the circle where it is missing."""
    known = tf.math.is_finite(phase)
    angle = 2 * math.pi * tf.where(known, phase, 0.0)
    return tf.where(known, tf.sin(angle), 0.0), tf.where(known, tf.cos(angle), 0.0)
