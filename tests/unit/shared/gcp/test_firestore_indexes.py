"""Firestore answers a query that filters and orders only where an index was made for it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import indexes
import pytest
from api_client import Client
from fake_documents import FakeDocuments
from indexes import INDEXES, UNINDEXED, Index, Sent, entries, refusal, sent_for
from scenario import Shop

from shared.handlers import reconcile
from shared.ports import Filter

REPOSITORY = Path(__file__).parents[4]
A, D = "ASCENDING", "DESCENDING"
# A value for each parameter by which a list may be narrowed.
VALUES = {
    "state": "completed",
    "include_archived": "false",
    "feature_config_id": "fc",
    "model_config_id": "mc",
    "sweep_id": "sw",
    "tuning_id": "tu",
    "model": "rm",
    "purpose": "quick_test",
    "tag": "for the paper",
    "archived": "false",
    "owner": "ana@example.com",
    "type": "retrieval",
}
_PAGING = {"limit", "page_token"}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> set[Sent]:
    """What the adapter would send for the queries of the fakes."""
    sent: set[Sent] = set()
    answer = FakeDocuments.query

    def query(
        self: FakeDocuments, collection: str, where: Sequence[Filter] = (), **options: Any
    ) -> Any:
        descending = options.get("descending", False)
        sent.update(sent_for(collection, where, options.get("order_by"), descending=descending))
        return answer(self, collection, where, **options)

    monkeypatch.setattr(FakeDocuments, "query", query)
    return sent


def _walk(shop: Shop) -> dict[str, str]:
    """From a dataset to two compared tests, a full training and a sweep. Returns ids by the names
    that the API's paths give them."""
    client = Client(shop)
    dataset = shop.dataset()
    shop.settle()
    features, model = shop.feature_config(dataset), shop.model_config()
    shop.settle()
    for seed in (1, 2):
        test = shop.quick_test(features, model, seed=seed)
        shop.settle()
        shop.succeed(test, 0.1 * seed)
        shop.settle()
    client("POST", "/api/quick-tests/heatmap/", {"dataset_id": dataset})
    client("POST", f"/api/quick-tests/{test}/full-training/", {})
    sweep = shop.sweep([features], [model])
    tuning = shop.tuning(features, model, trials=2)
    rules = shop.rule_set(dataset)
    schedule = shop.schedule(shop.registered(features, model))
    shop.settle()
    reconcile(shop.ports)
    for name in ("feature-configs", "model-configs", "datasets"):
        ids = {"feature-configs": features, "model-configs": model, "datasets": dataset}
        client("DELETE", f"/api/{name}/{ids[name]}/")
    return {
        "dataset_id": dataset,
        "feature_config_id": features,
        "model_config_id": model,
        "quick_test_id": test,
        "sweep_id": sweep,
        "tuning_id": tuning,
        "rule_set_id": rules,
        "schedule_id": schedule,
    }


def _list_everything(shop: Shop, ids: dict[str, str]) -> None:
    """Each list of the API, narrowed in each way that it may be, and whatever else is read."""
    client = Client(shop)
    for path, methods in client("GET", "/api/openapi.json").json()["paths"].items():
        parameters = methods.get("get", {}).get("parameters", [])
        names = {one["name"] for one in parameters if one["in"] == "query"}
        collection = path.split("/")[2].replace("-", "_").removesuffix("s")
        named = {**ids, "document_id": ids.get(f"{collection}_id", "any")}
        url = re.sub(r"\{(\w+)\}", lambda found, named=named: named.get(found[1], "any"), path)
        if not names >= _PAGING:
            if "get" in methods and "text/event-stream" not in str(methods):
                client("GET", url)
            continue
        narrowing = sorted(names - _PAGING)
        assert set(narrowing) <= set(VALUES), "give VALUES one for it"
        for count in range(len(narrowing) + 1):
            for chosen in itertools.combinations(narrowing, count):
                client("GET", url, params={name: VALUES[name] for name in chosen})


def test_all_that_is_asked_has_its_indexes_and_each_index_is_asked_for(asked: set[Sent]) -> None:
    shop = Shop()
    _list_everything(shop, _walk(shop))
    assert [why for query in asked if (why := refusal(query))] == []
    assert {index for query in asked for index in indexes.used(query)} == INDEXES
    orders = {query.orders for query in asked}
    by_the_filter: tuple[tuple[str, str], ...] = ()  # keys of requests that have expired
    assert {
        (("updated_at", D),),
        (("status.ended_at", D),),
        (("__name__", A),),
        by_the_filter,
    } == orders


def test_a_page_is_one_query() -> None:
    state = Filter("status.state", "in", ["failed", "completed"])
    sent = sent_for("quick_tests", [state], "updated_at", descending=True)
    filters = (("status.state", "IN", 2),)
    assert sent == (Sent("quick_tests", False, filters, (("updated_at", D),)),)


