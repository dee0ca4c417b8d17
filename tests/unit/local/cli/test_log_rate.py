"""Whoever provokes faults fills no disk with what is logged of them."""

from __future__ import annotations

import logging

from local.cli.log_rate import RECORDS, RateLimit


class Logs:
    """Loggers whose lines are kept, and a clock to turn."""

    def __init__(self) -> None:
        self.now = 0.0
        self.lines: list[str] = []
        self._limit = RateLimit(lambda: self.now)

    def log(self, name: str, message: str, *arguments: object) -> None:
        record = logging.LogRecord(name, logging.WARNING, "", 0, message, arguments, None)
        if self._limit.filter(record):
            self.lines.append(record.getMessage())


def test_a_flood_leaves_a_bounded_number_of_lines_and_says_so() -> None:
    logs = Logs()
    for number in range(1000):
        logs.log("server", "fault %d", number)
    assert len(logs.lines) == RECORDS
    assert logs.lines[0] == "fault 0"
    assert "further ones of server within this minute are left out" in logs.lines[-1]


def test_the_next_minute_says_how_many_were_left_out() -> None:
    logs = Logs()
    for _ in range(RECORDS + 1234):
        logs.log("server", "fault")
    logs.now = 60.0
    logs.log("server", "fault of 100%")
    assert logs.lines[-1] == "fault of 100% (1,234 of server before this were left out)"


def test_a_flood_of_one_logger_silences_no_other() -> None:
    logs = Logs()
    for _ in range(RECORDS + 1):
        logs.log("server", "fault")
    logs.log("runtime", "the disk is full")
    assert logs.lines[-1] == "the disk is full"
