"""Memory is given back after many rows, and nothing is looked for after few."""

from __future__ import annotations

import gc
import weakref

import pytest

from trainer_image.job import memory


class Held:
    """Held by itself alone."""

    def __init__(self) -> None:
        self.itself = self


@pytest.mark.parametrize(("rows", "freed"), [(499_999, False), (500_000, True)])
def test_what_holds_itself_is_freed_after_a_stage_over_many_rows(rows: int, freed: bool) -> None:
    gc.collect()
    gc.disable()
    try:
        held = weakref.ref(Held())
        memory.end_stage(rows)
        assert (held() is None) == freed
    finally:
        gc.enable()
