"""Events that come ten times, not at all, late, in any order, or as poison; a clock that jumps."""

from __future__ import annotations

import json
import logging
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from local.state.event_bus import Delivery
from local.wiring import System
from shared.handlers import Patience
from shared.ports import Transaction
from tests.torture import shop
from tests.torture.trial import Tally, trial
from tests.waiting import PATIENCE, happens

# A quick delivery, and a day to wait for news in a clock that runs sixty times as fast.
OPTIONS: dict[str, Any] = {
    "delivery": Delivery(attempts=5, backoff_seconds=0.05, backoff_cap_seconds=2.0),
    "patience": Patience(timedelta(days=9), timedelta(days=9)),
    "reconcile_seconds": 0.5,
}
_NOW = "((julianday('now') - 2440587.5) * 86400.0)"
_WAITING = "(SELECT count(*) FROM messages WHERE subscription = NEW.subscription"
_WAITING += " AND document IS NEW.document)"
_COPY = "INSERT INTO messages (topic, subscription, document, body)"
_COPY += " VALUES (NEW.topic, NEW.subscription, NEW.document, NEW.body);"
# What becomes of a message in the queue itself, whoever publishes it.
MISHAPS = {
    "as it should be": "",
    "ten times": _COPY * 9,
    "every other dropped": "DELETE FROM messages WHERE id = NEW.id AND abs(random()) % 2 = 0;",
    "late and in any order": f"UPDATE messages SET due = {_NOW} + abs(random() % 1500) / 1000.0"
    " WHERE id = NEW.id;",
}
MISHAPS["all of that"] = (
    _COPY * 3 + MISHAPS["late and in any order"] + MISHAPS["every other dropped"]
)
_NOT_COMPARED = {"timeline", "estimate", "estimate_error", "duration_seconds", "observed"}
_NOT_COMPARED |= {"best"}  # of tests alike: the first to end
_NOT_COMPARED |= {"heard_at", "asked_at", "comparison", "artifacts_uri", "stages", "epochs"}


class Clock:
    """Runs so many times as fast as the real one, and is `ahead` of it."""

    def __init__(self, speed: float) -> None:
        self._began, self._speed, self.ahead = time.monotonic(), speed, timedelta()

    def now(self) -> datetime:
        run = (time.monotonic() - self._began) * self._speed
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=run) + self.ahead


@trial("faults", "events duplicated, dropped, late, in any order", seconds=240)
def mishaps(tally: Tally) -> None:
    logging.disable()
    wanted: dict[str, Any] = {}
    chosen = list(MISHAPS)[:: tally.of(1, 2)]
    for name in chosen:
        folder = tally.folder / str(tally.tries)
        running = shop.system(folder_of(folder), clock=Clock(60), **OPTIONS)
        # What a step tells ten times, the next one tells a hundred times: no more than this wait.
        few = f"{_WAITING} < 20" if name == "ten times" else "1"
        with closing(sqlite3.connect(folder / "home" / "state.db")) as state:
            state.execute(
                f"CREATE TRIGGER mishap AFTER INSERT ON messages WHEN {few}"
                f" BEGIN {MISHAPS[name]} SELECT 1; END"
            )
        found = whole(running, folder, tally, name)
        wanted = wanted or found
        for path, value in wanted.items():
            for unlike in _unlike(value, found.get(path)):
                tally.loses(f"{name}: {path}{unlike}")
        tally.tried()
    tally.figure("the same final state after: " + ", ".join(chosen))


@trial("faults", "a clock that jumps by days", seconds=90)
def jumps(tally: Tally) -> None:
    logging.disable()
    real, ahead = time.time, [0.0]
    time.time = lambda: real() + ahead[0]
    try:
        with shop.seeded(tally) as chance:
            for number in range(tally.of(6, 2)):
                folder, clock = folder_of(tally.folder / str(number)), Clock(1)

                def jump(clock: Clock = clock) -> None:
                    clock.ahead = timedelta(days=chance.uniform(-3, 3))
                    ahead[0] = clock.ahead.total_seconds()
                    tally.tried()

                options = {**OPTIONS, "patience": Patience()}
                whole(shop.system(folder, clock=clock, **options), folder, tally, "a jump", jump)
    finally:
        time.time = real


POISON = {
    "of an unknown schema": (
        '{"schema_version": 99, "kind": "config-changed"}',
        "this program understands 1",
    ),
    "oversized": (json.dumps({"schema_version": 1, "x": "x" * 10**6}), "no event has more than"),
    "malformed": ('{"schema_version": 1, "kind": "conf', "not valid JSON"),
    "nested": ("[" * 50_000, "not valid JSON"),
    "no event": ('{"schema_version": 1, "kind": 7}', "not a valid event"),
    "for nobody": ('{"schema_version": 1}', "there is no handler"),
    "of an impossible document": (
        json.dumps(
            {
                "schema_version": 1,
                "kind": "config-changed",
                "collection": "datasets",
                "document_id": "a/b",
                "revision": 1,
                "occurred_at": "2026-01-01T00:00:00Z",
            }
        ),
        "datasets/a/b",
    ),
}


