"""Which attributes of products change from purchase to purchase."""

from __future__ import annotations

import pyarrow as pa
import pytest
from purchases import SPEC, examples

from shared.examples import MISSING_TIMESTAMP, RawFeature, RawType
from trainer_image.evaluation import attributes
from trainer_image.evaluation.attributes import varying_attributes
from trainer_image.examples.read import Examples

KINDS = {"brand": RawType.TEXT, "price": RawType.NUMBER, "since": RawType.TIMESTAMP}
SPEC_WITH = SPEC.model_copy(
    update={
        "features": [
            *SPEC.features,
            *(RawFeature(key=key, column=key.title(), type=kind) for key, kind in KINDS.items()),
        ],
        "candidate_keys": ["what", *KINDS],
    }
)
NAN = float("nan")


def of(rows: list[tuple[str, str, float, int]]) -> pa.Table:
    what, brand, price, since = zip(*rows, strict=True)
    return pa.table(
        {
            "who": ["ann"] * len(rows),
            "what": what,
            "brand": brand,
            "price": pa.array(price, pa.float32()),
            "since": pa.array(since, pa.int64()),
        }
    )


def found() -> Examples:
    made = examples([("ann", "a", 0)], [("ann", "b", 0)])
    train = of(
        [
            ("a", "x", 1.0, 5),
            ("b", "x", NAN, 5),
            ("a", "", 2.0, 5),
            ("c", "", NAN, MISSING_TIMESTAMP),
            ("b", "y", 3.0, MISSING_TIMESTAMP),
        ]
    )
    held_out = of([("d", "z", 1.0, 5), ("a", "x", 1.0, 5), ("b", "x", 3.0, 5), ("d", "y", 1.5, 5)])
    return Examples(**{**vars(made), "train": train, "eval": held_out})


@pytest.mark.parametrize("rows_at_once", [1, 2, 100])
def test_values_that_differ_count_and_missing_ones_do_not(rows_at_once, monkeypatch) -> None:
    monkeypatch.setattr(attributes, "_ROWS_AT_ONCE", rows_at_once)
    # Of four products, b and d have two brands, a and d two prices.
    assert varying_attributes(SPEC_WITH, found()) == {"Brand": 0.5, "Price": 0.5, "Since": 0.0}


def test_attributes_that_no_row_has_vary_nowhere() -> None:
    empty = found()
    nothing = of([("a", "", NAN, MISSING_TIMESTAMP)] * 3)
    made = Examples(**{**vars(empty), "train": nothing, "eval": nothing})
    assert varying_attributes(SPEC_WITH, made) == {"Brand": 0.0, "Price": 0.0, "Since": 0.0}
