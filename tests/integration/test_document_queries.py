"""The contract of DocumentStore's queries, for every adapter."""

from __future__ import annotations

import re
from typing import Any

import pytest

from shared.documents.test_summary import QuickTestSummaryStatus
from shared.errors import NotFoundError
from shared.jobs import MetricsReport
from shared.paths import project
from shared.ports import DocumentStore, Filter
from shared.rules.verdict import judge
from shared.services.test_summaries import FIELDS, read_summary
from tests.integration.conftest import Cloud
from tests.integration.documents import ids, put


@pytest.fixture
def store(cloud: Cloud) -> DocumentStore:
    return cloud.documents


@pytest.fixture
def mixed(store: DocumentStore) -> DocumentStore:
    values = {"one": 1, "two": 2.5, "text": "2", "true": True, "false": False, "null": None}
    for name, value in values.items():
        put(store, f"things/{name}", spec={"x": value})
    put(store, "things/missing", spec={})
    return store


@pytest.mark.parametrize(
    ("op", "value", "expected"),
    [
        ("==", 1, {"one"}),
        ("==", 1.0, {"one"}),
        ("==", True, {"true"}),
        ("==", "2", {"text"}),
        ("==", None, {"null"}),
        ("==", "' OR 1 --", set()),
        ("!=", 1, {"two", "text", "true", "false"}),
        ("!=", None, {"one", "two", "text", "true", "false"}),
        (">", 0, {"one", "two"}),
        (">=", 2.5, {"two"}),
        ("<", 2, {"one"}),
        ("<=", "z", {"text"}),
        ("<", True, {"false"}),
        ("in", [1, "2", False], {"one", "text", "false"}),
        ("in", ["absent"], set()),
    ],
)
def test_a_filter_matches_values_of_its_own_type(
    mixed: DocumentStore, op: Any, value: Any, expected: set[str]
) -> None:
    assert set(ids(mixed, [Filter("spec.x", op, value)])) == expected


@pytest.mark.parametrize(
    ("tag", "expected"), [("2", {"array"}), ("a, b", {"array"}), ("a", set()), ("' OR 1 --", set())]
)
def test_an_array_is_found_by_a_string_that_it_has(
    store: DocumentStore, tag: str, expected: set[str]
) -> None:
    for name, tags in {"array": ["2", "a, b", 2], "text": "2", "map": {"2": "2"}}.items():
        put(store, f"things/{name}", spec={"tags": tags})
    assert set(ids(store, [Filter("spec.tags", "has", tag)])) == expected


def test_all_filters_must_hold(mixed: DocumentStore) -> None:
    assert ids(mixed, [Filter("spec.x", ">", 0), Filter("spec.x", "<", 2)]) == ["one"]


def test_a_query_orders_by_type_then_value_and_leaves_out_what_lacks_the_field(
    mixed: DocumentStore,
) -> None:
    ascending = ["null", "false", "true", "one", "two", "text"]
    assert ids(mixed, order_by="spec.x") == ascending
    assert ids(mixed, order_by="spec.x", descending=True) == ascending[::-1]


def test_what_lacks_a_field_is_found_by_asking_for_it(mixed: DocumentStore) -> None:
    assert [one.path for one in mixed.without("things", "spec.x")] == ["things/missing"]
    assert [one.id for one in mixed.without("things", "spec.x.y")] == sorted(
        ["one", "two", "text", "true", "false", "null", "missing"]
    )
    assert mixed.without("things", "spec") == []
    assert mixed.without("nothing", "x") == []


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("start", ["missing", "absent", "__x__", "..", "a/b", ""])
def test_what_has_no_place_in_the_order_is_none_to_go_on_after(
    mixed: DocumentStore, start: str, descending: bool
) -> None:
    with pytest.raises(NotFoundError, match=re.escape(repr(start))):
        ids(mixed, order_by="spec.x", descending=descending, start_after=start)


def test_without_an_order_a_query_orders_by_id(store: DocumentStore) -> None:
    for name in ("b", "a", "c"):
        put(store, f"things/{name}")
    for descending in (False, True):
        assert ids(store, descending=descending) == ["a", "b", "c"]
        assert ids(store, descending=descending, start_after="a") == ["b", "c"]


def test_ties_are_ordered_by_id(store: DocumentStore) -> None:
    for name in ("b", "a", "c"):
        put(store, f"things/{name}", x=1)
    assert ids(store, order_by="x") == ["a", "b", "c"]


