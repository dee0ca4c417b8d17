"""`kill -9`: of the whole system and of what trains, at random moments, again and again."""

from __future__ import annotations

import contextlib
import json
import logging
import multiprocessing
import os
import random
import signal
import time
from pathlib import Path
from typing import Any

from local.jobs.job_process import identity
from shared import editing
from shared.documents.base import spec_hash
from shared.errors import ConflictError
from shared.ports import Ports
from tests.torture import shop
from tests.torture.trial import Tally, trial

# A fork of a process that has everything imported starts in the twentieth of a second in which
# `recsmith up` takes two. It dies as thoroughly.
_FORK = multiprocessing.get_context("fork")


@trial("faults", "kill -9 of the system and of training", seconds=480)
def kills(tally: Tally) -> None:
    rounds, most_tests = tally.of(200, 12), tally.of(120, 10)
    home = tally.folder / "home"
    killed: set[str] = set()
    writes: list[dict[str, Any]] = []
    with shop.seeded(tally) as chance:
        for number in range(rounds):
            hold = chance.random() < 0.6  # training takes as long as this round
            (home / "slow").touch() if hold and home.exists() else None
            process, acknowledgements = _start(tally.folder, chance.random(), most_tests)
            _let_live(process, chance.uniform(0.1, 0.9), number)
            if chance.random() < 0.7:
                killed |= _kill_training(home)
                time.sleep(chance.uniform(0, 0.2))
            os.kill(process.pid, signal.SIGKILL)
            process.join()
            (home / "slow").unlink(missing_ok=True)
            writes += _read(acknowledgements)
            tally.tried()
    last = shop.system(tally.folder, reconcile_seconds=2.0)
    with last.runtime:
        for fault in shop.settle(last):
            tally.loses(fault)
    shop.acknowledged(last.ports, writes, tally)
    states = shop.audit(home, last.ports, tally, may_fail=killed)
    for orphan in shop.orphans(tally.folder):
        tally.loses(f"still runs: {orphan}")
    tally.figure(f"{len(writes)} writes acknowledged")
    tally.figure(f"{states.total()} tests: " + ", ".join(f"{n} {s}" for s, n in states.items()))
    tally.figure(f"training killed {len(killed)} times (stand-in trainer)")
    if not writes or not states["completed"]:
        tally.loses(f"too little happened: {len(writes)} writes, {dict(states)}")


def _start(folder: Path, seed: float, most_tests: int) -> tuple[Any, int]:
    reading, writing = os.pipe()
    process = _FORK.Process(target=_live, args=(folder, seed, most_tests, writing))
    process.start()
    os.close(writing)
    return process, reading


def _let_live(process: Any, seconds: float, number: int) -> None:
    """The first needs the time to make its first documents."""
    process.join(seconds + (1.5 if number == 0 else 0))
    assert process.exitcode is None, f"the system ended by itself: {process.exitcode}"


def _live(folder: Path, seed: float, most_tests: int, acknowledgements: int) -> None:
    """A system that writes and writes, and says what it has written."""
    logging.disable()
    chance = random.Random(seed)
    running = shop.system(folder, reconcile_seconds=5.0)
    with running.runtime:
        while True:
            with contextlib.suppress(ConflictError):
                written = _write(folder, running.ports, chance, most_tests)
                os.write(acknowledgements, (json.dumps(written) + "\n").encode())
            time.sleep(chance.uniform(0, 0.08))


def _write(folder: Path, ports: Ports, chance: random.Random, most_tests: int) -> Any:
    """One write of a user, done: the document's path, its revision and the hash of its spec."""
    datasets = ports.documents.query(shop.DATASETS)
    features = ports.documents.query(shop.FEATURES)
    models = ports.documents.query(shop.MODELS)
    width = chance.randrange(4, 60)
    if not datasets:
        shop.dataset(folder, ports)
        datasets = ports.documents.query(shop.DATASETS)
        return _acknowledged(shop.DATASETS, editing.get(ports, shop.DATASETS, datasets[0].id))
    features_spec = shop.feature_spec(datasets[0].id, width)
    for collection, found, spec, most in (
        (shop.FEATURES, features, features_spec, 12),
        (shop.MODELS, models, shop.model_spec(width * 16), 6),
    ):
        if not found or (len(found) < most and chance.random() < 0.1):
            made = editing.create(ports, collection, name=f"Of {width}", spec=spec)
            return _acknowledged(collection, made)
        if chance.random() < 0.4:
            one = chance.choice(found).id
            return _acknowledged(collection, editing.update(ports, collection, one, spec=spec))
    if len(ports.documents.query(shop.TESTS)) >= most_tests:
        one = chance.choice(features).id
        return _acknowledged(
            shop.FEATURES, editing.update(ports, shop.FEATURES, one, spec=features_spec)
        )
    spec = {
        "feature_config_id": chance.choice(features).id,
        "model_config_id": chance.choice(models).id,
        "data_sample_percent": 100,
    }
    return _acknowledged(shop.TESTS, editing.create(ports, shop.TESTS, name="Try", spec=spec))


def _acknowledged(collection: Any, document: Any) -> dict[str, Any]:
    path, spec = collection.path(document.id), document.data()["spec"]
    return {"path": path, "revision": document.revision, "spec": spec_hash(spec)}


def _read(acknowledgements: int) -> list[dict[str, Any]]:
    with os.fdopen(acknowledgements) as told:
        lines = told.read().splitlines(keepends=True)
    return [json.loads(line) for line in lines if line.endswith("\n")]


def _kill_training(home: Path) -> set[str]:
    """`kill -9` of what trains now; the tests that this may fail."""
    killed = set()
    for note in home.glob("jobs/*/process.json"):
        with contextlib.suppress(OSError, ValueError):
            told = json.loads(note.read_text())
            present = identity(told["pid"])
            if present is not None and present["start_ticks"] == told["start_ticks"]:
                killed.add(json.loads((note.parent / "request.json").read_text())["quick_test_id"])
                os.kill(told["pid"], signal.SIGKILL)
    return killed