@trial("faults", "poison among the events", seconds=60)
def poison(tally: Tally) -> None:
    logging.disable()
    folder = folder_of(tally.folder / "poison")
    running = shop.system(folder, clock=Clock(60), **OPTIONS)

    def add() -> None:
        with closing(sqlite3.connect(folder / "home" / "state.db", timeout=30)) as state, state:
            for name, (body, _) in POISON.items():
                handler = "nobody" if name == "for nobody" else "validate_config"
                state.execute(
                    "INSERT INTO messages (topic, subscription, document, body)"
                    " VALUES ('config-changed', ?, ?, ?)",
                    (handler, name, body),
                )

    whole(running, folder, tally, "poison", add, times=1, letters=len(POISON))
    again = shop.system(folder, clock=Clock(60), **OPTIONS)
    for letter in again.events.dead_letters():
        if POISON[letter.document][1] not in letter.reason:
            tally.loses(f"{letter.document} was buried for: {letter.reason}")
        again.events.retry(letter.id)
        tally.tried()
    with again.runtime:
        again.runtime.wait_idle(PATIENCE)
    if len(again.events.dead_letters()) != len(POISON):
        tally.loses("what was retried is neither handled nor a dead letter again")
    tally.figure(f"{len(POISON)} kinds, each a dead letter with its reason")


def folder_of(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def whole(
    running: System,
    folder: Path,
    tally: Tally,
    name: str,
    meanwhile: Callable[[], None] = lambda: None,
    *,
    times: int = 5,
    letters: int = 0,
) -> dict[str, Any]:
    """Configs written and edited as by a script, and three tests of them: what all ends as."""
    with running.runtime:
        _write(running, "datasets/ds", 1, shop.dataset_spec(tally.folder))
        for revision, width in enumerate((8, 16, 24), 1):
            _write(running, "feature_configs/fc", revision, shop.feature_spec("ds", width))
            _write(running, "model_configs/mc", revision, shop.model_spec(width * 8))
            meanwhile() if revision <= times else None
        if not happens(lambda: _judged(running)):
            tally.loses(f"{name}: the configs were not judged")
        for number in range(3):
            spec = {"feature_config_id": "fc", "model_config_id": "mc", "training_seed": number}
            _write(running, f"quick_tests/qt{number}", 1, {**spec, "data_sample_percent": 100})
            meanwhile() if number + 3 < times else None
        for fault in shop.settle(running):
            tally.loses(f"{name}: {fault}")
    shop.audit(folder / "home", running.ports, tally, poison=letters)
    paths = ["datasets/ds", "feature_configs/fc", "model_configs/mc"]
    paths += [f"quick_tests/qt{number}" for number in range(3)]
    found = [running.ports.documents.get(path) for path in paths]
    return {one.path: _timeless(one.data) for one in found if one is not None}


def _write(running: System, path: str, revision: int, spec: dict[str, Any]) -> None:
    def change(transaction: Transaction) -> None:
        found = transaction.get(path)
        kept = found.data if found else {"name": path}
        transaction.set(path, {**kept, "revision": revision, "spec": spec})

    running.ports.documents.transact(change)


def _judged(running: System) -> bool:
    for path in ("datasets/ds", "feature_configs/fc", "model_configs/mc"):
        found = running.ports.documents.get(path)
        status = (found.data.get("status") or {}) if found else {}
        validation = status.get("validation", {})
        if found is None or validation.get("state") != "valid":
            return False
        if validation["revision"] != found.data["revision"]:
            return False
        if path.startswith("feature") and not status["preprocessing"]:
            return False
    return True


def _unlike(wanted: Any, found: Any, where: str = "") -> list[str]:
    if isinstance(wanted, dict) and isinstance(found, dict):
        keys = sorted({*wanted, *found})
        unlike = (_unlike(wanted.get(k), found.get(k), f"{where}.{k}") for k in keys)
        return [line for lines in unlike for line in lines]
    return [] if wanted == found else [f"{where} ended as {found!r} instead of {wanted!r}"]


def _timeless(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: _timeless(item)
            for key, item in value.items()
            if key not in _NOT_COMPARED and not key.endswith("_at") and key not in ("uri", "at")
        }
    return [_timeless(item) for item in value] if isinstance(value, list) else value
