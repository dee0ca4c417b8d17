"""Lists under rules against brute force: drawn catalogues, stand-ins for each kind of model."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any
from unittest import mock

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from shared.columns import RawType
from shared.predictions import ListName, PredictionRequest
from shared.rules_of_lists import Cap, Pin, Rules
from shared.rules_of_lists.products import ProductColumn, Products, RuleColumn
from shared.rules_of_lists.ruling import Ruling
from trainer_image.serving import lists
from trainer_image.serving.asked import Asked, Past, Selection
from trainer_image.serving.purchases import Had
from trainer_image.serving.recommender import Recommender

CATEGORIES, BRANDS = ("A", "B", "C", ""), ("x", "y", "")
PRICES = (1.0, 2.5, 9.99, math.nan)


@dataclass(frozen=True)
class Shop:
    """Attributes:
    scores: the towers' or the rating's, by row.
    reranked: rows that the re-ranker orders, best first; None: there is none.
    """

    categories: list[str]
    brands: list[str]
    prices: list[float]
    available: list[bool]
    scores: list[int]
    finds: int
    reranked: list[int] | None
    rates: bool

    @property
    def ids(self) -> list[str]:
        return [f"p{row}" for row in range(len(self.scores))]

    def products(self) -> Products:
        columns = {
            "category": (RawType.TEXT, self.categories),
            "brand": (RawType.TEXT, self.brands),
            "price": (RawType.NUMBER, self.prices),
        }
        return Products(
            self.ids,
            {
                name: ProductColumn(RuleColumn(name, kind), lambda values=values: values)
                for name, (kind, values) in columns.items()
            },
        )


class Model:
    looks_back = False

    def __init__(self, shop: Shop, own: set[str]) -> None:
        self.shop, self.own = shop, own
        lists = ["buy_again", "discover"] if shop.reranked is not None else []
        self.signatures = ["serving_default", *lists]

    def outputs(self, _: str) -> list[str]:
        return ["rating"] if self.shop.rates else ["candidate_ids", "scores"]

    def types(self, signature: str) -> dict[str, str]:
        rates = self.shop.rates or signature == "candidate_embedding"
        return {"product": "string"} if rates else {"customer": "string"}

    def call(
        self, signature: str, rows: dict[str, list[str]], pasts: Any = None, of: Any = None
    ) -> dict[str, Any]:
        shop, scores = self.shop, np.array(self.shop.scores, np.float32)
        if "product" in rows:
            found = scores[[int(product[1:]) for product in rows["product"]]]
            return {"rating": found} if shop.rates else {"embedding": found[:, None]}
        queries = len(rows["customer"])
        if signature == "query_embedding":
            return {"embedding": np.ones((queries, 1), np.float32)}
        order = list(np.argsort(-scores)) if shop.reranked is None else shop.reranked
        if signature != "serving_default":
            order = [row for row in order if (f"p{row}" in self.own) == (signature == "buy_again")]
        ids = [f"p{row}".encode() for row in order[: shop.finds]]
        listed = [1000.0 - place for place in range(len(ids))]
        if shop.reranked is None:
            listed = [float(scores[row]) for row in order[: shop.finds]]
        lacking = shop.finds - len(ids)
        return {
            "candidate_ids": np.array([[*ids, *[b""] * lacking]] * queries),
            "scores": np.array([[*listed, *[-math.inf] * lacking]] * queries),
        }


@st.composite
def shops(draw: st.DrawFn) -> Shop:
    count = draw(st.integers(2, 14))

    def each(values: Any) -> list[Any]:
        return draw(st.lists(st.sampled_from(values), min_size=count, max_size=count))

    kind = draw(st.sampled_from(["towers", "re-ranker", "rating"]))
    reranked = draw(st.permutations(range(count)))[: draw(st.integers(1, count))]
    return Shop(
        each(CATEGORIES),
        each(BRANDS),
        each(PRICES),
        each((True, True, True, False)),
        draw(st.permutations(range(count))),
        draw(st.integers(1, count)),
        list(reranked) if kind == "re-ranker" else None,
        kind == "rating",
    )


PRODUCT = st.integers(0, 15).map("p{}".format)  # some are none
FILTERS = st.one_of(
    st.fixed_dictionaries(
        {
            "type": st.sampled_from(["in", "not_in"]),
            "column": st.just("category"),
            "values": st.lists(st.sampled_from(["A", "B", "C", "D"]), min_size=1, max_size=3),
        }
    ),
    st.sampled_from(
        [
            {"type": "range", "column": "price", "max": 2.5},
            {"type": "range", "column": "price", "min": 2.5, "max": 9.99},
            {"type": "in", "column": "price", "values": [9.99, "1"]},
            {"type": "not_bought_within", "days": 10},
        ]
    ),
    st.fixed_dictionaries(
        {
            "type": st.sampled_from(["only", "except"]),
            "product_ids": st.lists(PRODUCT, min_size=1, max_size=9),
        }
    ),
)
RULES = st.fixed_dictionaries(
    {
        "filters": st.lists(FILTERS, max_size=3),
        "caps": st.lists(
            st.builds(
                Cap, column=st.sampled_from(["category", "brand"]), at_most=st.integers(1, 3)
            ),
            max_size=2,
            unique_by=lambda cap: cap.column,
        ),
        "pins": st.dictionaries(st.integers(1, 16), PRODUCT, max_size=3)
        .filter(lambda pins: len(set(pins.values())) == len(pins))
        .map(lambda pins: [Pin(product_id=p, place=place) for place, p in pins.items()]),
    }
).map(Rules.model_validate)
BOUGHT = st.dictionaries(PRODUCT, st.sampled_from([1.0, 30.0, None]), max_size=6)


def kept(shop: Shop, row: int, one: Any, bought: dict[str, float | None]) -> bool:
    product = f"p{row}"
    price = shop.prices[row]
    match one.type:
        case "in" if one.column == "price":
            return price in (9.99, 1.0)
        case "in":
            return shop.categories[row] in one.values
        case "not_in":
            return shop.categories[row] not in one.values
        case "range":
            return (one.min or 0) <= price <= one.max
        case "not_bought_within":
            return product not in bought or (bought[product] or 0) >= one.days
        case "only":
            return product in one.product_ids
        case _:
            return product not in one.product_ids


def by_brute_force(
    shop: Shop, rules: Rules, bought: dict[str, float | None], which: ListName, k: int
) -> tuple[list[str], set[str], int, set[tuple[str, str]]]:
    """The list, those of it that are pinned, how many fit, and the values that caps stopped."""
    count = len(shop.scores)
    listed = [
        row
        for row in range(count)
        if shop.available[row]
        and (which is ListName.ALL or (f"p{row}" in bought) == (which is ListName.BUY_AGAIN))
    ]
    fitting = [row for row in listed if all(kept(shop, row, one, bought) for one in rules.filters)]
    pins = {
        pin.place: int(pin.product_id[1:])
        for pin in rules.pins
        if int(pin.product_id[1:]) in fitting and pin.place <= k
    }
    order = sorted(fitting, key=lambda row: -shop.scores[row])
    if shop.reranked is not None:
        own = [
            row
            for row in shop.reranked
            if which is ListName.ALL
            or row
            in {
                one
                for one in range(count)
                if (f"p{one}" in bought) == (which is ListName.BUY_AGAIN)
            }
        ][: shop.finds]
        first = [row for row in own if row in fitting]
        order = first + [row for row in order if row not in first]
    values = {"category": shop.categories, "brand": shop.brands}

    def full(cap: Cap, row: int, chosen: list[int]) -> bool:
        value = values[cap.column][row]
        same = [one for one in [*pins.values(), *chosen] if values[cap.column][one] == value]
        return value != "" and len(same) >= cap.at_most

    chosen: list[int] = []
    passed = []
    for row in order:
        if row in pins.values():
            continue
        if len(chosen) == k - len(pins):
            break
        if any(full(cap, row, chosen) for cap in rules.caps):
            passed.append(row)
        else:
            chosen.append(row)
    reached = {
        (cap.column, values[cap.column][row])
        for cap in rules.caps
        for row in passed
        if full(cap, row, chosen)
    }
    result, left = [], list(chosen)
    for place in range(1, k + 1):
        if place in pins:
            result.append(pins.pop(place))
        elif left:
            result.append(left.pop(0))
        elif pins:
            result.append(pins.pop(min(pins)))
    pinned = {f"p{row}" for row in result if row not in chosen}
    return [f"p{row}" for row in result], pinned, len(fitting), reached


@given(
    shops(), RULES, BOUGHT, st.sampled_from(ListName), st.integers(1, 14), st.sampled_from([0, 2])
)
def test_lists_are_those_of_brute_force(
    shop: Shop, rules: Rules, bought: dict[str, float | None], which: ListName, k: int, room: float
) -> None:
    k = min(k, len(shop.scores))
    available = [product for product, one in zip(shop.ids, shop.available, strict=True) if one]
    model: Any = Model(shop, set(bought))
    recommender = Recommender(model, shop.ids, {"product": shop.ids}, available)
    request = PredictionRequest(customer_id="c", k=k, list=which)
    had = {product: Had(1, days) for product, days in bought.items()}
    ruling = Ruling(rules, shop.products())
    asked = Asked(request, True, {"customer": "c"}, Past(had), Selection(ruling, bought))
    plain = Asked(request, True, {"customer": "c"}, Past(had))
    with (
        mock.patch.object(lists, "_FIRST", 1),  # so that a few products are many
        mock.patch.object(lists, "_ROOM", room),
    ):
        found, usual, again = recommender.best([asked, plain, asked])
    by_towers, _, offered, _ = by_brute_force(shop, Rules(), bought, which, k)
    if shop.reranked is None:
        assert usual.products == by_towers
        assert len(usual.products) == min(k, offered), "never fewer than there are"
    expected, pinned, fitting, reached = by_brute_force(shop, rules, bought, which, k)
    assert found == again
    assert found.products == expected
    assert found.pinned == pinned
    applied = found.applied
    assert applied is not None
    assert applied.fitting == fitting
    assert {(one.column, one.value) for one in applied.caps_reached} == reached
    if not rules.caps:
        assert len(found.products) == min(k, fitting), "never fewer than fit"
    left_out = {one.product_id for one in applied.pins_left_out}
    assert left_out | found.pinned == {pin.product_id for pin in rules.pins}
    assert all(one.reason.endswith(".") for one in applied.pins_left_out)
    if not fitting:
        assert "No product fits" in applied.notes[0]
    ordered = {f"p{row}" for row in shop.reranked or []}
    assert found.unordered >= {one for one in expected if one not in ordered} or not ordered
    if shop.reranked is None:
        assert not found.unordered
        scores = dict(zip(shop.ids, shop.scores, strict=True))
        assert found.scores == [scores[product] for product in found.products]
