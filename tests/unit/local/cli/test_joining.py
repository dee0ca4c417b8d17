"""What is said of tables and rows on the command line, as it is in a spec."""

from __future__ import annotations

from typing import Any, cast

import pytest

from local.cli.client import Api, UserError
from local.cli.joining import Joining, condition
from shared.documents.tables import RowFilter, Tables

NOBODY = cast(Api, None)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("price > 0", {"column": "price", "op": ">", "value": 0}),
        ("price>=1.5", {"column": "price", "op": ">=", "value": 1.5}),
        ("shop = 007", {"column": "shop", "op": "==", "value": "007"}),
        ("shop == '7'", {"column": "shop", "op": "==", "value": "7"}),
        ("state != cancelled", {"column": "state", "op": "!=", "value": "cancelled"}),
        ("at < 2024-01-31", {"column": "at", "op": "<", "value": "2024-01-31"}),
        ("channel in web, app", {"column": "channel", "op": "in", "values": ["web", "app"]}),
        ("n not in 1,2", {"column": "n", "op": "not in", "values": [1, 2]}),
        ("coupon is missing", {"column": "coupon", "op": "missing"}),
        ("coupon present", {"column": "coupon", "op": "present"}),
        ("in_stock", {"column": "in_stock", "op": "==", "value": True}),
        ("sold out = false", {"column": "sold out", "op": "==", "value": False}),
    ],
)
def test_a_condition_is_written_as_people_do(text: str, meant: dict[str, Any]) -> None:
    assert condition(text) == meant
    RowFilter.model_validate(condition(text))


def test_kinds_of_events_and_dates_become_a_spec() -> None:
    said = Joining(
        since="2024-01-01",
        where=["price > 0"],
        event_types="type:purchase=target,return=negative,view=left-out",
    )
    made = said.tables(NOBODY, {}, {})
    assert made == {
        "where": [{"column": "price", "op": ">", "value": 0}],
        "dates": {"since": "2024-01-01"},
        "events": {
            "column": "type",
            "kinds": {"purchase": "target", "return": "negative", "view": "left_out"},
        },
    }
    source = {"kind": "csv", "uri": "/events.csv"}
    assert not Tables.model_validate({"source": source, **made}).plain


def test_what_was_said_before_stays_or_is_taken_back() -> None:
    known = {
        "products": {"source": {}, "key": "id"},
        "dates": {"since": "2024-01-01", "until": "2025-01-01"},
        "where": [{"column": "a", "op": "missing"}],
        "events": {"column": "type", "kinds": {"buy": "target"}},
    }
    assert Joining().tables(NOBODY, known, {}) == known
    less = Joining(products="none", where=["none"], until="none", event_types="none")
    assert less.tables(NOBODY, known, {}) == {
        "dates": {"since": "2024-01-01", "until": None},
        "events": None,
    }
    key = Joining(products_key="sku", products_latest="seen", available="offered")
    assert key.tables(NOBODY, known, {})["products"] == {
        "source": {},
        "key": "sku",
        "latest_by": "seen",
        "available": {"column": "offered", "op": "==", "value": True},
    }


def test_kinds_of_events_may_have_weights() -> None:
    said = Joining(event_types="type:buy=target:2, view = history:.25,back=negative,a:b=left-out")
    assert said.tables(NOBODY, {}, {})["events"] == {
        "column": "type",
        "kinds": {"buy": "target", "view": "history", "back": "negative", "a:b": "left_out"},
        "weights": {"buy": 2.0, "view": 0.25},
    }


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (Joining(event_types="type"), "COLUMN:KIND=PART"),
        (Joining(event_types="type:purchase"), "KIND=PART. Received: 'purchase'"),
        (Joining(event_types="type:buy=target,view=history:-1"), "'view' is a number above 0"),
        (Joining(event_types="type:buy=target,view=history:0"), "Received: '0'"),
        (Joining(event_types="type:buy=target:"), "'buy' is a number above 0"),
        (Joining(available="offered"), "give --products too"),
        (Joining(products_key="id"), "give --products."),
        (Joining(where=[""]), "written like"),
    ],
)
def test_what_cannot_be_read_says_how_it_is_written(said: Joining, words: str) -> None:
    with pytest.raises(UserError, match=words):
        said.tables(NOBODY, {}, {})
