"""NumPy and SciPy, loaded when they are first used.

A metric's or a baseline's file says what it is called and how it is computed. Only the trainer
computes; whoever reads names alone does without them.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from scipy import linalg, sparse

    Floats = npt.NDArray[np.float32]
    Reals = npt.NDArray[np.float64]
    Integers = npt.NDArray[np.int64]
    # Numbers of customers and products, of 32 bits where there are many of them.
    Codes = npt.NDArray[np.integer[Any]]
    Booleans = npt.NDArray[np.bool_]
    Sparse = sparse.csr_matrix
else:

    class _Loaded:
        def __init__(self, module: str) -> None:
            self._module = module

        def __getattr__(self, name: str) -> Any:
            found = getattr(import_module(self._module), name)
            setattr(self, name, found)  # which is where it is looked for first
            return found

    np, linalg, sparse = map(_Loaded, ("numpy", "scipy.linalg", "scipy.sparse"))
    Floats = Reals = Integers = Codes = Booleans = Sparse = Any

__all__ = [
    "Booleans",
    "Codes",
    "Floats",
    "Integers",
    "Reals",
    "Sparse",
    "blocks",
    "counts_of",
    "linalg",
    "np",
    "room",
    "sparse",
]

# Larger arrays lie in files.
_MOST_BYTES = 16 * 2**20
# Rows of a block, where arrays are worked through block by block.
_BLOCK = 1_000_000


def room(shape: int | tuple[int, ...], dtype: Any) -> Any:
    """An array of zeros to write into. A large one lies in a temporary file without a name, which
    is gone with the array: memory holds as much of it as the system has room for.

    Raises OSError where the disk has no room for it.
    """
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    if size <= _MOST_BYTES:
        return np.zeros(shape, dtype)
    with tempfile.TemporaryFile(prefix="recsmith-") as file:
        # At once: where the disk gets full later on, writing to memory ends the process.
        os.posix_fallocate(file.fileno(), 0, size)
        return np.memmap(file, dtype, "r+", shape=shape).view(np.ndarray)


def blocks(length: int) -> Iterator[slice]:
    """Slices that cover so many rows, block by block."""
    for start in range(0, length, _BLOCK):
        yield slice(start, min(start + _BLOCK, length))


def counts_of(numbers: Codes, minlength: int) -> Integers:
    """How often each number below `minlength` occurs. It is `np.bincount` by blocks, for
    that copies whatever it counts as 64 bits."""
    counts = np.zeros(minlength, np.int64)
    for block in blocks(len(numbers)):
        counts += np.bincount(numbers[block], minlength=minlength)
    return counts
