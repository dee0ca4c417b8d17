"""What only the SQLite store promises: no writer gets around the change feed."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from local.state.documents import SqliteDocumentStore
from local.state.sqlite import Database
from shared.errors import NotFoundError
from shared.ports import DocumentChange, Filter, Transaction
from tests.integration.conftest import EmbeddedCloud
from tests.waiting import eventually


@pytest.fixture
def foreign(embedded: EmbeddedCloud) -> sqlite3.Connection:
    """A client that knows the two columns and nothing else."""
    return sqlite3.connect(embedded.home / "state.db", isolation_level=None)


def feed(embedded: EmbeddedCloud) -> list[DocumentChange]:
    changes = embedded.documents.pending_changes()
    if changes:
        embedded.documents.acknowledge(changes[-1][0])
    return [change for _, change in changes]


@pytest.mark.parametrize("recursive", ["OFF", "ON"])
def test_every_kind_of_sql_write_is_in_the_feed(
    embedded: EmbeddedCloud, foreign: sqlite3.Connection, recursive: str
) -> None:
    foreign.execute(f"PRAGMA recursive_triggers = {recursive}")

    def changes(sql: str) -> list[tuple[object, object]]:
        foreign.execute(sql)
        return [(change.before, change.after) for change in feed(embedded)]

    insert = "INTO documents (path, data) VALUES ('things/a', "
    one, two, three, four = ({"n": n} for n in (1, 2, 3, 4))
    assert changes(f"INSERT {insert}'{json.dumps(one)}')") == [(None, one)]
    assert changes(f"INSERT OR IGNORE {insert}'{json.dumps(two)}')") == []
    replaced = changes(f"INSERT OR REPLACE {insert}'{json.dumps(two)}')")
    assert replaced in ([(one, two)], [(one, None), (None, two)])
    upsert = "ON CONFLICT (path) DO UPDATE SET data = excluded.data"
    assert changes(f"INSERT {insert}'{json.dumps(three)}') {upsert}") == [(two, three)]
    assert changes("UPDATE documents SET data = json_set(data, '$.n', 4)") == [(three, four)]
    assert changes("DELETE FROM documents") == [(four, None)]
    assert changes(f"INSERT {insert}'{json.dumps(one)}')") == [(None, one)]


def test_a_foreign_write_between_read_and_commit_is_noticed(
    embedded: EmbeddedCloud, foreign: sqlite3.Connection
) -> None:
    foreign.execute("INSERT INTO documents (path, data) VALUES ('things/a', '{\"n\": 1}')")
    seen = []

    def change(transaction: Transaction) -> None:
        snapshot = transaction.get("things/a")
        assert snapshot is not None
        seen.append(snapshot.data["n"])
        if len(seen) == 1:
            foreign.execute("UPDATE documents SET data = '{\"n\": 10}'")
        transaction.set("things/a", {"n": snapshot.data["n"] + 1})

    embedded.documents.transact(change)
    snapshot = embedded.documents.get("things/a")
    assert snapshot is not None
    assert (seen, snapshot.data) == ([1, 10], {"n": 11})


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO documents (path, data) VALUES ('things/b', '{broken')",
        "INSERT INTO documents (path, data) VALUES ('things/b', '[1]')",
        "INSERT INTO documents (path, data) VALUES ('things', '{}')",
        "UPDATE documents SET data = 'null'",
        "UPDATE documents SET path = 'things/z'",
    ],
)
def test_sql_that_would_break_a_document_is_refused(
    embedded: EmbeddedCloud, foreign: sqlite3.Connection, sql: str
) -> None:
    foreign.execute("INSERT INTO documents (path, data) VALUES ('things/a', '{}')")
    with pytest.raises((sqlite3.IntegrityError, sqlite3.OperationalError)):
        foreign.execute(sql)
    assert [found.path for found in embedded.documents.query("things")] == ["things/a"]


def test_a_foreign_process_that_knows_only_sql_sets_the_chain_off(embedded: EmbeddedCloud) -> None:
    changes: list[DocumentChange] = []
    with embedded.running(changes.append):
        insert = "INSERT INTO documents (path, data) VALUES ('things/a', json('{\"n\": 1}'))"
        program = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).executescript(sys.argv[2])"
        command = [sys.executable, "-c", program, embedded.home / "state.db", insert]
        subprocess.run(command, check=True)
        eventually(lambda: changes)
    assert changes == [DocumentChange("things/a", None, {"n": 1})]


def test_no_update_is_lost_among_processes(embedded: EmbeddedCloud) -> None:
    program = """
import sys
from pathlib import Path
from local.state.documents import SqliteDocumentStore
from local.state.sqlite import Database
from shared.errors import ConflictError
store = SqliteDocumentStore(Database(Path(sys.argv[1]) / "state.db"))
def increment(transaction):
    found = transaction.get("things/counter")
    transaction.set("things/counter", {"n": found.data["n"] + 1 if found else 1})
for _ in range(25):
    while True:
        try:
            store.transact(increment)
            break
        except ConflictError:
            pass
