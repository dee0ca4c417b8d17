"""Firestore answers a query that filters and orders only where an index was made for it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from api_client import Client
from fakes import FakeDocuments
from indexes import INDEXES, UNINDEXED
from scenario import Shop

from shared.ports import Filter

REPOSITORY = Path(__file__).parents[2]
# A value for each parameter by which a list may be narrowed.
VALUES = {
    "state": "completed",
    "include_archived": "false",
    "feature_config_id": "fc",
    "model_config_id": "mc",
    "sweep_id": "sw",
    "purpose": "quick_test",
    "type": "retrieval",
}
_PAGING = {"limit", "page_token"}


def test_every_list_of_the_api_has_its_indexes(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str, str]] = []
    answer = FakeDocuments.query

    def query(
        self: FakeDocuments, collection: str, where: Sequence[Filter] = (), **options: Any
    ) -> Any:
        order = options.get("order_by")
        if order is not None:
            asked.extend((str(collection), one.field, order) for one in where)
        return answer(self, collection, where, **options)

    monkeypatch.setattr(FakeDocuments, "query", query)
    shop = Shop()
    dataset = shop.dataset()
    ids = {
        "dataset_id": dataset,
        "feature_config_id": shop.feature_config(dataset),
        "model_config_id": shop.model_config(),
    }
    client = Client(shop)
    for path, methods in client("GET", "/api/openapi.json").json()["paths"].items():
        parameters = methods.get("get", {}).get("parameters", [])
        names = {one["name"] for one in parameters if one["in"] == "query"}
        if not names >= _PAGING:
            continue
        narrowing = sorted(names - _PAGING)
        assert set(narrowing) <= set(VALUES), "give VALUES one for it"
        url = re.sub(r"\{(\w+)\}", lambda found: ids.get(found[1], "any"), path)
        for count in range(len(narrowing) + 1):
            for chosen in itertools.combinations(narrowing, count):
                client("GET", url, params={name: VALUES[name] for name in chosen})
    assert ("quick_tests", "spec.model_config_id", "updated_at") in asked
    assert ("feature_configs", "spec.dataset_id", "updated_at") in asked


def test_no_test_gets_an_answer_that_firestore_would_refuse() -> None:
    """The documents in memory, over which all steps are tested, want the same indexes."""
    documents = FakeDocuments()
    state = Filter("status.state", "==", "failed")
    assert documents.query("quick_tests", [state], order_by="updated_at", descending=True) == []
    assert documents.query("quick_tests", [state]) == []
    with pytest.raises(AssertionError, match="lacks the index"):
        documents.query("quick_tests", [state], order_by="name", descending=True)
    with pytest.raises(AssertionError, match="descend"):
        documents.query("quick_tests", [state], order_by="updated_at")
    with pytest.raises(AssertionError, match=r"status\.results has no index"):
        documents.query("quick_tests", [Filter("status.results.metrics.mrr", ">", 0.1)])


def test_every_order_of_the_code_is_in_an_index() -> None:
    orders = {
        order
        for package in ("functions", "shared")
        for file in (REPOSITORY / package).rglob("*.py")
        for order in re.findall(r'order_by="([\w.]+)"', file.read_text(encoding="utf-8"))
    }
    assert orders
    assert orders <= {order for _, _, order in INDEXES}


def test_no_field_that_is_searched_goes_without_an_index() -> None:
    searched = {
        field
        for package in ("functions", "shared")
        for file in (REPOSITORY / package).rglob("*.py")
        for field in re.findall(r'Filter\("([\w.]+)"', file.read_text(encoding="utf-8"))
    }
    assert searched
    for collection, field in UNINDEXED:
        if collection == "versions":  # only ever listed whole
            continue
        assert not any(one == field or one.startswith(f"{field}.") for one in searched), field
