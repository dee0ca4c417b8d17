"""From a written config to its verdict and its code: `make bench ONLY=config_latency`.

A feature config is written, and the clock runs until its status says that it is valid and where its
code lies: embedded, and on the deployed functions over Google's emulators (which need Java).
Beside it, what the transport alone takes from publishing an event to its handler's first line, and
over the emulators how much of the processor's work is theirs.
"""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.report import Report, Row
from bench.report import main as report_main
from bench.shop import children, processor_seconds
from local.emulated.emulators import PROJECT, EmulatorsMissingError
from local.jobs.pipelines import SubprocessPipelines
from local.runtime import Runtime
from local.state.documents import SqliteDocumentStore
from local.state.event_bus import SqliteEventBus
from local.state.sqlite import Database
from local.wiring import embedded
from shared import editing
from shared.documents.base import Collection, ValidationState, read_status
from shared.documents.feature_config import FeatureConfigStatus
from shared.events import Event, Topic
from shared.ports import Ports, Snapshot

_ONES, _AT_ONCE = 40, 50
# Seconds, by the backend and whether many are written at once.
_REACHES = {("embedded", False): 0.150, ("emulators", True): 2.0}
_POLL_SECONDS, _SELDOM_SECONDS = 0.002, 0.05
_LONGEST_SECONDS = 60.0
_CSV = "customer,product\n" + "".join(f"c{n % 50},p{n % 17}\n" for n in range(1000))

RoundTrip = Callable[[], float]


@dataclass(frozen=True)
class _Seconds:
    alone: list[float]
    at_once: list[float]
    transport: list[float]
    # The emulators' share of the processor's work while many are written at once, 0 to 1.
    emulators: float


def measure() -> Report:
    """From a written config to its verdict and its code."""
    report = Report("From a written config to its verdict and code")
    table = []
    for backend, opened in (("embedded", _embedded), ("emulators", _emulated)):
        try:
            with tempfile.TemporaryDirectory(prefix="bench-") as folder, opened(folder) as system:
                found = _measured(Path(folder), *system)
        except EmulatorsMissingError as error:
            report.details.append(f"{backend}: {error}")
            continue
        for what, seconds in (("one", found.alone), (f"{_AT_ONCE} at once", found.at_once)):
            reach = _REACHES.get((backend, seconds is found.at_once))
            p95 = _at(seconds, 95)
            report.rows.append(
                Row(
                    f"config to verdict and code, {backend}, {what}",
                    f"p50 {_at(seconds, 50) * 1000:.0f} ms, p95 {p95 * 1000:.0f} ms",
                    _beside(found, seconds),
                    f"{p95 / _at(found.transport, 95):.0f}×",
                    f"p95 < {reach * 1000:,.0f} ms" if reach else "",
                    p95 < reach if reach else None,
                )
            )
        for what in ("alone", "at_once", "transport"):
            seconds = getattr(found, what)
            figures = [f"{_at(seconds, percent) * 1000:.1f}" for percent in (50, 95)]
            table.append([backend, what.replace("_", " "), str(len(seconds)), *figures])
    report.table(["backend", "what", "times", "p50, ms", "p95, ms"], table)
    return report


def _beside(found: _Seconds, seconds: list[float]) -> str:
    beside = f"the transport alone: p95 {_at(found.transport, 95) * 1000:.1f} ms"
    if seconds is found.at_once and found.emulators:
        beside += f"; the emulators do {found.emulators:.0%} of the processor's work"
    return beside


