"""Which attributes of products are none: they change from purchase to purchase."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shared.examples import MISSING_TIMESTAMP, ExamplesSpec, RawType
from trainer_image.evaluation.held_out import places
from trainer_image.examples.read import Examples

_ROWS_AT_ONCE = 4_000_000


def varying_attributes(spec: ExamplesSpec, examples: Examples) -> dict[str, float]:
    """By column of the product tower, the share of products for which training and held-out rows
    have more than one value. A candidate stands for its product with one of them only.

    Missing values are none.
    """
    rows = pa.concat_tables([examples.train, examples.eval])
    type_of = {feature.key: feature.type for feature in spec.features}
    column_of = {feature.key: feature.column for feature in spec.features}
    products = pc.unique(rows[spec.product_key])
    shares: dict[str, float] = {}
    for key in spec.candidate_keys:
        if key == spec.product_key:
            continue
        values = pc.unique(_null_where_missing(rows[key], type_of[key])).drop_null()
        # Not PyArrow's grouping, which crashes on strings in the version that TFX holds back.
        pairs = np.empty(0, np.int64)
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            part = rows.slice(start, _ROWS_AT_ONCE)
            product = places(part[spec.product_key], products)
            value = places(_null_where_missing(part[key], type_of[key]), values)
            known = value >= 0
            found = np.unique(product[known] * len(values) + value[known])
            pairs = np.union1d(pairs, found)
        several = np.bincount(pairs // max(1, len(values))) > 1
        column = column_of[key]  # which may be read as two types
        varying = np.count_nonzero(several) / len(products)
        shares[column] = max(shares.get(column, 0.0), varying)
    return shares


def _null_where_missing(values: pa.ChunkedArray, kind: RawType) -> pa.ChunkedArray:
    if kind is RawType.NUMBER:
        missing = pc.is_nan(values)
    else:
        missing = pc.equal(values, "" if kind is RawType.TEXT else MISSING_TIMESTAMP)
    return pc.if_else(missing, pa.scalar(None, values.type), values)
