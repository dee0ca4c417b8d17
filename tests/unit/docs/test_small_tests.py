"""The page of the study of small tests is made of what was measured, and its measures are right."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.small_tests_page import Sample, page, spearman, swapped
from bench.small_tests_study import Measured, found

DOCS = Path(__file__).parents[3] / "docs"


def test_small_tests_md_is_up_to_date() -> None:
    stored = (DOCS / "small-tests.md").read_text(encoding="utf-8")
    assert stored == page(found()), "run `python -m bench.small_tests_page`"


def test_rankings_correlate_by_their_order_alone() -> None:
    assert spearman([1, 2, 3, 4], [10, 20, 30, 1000]) == pytest.approx(1)
    assert spearman([1, 2, 3, 4], [4, 3, 2, 1]) == pytest.approx(-1)
    assert spearman([1, 1, 1], [1, 2, 3]) == 0
    # scipy.stats.spearmanr([1, 2, 2, 4], [1, 3, 2, 4]).statistic
    assert spearman([1, 2, 2, 4], [1, 3, 2, 4]) == pytest.approx(0.9486832980505138)


def test_pairs_that_are_equal_in_either_ranking_do_not_swap() -> None:
    assert swapped([1, 2, 3], [1, 3, 2]) == pytest.approx(1 / 3)
    assert swapped([1, 2, 2], [3, 2, 1]) == 1
    assert swapped([1, 1], [1, 2]) == 0


def test_a_pair_is_clear_where_its_paired_draws_are() -> None:
    def measured(config: str, percent: int, value: float, shift: int) -> Measured:
        draws = tuple(20_000 + 50 * draw + shift for draw in range(200))
        return Measured("d", config, percent, 1, value, 100, 20, "", 1.0, draws)

    small = [measured("a", 5, 0.30, 100), measured("b", 5, 0.29, 0)]
    whole = [measured("a", 100, 0.20, 0), measured("b", 100, 0.21, 100)]
    (pair,) = Sample(small, whole).pairs
    assert pair.clear
    assert pair.swapped
    assert pair.half == pytest.approx(0)