"""

    def work(_: int) -> None:
        subprocess.run([sys.executable, "-c", program, embedded.home], check=True)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(work, range(3)))
    snapshot = embedded.documents.get("things/counter")
    assert snapshot is not None
    assert snapshot.data == {"n": 75}


def test_a_transaction_sees_one_moment_of_all_documents(embedded: EmbeddedCloud) -> None:
    store = embedded.documents

    def put_both(n: int) -> None:
        def change(transaction: Transaction) -> None:
            transaction.set("things/a", {"n": n})
            transaction.set("things/b", {"n": n})

        store.transact(change)

    put_both(1)

    def read_both(transaction: Transaction) -> tuple[int, int]:
        a = transaction.get("things/a")
        put_both(2)
        b = transaction.get("things/b")
        assert a
        assert b
        return a.data["n"], b.data["n"]

    assert store.transact(read_both) == (1, 1)


def test_a_read_after_a_write_is_refused(embedded: EmbeddedCloud) -> None:
    def change(transaction: Transaction) -> None:
        transaction.set("things/a", {})
        transaction.get("things/a")

    with pytest.raises(RuntimeError, match="reads before it writes"):
        embedded.documents.transact(change)


def test_old_acknowledged_changes_are_pruned(
    embedded: EmbeddedCloud, foreign: sqlite3.Connection
) -> None:
    foreign.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500)"
        " INSERT INTO documents (path, data) SELECT 'things/' || i, '{}' FROM n"
    )
    embedded.documents.acknowledge(1200)
    assert foreign.execute("SELECT min(seq) FROM changes").fetchone() == (201,)
    assert embedded.documents.pending_changes(1)[0][1].path == "things/1201"


@pytest.mark.parametrize("order_by", ["x", "spec.x"])
def test_going_on_after_a_document_that_is_gone_is_not_found(
    embedded: EmbeddedCloud, order_by: str
) -> None:
    with pytest.raises(NotFoundError, match="gone"):
        embedded.documents.query("things", order_by=order_by, start_after="gone")


@pytest.mark.parametrize(
    "text",
    [
        '{"spec": ' + "[" * 998 + "]" * 998 + "}",
        '{"spec": ' + "9" * 5000 + "}",
        '{"spec": 1e999}',
        '{"spec": "\\ud800"}',
    ],
    ids=["deep", "digits", "infinity", "surrogate"],
)
def test_whatever_sqlite_takes_is_read_kept_and_no_obstacle(
    embedded: EmbeddedCloud, foreign: sqlite3.Connection, text: str
) -> None:
    foreign.execute("INSERT INTO documents (path, data) VALUES ('things/a', ?)", (text,))
    assert [change.path for change in feed(embedded)] == ["things/a"]

    def keep(transaction: Transaction) -> None:
        found = transaction.get("things/a")
        assert found is not None
        transaction.set("things/b", found.data)
        transaction.update("things/a", {"status": 1})

    embedded.documents.transact(keep)
    first, second = embedded.documents.query("things")
    assert first.data == {**second.data, "status": 1}


def test_a_part_of_a_status_is_as_printable_as_the_whole(
    embedded: EmbeddedCloud, foreign: sqlite3.Connection
) -> None:
    text = '{"name": "\\ud800", "status": {"error": {"message": "\\ud800!"}, "n": 1}}'
    foreign.execute("INSERT INTO documents (path, data) VALUES ('things/a', ?)", (text,))
    (whole,) = embedded.documents.query("things")
    (part,) = embedded.documents.query("things", fields=["name", "status.error.message"])
    assert part.data == {"name": "\ud800", "status": {"error": {"message": "?!"}}}
    assert whole.data == {**part.data, "status": {**part.data["status"], "n": 1}}


def test_who_shows_lists_hears_of_every_write_and_of_all_where_the_feed_is_too_short(
    embedded: EmbeddedCloud, foreign: sqlite3.Connection
) -> None:
    store = embedded.documents
    assert store.since(None) == (0, frozenset())
    foreign.execute("INSERT INTO documents (path, data) VALUES ('things/a', '{}')")
    first, told = store.since(0)
    assert told == {"things/a"}
    store.transact(lambda transaction: transaction.set("things/a/versions/1", {}))
    store.transact(lambda transaction: transaction.set("others/b", {}))
    latest, told = store.since(first)
    assert told == {"things/a", "others/b"}
    assert store.since(latest) == (latest, frozenset())
    assert store.since(latest + 7) == (latest, {"things", "others"})  # of another folder
    foreign.execute("DELETE FROM changes WHERE seq < ?", (latest,))
    assert store.since(first - 1) == (latest, {"things", "others"})
    assert store.since(latest - 1) == (latest, {"others/b"})


@pytest.mark.parametrize("order", ["updated_at", "status.ended_at"])
@pytest.mark.parametrize("after", [None, ("2026-01-01T00:00:00Z", "a")], ids=["first", "next"])
def test_a_page_is_found_by_an_index_and_not_by_sorting(
    tmp_path: Path, order: str, after: tuple[str, str] | None
) -> None:
    database = Database(tmp_path / "state.db")
    store = SqliteDocumentStore(database)
    said: list[str] = []
    with database.read() as connection:  # which is used again
        connection.set_trace_callback(said.append)
    completed = Filter("status.state", "==", "completed")
    store.query(
        "quick_tests", [completed], order_by=order, descending=True, limit=50, start_after=after
    )
    with database.read() as connection:
        connection.set_trace_callback(None)
        (asked,) = [one for one in said if one.startswith("SELECT path")]
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {asked}")]
    database.close()
    assert any("USING INDEX documents_by_" in step for step in plan)
    assert not any("TEMP B-TREE" in step for step in plan)
