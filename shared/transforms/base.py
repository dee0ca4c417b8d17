"""What a transform becomes: outputs of Transform, and inputs of a tower."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Dtype = Literal["int64", "float32"]


@dataclass(frozen=True)
class Output:
    """One tensor among Transform's outputs, shape [batch].

    Attributes:
        key: its name there.
        dim: the width that it adds to the tower's input.
        dtype: int64 outputs are row numbers of an embedding table, float32 ones go in as they are.
        rows: size of the embedding table where it is known beforehand (bucket counts); None where
            the vocabulary named `key` decides.
        oov_buckets: rows after the vocabulary's, for values that are not in it.
    """

    key: str
    dim: int
    dtype: Dtype
    rows: int | None = None
    oov_buckets: int = 0

    @property
    def embedded(self) -> bool:
        return self.dtype == "int64"


@dataclass(frozen=True)
class Code:
    """Lines of `preprocessing_fn` and the helper functions that they call.

    Attributes:
        lines: statements, unindented; every value from a document in them is a Python literal.
        helpers: names of helper functions, from `shared.codegen.helpers`.
    """

    lines: tuple[str, ...]
    helpers: tuple[str, ...]
