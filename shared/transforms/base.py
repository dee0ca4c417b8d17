"""What a transform becomes: outputs of Transform, and the code that computes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Output:
    """One tensor among Transform's outputs, shape [batch].

    Attributes:
        key: its name there.
        dim: the width that it adds to the tower's input.
        dtype: int64 outputs are row numbers of an embedding table, float32 ones go in as they are.
        rows: size of the embedding table; None: as many as the vocabulary named `key` has values.
        oov_buckets: rows after the vocabulary's, for values that are not in it.
    """

    key: str
    dim: int
    dtype: Literal["int64", "float32"]
    rows: int | None = None
    oov_buckets: int = 0

    @property
    def embedded(self) -> bool:
        return self.dtype == "int64"


@dataclass(frozen=True)
class Code:
    """An expression of `preprocessing_fn`, as a call of helper functions.

    Attributes:
        target: what the result is assigned to.
        function: the function called.
        arguments: Python expressions; whatever comes from a document is a literal in them.
        helpers: definitions of the functions that the call needs, dependencies first.
        then: statements that use the result.
    """

    target: str
    function: str
    arguments: tuple[str, ...]
    helpers: tuple[str, ...]
    then: tuple[str, ...] = ()


def output_target(key: str) -> str:
    return f'outputs["{key}"]'
