"""A training that begins with the weights of an earlier one, and leaves its own for a later one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import tensorflow as tf

from shared.examples import MISSING_TIMESTAMP
from shared.jobs import JobRequest
from trainer_image.examples.read import Examples
from trainer_image.examples.tables import read_parquet, read_split
from trainer_image.job.locations import Locations, path_of
from trainer_image.job.status import JobFailedError
from trainer_image.job.store import check_inside
from trainer_image.training.weights import keep_weights, take_over


class WarmFit:
    """Calls of `fit` of one training: before the first one the model takes the earlier weights
    over, and after it its own are kept.

    What follows the first call is the pass over the newest rows, to which a re-ranker is fitted and
    by which training stops early. Those rows have to be new to the towers of a later training too,
    so that it begins with weights from before that pass.

    Args:
        fit: called as Keras' `Model.fit`.
        transform_graph: of this training.
        output: where its files belong.
    """

    def __init__(
        self,
        fit: Callable[..., None],
        request: JobRequest,
        transform_graph: str,
        output: Locations,
    ) -> None:
        self._fit = fit
        self._request = request
        self._transform_graph = transform_graph
        self._output = output
        self._first = True

    def __call__(self, model: tf.keras.Model, batches: tf.data.Dataset, **options: Any) -> None:
        first, self._first = self._first, False
        start = self._request.warm_start
        if first and start is not None:
            take_over(model, start, self._transform_graph, self._output.warm_start)
        self._fit(model, batches, **options)
        if first and self._request.purpose == "full_training":
            keep_weights(model, self._output.weights)


def check_unseen(request: JobRequest, examples: Examples) -> None:
    """Raises JobFailedError where rows that judge this training may have been trained on by the one
    that it begins with.

    The earlier weights, and those that they began with in turn, know rows from before the moment
    from which that training kept rows to judge itself. This one may keep rows from then on only.
    """
    start = request.warm_start
    if start is None:
        return
    check_inside(start.artifacts_uri)
    own = Locations(path_of(start.artifacts_uri))
    try:
        fitting = read_split(own, "fitting", [request.examples.customer_key])
        train, held_out = (read_parquet(own.times(split))["time"] for split in ("train", "eval"))
        earlier = _judged_since(train, held_out, len(fitting))
    except (OSError, KeyError, pa.ArrowInvalid, tf.errors.OpError):
        raise JobFailedError(
            f"The files of full training {start.quick_test_id}, with whose weights this one was to "
            "begin, are gone or damaged. Train it from scratch."
        ) from None
    now = _judged_since(examples.train_times, examples.eval_times, examples.fitting)
    apart = request.examples.ties == "whole"  # else a moment may be cut in another place
    if earlier is None or now is None or now < earlier or (now == earlier and not apart):
        raise JobFailedError(
            f"This training cannot begin with the weights of full training {start.quick_test_id}: "
            "they were trained on some of the rows that judge it now. The data reaches no further "
            "than it did then, or another part of it is sampled. Train it from scratch."
        )


def _judged_since(train: pa.ChunkedArray, held_out: pa.ChunkedArray, fitting: int) -> int | None:
    """The moment from which rows are kept from the towers at first; None: nobody knows."""
    kept = train.slice(len(train) - fitting) if fitting else held_out
    first = pc.min(kept).as_py()
    return None if first is None or first == MISSING_TIMESTAMP else int(first)
