"""How requests are shared among the versions behind an endpoint."""

from __future__ import annotations

import pytest

from shared.errors import RefusedError
from shared.gcp.vertex_traffic import with_share


@pytest.mark.parametrize(
    ("share", "others", "expected"),
    [
        (10, {}, {7: 100}),  # a first version gets all
        (10, {1: 100}, {1: 90, 7: 10}),
        (34, {1: 90, 2: 10, 3: 0}, {1: 60, 2: 6, 3: 0, 7: 34}),
        (100, {1: 0}, {7: 100}),
        (0, {1: 60, 2: 40}, {1: 60, 2: 40, 7: 0}),
    ],
)
def test_the_others_keep_their_proportions(
    share: int, others: dict[int, int], expected: dict[int, int]
) -> None:
    assert with_share(7, share, others) == expected


@pytest.mark.parametrize("share", [0, 10, 99])
def test_a_share_that_nobody_else_complements_is_refused(share: int) -> None:
    with pytest.raises(RefusedError, match=f"{100 - share}% of the requests"):
        with_share(2, share, {1: 0, 3: 0})
