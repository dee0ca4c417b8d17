"""The held-out purchases in numbers, beside the training purchases of the same customers."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shared.arrays import Codes, Integers, room
from shared.examples import MISSING_TIMESTAMP, ExamplesSpec
from shared.measuring import HeldOut
from trainer_image.examples.read import Examples


def numbered(spec: ExamplesSpec, examples: Examples) -> HeldOut:
    ids = pc.unique(examples.eval[spec.customer_key])
    customers = ids.take(pc.array_sort_indices(ids))
    buyers = pc.unique(examples.train[spec.customer_key])
    others = buyers.filter(pc.invert(pc.is_in(buyers, value_set=customers)))
    products = examples.candidates[spec.product_key]
    times = examples.train_times.to_numpy(zero_copy_only=False)
    return HeldOut(
        customers=len(customers),
        candidates=len(products),
        customer=places(examples.eval[spec.customer_key], customers),
        product=places(examples.eval[spec.product_key], products),
        train_buyer=_stored_places(
            examples.train[spec.customer_key], pa.concat_arrays([customers, others])
        ),
        train_product=_stored_places(examples.train[spec.product_key], products),
        train_time=times,
        train_timed=times != MISSING_TIMESTAMP,
        category=_numbers(examples.categories) if spec.category_column is not None else None,
    )


def _numbers(categories: pa.Array | None) -> Integers | None:
    if categories is None:
        return None
    values = pc.unique(categories)
    found = places(categories, values.filter(pc.not_equal(values, "")))
    return found if (found >= 0).any() else None


def places(values: pa.Array | pa.ChunkedArray, of: pa.Array | pa.ChunkedArray) -> Integers:
    """The place of each value in `of`, -1 where it is not there."""
    return np.asarray(pc.fill_null(_index_in(values, of), -1), np.int64)


def _stored_places(values: pa.ChunkedArray, of: pa.Array | pa.ChunkedArray) -> Codes:
    """As `places`, for many values: 32 bits each, in a file."""
    found: Codes = room(len(values), np.int32)
    done = 0
    for chunk in _index_in(values, of).chunks:
        found[done : done + len(chunk)] = pc.fill_null(chunk, -1)
        done += len(chunk)
    return found


def _index_in(
    values: pa.Array | pa.ChunkedArray, of: pa.Array | pa.ChunkedArray
) -> pa.Array | pa.ChunkedArray:
    whole = of.combine_chunks() if isinstance(of, pa.ChunkedArray) else of
    return pc.index_in(values, value_set=whole)
