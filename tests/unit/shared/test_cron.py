"""Cron expressions: what they mean, when they fire, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shared.cron import CronError, parse_cron

MINUTE = timedelta(minutes=1)
# Forward and back at other hours, by half an hour, at midnight, across a whole day, and never.
ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Pacific/Apia",
    "Africa/Cairo",
    "Asia/Kolkata",
    "UTC",
)
# A few days around moments at which clocks were changed, and any others.
CHANGES = (
    datetime(2026, 3, 28, tzinfo=UTC),
    datetime(2026, 10, 24, tzinfo=UTC),
    datetime(2026, 3, 7, tzinfo=UTC),
    datetime(2026, 10, 31, tzinfo=UTC),
    datetime(2026, 4, 3, 12, tzinfo=UTC),
    datetime(2026, 10, 2, 12, tzinfo=UTC),
    datetime(2011, 12, 29, tzinfo=UTC),
    datetime(2026, 4, 23, tzinfo=UTC),
    datetime(2024, 2, 28, tzinfo=UTC),
)


def matches(text: str, local: datetime) -> bool:
    """By the definition, field by field."""
    minute, hour, day, month, weekday = text.split()

    def fits(field: str, value: int, low: int, high: int) -> bool:
        for item in field.split(","):
            body, _, step = item.partition("/")
            first, _, last = body.partition("-")
            start = low if body == "*" else int(first)
            end = int(last) if last else (high if body == "*" or step else start)
            if start <= value <= end and (value - start) % int(step or 1) == 0:
                return True
        return False

    on_day = fits(day, local.day, 1, 31)
    sunday_first = local.isoweekday() % 7
    on_weekday = fits(weekday, sunday_first, 0, 6) or (
        sunday_first == 0 and not weekday.startswith("*") and fits(weekday, 7, 0, 7)
    )
    either = not day.startswith("*") and not weekday.startswith("*")
    return (
        fits(minute, local.minute, 0, 59)
        and fits(hour, local.hour, 0, 23)
        and fits(month, local.month, 1, 12)
        and ((on_day or on_weekday) if either else (on_day and on_weekday))
    )


def walked(text: str, zone: ZoneInfo, start: datetime, minutes: int) -> list[datetime]:
    """Minute by minute: the first of two equal times fires, and what was skipped does once."""
    found = []
    before = start.astimezone(zone).replace(tzinfo=None)
    for count in range(1, minutes + 1):
        moment = start + count * MINUTE
        there = moment.astimezone(zone)
        local = there.replace(tzinfo=None)
        skipped = (local - before) // MINUTE - 1
        passed = [before + (place + 1) * MINUTE for place in range(max(0, skipped))]
        if (there.fold == 0 and matches(text, local)) or any(matches(text, one) for one in passed):
            found.append(moment)
        before = local
    return found


def field(low: int, high: int) -> st.SearchStrategy[str]:
    number = st.integers(low, high)
    pair = st.tuples(number, number).map(sorted)
    steps = st.integers(1, high)
    item = st.one_of(
        number.map(str),
        pair.map(lambda two: f"{two[0]}-{two[1]}"),
        st.tuples(pair, steps).map(lambda one: f"{one[0][0]}-{one[0][1]}/{one[1]}"),
        st.tuples(number, steps).map(lambda one: f"{one[0]}/{one[1]}"),
    )
    star = st.one_of(st.just("*"), steps.map(lambda step: f"*/{step}"))
    return st.one_of(star, star, st.lists(item, min_size=1, max_size=3).map(",".join))


EXPRESSIONS = st.tuples(field(0, 59), field(0, 23), field(1, 31), st.just("*"), field(0, 7)).map(
    " ".join
)


@settings(max_examples=60, deadline=None)
@given(EXPRESSIONS, st.sampled_from(ZONES), st.sampled_from(CHANGES), st.integers(0, 1440))
@example("30 2 * * *", "Europe/Berlin", CHANGES[0], 0)
@example("*/20 2,3 * * *", "Europe/Berlin", CHANGES[1], 0)
@example("15 0 * * *", "America/Santiago", datetime(2026, 9, 5, tzinfo=UTC), 0)
@example("0 9 * * *", "Pacific/Apia", CHANGES[6], 0)
@example("45 1 1 * 0", "Australia/Lord_Howe", CHANGES[4], 0)
def test_it_fires_when_a_walk_minute_by_minute_says(
    text: str, name: str, begin: datetime, later: int
) -> None:
    zone, start, minutes = ZoneInfo(name), begin + later * MINUTE, 2 * 1440
    expected = walked(text, zone, start, minutes)
    cron = parse_cron(text)
    found = []
    if expected:
        found = list(islice(cron.all_after(start, zone), len(expected) + 1))
        beyond = found.pop()
        assert beyond > start + minutes * MINUTE
    assert found == expected


def test_a_time_that_does_not_exist_fires_once_at_the_next_moment_that_does() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    cron = parse_cron("30 2 * * *")
    found = list(islice(cron.all_after(datetime(2026, 3, 28, 12, tzinfo=UTC), berlin), 2))
    assert found == [
        datetime(2026, 3, 29, 1, tzinfo=UTC),  # 3:00 summer time
        datetime(2026, 3, 30, 0, 30, tzinfo=UTC),
    ]


def test_a_time_that_happens_twice_fires_the_first_time() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    cron = parse_cron("30 2 * * *")
    found = list(islice(cron.all_after(datetime(2026, 10, 24, 12, tzinfo=UTC), berlin), 2))
    assert found == [
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),  # 2:30 summer time, not 2:30 after it
        datetime(2026, 10, 26, 1, 30, tzinfo=UTC),
    ]


def test_names_and_seven_are_what_cron_takes_them_for() -> None:
    assert parse_cron("0 3 * JAN,jul Sun") == parse_cron("0 3 * 1,7 7")
    assert parse_cron("0 3 * * mon-fri") == parse_cron("0 3 * * 1-5")
    assert parse_cron("0 3 * * 5-7").weekdays == {5, 6, 0}


def test_either_day_fires_where_both_are_restricted() -> None:
    friday_13th = parse_cron("0 0 13 * 5")
    found = list(
        islice(friday_13th.all_after(datetime(2026, 1, 1, tzinfo=UTC), ZoneInfo("UTC")), 3)
    )
    assert [one.day for one in found] == [2, 9, 13]


def test_29_february_is_found_years_ahead() -> None:
    found = parse_cron("0 0 29 2 *").after(datetime(2096, 3, 1, tzinfo=UTC), ZoneInfo("UTC"))
    assert found == datetime(2104, 2, 29, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("0 3 * * *", 1440),
        ("0 */6 * * *", 360),
        ("30 23,0 * * *", 60),
        ("*/5 3 * * *", 5),
        ("59 22 * * *", 1440),
        ("0,59 0 * * *", 59),
        ("59,0 0,23 * * *", 1),
    ],
)
def test_how_close_together_its_times_are(text: str, minutes: int) -> None:
    assert parse_cron(text).closest() == minutes


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "five fields.*This one has 0"),
        ("0 3 * *", "This one has 4"),
        ("@weekly", "This one has 1"),
        ("0 0 3 * * *", "This one has 6"),
        ("60 3 * * *", "The minute is '60'; expected 0 to 59,"),
        ("0 24 * * *", "The hour is '24'; expected 0 to 23"),
        ("0 3 0 * *", "The day of the month is '0'; expected 1 to 31"),
        ("0 3 * 13 *", "The month is '13'; expected 1 to 12, or jan/feb"),
        ("0 3 * * 8", "The day of the week is '8'; expected 0 to 7, or sun/mon"),
        ("0 3 * * monday", "The day of the week is 'monday'"),
        ("0 5-3 * * *", "the smaller number of a range first"),
        ("*/0 3 * * *", "The minute is '\\*/0'"),
        ("*/99999999999999999999 3 * * *", "The minute is"),
        ("0,, 3 * * *", "The minute is ''"),
        ("-1 3 * * *", "The minute is '-1'"),
        ("٣ 3 * * *", "The minute is"),
        ("0 3 L * *", "The day of the month is 'L'"),
        ("0 3 31 2 *", "It never fires: no month that it names has a day 31"),
        ("0 3 30,31 2 *", "It never fires"),
        ("0 3 31 4,6,9,11 *", "It never fires"),
        ("1," * 150 + "1 3 * * *", "at most 200 characters"),
    ],
)
def test_what_is_no_expression_is_refused_and_the_field_named(text: str, said: str) -> None:
    with pytest.raises(CronError, match=said):
        parse_cron(text)


def test_a_day_that_no_month_has_may_stand_beside_a_day_of_the_week() -> None:
    found = parse_cron("0 3 31 2 mon").after(datetime(2026, 1, 1, tzinfo=UTC), ZoneInfo("UTC"))
    assert found == datetime(2026, 2, 2, 3, tzinfo=UTC)