@pytest.mark.parametrize("descending", [False, True])
def test_pages_follow_each_other_without_gap_or_repetition(
    store: DocumentStore, descending: bool
) -> None:
    for number in range(11):
        fields = {} if number == 10 else {"x": number // 3}
        put(store, f"things/{number:02}", **fields)
    whole = ids(store, order_by="x", descending=descending)
    paged: list[str] = []
    while True:
        page = ids(
            store,
            order_by="x",
            descending=descending,
            limit=4,
            start_after=paged[-1] if paged else None,
        )
        if not page:
            break
        paged += page
    assert (paged, len(whole)) == (whole, 10)


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("where", [(), (Filter("y", "!=", 1),)])
def test_a_place_in_the_order_outlives_the_document_that_had_it(
    store: DocumentStore, where: tuple[Filter, ...], descending: bool
) -> None:
    values = [None, False, True, 1, 2.5, "a", "a", "b"]
    for number, value in enumerate(values):
        put(store, f"things/{number}", x=value, y=0)
    asked: dict[str, Any] = {"where": where, "order_by": "x", "descending": descending}
    whole = ids(store, **asked)
    for place, one in enumerate(whole):
        after = values[int(one)], one
        assert ids(store, **asked, start_after=after) == whole[place + 1 :]
        store.transact(lambda transaction, one=one: transaction.delete(f"things/{one}"))
        assert ids(store, **asked, start_after=after) == whole[place + 1 :]


@pytest.mark.parametrize("name", ["with space", "ünï", "a'b", "a[0]", "$", "select", "#-1"])
def test_a_field_may_have_an_odd_name(store: DocumentStore, name: str) -> None:
    put(store, "things/a", spec={name: 1})
    put(store, "things/b", spec={name: 2})
    assert ids(store, [Filter(f"spec.{name}", "==", 1)]) == ["a"]


@pytest.mark.parametrize("order", [None, "rank.of.all", "spec.o'dd"])
def test_a_query_for_some_fields_leaves_out_all_others(
    store: DocumentStore, order: str | None
) -> None:
    status = {"n": 1, "on": False, "none": None, "list": [{"x": 1.5}, None], "deep": {"a": "ü"}}
    rank = {"of": {"all": 1}}
    put(store, "things/a", name="A", spec={"o'dd": 0}, status=status, rank=rank)
    put(store, "things/b", name=None, spec={"o'dd": 3}, status="no object", rank=rank)
    fields = ["name", "spec.o'dd", *(f"status.{name}" for name in status if name != "n"), "absent"]
    where = [Filter("spec.o'dd", ">=", 0)] if order is None else []
    for limit in (None, 2):
        found = store.query("things", where, order_by=order, limit=limit, fields=fields)
        whole = store.query("things", where, order_by=order)
        assert [(one.id, one.version) for one in found] == [(one.id, one.version) for one in whole]
        assert {one.id: one.data for one in found} == {
            "a": {
                "name": "A",
                "spec": {"o'dd": 0},
                "status": {"on": False, "list": [{"x": 1.5}, None], "deep": {"a": "ü"}},
            },
            "b": {"spec": {"o'dd": 3}},
        }
    assert [one.data for one in store.query("things", fields=["name"])] == [{"name": "A"}, {}]


_PROTOCOL = {
    "split": "temporal",
    "holdout_fraction": 0.1,
    "sample_percent": 10.0,
    "sample_by": "customer",
    "seed": 42,
    "train_rows": 90_000,
    "holdout_rows": 10_000,
    "holdout_customers": 190,
}


def test_a_summary_is_made_of_a_part_of_a_test(store: DocumentStore) -> None:
    results: dict[str, Any] = {
        "metrics": {"recall_at_10": 0.1, "recall_at_100": 0.3, "mrr": 0.05},
        "intervals": {
            name: {"low": 0.0, "high": 0.4} for name in ("recall_at_10", "recall_at_100")
        },
        "baselines": {"popularity": {"recall_at_100": 0.2, "mrr": 0.04}},
        "differences": {"popularity": {"recall_at_100": {"low": 0.05, "high": 0.15}}},
        "protocol": {**_PROTOCOL, "candidates": 4_800},
        "index": {"algorithm": "scann", "wanted": "scann", "recall": 0.99},
    }
    status = {"state": "completed", "results": results, "verdict": {"label": "Perfect"}}
    spec = {"feature_config_id": "f", "model_config_id": "m", "settings": {"temperature": 0.05}}
    put(store, "quick_tests/a", name="A", spec=spec, status=status, revision=1, updated_at="2026")
    put(store, "quick_tests/b", name="B", spec=spec, status="none", updated_at="2027")
    found = store.query(
        "quick_tests", order_by="updated_at", descending=True, limit=3, fields=FIELDS
    )
    for one in found:
        whole = store.get(one.path)
        assert whole is not None
        assert (one.data, one.version) == (project(whole.data, FIELDS), whole.version)
    without, summary = map(read_summary, found)
    assert without.status == QuickTestSummaryStatus()
    assert summary.spec.settings == {"temperature": 0.05}
    assert summary.status.results is not None
    assert summary.status.results.metrics == results["metrics"]
    assert summary.status.results.intervals.keys() == {"recall_at_100"}
    assert summary.status.verdict == judge(MetricsReport.model_validate(results))


def test_a_query_finds_documents_directly_under_its_collection(store: DocumentStore) -> None:
    put(store, "things/a", level=1)
    put(store, "things/a/versions/1", level=2)
    put(store, "things_too/b", level=1)
    assert ids(store) == ["a"]
    assert [found.path for found in store.query("things/a/versions")] == ["things/a/versions/1"]
