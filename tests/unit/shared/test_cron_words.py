"""Cron expressions in words."""

from __future__ import annotations

import pytest

from shared.cron_words import cron_words


@pytest.mark.parametrize(
    ("cron", "words"),
    [
        ("0 3 * * *", "Every day at 03:00, UTC."),
        ("0 3 * * mon", "Every Monday at 03:00, UTC."),
        ("0 3 * * 7,3", "Every Wednesday and Sunday at 03:00, UTC."),
        ("15 22 * * 1-5", "Every day from Monday to Friday at 22:15, UTC."),
        ("30 4 1 * *", "On day 1 of the month at 04:30, UTC."),
        ("30 4 1,15 jan,jul *", "On days 1 and 15 of the month in January and July at 04:30, UTC."),
        ("0 3 1 * mon", "On day 1 of the month and every Monday at 03:00, UTC."),
        ("0 3 */15 * mon", "Every Monday that is on days 1, 16 and 31 of the month at 03:00, UTC."),
        ("0 */12 * * *", "Every day at 00:00 and 12:00, UTC."),
        ("5 */2 * * *", "Every day every 2 hours, from 00:05 to 22:05, UTC."),
        ("0 * * * *", "Every day every hour, from 00:00 to 23:00, UTC."),
        ("0 1,2,3,5,9 * * *", "Every day 5 times, from 01:00 to 09:00, UTC."),
    ],
)
def test_an_expression_is_said_in_words(cron: str, words: str) -> None:
    assert cron_words(cron, "UTC") == words
