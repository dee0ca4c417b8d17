"""Which pattern a text is a time by: whatever the form, the same moment comes back."""

from __future__ import annotations

from datetime import datetime

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.columns.time_patterns import choose, patterns_of, told
from shared.tables.formats import as_time

DATES = [
    *("%d.%m.%Y", "%d/%m/%Y", "%d-%m-%Y", "%m/%d/%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y.%m.%d"),
    *("%Y-%m-%d", "%Y%m%d", "%d %b %Y", "%d-%b-%Y", "%b %d, %Y", "%B %d, %Y", "%d %B %Y"),
    *("%a, %d %b %Y", "%d. %m. %Y"),
]
TIMES = [
    *("", " %H:%M", " %H:%M:%S", ", %H:%M", "T%H:%M:%S", " %I:%M %p", " %I:%M:%S %p"),
    *(" %H:%M:%S UTC", "T%H:%M:%SZ", " %H.%M"),
]
MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(2099, 12, 31))


@given(MOMENTS, st.sampled_from(DATES), st.sampled_from(TIMES))
def test_a_time_in_any_usual_form_comes_back(moment: datetime, date: str, time: str) -> None:
    text = moment.strftime(date + time)
    found = patterns_of(text)
    read = {datetime.strptime(text, pattern) for pattern in found.values()}
    assert datetime.strptime(text, date + time) in read


@settings(max_examples=60, deadline=None)
@given(st.lists(MOMENTS, min_size=1, max_size=30), st.sampled_from(DATES), st.sampled_from(TIMES))
def test_a_column_of_times_is_read_by_the_database_as_by_python(
    moments: list[datetime], date: str, time: str
) -> None:
    texts = [moment.strftime(date + time) for moment in moments]
    day_first = None if "%d/%m" not in date and "%m/%d" not in date else date.startswith("%d")
    if "-%m-" in date or "%m-%d-" in date:
        day_first = date.startswith("%d")
    choice = choose(dict.fromkeys(texts, 1), day_first)
    assert choice is not None
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        value = as_time("v", "VARCHAR", choice.patterns, None)
        for text in texts:
            (seconds,) = connection.execute(
                f"SELECT epoch({value}) FROM (SELECT ? AS v)", [text]
            ).fetchone() or (None,)
            expected = datetime.strptime(text, date + time)
            assert seconds == (expected - datetime(1970, 1, 1)).total_seconds(), (text, choice)


@given(st.text(max_size=30))
def test_no_text_breaks_it(text: str) -> None:
    for pattern in patterns_of(text).values():
        datetime.strptime(text.strip(), pattern.replace("%n", "%f"))


@pytest.mark.parametrize(
    ("values", "order", "decided"),
    [
        (["1/2/2024", "13/2/2024"], "day", True),
        (["1/2/2024", "2/13/2024"], "month", True),
        (["1/2/2024", "3/4/2024"], "day", False),
        (["1.2.2024", "3.4.2024"], "day", True),
        (["2024-01-02"], None, True),
    ],
)
def test_days_or_months_come_first_as_the_values_tell(
    values: list[str], order: str | None, decided: bool
) -> None:
    choice = choose(dict.fromkeys(values, 1))
    assert choice is not None
    assert (choice.order, choice.decided) == (order, decided)


@pytest.mark.parametrize(
    "text", ["", "007", "1.2.3", "2024-02-31", "31/31/2024", "12345678", "10:15", "+491234", "soon"]
)
def test_what_is_no_time_has_no_pattern(text: str) -> None:
    assert patterns_of(text) == {}


def test_patterns_are_told_in_words() -> None:
    assert told(["%m/%d/%Y %I:%M %p"]) == "month/day/year hour:minute AM/PM"
