"""What only the SQLite queue promises: it survives kills, and its dead letters can be retried."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from local.state.event_bus import Delivery, SqliteEventBus
from local.state.sqlite import Database
from shared.errors import NotFoundError
from shared.events import Event, Topic
from shared.ports import DocumentChange
from tests.integration.conftest import SUBSCRIPTIONS, EmbeddedCloud, event
from tests.waiting import PATIENCE, eventually

WORKER = """
import sys, time
from pathlib import Path
from shared.events import Topic
from tests.integration.conftest import EmbeddedCloud
from tests.waiting import PATIENCE, eventually
home = Path(sys.argv[1])
def handle(event):
    (home / "handling").write_text(event.event_id)
    time.sleep(60)
with EmbeddedCloud(home).running(handlers={Topic.CONFIG_VALIDATED: {"only": handle}}):
    time.sleep(60)
"""


def kill_while_handling(home: Path) -> None:
    """Runs the system in another process and kills it in the middle of a handler."""
    (home / "handling").unlink(missing_ok=True)
    worker = subprocess.Popen([sys.executable, "-c", WORKER, home], cwd=Path(__file__).parents[2])
    try:
        eventually(lambda: (home / "handling").exists())
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait()


def test_an_event_survives_the_kill_of_its_worker(embedded: EmbeddedCloud) -> None:
    sent = event(kind=Topic.CONFIG_VALIDATED)
    embedded.events.publish(sent)
    kill_while_handling(embedded.home)
    received: list[Event] = []
    handlers = {Topic.CONFIG_VALIDATED: {"only": received.append}}
    with embedded.running(handlers=handlers) as runtime:
        runtime.wait_idle(PATIENCE)  # far less than the visibility timeout
    assert received == [sent]


def test_an_event_that_kills_its_worker_each_time_becomes_a_dead_letter(
    embedded: EmbeddedCloud,
) -> None:
    embedded.events.publish(event(kind=Topic.CONFIG_VALIDATED))
    for _ in range(embedded.delivery.attempts):
        embedded.events.release_leases()
        assert embedded.events._lease() is not None  # and no word after that
        embedded.events._handling.clear()
    with embedded.running() as runtime:
        runtime.wait_idle(PATIENCE)
    assert embedded.dead_letters() == [("only", "the process died while handling it, 4 times")]


def test_kills_do_not_count_as_failures_of_the_message(embedded: EmbeddedCloud) -> None:
    embedded.delivery = Delivery(
        attempts=4, deaths=9, backoff_seconds=0.02, backoff_cap_seconds=0.1
    )
    embedded.events = SqliteEventBus(embedded.database, SUBSCRIPTIONS, embedded.delivery)
    embedded.events.publish(event(kind=Topic.CONFIG_VALIDATED))
    for _ in range(2 * embedded.delivery.attempts):
        assert embedded.events._lease() is not None  # and no word after that
        embedded.events._handling.clear()
        embedded.events.release_leases()
    failures = [RuntimeError(f"fault {n}") for n in range(3)]

    def handle(_: Event) -> None:
        if failures:
            raise failures.pop()

    with embedded.running(handlers={Topic.CONFIG_VALIDATED: {"only": handle}}) as runtime:
        runtime.wait_idle(PATIENCE)
    assert (failures, embedded.dead_letters()) == ([], [])


def test_a_queue_of_an_older_program_goes_on(tmp_path: Path) -> None:
    database = Database(tmp_path / "state.db")
    database.define(
        "CREATE TABLE messages (id INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT NOT NULL,"
        " subscription TEXT NOT NULL, document TEXT NOT NULL DEFAULT '', body TEXT NOT NULL,"
        " attempts INTEGER NOT NULL DEFAULT 0, due REAL NOT NULL DEFAULT 0, lease TEXT);"
    )
    sent = event(kind=Topic.CONFIG_VALIDATED)
    older = (
        "INSERT INTO messages (topic, subscription, document, body, attempts) VALUES"
        " (?, 'only', 'feature_configs/a', ?, 2)"
    )
    received: list[Event] = []
    for _ in range(2):  # before the column is there, and after
        with database.write() as connection:
            connection.execute(older, (sent.kind.value, sent.model_dump_json()))
        bus = SqliteEventBus(database, SUBSCRIPTIONS)
        assert bus.deliver_next({Topic.CONFIG_VALIDATED: {"only": received.append}})
    assert received == [sent, sent]


def test_a_lease_of_a_silent_worker_runs_out(embedded: EmbeddedCloud) -> None:
    impatient = Delivery(visibility_seconds=0.1)
    silent = SqliteEventBus(embedded.database, SUBSCRIPTIONS, impatient)
    other = SqliteEventBus(embedded.database, SUBSCRIPTIONS, impatient)
    silent.publish(event(kind=Topic.CONFIG_VALIDATED))
    assert silent._lease() is not None
    received: list[Event] = []
    routes = {Topic.CONFIG_VALIDATED: {"only": received.append}}
    assert not other.deliver_next(routes)
    time.sleep(0.11)
    assert other.deliver_next(routes)
    assert len(received) == 1


def test_a_document_that_another_process_handles_is_left_to_it(embedded: EmbeddedCloud) -> None:
    other = SqliteEventBus(embedded.database, SUBSCRIPTIONS)
    for document_id in ("a", "a", "b"):
        embedded.events.publish(event(document_id, kind=Topic.CONFIG_VALIDATED))
    assert embedded.events._lease() is not None
    received: list[str] = []

    def handle(event: Event) -> None:
        received.append(event.document_id)

    while other.deliver_next({Topic.CONFIG_VALIDATED: {"only": handle}}):
        pass
    assert received == ["b"]


def test_events_of_one_document_are_never_handled_side_by_side(embedded: EmbeddedCloud) -> None:
    embedded.events = SqliteEventBus(
        embedded.database, SUBSCRIPTIONS, Delivery(visibility_seconds=0.02)
    )
    lock = threading.Lock()
    handled: list[bool] = []

    def handle(_: Event) -> None:
        alone = lock.acquire(blocking=False)
        time.sleep(0.05)  # longer than the lease
        handled.append(alone)
        if alone:
            lock.release()

    with embedded.running(handlers={Topic.CONFIG_CHANGED: {"first": handle}}) as runtime:
        for _ in range(6):
            embedded.events.publish(event())
        runtime.wait_idle(PATIENCE)
    assert handled == [True] * 6


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("{broken", "not valid JSON"),
        ("[]", "schema_version"),
        (event().model_copy(update={"schema_version": 7}).model_dump_json(), "received 7"),
        ('{"schema_version": 1, "kind": "unknown"}', "not a valid event"),
        ("[" * 60_000, "not valid JSON"),
        (" " * 70_000, "70,000 characters; no event has more than 65,536"),
    ],
    ids=["broken", "a list", "a later schema", "an unknown kind", "deep", "long"],
)
def test_a_message_that_cannot_be_read_is_a_dead_letter_at_once(
    embedded: EmbeddedCloud, body: str, reason: str
) -> None:
    with embedded.database.write() as connection:
        connection.execute(
            "INSERT INTO messages (topic, subscription, body)"
            " VALUES ('config-validated', 'only', ?)",
            (body,),
        )
    received: list[Event] = []
    handlers = {Topic.CONFIG_VALIDATED: {"only": received.append}}
    with embedded.running(handlers=handlers) as runtime:
        runtime.wait_idle(PATIENCE)
    (letter,) = embedded.events.dead_letters()
    assert reason in letter.reason
    assert (letter.attempts, letter.body, received) == (1, body, [])


def test_a_dead_letter_tells_where_it_failed_and_can_be_retried(embedded: EmbeddedCloud) -> None:
    received: list[Event] = []
    broken = True

    def handle_strictly(event: Event) -> None:
        if broken:
            raise LookupError("not there yet")
        received.append(event)

    sent = event(kind=Topic.CONFIG_VALIDATED)
    with embedded.running(handlers={Topic.CONFIG_VALIDATED: {"only": handle_strictly}}) as runtime:
        embedded.events.publish(sent)
        runtime.wait_idle(PATIENCE)
        (letter,) = embedded.events.dead_letters()
        assert "in handle_strictly" in letter.traceback
        assert letter.attempts == embedded.delivery.attempts
        broken = False
        embedded.events.retry(letter.id)
        runtime.wait_idle(PATIENCE)
        assert (received, embedded.events.dead_letters()) == ([sent], [])
        with pytest.raises(NotFoundError):
            embedded.events.retry(letter.id)


def test_a_change_that_fails_for_good_does_not_hold_up_the_feed(embedded: EmbeddedCloud) -> None:
    handled: list[DocumentChange] = []
    broken = True

    def handle(change: DocumentChange) -> None:
        if broken and change.path == "things/bad":
            raise ValueError("cannot be handled")
        handled.append(change)

    with embedded.running(handle) as runtime:
        for name in ("bad", "good"):
            embedded.documents.transact(
                lambda transaction, name=name: transaction.set(f"things/{name}", {"é": [None]})
            )
        runtime.wait_idle(PATIENCE)
        assert [change.path for change in handled] == ["things/good"]
        (letter,) = embedded.events.dead_letters()
        assert letter.reason == "ValueError: cannot be handled"
        broken = False
        embedded.events.retry(letter.id)
        runtime.wait_idle(PATIENCE)
    assert handled[1:] == [DocumentChange("things/bad", None, {"é": [None]})]


def test_a_clock_that_is_set_back_holds_no_message_up(
    embedded: EmbeddedCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Event) -> None:
        raise ConnectionError("away")

    received: list[Event] = []
    embedded.events.publish(event(kind=Topic.CONFIG_VALIDATED))
    assert embedded.events.deliver_next({Topic.CONFIG_VALIDATED: {"only": fail}})
    present = time.time
    monkeypatch.setattr(time, "time", lambda: present() - 3600)
    assert embedded.events.deliver_next({Topic.CONFIG_VALIDATED: {"only": received.append}})
    assert len(received) == 1
