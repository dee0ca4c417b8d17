"""Baselines that are computed beside a training."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from purchases import Purchase, numbers

from shared.measuring import HeldOut
from trainer_image.evaluation.retrieval import begun, retrieval_baselines

TRAIN: list[Purchase] = [(f"c{row % 13:02}", f"p{row % 7}", row) for row in range(100)]
HELD_OUT: list[Purchase] = [(f"c{row % 13:02}", f"p{row % 5}", 100 + row) for row in range(40)]


def test_they_are_those_that_are_measured_afterwards() -> None:
    expected = retrieval_baselines(numbers(TRAIN, HELD_OUT))
    with begun(lambda: numbers(TRAIN, HELD_OUT)) as others:
        found = others.result()
    assert found.skipped == expected.skipped
    assert found.measured.keys() == expected.measured.keys()
    for name, ranks in expected.ranks.items():
        np.testing.assert_array_equal(found.ranks[name], ranks)


def test_what_went_wrong_is_told_to_whoever_asks_for_them() -> None:
    def broken() -> HeldOut:
        raise ValueError("no rows")

    with begun(broken) as others, pytest.raises(ValueError, match="no rows"):
        others.result()


def test_a_training_that_fails_does_not_wait_for_them() -> None:
    may_end = threading.Event()

    def slow() -> HeldOut:
        assert may_end.wait(60)
        return numbers(TRAIN, HELD_OUT)

    with pytest.raises(RuntimeError, match="diverged"), begun(slow) as others:
        raise RuntimeError("diverged")
    assert not others.done()
    may_end.set()
    assert others.result().measured
