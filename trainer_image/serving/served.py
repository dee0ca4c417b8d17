"""The saved model as it is served: raw columns in, by its own signatures."""

from __future__ import annotations

import json
import posixpath
from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from shared.examples import HISTORY_INPUTS
from trainer_image.job.locations import open_file

_ROWS = 16384
_AT_ONCE = 2
# What measures a model calls, the longest to make ready first.
_MEASURED = (
    "candidates",
    "rating",
    "retrieve",
    "serving_default",
    "query_embedding",
    "query_tensor",
    "candidate_embedding",
    "candidate_tensor",
)
# The signature by which older models describe their index.
INDEX = "index"


@dataclass(frozen=True)
class ServedModel:
    """A SavedModel in memory.

    Attributes:
        loaded: what TensorFlow has loaded: the signatures live only as long as it does.
        signatures: functions of raw features, by name.
        index: how it finds its best products: `algorithm`, `wanted`, `num_leaves` and
            `leaves_to_search`; None where it does not retrieve.
    """

    loaded: Any
    signatures: Mapping[str, Any]
    index: Mapping[str, Any] | None

    def tensor_signature(self, side: str) -> Any:
        """The signature whose output `tensor` goes into a tower; in older models it comes
        with the embedding."""
        name = f"{side}_tensor"
        return self.signatures[name if name in self.signatures else f"{side}_embedding"]


def load_model(model_dir: str) -> ServedModel:
    """A SavedModel, with ScaNN's operations where its index needs them."""
    import scann  # noqa: F401 - registers the operations of a saved index
    import tensorflow as tf

    loaded = tf.saved_model.load(model_dir)
    index: Mapping[str, Any] | None = None
    if INDEX in loaded.signatures:  # an older model
        told = {name: value.numpy() for name, value in loaded.signatures[INDEX]().items()}
        index = {
            name: value.decode() if isinstance(value, bytes) else int(value)
            for name, value in told.items()
        }
    elif "candidate_ids" in loaded.signatures["serving_default"].structured_outputs:
        with open_file(posixpath.join(model_dir, "assets.extra", "index.json"), "r") as file:
            index = json.load(file)
    return ServedModel(loaded, loaded.signatures, index)


def make_ready(model: ServedModel, rows: pa.Table) -> None:
    """Calls what measures the model with the first row, two signatures at once: before a graph runs
    for the first time, TensorFlow keeps one core busy with it for up to half a second."""
    wanted = [name for name in _MEASURED if name in model.signatures]
    if "retrieve" in wanted:
        wanted.remove("serving_default")  # which is not called then
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        list(threads.map(lambda name: list(calls(model.signatures[name], rows[:1], 1)), wanted))


def apply(signature: Any, rows: pa.Table, output: str) -> npt.NDArray[Any]:
    """One output of a signature that takes raw features, over all rows."""
    return np.concatenate(list(applied(signature, rows, output)))


def applied(signature: Any, rows: pa.Table, output: str) -> Iterator[npt.NDArray[Any]]:
    """The same in parts of some thousand rows, in their order."""
    for found in calls(signature, rows, _ROWS):
        yield found[output].numpy()


def calls(signature: Any, rows: pa.Table, batch_rows: int) -> Iterator[Mapping[str, Any]]:
    """All outputs of a signature that takes raw features, batch by batch. Histories are those that
    the model has stored.

    Two batches are under way at once: much of a graph is one operation after another.
    """
    import tensorflow as tf

    _, inputs = signature.structured_input_signature
    told = [key for key in inputs if key not in HISTORY_INPUTS]

    def call(batch: pa.RecordBatch) -> Mapping[str, Any]:
        raw = {key: tf.constant(_values(batch.column(key))) for key in told}
        nothing = {
            key: tf.zeros([len(batch), 0], inputs[key].dtype) for key in inputs.keys() - set(told)
        }
        found: Mapping[str, Any] = signature(**raw, **nothing)
        return found

    with ThreadPoolExecutor(_AT_ONCE) as threads:
        under_way: deque[Future[Mapping[str, Any]]] = deque()
        for batch in rows.select(told).to_batches(batch_rows):
            under_way.append(threads.submit(call, batch))
            if len(under_way) == _AT_ONCE:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()


def _values(column: pa.Array) -> npt.NDArray[Any]:
    values: npt.NDArray[Any] = column.to_numpy(zero_copy_only=False)
    return values
