"""Which attributes of products are none: they change from purchase to purchase."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shared.arrays import Integers
from shared.examples import MISSING_TIMESTAMP, ExamplesSpec, RawType
from trainer_image.examples.read import Examples


def varying_attributes(spec: ExamplesSpec, examples: Examples) -> dict[str, float]:
    """By column of the product tower, the share of products for which training and held-out rows
    have more than one value. A candidate stands for its product with one of them only.

    Missing values are none.
    """
    rows = pa.concat_tables([examples.train, examples.eval])
    type_of = {feature.key: feature.type for feature in spec.features}
    column_of = {feature.key: feature.column for feature in spec.features}
    product, products = _codes(rows[spec.product_key])
    shares: dict[str, float] = {}
    for key in spec.candidate_keys:
        if key == spec.product_key:
            continue
        value, values = _codes(_null_where_missing(rows[key], type_of[key]))
        known = value >= 0
        # Not PyArrow's grouping, which crashes on strings in the version that TFX holds back.
        pairs = np.unique(product[known] * values + value[known])
        varying = np.count_nonzero(np.bincount(pairs // values, minlength=1) > 1) if values else 0
        column = column_of[key]  # which may be read as two types
        shares[column] = max(shares.get(column, 0.0), varying / products)
    return shares


def _codes(values: pa.ChunkedArray) -> tuple[Integers, int]:
    """A number for each value, from 0, or -1 where there is none; and how many values there are."""
    encoded = values.dictionary_encode().unify_dictionaries()
    codes = [chunk.indices.fill_null(-1).to_numpy(zero_copy_only=False) for chunk in encoded.chunks]
    return np.concatenate(codes).astype(np.int64), len(encoded.chunk(0).dictionary)


def _null_where_missing(values: pa.ChunkedArray, kind: RawType) -> pa.ChunkedArray:
    if kind is RawType.NUMBER:
        missing = pc.is_nan(values)
    else:
        missing = pc.equal(values, "" if kind is RawType.TEXT else MISSING_TIMESTAMP)
    return pc.if_else(missing, pa.scalar(None, values.type), values)
