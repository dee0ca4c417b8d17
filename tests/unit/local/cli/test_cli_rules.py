"""Rules on the command line: how they are given, and what an answer says of them."""

from __future__ import annotations

from typing import Any

import pytest

from local.cli.client import UserError
from local.cli.given_rules import rules_of
from local.cli.output import out
from local.cli.tables import show_applied
from shared.rules_of_lists import Rules


def given(**said: Any) -> dict[str, Any] | None:
    options = ("where", "not_bought_days", "only", "excluded", "cap", "pin")
    return rules_of(*(said.get(name) for name in options))


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("price<=20", {"type": "range", "column": "price", "max": 20}),
        ("price >= 1.5", {"type": "range", "column": "price", "min": 1.5}),
        ("category in A, B", {"type": "in", "column": "category", "values": ["A", "B"]}),
        ("brand not in Acme", {"type": "not_in", "column": "brand", "values": ["Acme"]}),
        ("brand = Acme", {"type": "in", "column": "brand", "values": ["Acme"]}),
        ("brand != Acme", {"type": "not_in", "column": "brand", "values": ["Acme"]}),
        ("size in '12'", {"type": "in", "column": "size", "values": ["12"]}),
        ("organic", {"type": "in", "column": "organic", "values": [True]}),
    ],
)
def test_a_condition_is_a_filter(text: str, meant: dict[str, Any]) -> None:
    found = given(where=[text])
    assert found == {"filters": [meant], "caps": [], "pins": []}
    Rules.model_validate(found)


def test_all_that_is_given_holds() -> None:
    found = given(
        not_bought_days=30, only=["a"], excluded=["b", "c"], cap=["unit=size=2"], pin=["1=x=y"]
    )
    assert found == {
        "filters": [
            {"type": "not_bought_within", "days": 30},
            {"type": "only", "product_ids": ["a"]},
            {"type": "except", "product_ids": ["b", "c"]},
        ],
        "caps": [{"column": "unit=size", "at_most": 2}],
        "pins": [{"product_id": "x=y", "place": 1}],
    }
    assert given() is None


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"where": ["price < 20"]}, "not '<'"),
        ({"where": ["price missing"]}, "not 'missing'"),
        ({"where": ["price <= cheap"]}, "compares with a number"),
        ({"cap": ["category"]}, "COLUMN=N, such as category=2"),
        ({"cap": ["category=two"]}, "COLUMN=N"),
        ({"pin": ["1029743"]}, "PLACE=PRODUCT, such as 1=1029743"),
        ({"pin": ["first=1029743"]}, "PLACE=PRODUCT"),
    ],
)
def test_what_is_no_rule_is_refused_with_how_one_is_written(
    said: dict[str, Any], words: str
) -> None:
    with pytest.raises(UserError, match=words):
        given(**said)


def test_an_answer_says_what_the_rules_did() -> None:
    applied = {
        "fitting": 3,
        "products": 1200,
        "notes": ["Fewer products fit than the list has places."],
        "caps_reached": [{"column": "category", "value": "[Bakery]", "at_most": 1}],
        "pins_left_out": [{"product_id": "p1", "place": 2, "reason": "The list has 1 places."}],
    }
    with out.capture() as capture:
        show_applied(applied)
    assert capture.get().split("\n") == [
        "",
        "3 of 1,200 products fit the rules.",
        "Fewer products fit than the list has places.",
        "At most 1 of category [Bakery]: more would have fit.",
        "p1 is not at place 2. The list has 1 places.",
        "",
    ]
