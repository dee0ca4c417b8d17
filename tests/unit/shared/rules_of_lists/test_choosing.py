"""Lists in the making."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from shared.rules_of_lists.choosing import CappedColumn, Chooser

COUNT = 12
ROW = st.integers(0, COUNT - 1)


@given(
    st.integers(1, COUNT),
    st.dictionaries(st.integers(1, COUNT), ROW, max_size=6),
    st.permutations(range(COUNT)),
    st.integers(0, COUNT),
    st.lists(st.integers(-1, 2), min_size=COUNT, max_size=COUNT),
    st.one_of(st.none(), st.integers(1, 3)),
)
def test_no_product_is_listed_twice(
    k: int, pins: dict[int, int], order: list[int], cut: int, codes: list[int], most: int | None
) -> None:
    pins = {place: row for place, row in pins.items() if place <= k}
    caps = [] if most is None else [CappedColumn(np.array(codes), most)]
    chooser = Chooser(k, caps, pins)
    for part in (order[:cut], order[cut:]):
        chooser.take(np.array(part, np.int64))
    chosen = chooser.chosen()
    assert len(set(chosen.rows)) == len(chosen.rows) <= k
    assert chosen.pinned == set(pins.values()) <= set(chosen.rows)
    if most is None:
        assert len(chosen.rows) == k


def test_a_product_that_is_pinned_twice_stands_at_the_first_of_its_places() -> None:
    chooser = Chooser(4, [], {3: 7, 1: 7})
    chooser.take(np.arange(9))
    assert chooser.chosen().rows == [7, 0, 1, 2]