def _at(seconds: list[float], percent: int) -> float:
    return sorted(seconds)[len(seconds) * percent // 100]


def _measured(folder: Path, ports: Ports, round_trip: RoundTrip) -> _Seconds:
    (folder / "purchases.csv").write_text(_CSV)
    spec = {
        "source": {"kind": "csv", "uri": str(folder / "purchases.csv")},
        "column_mapping": {"customer": "customer_id", "product": "product_id"},
    }
    dataset = editing.create(ports, Collection.DATASETS, name="Shop", spec=spec).id
    _until_valid(ports, Collection.DATASETS, dataset)
    _written(ports, dataset, 0)  # whatever is loaded on first use is loaded
    alone = [_written(ports, dataset, number) for number in range(1, _ONES + 1)]
    before = _work()
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        numbers = range(_ONES + 1, _ONES + _AT_ONCE + 1)
        written = list(pool.map(lambda number: _write(ports, dataset, number), numbers))
    at_once = _generated(ports, written)
    emulators, whole = (after - earlier for after, earlier in zip(_work(), before, strict=True))
    round_trip()
    return _Seconds(alone, at_once, [round_trip() for _ in range(_ONES)], emulators / whole)


def _work() -> tuple[float, float]:
    """Seconds of the processor that the emulators have used so far, and this process with them."""
    emulators = sum(map(processor_seconds, _below(os.getpid())))
    return emulators, emulators + time.process_time()


def _below(process: int) -> list[int]:
    """The running processes that a process has started, directly or through others."""
    started = children(process)
    return started + [one for child in started for one in _below(child)]


def _written(ports: Ports, dataset: str, number: int) -> float:
    """Seconds from the writing of a feature config to its code."""
    return _generated(ports, [_write(ports, dataset, number)])[0]


def _write(ports: Ports, dataset: str, number: int) -> tuple[str, float]:
    """Writes a feature config that differs from the others; its id, and when that was begun."""
    wide = {"column": "customer", "type": "string_embedding", "embedding_dim": 4 + number}
    spec = {
        "dataset_id": dataset,
        "buyer_model_features": [wide],
        "product_model_features": [{"column": "product", "type": "string_embedding"}],
    }
    began = time.monotonic()
    made = editing.create(ports, Collection.FEATURE_CONFIGS, name=f"{number}", spec=spec)
    return made.id, began


def _generated(ports: Ports, written: list[tuple[str, float]]) -> list[float]:
    """Seconds until each has its code. Looking takes processor time from what is measured, so many
    are looked at seldom, and all in one query."""
    began = dict(written)
    seconds: dict[str, float] = {}

    def all_are() -> bool:
        for snapshot in _statuses(ports, list(began)):
            status = read_status(FeatureConfigStatus, snapshot.data)
            if status.preprocessing is not None and status.validated(1):
                seconds.setdefault(snapshot.id, time.monotonic() - began[snapshot.id])
        return len(seconds) == len(began)

    _until(all_are, _POLL_SECONDS if len(began) == 1 else _SELDOM_SECONDS)
    return list(seconds.values())


def _statuses(ports: Ports, configs: list[str]) -> list[Snapshot]:
    collection = Collection.FEATURE_CONFIGS
    if len(configs) == 1:
        snapshot = ports.documents.get(collection.path(configs[0]))
        return [snapshot] if snapshot else []
    found = ports.documents.query(collection, fields=["status"])
    return [snapshot for snapshot in found if snapshot.id in configs]


def _until_valid(ports: Ports, collection: Collection, document_id: str) -> None:
    def valid() -> bool:
        snapshot = ports.documents.get(collection.path(document_id))
        status: Any = snapshot.data["status"] if snapshot else {}
        return bool(status["validation"]["state"] == ValidationState.VALID)

    _until(valid)


def _until(holds: Callable[[], bool], poll_seconds: float = _POLL_SECONDS) -> None:
    deadline = time.monotonic() + _LONGEST_SECONDS
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError("it did not happen in time")
        time.sleep(poll_seconds)


def _event() -> Event:
    return Event(
        kind=Topic.CONFIG_CHANGED,
        collection=Collection.FEATURE_CONFIGS,
        document_id="a",
        revision=1,
        occurred_at=datetime.now(UTC),
    )


@contextmanager
def _embedded(folder: str) -> Iterator[tuple[Ports, RoundTrip]]:
    system = embedded(Path(folder) / "home")
    arrived = threading.Event()
    home = Path(folder) / "transport"
    database = Database(home / "state.db")
    events = SqliteEventBus(database, {Topic.CONFIG_CHANGED: ["only"]})
    transport = Runtime(
        home,
        database,
        SqliteDocumentStore(database),
        events,
        SubprocessPipelines(home / "jobs", ["false"], lambda _: None),
        on_change=lambda _: None,
        routes={Topic.CONFIG_CHANGED: {"only": lambda _: arrived.set()}},
        reconcile=lambda: None,
    )

    def round_trip() -> float:
        arrived.clear()
        began = time.monotonic()
        events.publish(_event())
        assert arrived.wait(_LONGEST_SECONDS)
        seconds = time.monotonic() - began
        transport.wait_idle(_LONGEST_SECONDS)
        return seconds

    with system.runtime, transport:
        yield system.ports, round_trip


@contextmanager
def _emulated(folder: str) -> Iterator[tuple[Ports, RoundTrip]]:
    """Raises EmulatorsMissingError."""
    from google.cloud import pubsub_v1

    from functions import deployed
    from local.emulated.eventarc import subscribe
    from local.emulated.system import emulated
    from shared.gcp.pubsub import PubSubEventBus

    with emulated(Path(folder) / "home"):
        publisher, subscriber = pubsub_v1.PublisherClient(), pubsub_v1.SubscriberClient()
        topic = publisher.topic_path(PROJECT, f"bench-{Topic.CONFIG_CHANGED}")
        path = subscriber.subscription_path(PROJECT, "bench")
        subscribe(publisher, subscriber, topic, path)
        events = PubSubEventBus(publisher, PROJECT, "bench-")
        arrived = threading.Event()

        def received(message: Any) -> None:
            arrived.set()
            message.ack()

        pulling: Any = subscriber.subscribe(path, received)

        def round_trip() -> float:
            arrived.clear()
            began = time.monotonic()
            events.publish(_event())
            assert arrived.wait(_LONGEST_SECONDS)
            return time.monotonic() - began

        try:
            yield deployed.ports(), round_trip
        finally:
            pulling.cancel()
            pulling.result(10)
            subscriber.close()
            publisher.stop()


if __name__ == "__main__":
    report_main(measure)
