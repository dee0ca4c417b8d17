"""Purchases as (customer, product, time), and as the examples stage would hand them over."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import strategies as st

from shared.columns.source_rows import SourceRows
from shared.examples import MISSING_TIMESTAMP, ExamplesSpec
from shared.measuring import HeldOut
from trainer_image.evaluation.held_out import numbered
from trainer_image.examples.read import Examples

Purchase = tuple[str, str, int]

SPEC = ExamplesSpec.model_validate(
    {
        "source": {"kind": "parquet", "uri": "/nowhere.parquet"},
        "features": [
            {"key": "who", "column": "Customer", "type": "text"},
            {"key": "what", "column": "Product", "type": "text"},
        ],
        "query_keys": ["who"],
        "candidate_keys": ["what"],
        "customer_key": "who",
        "product_key": "what",
    }
)


def examples(train: list[Purchase], held_out: list[Purchase]) -> Examples:
    train_table, eval_table = (
        pa.table({"who": [row[0] for row in rows], "what": [row[1] for row in rows]})
        for rows in (train, held_out)
    )
    train_times, eval_times = (
        pa.array([row[2] for row in rows], pa.int64()) for rows in (train, held_out)
    )
    products = sorted({row[1] for row in train + held_out})
    candidates = pa.table({"who": [""] * len(products), "what": products})
    names = pa.array([""] * len(products))
    rows = SourceRows(read=len(train) + len(held_out))
    return Examples(train_table, eval_table, candidates, names, train_times, eval_times, rows)


def numbers(train: list[Purchase], held_out: list[Purchase]) -> HeldOut:
    return numbered(SPEC, examples(train, held_out))


# Of few customers, products and times, so that repeats and ties are frequent; "é" sorts after "z".
purchases = st.tuples(
    st.sampled_from(["ann", "bob", "cé", "cz", "dan"]),
    st.sampled_from([f"p{number}" for number in range(25)]),
    st.sampled_from([MISSING_TIMESTAMP, -5, 0, 7]),
)
