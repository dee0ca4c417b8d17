"""Transforms of columns into a tower's inputs, one file per kind.

Each kind knows its settings, the outputs that it adds, and the code that it becomes in
`preprocessing_fn`. What an output becomes in the trainer follows from the output alone: row
numbers are embedded, numbers go in as they are.
"""

from __future__ import annotations

from shared.kinds import registry
from shared.transforms.base import Transform

# Transforms of numbers, by name.
TRANSFORMS: dict[str, type[Transform]] = registry(
    __name__,
    Transform,  # type: ignore[type-abstract]
    lambda kind: kind.name,
)

__all__ = ["TRANSFORMS", "Transform"]
