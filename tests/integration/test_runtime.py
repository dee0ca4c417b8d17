"""The threads of the embedded system: they start, go on, and stop."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from local import wiring as bootstrap
from local.runtime import HomeInUseError
from shared.events import Event, Topic
from shared.jobs import State
from shared.ports import DocumentChange
from tests.integration.conftest import EmbeddedCloud, event, job_request, trainer
from tests.waiting import PATIENCE, eventually


def put(embedded: EmbeddedCloud, path: str) -> None:
    embedded.documents.transact(lambda transaction: transaction.set(path, {}))


def test_a_write_sets_a_chain_of_changes_and_events_off(embedded: EmbeddedCloud) -> None:
    finished: list[str] = []

    def publish(change: DocumentChange) -> None:
        if change.path == "feature_configs/a":
            embedded.events.publish(event("a"))

    def write(received: Event) -> None:
        put(embedded, f"results/{received.document_id}")

    def validate(received: Event) -> None:
        embedded.events.publish(event(received.document_id, kind=Topic.CONFIG_VALIDATED))

    def finish(received: Event) -> None:
        finished.append(received.document_id)

    handlers = {
        Topic.CONFIG_CHANGED: {"first": write, "second": validate},
        Topic.CONFIG_VALIDATED: {"only": finish},
    }
    with embedded.runtime(publish, handlers) as runtime:
        put(embedded, "feature_configs/a")
        runtime.wait_idle(PATIENCE)
        assert finished == ["a"]
        assert embedded.documents.get("results/a") is not None


def test_a_write_wakes_the_feed_before_its_next_poll(embedded: EmbeddedCloud) -> None:
    seen = threading.Event()
    delays = []
    with embedded.runtime(lambda _: seen.set()):
        for number in range(5):
            time.sleep(0.15)  # all threads are asleep
            seen.clear()
            started = time.monotonic()
            put(embedded, f"things/{number}")
            assert seen.wait(5)
            delays.append(time.monotonic() - started)
    # Half of what polling would take; of five, one at least, on however busy a machine.
    assert min(delays) < 0.04


def test_only_one_process_runs_over_a_home(embedded: EmbeddedCloud) -> None:
    with embedded.runtime():
        other = EmbeddedCloud(embedded.home).runtime()
        with pytest.raises(HomeInUseError, match=f"process {os.getpid()}"):
            other.start()
        other.stop()
    with EmbeddedCloud(embedded.home).runtime():
        pass


def test_a_killed_process_leaves_its_home_free(embedded: EmbeddedCloud) -> None:
    program = """
import sys, time
from pathlib import Path
from typing import Any
from tests.integration.conftest import EmbeddedCloud
from tests.waiting import PATIENCE, eventually
with EmbeddedCloud(Path(sys.argv[1])).runtime():
    print("up", flush=True)
    time.sleep(60)
"""
    with subprocess.Popen(
        [sys.executable, "-c", program, embedded.home],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        with pytest.raises(HomeInUseError, match=f"process {process.pid}"):
            embedded.runtime().start()
        process.send_signal(signal.SIGKILL)
    with embedded.runtime():
        pass


def test_stopping_ends_all_threads_and_may_be_repeated(embedded: EmbeddedCloud) -> None:
    runtime = embedded.runtime()
    runtime.start()
    time.sleep(0.2)
    runtime.stop()
    runtime.stop()
    names = {thread.name for thread in threading.enumerate()}
    assert not names & {"change feed", "pipeline watcher", "reconcile", "worker 1"}


def test_a_handler_that_hangs_does_not_hold_up_the_stop(embedded: EmbeddedCloud) -> None:
    released, reached, over = threading.Event(), threading.Event(), threading.Event()

    def hang(_: Event) -> None:
        reached.set()
        released.wait(300)
        over.set()

    runtime = embedded.runtime(handlers={Topic.CONFIG_VALIDATED: {"only": hang}})
    runtime.start()
    embedded.events.publish(event(kind=Topic.CONFIG_VALIDATED))
    assert reached.wait(60)
    runtime.stop()
    assert not over.is_set()
    released.set()


def test_a_start_that_cannot_take_back_what_was_held_goes_on_without(
    embedded: EmbeddedCloud, caplog: pytest.LogCaptureFixture
) -> None:
    reconciled = threading.Event()

    def fail() -> None:
        raise ConnectionResetError("connection reset by peer")

    with embedded.runtime(reconcile=reconciled.set, on_start=fail):
        assert reconciled.wait(5)
    assert "connection reset by peer" in caplog.text


def test_a_fault_in_a_thread_is_logged_and_the_thread_goes_on(
    embedded: EmbeddedCloud, caplog: pytest.LogCaptureFixture
) -> None:
    calls: list[float] = []

    def reconcile() -> None:
        calls.append(time.monotonic())
        if len(calls) == 1:
            raise ConnectionError("the service is away")

    with embedded.runtime(reconcile=reconcile):
        eventually(lambda: len(calls) >= 3)
    assert "the service is away" in caplog.text


def test_waiting_for_a_system_that_never_gets_idle_times_out(embedded: EmbeddedCloud) -> None:
    hold = threading.Event()

    def wait(_: DocumentChange) -> None:
        hold.wait(5)

    with embedded.runtime(wait) as runtime:
        put(embedded, "things/a")
        with pytest.raises(TimeoutError, match="1 document changes and 0 events"):
            runtime.wait_idle(0.1)
        hold.set()
        runtime.wait_idle(PATIENCE)


def test_news_of_a_job_arrive_as_events_and_stopping_ends_the_job(embedded: EmbeddedCloud) -> None:
    received: list[str] = []

    def track(status: Event) -> None:
        received.append(status.document_id)

    command = trainer(embedded.home, "status('train', 'running'); time.sleep(60)")
    runtime = embedded.runtime(handlers={Topic.PIPELINE_STATUS: {"track": track}}, command=command)
    with runtime:
        runtime._pipelines.launch(job_request("qt-1", "test-7"))
        eventually(lambda: runtime._pipelines.get("qt-1").tasks[2].state is State.RUNNING)
        eventually(lambda: received)
    assert set(received) == {"test-7"}
    job = runtime._pipelines.get("qt-1")
    assert (job.state, job.error) == (State.FAILED, "Recsmith was stopped")


def test_the_wired_system_validates_what_foreign_sql_has_written(tmp_path: Path) -> None:
    system = bootstrap.embedded(tmp_path, trainer_command=["false"])
    layers = [{"type": "dense", "units": 0}]
    spec = {"buyer_tower_layers": layers, "product_tower_layers": layers}
    with system.runtime:
        with sqlite3.connect(tmp_path / "state.db") as foreign:
            foreign.execute(
                "INSERT INTO documents (path, data) VALUES ('model_configs/a', ?)",
                (json.dumps({"name": "bad", "spec": spec}),),
            )
        foreign.close()

        def validation() -> dict[str, Any]:
            snapshot = system.ports.documents.get("model_configs/a")
            assert snapshot is not None
            found: dict[str, Any] = snapshot.data.get("status", {}).get("validation", {})
            return found

        eventually(lambda: validation().get("state") == "invalid")
        paths = {problem["path"] for problem in validation()["problems"]}
        system.runtime.wait_idle(PATIENCE)
        assert system.events.dead_letters() == []
    assert {f"spec.{tower}_tower_layers[0].units" for tower in ("buyer", "product")} <= paths
