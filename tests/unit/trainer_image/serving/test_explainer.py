"""What a model's signature `explain` says, in groups and words."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from shared.documents.dataset import FileSource
from shared.examples import ExamplesSpec, RawFeature, RawType, explained_features
from shared.explanations import (
    ExplainedPart,
    Explanation,
    ExplanationMethod,
    GroupKey,
    bought,
    every,
    group,
)
from trainer_image.serving.explainer import Explainer
from trainer_image.serving.purchases import Had

TEXT, NUMBER = RawType.TEXT, RawType.NUMBER
FEATURES = [
    RawFeature(key="customer", column="Customer", type=TEXT),
    RawFeature(key="price", column="Price", type=NUMBER),
    RawFeature(key="product", column="Product", type=TEXT),
]
SPEC = ExamplesSpec.model_construct(
    source=FileSource(kind="csv", uri="data.csv"),
    features=FEATURES,
    query_keys=["customer", "price"],
    candidate_keys=["price"],
    customer_key="customer",
    product_key="product",
)
RERANKER = {
    "own": 0.5,
    "purchases": 1.0,
    "decayed_5": 0.25,
    "newest": -0.25,
    "again": 0.125,
    "gap": 0.0,
    "sales": 2.0,
    "buyers": -1.0,
    "active": 0.5,
    "variety": 0.0,
    **dict.fromkeys(("days", "overdue", "repeat_odds", "trend", "repeat_gap"), 0.0),
}
VALUES = {
    "own": 1.0,
    "again": 1.0,
    "gap": math.log(14.5),
    "sales": math.log1p(120),
    "buyers": math.log1p(1),
    "active": math.log1p(34),
    "variety": math.log1p(20),
}


class Model:
    """Explains two products to a customer; notes what it is given."""

    signatures = ("explain", "serving_default")

    def __init__(self, *, reranks: bool = True, steps: int = 256) -> None:
        self.reranks, self.steps = reranks, steps
        self.given: dict[str, Any] = {}

    def types(self, _: str) -> dict[str, str]:
        product = {"product": "string"} if self.reranks else {}
        return {
            "customer": "string",
            "price": "float32",
            "product_price": "float32",
            **product,
        }

    def call(self, _: str, rows: dict[str, Any], pasts: Any) -> dict[str, Any]:
        self.given = {"rows": rows, "pasts": pasts}
        found = {
            "scores": [9.0, 8.0],
            "start": [1.0, 1.0],
            "residual": [0.001, 0.0],
            "product_columns": [b"Price"],
            "product": [[0.5], [0.0]],
            "customer_columns": [b"Customer", b"Price \xc3\x97 Customer"],
            "customer": [[0.25, -0.5], [0.0, 0.0]],
            "purchase_ids": [b"b", b"a", b"b", b""],
            "purchase_ages": [2.0, 4.0, 9.0, math.inf],
            "purchases": [[0.5, 0.125, 0.25, 0.0]] * 2,
            "steps": self.steps,
        }
        if self.reranks:
            found |= {
                "goes_with_ids": [b"b"],
                "goes_with": [[0.75], [0.0]],
                "reranker_features": [name.encode() for name in RERANKER],
                "reranker": [list(RERANKER.values())] * 2,
                "reranker_values": [[VALUES.get(name, 0.0) for name in RERANKER]] * 2,
            }
        return {name: np.array(values) for name, values in found.items()}


def explained(model: Model, *, known: bool = True) -> list[Explanation]:
    products: dict[str, Any] = {"price": [1.5, None]}
    names = {"a": "Apple", "b": None}
    explainer = Explainer(model, SPEC, ["a", "b"], products, names)  # type: ignore[arg-type]
    own = {"a": Had(12, 9.5)}
    return explainer.explain({"customer": "c"}, None, own, ["a", "b"], known=known)


def test_groups_hold_all_parts_and_say_what_they_are_of() -> None:
    model = Model()
    why, _ = explained(model)
    assert model.given == {
        "rows": {
            "product": ["a", "b"],
            "product_price": [1.5, pytest.approx(math.nan, nan_ok=True)],
            "customer": ["c"],
            "price": [pytest.approx(math.nan, nan_ok=True)],
        },
        "pasts": [None],
    }
    told = {
        (one.key.value, part.name): (part.detail, part.value)
        for one in why.groups
        for part in one.parts
    }
    assert told == {
        ("own", "How often"): ("12 times", 1.5),
        ("own", "How regularly"): ("every 14 days", 0.125),
        ("sales", "Sales"): ("", 1.0),
        ("activity", "Activity"): ("", 0.5),
        ("goes_with", "b"): ("", 0.75),
        ("purchases", "b"): ("2 times, last 2 days ago", 0.75),
        ("purchases", "Apple"): ("once, 4 days ago", 0.125),
        ("customer", "Customer"): ("c", 0.25),
        ("customer", "Price × Customer"): ("missing × c", -0.5),
        ("product", "Price"): ("1.5", 0.5),
    }
    details = {one.key.value: one.detail for one in why.groups}
    assert details["own"] == "12 times, last 9 days ago"
    assert details["sales"] == "120 purchases in 28 days, 1 buyer in all"
    assert details["activity"] == "34 purchases in 28 days, 20 products in all"
    for one in why.groups[1:]:
        assert one.value == math.fsum(part.value for part in one.parts)
        assert one.side == ("product" if one.key in ("product", "sales") else "buyer")
    assert (why.groups[0].key, why.groups[0].side) == (GroupKey.START, None)
    assert why.residual == 0.001


def test_what_adds_nothing_is_left_out() -> None:
    _, why = explained(Model(reranks=False, steps=1))
    assert [one.key.value for one in why.groups] == ["start", "purchases"]
    assert why.method is ExplanationMethod.EXACT
    assert explained(Model())[0].method is ExplanationMethod.INTEGRATED_GRADIENTS


def test_an_unknown_customer_is_said_to_be_one() -> None:
    why, _ = explained(Model(reranks=False), known=False)
    (customer,) = (one for one in why.groups if one.key is GroupKey.CUSTOMER)
    assert {part.detail for part in customer.parts} == {
        "c, not in the training data",
        "missing × c, not in the training data",
    }


def test_of_many_parts_the_smallest_are_told_as_one() -> None:
    parts = [ExplainedPart(name=str(n), value=(-1) ** n * n) for n in range(1, 41)]
    found = group(GroupKey.PURCHASES, parts, others="product")
    assert [part.name for part in found.parts] == [
        *map(str, range(40, 28, -1)),
        "28 other products",
    ]
    assert found.value == math.fsum(part.value for part in found.parts) == 20


def test_a_column_of_both_sides_has_a_name_of_its_own() -> None:
    assert explained_features(["c", "price"], ["p", "price", "product_price"]) == {
        "p": "p",
        "product_price": "price",
        "product_product_price": "product_price",
    }
    assert explained_features(["a", "product_a"], ["a"]) == {"product_product_a": "a"}


def test_words() -> None:
    assert bought(1, 9.9) == "once, 9 days ago"
    assert bought(1, None) == "once"
    assert bought(1200, 0.3) == "1,200 times, last today"
    assert (every(0.7), every(13.6)) == ("every day", "every 14 days")
