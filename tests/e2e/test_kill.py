"""`kill -9` at the worst moment, and Ctrl-C."""

from __future__ import annotations

import os
import signal
import sqlite3

import pytest

from tests.e2e.conftest import Laptop, alive
from tests.waiting import eventually

pytestmark = pytest.mark.trainer


def test_a_killed_system_loses_nothing_and_trains_nothing_twice(laptop: Laptop) -> None:
    laptop.up()
    configs = laptop.configs()
    first = laptop.quick_test(configs)
    # Of two that are asked for at once either may be launched first, and trains first.
    laptop.reaches(first, "examples")
    # It is to be killed before it ends, also where this machine trains faster than it tells, and
    # then to end.
    slow = {"epochs": 20, "early_stopping_patience": 0, "batch_size_override": 16}
    second = laptop.quick_test(configs, **slow)
    laptop.reaches(first, "train")
    trainer = laptop.trainer_pid(first)
    laptop.kill()
    assert alive(trainer)

    laptop.up()
    status = laptop.ended(first)
    assert status["state"] == "completed", status["error"]
    assert laptop.trainer_pid(first) == trainer
    assert [laptop.times_begun(first, stage) for stage in ("examples", "train")] == [1, 1]
    launched = [entry for entry in status["timeline"] if entry["what"].startswith("launched")]
    assert len(launched) == 1

    laptop.reaches(second, "examples")
    laptop.kill()
    os.kill(laptop.trainer_pid(second), signal.SIGKILL)
    laptop.up()
    status = laptop.ended(second)
    assert status["state"] == "completed", status["error"]
    again = [entry for entry in status["timeline"] if entry["what"].startswith("taken up again")]
    assert len(again) == 1
    assert laptop.times_begun(second, "examples") == 2
    assert laptop.jobs == sorted(laptop.job_folder(test).name for test in (first, second))
    listed = {test["id"] for test in laptop.get("/api/quick-tests/")["items"]}
    assert listed == {first, second}
    eventually(lambda: _undelivered(laptop) == (0, 0))

    third = laptop.quick_test(configs)
    laptop.reaches(third, "examples")
    trainer = laptop.trainer_pid(third)
    assert laptop.interrupt() == 130
    assert not alive(trainer)
    assert not (laptop.home / "server.json").exists()


def _undelivered(laptop: Laptop) -> tuple[int, int]:
    """Messages still in the queue, and those given up on."""
    with sqlite3.connect(laptop.home / "state.db", timeout=30) as foreign:
        found: tuple[int, int] = foreign.execute(
            "SELECT (SELECT count(*) FROM messages), (SELECT count(*) FROM dead_letters)"
        ).fetchone()
    foreign.close()
    return found
