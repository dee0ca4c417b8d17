"""Generated code, made once for the same plan: for tests that start many tests alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest.mock import patch

from shared.codegen import FeaturePlan
from shared.handlers import generate_code
from shared.services import generating


@contextmanager
def remembered_code() -> Iterator[None]:
    """Within the block handlers get what the generator once gave for the same plan."""
    preprocessing = _remembering(generating.generate_preprocessing)
    with (
        patch.object(generate_code, "generate_preprocessing", preprocessing),
        patch.object(generating, "generate_preprocessing", preprocessing),
        patch.object(generating, "generate_trainer", _remembering(generating.generate_trainer)),
    ):
        yield


def _remembering(generate: Callable[..., str]) -> Callable[..., str]:
    made: dict[str, str] = {}

    def remembered(plan: FeaturePlan) -> str:
        key = repr(plan)
        if key not in made:
            made[key] = generate(plan)
        return made[key]

    return remembered