def test_no_test_gets_an_answer_that_firestore_would_refuse() -> None:
    """The documents in memory, over which all steps are tested, want the same indexes."""
    documents = FakeDocuments()
    state = Filter("status.state", "==", "failed")
    assert documents.query("quick_tests", [state], order_by="updated_at", descending=True) == []
    assert documents.query("quick_tests", [state]) == []
    with pytest.raises(AssertionError, match=r"lacks the index status\.state, name DESC"):
        documents.query("quick_tests", [state], order_by="name", descending=True)
    with pytest.raises(AssertionError, match=r"lacks the index status\.state, updated_at ASC"):
        documents.query("quick_tests", [state], order_by="updated_at")
    with pytest.raises(AssertionError, match=r"status\.results\.metrics\.mrr has no index"):
        documents.query("quick_tests", [Filter("status.results.metrics.mrr", ">", 0.1)])
    with pytest.raises(AssertionError, match=r"status\.results has no index"):
        documents.without("quick_tests", "status.results")


# After the documentation's own example, whose collection has composite indexes of
# (country ASC, population ASC), (country ASC, population DESC) and (capital ASC, population ASC).
_CITIES = {
    Index("cities", (("country", A), ("population", A))),
    Index("cities", (("country", A), ("population", D))),
    Index("cities", (("capital", A), ("population", A))),
}
USA, CAPITAL = ("country", "EQUAL", 1), ("capital", "EQUAL", 1)
LARGE = ("population", "GREATER_THAN", 1)


@pytest.mark.parametrize(
    ("filters", "orders", "served"),
    [
        ([], [], True),
        ([], [("__name__", A)], True),
        ([], [("__name__", D)], False),
        ([USA, CAPITAL, ("state", "IS_NULL", 1)], [], True),
        ([USA], [("__name__", D)], True),
        ([LARGE], [], True),
        ([LARGE], [("population", D)], True),
        ([LARGE, ("population", "LESS_THAN", 1)], [("population", A), ("__name__", A)], True),
        ([], [("population", D), ("__name__", D)], True),
        ([], [("population", D), ("__name__", A)], False),
        ([], [("population", A), ("country", A)], False),
        ([USA], [("population", A)], True),
        ([USA], [("population", D)], True),
        ([USA], [("population", D), ("__name__", A)], False),
        ([USA, LARGE], [], True),
        ([USA, LARGE], [("population", D)], True),
        ([USA, CAPITAL], [("population", A)], True),
        ([USA, CAPITAL], [("population", D)], False),
        ([CAPITAL], [("population", D)], False),
        ([USA, ("state", "EQUAL", 1)], [("population", A)], False),
        ([("country", "IN", 30)], [("population", A)], True),
        ([("country", "IN", 31)], [("population", A)], False),
        ([("country", "IN", 6), ("capital", "IN", 6)], [("population", A)], False),
        ([("country", "IN", 0)], [], False),
        ([("country", "NOT_EQUAL", 1)], [], True),
        ([("country", "NOT_EQUAL", 1)], [("population", A)], False),
    ],
)
def test_the_rules_are_those_of_the_documentation(
    monkeypatch: pytest.MonkeyPatch, filters: Any, orders: Any, served: bool
) -> None:
    monkeypatch.setattr(indexes, "INDEXES", _CITIES)
    why = refusal(Sent("cities", False, tuple(filters), tuple(orders)))
    assert (why is None) is served, why


def test_a_query_of_a_collection_group_is_refused() -> None:
    assert refusal(Sent("versions", True, (), ())) is not None


def test_combinations_of_in_are_asked_for_in_parts() -> None:
    where = [Filter("a", "in", list(range(7))), Filter("b", "in", list(range(9)))]
    sent = sent_for("things", where, None, descending=False)
    assert [refusal(query) for query in sent] == [None] * 3
    assert sum(query.filters[0][2] * query.filters[1][2] for query in sent) == 63


def test_the_largest_documents_are_far_from_too_many_index_entries() -> None:
    """A thousand columns; a hundred epochs; a sweep of fifty tests."""
    columns = [{"name": f"c{n}", "statistics": {"samples": ["x"] * 20}} for n in range(1000)]
    dataset = {
        "spec": {"column_mapping": {f"c{n}": "product_x" for n in range(1000)}},
        "status": {"columns": columns},
    }
    assert entries("datasets", dataset) < 100
    metrics = {f"m{n}": {"low": 0.0, "high": 1.0} for n in range(1000)}
    shop = Shop()
    ids = _walk(shop)
    test = shop.documents.data(f"quick_tests/{ids['quick_test_id']}")
    test["status"] |= {"epochs": [{}] * 100, "results": {"metrics": metrics}}
    assert entries("quick_tests", test) < 1000
    assert entries("sweeps", shop.documents.data(f"sweeps/{ids['sweep_id']}")) < 1000
    assert entries("versions", {"spec": dataset["spec"]}) < 10


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
