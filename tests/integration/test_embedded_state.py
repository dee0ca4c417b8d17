"""The file of documents and events: its version, its damage, its durability, a full disk."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from local.runtime import HomeInUseError
from local.state.documents import SqliteDocumentStore
from local.state.files import clear_drafts
from local.state.sqlite import SCHEMA_VERSION, Database, UnusableStateError
from local.wiring import BadSettingError, embedded, patience_of
from shared.errors import UnavailableError
from shared.ports import Transaction


def put(store: SqliteDocumentStore, path: str, text: str = "") -> None:
    def change(transaction: Transaction) -> None:
        transaction.set(path, {"text": text})

    store.transact(change)


def version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        found: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return found


def test_a_file_from_before_its_version_was_counted_is_used_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    put(SqliteDocumentStore(Database(path)), "things/a")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 0")
    store = SqliteDocumentStore(Database(path))
    assert store.get("things/a") is not None
    assert version(path) == SCHEMA_VERSION


def test_a_file_of_a_newer_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    SqliteDocumentStore(Database(path))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(UnusableStateError, match=r"newer Recsmith \(schema 99; this one knows 1\)"):
        embedded(tmp_path)
    assert version(path) == 99


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "state.db").write_bytes(b"no database at all" * 500)
    with pytest.raises(
        UnusableStateError, match=r"state\.db cannot be used: file is not a database"
    ):
        embedded(tmp_path)


def test_a_damaged_file_is_found_at_the_start_and_the_folder_let_go(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    store = SqliteDocumentStore(Database(path))
    for number in range(200):
        put(store, f"things/{number}", "x" * 500)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store._database.close()
    whole = tmp_path / "whole.db"
    shutil.copy(path, whole)
    with path.open("r+b") as file:
        file.seek(20 * 4096)
        file.write(os.urandom(10 * 4096))
    for _ in range(2):  # the second time the folder must not be in use
        with pytest.raises(UnusableStateError, match="cannot be used: "):
            embedded(tmp_path).runtime.start()
    shutil.copy(whole, path)
    try:
        with embedded(tmp_path).runtime:
            pass
    except HomeInUseError:
        pytest.fail("the refused start kept the folder")


@pytest.mark.parametrize("durable", [True, False])
def test_a_users_write_is_synced_and_a_handlers_may_be_done_again(
    tmp_path: Path, durable: bool
) -> None:
    database = Database(tmp_path / "state.db")
    store = SqliteDocumentStore(database, durable=durable)
    said: list[int] = []

    def change(transaction: Transaction) -> None:
        transaction.set("things/a", {})

    with database.write(durable=not durable):
        pass  # whatever the connection was used for before
    store.transact(change)
    with database.read() as connection:
        said.append(connection.execute("PRAGMA synchronous").fetchone()[0])
    assert said == [2 if durable else 1]  # FULL, NORMAL


def test_users_writes_of_the_wired_system_are_durable_and_handlers_writes_are_not(
    tmp_path: Path,
) -> None:
    seen = []

    def look(ports):
        seen.append(ports)
        return ports

    system = embedded(tmp_path, seen_by_handlers=look)
    assert system.ports.documents._durable
    assert not seen[0].documents._durable


def test_a_full_disk_is_said_and_passes(tmp_path: Path) -> None:
    database = Database(tmp_path / "state.db")
    store = SqliteDocumentStore(database)
    with database.read() as connection:  # the one idle connection: its bound stays
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
    with database._connection() as connection:
        connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(UnavailableError, match=r"no room left on the disk for .*state\.db"):
        put(store, "things/a", "x" * 100_000)
    assert store.get("things/a") is None
    with database._connection() as connection:
        connection.execute("PRAGMA max_page_count = 1000000")
    put(store, "things/a", "x" * 100_000)
    assert store.get("things/a") is not None


def test_drafts_of_killed_processes_are_cleared_and_present_ones_are_left(tmp_path: Path) -> None:
    old, new = tmp_path / "code" / ".a.draft", tmp_path / "code" / ".b.draft"
    folder = tmp_path / "jobs" / ".c.draft"
    folder.mkdir(parents=True)
    old.parent.mkdir()
    (folder / "request.json").touch()
    for path in (old, new):
        path.touch()
    for path in (old, folder):
        os.utime(path, (time.time() - 7200,) * 2)
    clear_drafts(tmp_path)
    assert [path.name for path in tmp_path.rglob(".*")] == [".b.draft"]


def test_the_times_of_silence_are_settings() -> None:
    patience = patience_of({"RECSMITH_PENDING_MINUTES": "2", "RECSMITH_SILENT_MINUTES": "90"})
    assert (patience.pending.seconds, patience.running.seconds) == (120, 5400)
    for wrong in ("soon", "0", "-1", "nan", "inf"):
        with pytest.raises(BadSettingError, match=r"RECSMITH_SILENT_MINUTES is a number above 0"):
            patience_of({"RECSMITH_SILENT_MINUTES": wrong})


def test_nobody_else_may_look_into_a_home(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir(mode=0o755)
    for home in (tmp_path / "old", tmp_path / "new"):
        embedded(home)
        assert home.stat().st_mode & 0o777 == 0o700
