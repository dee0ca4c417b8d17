"""The contract of DocumentStore and its change feed, for every adapter."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.errors import AlreadyExistsError, ConflictError, NotFoundError, TooLargeError
from shared.ports import DocumentChange, DocumentStore, Transaction
from tests.integration.conftest import Cloud
from tests.integration.documents import put
from tests.waiting import PATIENCE


@pytest.fixture
def store(cloud: Cloud) -> DocumentStore:
    return cloud.documents


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
    path = f"things/{one}"
    assert store.get(path) is None
    assert store.transact(lambda transaction: transaction.get(path)) is None
    store.transact(lambda transaction: transaction.delete(path))
    with pytest.raises(NotFoundError):
        store.transact(lambda transaction: transaction.update(path, {"x": 1}))


def test_of_many_concurrent_creators_one_wins(store: DocumentStore) -> None:
    barrier = threading.Barrier(8)

    def create(number: int) -> int | None:
        barrier.wait()
        try:
            store.transact(lambda transaction: transaction.create("things/a", {"by": number}))
        except AlreadyExistsError:
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
                except ConflictError:
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
    assert list(dict.fromkeys(seen)) == [False, True]  # contended for, it may run once more
    assert snapshot.data == {"found": True}


def test_a_transaction_that_always_loses_is_a_conflict(store: DocumentStore) -> None:
    tried = []

    def change(transaction: Transaction) -> None:
        transaction.get("things/a")
        tried.append(1)
        put(store, "things/a", others=len(tried))
        transaction.set("things/a", {"mine": True})

    with pytest.raises(ConflictError):
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

    with pytest.raises(NotFoundError):
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


def test_the_feed_tells_creation_change_and_deletion(cloud: Cloud) -> None:
    changes: list[DocumentChange] = []
    with cloud.running(changes.append) as deliveries:
        put(cloud.documents, "things/a", n=1)
        put(cloud.documents, "things/a", n=2)
        cloud.documents.transact(lambda transaction: transaction.delete("things/a"))
        deliveries.wait_idle(PATIENCE)
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
        deliveries.wait_idle(PATIENCE)
    assert tried == [DocumentChange("things/a", None, {"n": 1})] * 2


def test_what_was_written_while_nothing_ran_is_delivered_later(cloud: Cloud) -> None:
    put(cloud.documents, "things/a", n=1)
    changes: list[DocumentChange] = []
    with cloud.running(changes.append) as deliveries:
        deliveries.wait_idle(PATIENCE)
    assert [change.after for change in changes] == [{"n": 1}]


def test_what_is_too_large_for_one_store_is_refused_by_all(store: DocumentStore) -> None:
    columns = [{"name": f"column {n}", "samples": ["x" * 1100]} for n in range(1000)]
    with pytest.raises(TooLargeError, match="has at most 1,048,576 bytes"):
        put(store, "things/a", columns=columns)
    put(store, "things/a", columns=columns[:500])

    def grow(transaction: Transaction) -> None:
        transaction.get("things/a")
        transaction.update("things/a", {"more": columns[500:]})

    with pytest.raises(TooLargeError, match="has at most 1,048,576 bytes"):
        store.transact(grow)
    snapshot = store.get("things/a")
    assert snapshot is not None
    assert snapshot.data.keys() == {"columns"}
