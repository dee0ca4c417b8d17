"""The saved model as it is served: raw columns in, by its own signatures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

_ROWS = 16384


def load_model(model_dir: str) -> Any:
    """A SavedModel, with ScaNN's operations where its index needs them."""
    import scann  # noqa: F401 - registers the operations of a saved index
    import tensorflow as tf

    return tf.saved_model.load(model_dir)


def apply(signature: Any, rows: pa.Table, output: str) -> npt.NDArray[Any]:
    """One output of a signature that takes raw features, over all rows."""
    return np.concatenate(list(applied(signature, rows, output)))


def applied(signature: Any, rows: pa.Table, output: str) -> Iterator[npt.NDArray[Any]]:
    """The same in parts of some thousand rows, in their order."""
    import tensorflow as tf

    _, inputs = signature.structured_input_signature
    for batch in rows.select(list(inputs)).to_batches(_ROWS):
        raw = {key: tf.constant(_values(batch.column(key))) for key in inputs}
        yield signature(**raw)[output].numpy()


def _values(column: pa.Array) -> npt.NDArray[Any]:
    values: npt.NDArray[Any] = column.to_numpy(zero_copy_only=False)
    return values
