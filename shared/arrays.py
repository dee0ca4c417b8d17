"""NumPy and SciPy, loaded when they are first used.

A metric's or a baseline's file says what it is called and how it is computed. Only the trainer
computes; whoever reads names alone does without them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from scipy import linalg, sparse

    Floats = npt.NDArray[np.float32]
    Reals = npt.NDArray[np.float64]
    Integers = npt.NDArray[np.int64]
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
    Floats = Reals = Integers = Booleans = Sparse = Any

__all__ = ["Booleans", "Floats", "Integers", "Reals", "Sparse", "linalg", "np", "sparse"]
