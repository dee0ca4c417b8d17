"""Which attributes of products are none: they change from purchase to purchase."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from shared.examples import MISSING_TIMESTAMP, ExamplesSpec, RawType
from trainer_image.examples import Examples


def varying_attributes(spec: ExamplesSpec, examples: Examples) -> dict[str, float]:
    """By column of the product tower, the share of products for which training and held-out rows
    have more than one value. A candidate stands for its product with one of them only.

    Missing values are none.
    """
    rows = pa.concat_tables([examples.train, examples.eval])
    type_of = {feature.key: feature.type for feature in spec.features}
    column_of = {feature.key: feature.column for feature in spec.features}
    shares: dict[str, float] = {}
    for key in spec.candidate_keys:
        if key == spec.product_key:
            continue
        known = pa.table(
            {
                "product": rows[spec.product_key],
                "value": _null_where_missing(rows[key], type_of[key]),
            }
        )
        only_valid = pc.CountOptions(mode="only_valid")
        counts = known.group_by("product").aggregate([("value", "count_distinct", only_valid)])
        varying = pc.sum(pc.greater(counts["value_count_distinct"], 1)).as_py()
        column = column_of[key]  # which may be read as two types
        shares[column] = max(shares.get(column, 0.0), varying / len(counts))
    return shares


def _null_where_missing(values: pa.ChunkedArray, kind: RawType) -> pa.ChunkedArray:
    if kind is RawType.NUMBER:
        missing = pc.is_nan(values)
    else:
        missing = pc.equal(values, "" if kind is RawType.TEXT else MISSING_TIMESTAMP)
    return pc.if_else(missing, pa.scalar(None, values.type), values)
