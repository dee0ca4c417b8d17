"""Rules as they are written: what is wrong with them, in words, and how two are joined."""

from __future__ import annotations

from typing import Any
from unittest import mock

import pytest
from pydantic import ValidationError

from shared.columns import RawType
from shared.columns.text_form import TextForm
from shared.problems import from_pydantic
from shared.rules_of_lists import FILTER_TAGS, FILTERS, Rules, check_rules
from shared.rules_of_lists.filters import among
from shared.rules_of_lists.filters.among import Among
from shared.rules_of_lists.filters.not_among import NotAmong
from shared.rules_of_lists.products import ProductColumn, Products, RuleColumn

COLUMNS = {
    "category": RuleColumn("category", RawType.TEXT),
    "organic": RuleColumn("organic", RawType.TEXT, TextForm.BOOLEAN),
    "shelf": RuleColumn("shelf", RawType.TEXT, TextForm.INTEGER),
    "price": RuleColumn("price", RawType.NUMBER),
}
VALUES: dict[str, list[Any]] = {
    "category": ["Bakery", "", "Dairy"],
    "organic": ["true", "false", ""],
    "shelf": ["12", "7", ""],
    "price": [2.99, float("nan"), 10.0],
}


def products() -> Products:
    def column(name: str) -> ProductColumn:
        return ProductColumn(COLUMNS[name], lambda: VALUES[name])

    return Products(["a", "b", "c"], {name: column(name) for name in COLUMNS})


def wrong(rules: dict[str, Any]) -> dict[str, str]:
    """Messages by path."""
    try:
        read = Rules.model_validate(rules)
    except ValidationError as error:
        problems = from_pydantic(error, "rules", FILTER_TAGS)
    else:
        problems = list(check_rules(read, COLUMNS, "rules"))
    return {problem.path: problem.message for problem in problems}


@pytest.mark.parametrize(
    ("one", "kept"),
    [
        ({"type": "in", "column": "category", "values": ["Bakery", "Toys"]}, "a"),
        ({"type": "not_in", "column": "category", "values": ["Bakery"]}, "bc"),
        ({"type": "in", "column": "organic", "values": [True]}, "a"),
        ({"type": "in", "column": "shelf", "values": [12, "7.0"]}, "ab"),
        ({"type": "in", "column": "price", "values": ["2.99"]}, "a"),
        ({"type": "range", "column": "price", "max": 2.99}, "a"),
        ({"type": "range", "column": "price", "min": 2.99}, "ac"),
        ({"type": "range", "column": "price", "min": 3, "max": 9}, ""),
        ({"type": "only", "product_ids": ["c", "z"]}, "c"),
        ({"type": "except", "product_ids": ["c", "z"]}, "ab"),
    ],
)
def test_a_filter_keeps_the_products_that_it_says(one: dict[str, Any], kept: str) -> None:
    (read,) = Rules.model_validate({"filters": [one]}).filters
    assert wrong({"filters": [one]}) == {}
    found = read.keeps(products())
    assert found is not None
    assert "".join(p for p, keep in zip("abc", found, strict=True) if keep) == kept
    assert read.in_words()


def test_what_was_bought_lately_is_left_out() -> None:
    (read,) = Rules.model_validate({"filters": [{"type": "not_bought_within", "days": 30}]}).filters
    bought = {"a": 0.0, "b": 29.9, "c": 30.0, "d": None}
    assert list(read.leaves_out(bought)) == ["a", "b", "d"]
    assert read.in_words() == "not bought within 30 days"


