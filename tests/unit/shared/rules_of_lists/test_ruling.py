"""Rules made ready for products, and which of them are kept ready."""

from __future__ import annotations

from collections.abc import Iterator
from unittest import mock

import numpy as np
import pytest

from shared.rules_of_lists import Filter, Rules, ruling
from shared.rules_of_lists.filters.only import Only
from shared.rules_of_lists.products import Products
from shared.rules_of_lists.ruling import Ruling, Rulings

IDS = [f"p{row}" for row in range(21)]


def only(*products: str) -> Rules:
    return Rules.model_validate({"filters": [{"type": "only", "product_ids": list(products)}]})


@pytest.fixture
def keeps() -> Iterator[mock.Mock]:
    """How often a filter has looked at all products."""
    with mock.patch.object(Only, "keeps", autospec=True, side_effect=Only.keeps) as keeps:
        yield keeps


def test_the_first_filter_that_leaves_a_product_out_is_known_without_looking_at_all(
    keeps: mock.Mock,
) -> None:
    filters = [
        {"type": "not_bought_within", "days": 30},
        {"type": "only", "product_ids": IDS[:15]},
        {"type": "except", "product_ids": IDS[3:9]},
        {"type": "only", "product_ids": IDS[:18]},
    ]
    made = Ruling(Rules.model_validate({"filters": filters}), Products(IDS, {}))
    bought = {"p0": 3.0, "p1": None, "p2": 31.0, "p16": 1.0}
    lately = "not bought within 30 days"
    few = "one of 15 products"
    expected = {"p0": lately, "p1": lately, "p16": lately}
    expected |= dict.fromkeys(IDS[3:9], "none of 6 products")
    expected |= dict.fromkeys([one for one in IDS[15:] if one != "p16"], few)
    found = {product: made.left_out_by(product, bought) for product in IDS}
    assert found == {product: expected.get(product) for product in IDS}
    fits = made.fits(bought)
    assert [one for one, fit in zip(IDS, fits, strict=True) if fit] == [
        product for product in IDS if product not in expected
    ]
    assert keeps.call_count == 2


def test_a_product_is_asked_about_without_all_that_was_bought() -> None:
    asked: list[int] = []

    class Watched(Filter):
        type: str = "watched"

        def leaves_out(self, bought: ruling.LastBought) -> Iterator[str]:
            asked.append(len(bought))
            yield from ()

    rules = Rules.model_construct(filters=[Watched()], caps=[], pins=[])
    made = Ruling(rules, Products(IDS, {}))
    assert made.left_out_by("p0", dict.fromkeys(IDS, 1.0)) is None
    assert asked == [1]


def test_rules_that_come_again_are_ready(keeps: mock.Mock) -> None:
    rulings = Rulings(Products(IDS, {}))
    first = rulings.of(only("p1"))
    assert rulings.of(only("p1")) is first
    assert keeps.call_count == 1
    assert rulings.of(only("p2")).fits({}).tolist() == [one == "p2" for one in IDS]


def test_rules_with_long_lists_are_not_kept(keeps: mock.Mock) -> None:
    rulings = Rulings(Products(IDS, {}))
    for _ in range(2):
        rulings.of(only(*(f"product {number}" for number in range(10_000))))
    assert keeps.call_count == 2
    assert rulings.size == 0


def test_what_is_kept_is_bounded_by_its_size(keeps: mock.Mock) -> None:
    """Which has a share in the products and in what the rules name."""
    with mock.patch.object(ruling, "MOST_BYTES", 10_000):
        for products, named, few in ((8 * 500, 1, 10), (8, 100, 10)):
            rulings = Rulings(Products(list(map(str, range(products))), {}))
            for number in range(100):
                rulings.of(only(*(f"product {number} {one}" for one in range(named))))
                assert rulings.size <= 10_000
            keeps.reset_mock()
            for number in reversed(range(100)):
                rulings.of(only(*(f"product {number} {one}" for one in range(named))))
            assert 100 - few <= keeps.call_count < 100
    rulings = Rulings(Products(IDS, {}))
    for number in range(1000):
        rulings.of(only(str(number)))
    keeps.reset_mock()
    for number in reversed(range(1000)):
        rulings.of(only(str(number)))
    assert 0 < 1000 - keeps.call_count <= ruling.MOST_READY


def test_a_filter_that_keeps_everything_takes_no_room() -> None:
    lately = Rules.model_validate({"filters": [{"type": "not_bought_within", "days": 3}]})
    made = Ruling(lately, Products(IDS, {}))
    assert made.size == 0
    assert np.all(made.fits({}))
