"""The contract of DocumentStore and its change feed, for every adapter."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from shared.ports import (
    AlreadyExists,
    Conflict,
    DocumentChange,
    DocumentStore,
    Filter,
    NotFound,
    Transaction,
)
from tests.integration.conftest import Cloud


@pytest.fixture
def store(cloud: Cloud) -> DocumentStore:
    return cloud.documents


def put(store: DocumentStore, path: str, **data: Any) -> None:
    store.transact(lambda transaction: transaction.set(path, data))


def ids(store: DocumentStore, *args: Any, **kwargs: Any) -> list[str]:
    return [snapshot.id for snapshot in store.query("things", *args, **kwargs)]


def test_a_committed_document_is_read_back_as_it_was(store: DocumentStore) -> None:
    data = {"text": 'é "quoted" \n\\', "none": None, "number": 1.5, "deep": {"list": [1, {"a": 2}]}}
    put(store, "things/a", **data)
    snapshot = store.get("things/a")
    assert snapshot is not None
    assert (snapshot.data, snapshot.id) == (data, "a")


def test_every_change_changes_the_version(store: DocumentStore) -> None:
    versions = set()
    for number in range(3):
        put(store, "things/a", n=number)
        snapshot = store.get("things/a")
        assert snapshot is not None
        versions.add(snapshot.version)
    assert len(versions) == 3


def test_a_document_that_does_not_exist_is_none(store: DocumentStore) -> None:
    assert store.get("things/nothing") is None


@pytest.mark.parametrize("path", ["things", "things/", "/a", "a/b/c", ""])
def test_a_path_that_names_no_document_is_refused(store: DocumentStore, path: str) -> None:
    with pytest.raises(ValueError, match="path"):
        store.get(path)


@pytest.mark.parametrize("one", [".", "..", "__x__", "x" * 1501])
def test_an_id_that_some_store_does_not_take_is_refused_by_all(
    store: DocumentStore, one: str
) -> None:
    for write in ("create", "set"):
        with pytest.raises(ValueError, match="can have the id"):
            store.transact(
                lambda transaction, write=write: getattr(transaction, write)(f"things/{one}", {})
            )
    assert store.query("things") == []


def test_of_many_concurrent_creators_one_wins(store: DocumentStore) -> None:
    barrier = threading.Barrier(8)

    def create(number: int) -> int | None:
        barrier.wait()
        try:
            store.transact(lambda transaction: transaction.create("things/a", {"by": number}))
        except AlreadyExists:
            return None
        return number

    with ThreadPoolExecutor(8) as pool:
        winners = [number for number in pool.map(create, range(8)) if number is not None]
    snapshot = store.get("things/a")
    assert snapshot is not None
    assert winners == [snapshot.data["by"]]


def test_no_update_is_lost_among_threads(store: DocumentStore) -> None:
    put(store, "things/counter", n=0)

    def increment(transaction: Transaction) -> None:
        snapshot = transaction.get("things/counter")
        assert snapshot is not None
        transaction.update("things/counter", {"n": snapshot.data["n"] + 1})

    def work(_: int) -> None:
        for _ in range(10):
            while True:
                try:
                    store.transact(increment)
                    break
                except Conflict:
                    continue

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    snapshot = store.get("things/counter")
    assert snapshot is not None
    assert snapshot.data == {"n": 40}


def test_a_transaction_runs_again_when_what_it_found_absent_was_created(
    store: DocumentStore,
) -> None:
    seen = []

    def change(transaction: Transaction) -> None:
        found = transaction.get("things/a")
        seen.append(found is not None)
        if len(seen) == 1:
            put(store, "things/a", by="another")
        transaction.set("things/b", {"found": found is not None})

    store.transact(change)
    snapshot = store.get("things/b")
    assert snapshot is not None
    assert (seen, snapshot.data) == ([False, True], {"found": True})


def test_a_transaction_that_always_loses_is_a_conflict(store: DocumentStore) -> None:
    tried = []

    def change(transaction: Transaction) -> None:
        transaction.get("things/a")
        tried.append(1)
        put(store, "things/a", others=len(tried))
        transaction.set("things/a", {"mine": True})

    with pytest.raises(Conflict):
        store.transact(change)
    snapshot = store.get("things/a")
    assert snapshot is not None
    assert snapshot.data == {"others": len(tried)}


def test_an_exception_in_a_transaction_writes_nothing(store: DocumentStore) -> None:
    def change(transaction: Transaction) -> None:
        transaction.set("things/a", {})
        raise KeyError("fault")

    with pytest.raises(KeyError):
        store.transact(change)
    assert store.get("things/a") is None


def test_writes_take_effect_together_or_not_at_all(store: DocumentStore) -> None:
    def change(transaction: Transaction) -> None:
        transaction.set("things/a", {})
        transaction.update("things/missing", {"x": 1})

    with pytest.raises(NotFound):
        store.transact(change)
    assert store.get("things/a") is None


def test_update_replaces_top_level_fields_only(store: DocumentStore) -> None:
    put(store, "things/a", kept=1, replaced={"x": 1, "y": 2})
    store.transact(lambda transaction: transaction.update("things/a", {"replaced": {"x": 3}}))
    snapshot = store.get("things/a")
    assert snapshot is not None
    assert snapshot.data == {"kept": 1, "replaced": {"x": 3}}


def test_deleting_what_does_not_exist_does_nothing(store: DocumentStore) -> None:
    put(store, "things/a")
    store.transact(lambda transaction: transaction.delete("things/a"))
    store.transact(lambda transaction: transaction.delete("things/a"))
    assert store.get("things/a") is None


def test_transact_returns_what_the_change_returns(store: DocumentStore) -> None:
    assert store.transact(lambda transaction: transaction.get("things/a")) is None
    assert store.transact(lambda _: 42) == 42


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


def test_all_filters_must_hold(mixed: DocumentStore) -> None:
    assert ids(mixed, [Filter("spec.x", ">", 0), Filter("spec.x", "<", 2)]) == ["one"]


def test_a_query_orders_by_type_then_value_with_missing_fields_first(mixed: DocumentStore) -> None:
    ascending = ["missing", "null", "false", "true", "one", "two", "text"]
    assert ids(mixed, order_by="spec.x") == ascending
    assert ids(mixed, order_by="spec.x", descending=True) == ascending[::-1]


def test_without_an_order_a_query_orders_by_id(store: DocumentStore) -> None:
    for name in ("b", "a", "c"):
        put(store, f"things/{name}")
    assert ids(store) == ["a", "b", "c"]
    assert ids(store, start_after="a") == ["b", "c"]


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
    assert (paged, len(whole)) == (whole, 11)


@pytest.mark.parametrize("name", ["with space", "ünï", "a'b", "a[0]", "$", "select", "#-1"])
def test_a_field_may_have_an_odd_name(store: DocumentStore, name: str) -> None:
    put(store, "things/a", spec={name: 1})
    put(store, "things/b", spec={name: 2})
    assert ids(store, [Filter(f"spec.{name}", "==", 1)]) == ["a"]


@pytest.mark.parametrize("order", [None, "status.n", "spec.nowhere"])
def test_a_query_for_some_fields_leaves_out_all_others(
    store: DocumentStore, order: str | None
) -> None:
    status = {"n": 1, "on": False, "none": None, "list": [{"x": 1.5}, None], "deep": {"a": "ü"}}
    put(store, "things/a", name="A", spec={"o'dd": 0}, status=status)
    put(store, "things/b", name=None, spec={"o'dd": 3}, status="no object")
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


def test_a_query_finds_documents_directly_under_its_collection(store: DocumentStore) -> None:
    put(store, "things/a", level=1)
    put(store, "things/a/versions/1", level=2)
    put(store, "things_too/b", level=1)
    assert ids(store) == ["a"]
    assert [found.path for found in store.query("things/a/versions")] == ["things/a/versions/1"]


def test_the_feed_tells_creation_change_and_deletion(cloud: Cloud) -> None:
    changes: list[DocumentChange] = []
    with cloud.running(changes.append) as deliveries:
        put(cloud.documents, "things/a", n=1)
        put(cloud.documents, "things/a", n=2)
        cloud.documents.transact(lambda transaction: transaction.delete("things/a"))
        deliveries.wait_idle(10)
    assert changes == [
        DocumentChange("things/a", None, {"n": 1}),
        DocumentChange("things/a", {"n": 1}, {"n": 2}),
        DocumentChange("things/a", {"n": 2}, None),
    ]


def test_a_change_whose_handler_failed_comes_again(cloud: Cloud) -> None:
    tried: list[DocumentChange] = []

    def fail_once(change: DocumentChange) -> None:
        tried.append(change)
        if len(tried) == 1:
            raise ConnectionError("passing fault")

    with cloud.running(fail_once) as deliveries:
        put(cloud.documents, "things/a", n=1)
        deliveries.wait_idle(10)
    assert tried == [DocumentChange("things/a", None, {"n": 1})] * 2


def test_what_was_written_while_nothing_ran_is_delivered_later(cloud: Cloud) -> None:
    put(cloud.documents, "things/a", n=1)
    changes: list[DocumentChange] = []
    with cloud.running(changes.append) as deliveries:
        deliveries.wait_idle(10)
    assert [change.after for change in changes] == [{"n": 1}]
