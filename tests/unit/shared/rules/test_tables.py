"""Guesses at kinds of events and at what joined columns mean; documents of several tables."""

from __future__ import annotations

import math
from typing import Any

import pytest
from pydantic import ValidationError

from shared.columns import Column, ColumnType
from shared.columns.source_rows import Selected, SourceRows
from shared.documents.dataset import DatasetSpec
from shared.documents.tables import Events, Tables
from shared.rules.event_kinds import guess_events
from shared.rules.side_roles import guess_side_roles
from shared.rules.tables import check_tables
from shared.rules.views import found_sides, joined_columns

SOURCE = {"kind": "csv", "uri": "/events.csv"}


def columns(*names: str, kind: ColumnType = ColumnType.STRING) -> list[Column]:
    return [Column(name=name, type=kind) for name in names]


@pytest.mark.parametrize(
    ("values", "kinds"),
    [
        (
            ["view", "purchase", "refund"],
            {"purchase": "target", "refund": "negative", "view": "left_out"},
        ),
        (["addtocart", "transaction"], {"addtocart": "left_out", "transaction": "target"}),
        (["Page View", "Order"], {"Order": "target", "Page View": "left_out"}),
        (["purchase"], None),  # nothing to tell apart
        (["view", "cart"], None),  # no purchase
        (["purchase", "view", "cash"], None),  # something else is among them
        ([], None),
    ],
)
def test_well_known_kinds_of_events_are_recognised(values: list[str], kinds: Any) -> None:
    found = guess_events(columns("type"), {}, {"type": values})
    assert (found.kinds if found else None) == kinds


def test_two_columns_of_kinds_are_left_to_the_user() -> None:
    values = ["view", "purchase"]
    assert guess_events(columns("a", "b"), {}, {"a": values, "b": values}) is None


def test_columns_of_tables_are_attributes_of_their_side() -> None:
    tables = Tables.model_validate(
        {
            "source": SOURCE,
            "products": {
                "source": {"kind": "csv", "uri": "/p.csv"},
                "key": "sku",
                "latest_by": "seen",
                "available": {"column": "offered", "op": "==", "value": True},
            },
            "customers": {"source": {"kind": "csv", "uri": "/c.csv"}, "key": "id"},
        }
    )
    events = columns("who", "sku", "price")
    sides = {
        "products": columns("sku", "Name", "price", "seen", "offered", "customer_id"),
        "customers": columns("id", "name", "date", "who"),
    }
    found = found_sides(tables, events, sides)
    assert [column.name for column in joined_columns(events, sides, found)] == [
        *("who", "sku", "price"),
        *("Name", "products_price", "seen", "offered", "customer_id"),
        *("customers_name", "date", "customers_who"),
    ]
    known = {"who": "customer_id", "sku": "product_id"}
    assert guess_side_roles(tables, sides, found, known) == {
        **known,
        "Name": "product_name",
        "products_price": "product_price",
        "customer_id": "product_customer_id",
        "customers_name": "customer_name",
        "date": "customer_date",
        "customers_who": "customer_who",
    }


def weighted(weights: dict[str, float]) -> dict[str, Any]:
    kinds = {"b": "target", "r": "negative"}
    return {"events": {"column": "a", "kinds": kinds, "weights": weights}}


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ({"where": [{"column": "a", "op": "in", "value": 1}]}, "takes `values`"),
        ({"where": [{"column": "a", "op": "=="}]}, "takes one `value`"),
        ({"where": [{"column": "a", "op": "missing", "value": 1}]}, "neither"),
        ({"where": [{"column": "a", "op": "like", "value": "x"}]}, "Input should be"),
        ({"dates": {}}, "`since`, `until` or both"),
        ({"dates": {"since": "2024-02-01", "until": "2024-01-01"}}, "comes before"),
        ({"events": {"column": "a", "kinds": {"view": "left_out"}}}, "at least one kind"),
        (
            {"events": {"column": "a", "kinds": {"view": "history"}}},
            "at least one kind as a target",
        ),
        (
            {"events": {"column": "a", "kinds": {"b": "past"}}},
            "Input should be 'target', 'history'",
        ),
        (weighted({"b": -1}), "weights.b\n.*greater than 0"),
        (weighted({"b": 0}), "greater than 0"),
        (weighted({"b": math.nan}), "finite number"),
        (weighted({"b": 1001}), "less than or equal to 1000"),
        (weighted({"c": 1}), "'c', which is neither a target nor history"),
        (weighted({"r": 1}), "'r', which is neither a target nor history"),
        ({"source": {"kind": "bigquery"}}, "Give `table`"),
        ({"source": {"kind": "bigquery", "table": "a.b.c", "query": "SELECT 1"}}, "not both"),
    ],
)
def test_what_says_nothing_is_refused(part: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        DatasetSpec.model_validate({"source": SOURCE, **part})


def test_what_was_left_out_is_told_before_what_was_dropped() -> None:
    counts = {"kept": 900, "other_kind": 600, "negative": 20, "history": 0, "targets": 265}
    selected = Selected.of(counts, 1000)
    assert (selected.outside, selected.taken_back) == (100, 15)
    assert SourceRows(read=265, selected=selected).told == [
        "Of 1,000 rows of the source, 100 do not meet the conditions or dates, 600 are of kinds "
        "that are left out, 20 take back 15 others.",
        "Of 265 rows read, none is dropped.",
    ]
    assert Selected.of(counts, None).told.startswith("Of the rows, 600 are of kinds")
    views = {"kept": 900, "other_kind": 0, "negative": 0, "history": 600, "targets": 300}
    assert Selected.of(views, 900).told == (
        "Of 900 rows of the source, 600 serve as history alone."
    )


def test_events_without_weights_are_written_as_before() -> None:
    """So that a dataset's hash stays what it was."""
    events = Events(column="a", kinds={"b": "target"})
    assert events.model_dump() == {"column": "a", "kinds": {"b": "target"}}
    assert not events.weighs
    assert Events(column="a", kinds={"b": "target"}, weights={"b": 1}).weighs is False
    assert Events(column="a", kinds={"b": "target", "v": "history"}).weighs


def test_history_needs_a_time() -> None:
    tables = Tables.model_validate(
        {
            "source": SOURCE,
            "events": {"column": "kind", "kinds": {"buy": "target", "view": "history"}},
        }
    )
    roles = {"who": "customer_id", "sku": "product_id"}
    found = columns("who", "sku", "kind")
    (problem,) = check_tables(tables, tables.source, roles, found, {})
    assert (problem.path, problem.code) == ("spec.events.kinds.view", "history_without_time")
    assert "transaction_date" in problem.message
    timed = [*found, *columns("at", kind=ColumnType.TIMESTAMP)]
    assert check_tables(tables, tables.source, {**roles, "at": "transaction_date"}, timed, {}) == []
    # As of the role alone: a column of text is no time.
    texts = [*found, *columns("at")]
    assert check_tables(tables, tables.source, {**roles, "at": "transaction_date"}, texts, {})
