"""The small form of `make torture`: the same trials, fewer times; but for those of load, which hold
times and memory that a machine busy with other tests cannot."""

from __future__ import annotations

import pytest

from tests.torture.__main__ import discovered, run_one
from tests.torture.trial import Trial


@pytest.mark.parametrize(
    "trial",
    [
        pytest.param(one, id=f"{one.area}: {one.name}", marks=pytest.mark.xdist_group(one.name))
        for one in discovered()
        if one.small and one.area != "load"
    ],
)
def test_nothing_is_lost_and_nobody_let_in(trial: Trial) -> None:
    told = run_one(trial, small=True)
    assert (told["lost"], told["let_in"]) == ([], [])
    assert told["tries"]