@pytest.mark.parametrize(
    ("rules", "path", "said"),
    [
        (
            {"filters": [{"type": "in", "column": "brand", "values": ["x"]}]},
            "rules.filters[0].column",
            "no column 'brand' that rules can read. Those that they have are 'category', 'organic'",
        ),
        (
            {"filters": [{"type": "range", "column": "category", "min": 1}]},
            "rules.filters[0].column",
            "'category' holds texts, which have no range. Columns of numbers are 'price'.",
        ),
        (
            {"filters": [{"type": "range", "column": "price"}]},
            "rules.filters[0]",
            "A range has `min`, `max` or both.",
        ),
        (
            {"filters": [{"type": "range", "column": "price", "min": 2, "max": 1}]},
            "rules.filters[0]",
            "`min` (2) is above `max` (1).",
        ),
        (
            {"filters": [{"type": "in", "column": "price", "values": [1, "cheap"]}]},
            "rules.filters[0].values[1]",
            "The values of 'price' are numbers.",
        ),
        (
            {"filters": [{"type": "in", "column": "price", "values": [1e300]}]},
            "rules.filters[0].values[0]",
            "The values of 'price' are numbers.",
        ),
        (
            {"filters": [{"type": "in", "column": "category", "values": ["NULL"]}]},
            "rules.filters[0].values[0]",
            "this one means a missing value",
        ),
        (
            {"filters": [{"type": "in", "column": "category", "values": []}]},
            "rules.filters[0].values",
            "at least 1",
        ),
        (
            {
                "filters": [
                    {"type": "in", "column": "category", "values": ["Bakery"]},
                    {"type": "not_in", "column": "category", "values": ["Bakery", "Dairy"]},
                ]
            },
            "rules.filters[1]",
            "No product can fit: category is not Bakery or Dairy and category is Bakery.",
        ),
        (
            {
                "filters": [
                    {"type": "except", "product_ids": ["a", "b"]},
                    {"type": "only", "product_ids": ["a"]},
                ]
            },
            "rules.filters[0]",
            "No product can fit: none of 2 products and one of 1 product.",
        ),
        (
            {
                "filters": [
                    {"type": "only", "product_ids": ["a"] * 10_000},
                    {"type": "except", "product_ids": ["b"] * 9_999},
                    {"type": "not_in", "column": "category", "values": ["Bakery", "Dairy"]},
                ]
            },
            "rules",
            "`filters` name 20,001 values and products. Name at most 20,000 in all.",
        ),
        ({"filters": [{"type": "cheap"}]}, "rules.filters[0]", "'range'"),
        (
            {"filters": [{"type": "not_bought_within", "days": 0}]},
            "rules.filters[0].days",
            "greater than 0",
        ),
        ({"caps": [{"column": "brand", "at_most": 2}]}, "rules.caps[0].column", "no column"),
        ({"caps": [{"column": "price", "at_most": 0}]}, "rules.caps[0].at_most", "or equal to 1"),
        (
            {"caps": [{"column": "price", "at_most": 1}, {"column": "price", "at_most": 2}]},
            "rules",
            "`caps` have two of column 'price'.",
        ),
        (
            {"pins": [{"product_id": "a", "place": 1}, {"product_id": "b", "place": 1}]},
            "rules",
            "`pins` have two products at place 1. Pin one there.",
        ),
        (
            {"pins": [{"product_id": "a", "place": 1}, {"product_id": "a", "place": 2}]},
            "rules",
            "`pins` have product 'a' at two places. Pin it once.",
        ),
        ({"pins": [{"product_id": "a", "place": 0}]}, "rules.pins[0].place", "or equal to 1"),
        ({"boost": []}, "rules.boost", "no such field"),
    ],
)
def test_what_is_wrong_is_named_by_its_field(rules: dict[str, Any], path: str, said: str) -> None:
    found = wrong(rules)
    assert list(found) == [path]
    assert said in found[path]


class Counted(str):
    """A text that counts how often one is compared."""

    __slots__ = ()
    compared = 0
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        Counted.compared += 1
        return str.__eq__(self, other)


def test_what_many_filters_name_is_compared_once_for_each_value() -> None:
    each, kinds = 100, 25
    left_out = [Counted(number) for number in range(each)]
    # But for their last value these contradict all the others.
    kept = [*(Counted(number) for number in range(each - 1)), Counted("another")]
    rules = Rules.model_construct(
        filters=[
            *(Among.model_construct(column="category", values=kept) for _ in range(kinds)),
            *(NotAmong.model_construct(column="category", values=left_out) for _ in range(kinds)),
        ],
        caps=[],
        pins=[],
    )
    Counted.compared = 0
    assert list(check_rules(rules, COLUMNS, "rules")) == []
    assert Counted.compared <= 2 * kinds * each


def test_of_many_values_only_those_that_are_said_are_put_into_words() -> None:
    one = Among(column="category", values=list(range(1000)))
    with mock.patch.object(among, "shorten", side_effect=among.shorten) as shorten:
        assert one.in_words() == "category is 0, 1, 2, 3, 4 and 995 more"
    assert shorten.call_count == 5


def test_joined_rules_hold_together_and_the_later_ones_win_a_place() -> None:
    earlier = Rules.model_validate(
        {
            "filters": [{"type": "only", "product_ids": ["a", "b", "c"]}],
            "caps": [{"column": "price", "at_most": 1}, {"column": "category", "at_most": 1}],
            "pins": [{"product_id": p, "place": n} for n, p in enumerate("abc", 1)],
        }
    )
    later = Rules.model_validate(
        {
            "filters": [{"type": "except", "product_ids": ["c"]}],
            "caps": [{"column": "category", "at_most": 3}],
            "pins": [{"product_id": "c", "place": 1}],
        }
    )
    joined = earlier.joined(later)
    assert [one.type for one in joined.filters] == ["only", "except"]
    assert [(one.column, one.at_most) for one in joined.caps] == [("price", 1), ("category", 3)]
    assert [(one.product_id, one.place) for one in joined.pins] == [("b", 2), ("c", 1)]
    assert Rules().are_none
    assert not joined.are_none


def test_ids_of_products_are_written_as_a_models_are() -> None:
    rules = Rules.model_validate(
        {
            "filters": [
                {"type": "only", "product_ids": ["1.0"]},
                {"type": "except", "product_ids": ["2.0"]},
                {"type": "not_bought_within", "days": 1},
            ],
            "pins": [{"product_id": "3.0", "place": 1}],
        }
    ).with_ids(lambda product: product.removesuffix(".0"))
    assert [getattr(one, "product_ids", None) for one in rules.filters] == [["1"], ["2"], None]
    assert rules.pins[0].product_id == "3"


def test_of_a_product_that_two_pins_write_in_two_ways_the_first_pin_is_left() -> None:
    pins = [("1003.0", 2), ("1004", 3), ("1003", 1)]
    rules = Rules.model_validate(
        {"pins": [{"product_id": product, "place": place} for product, place in pins]}
    ).with_ids(lambda product: product.removesuffix(".0"))
    assert [(pin.product_id, pin.place) for pin in rules.with_first_pins().pins] == [
        ("1003", 2),
        ("1004", 3),
    ]


def test_kinds_are_found_by_their_files() -> None:
    assert list(FILTERS) == ["in", "not_in", "range", "not_bought_within", "only", "except"]
