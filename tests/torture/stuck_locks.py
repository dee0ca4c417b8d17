"""Somebody takes the lock of the documents and does not give it back."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor

import httpx

from functions.api import create_app
from local.cli.server import serving
from tests.torture import shop
from tests.torture.trial import Tally, trial

_LONGEST_HEALTH, _LONGEST_WRITE = 4.0, 15.0  # seconds, on a busy machine


@trial("faults", "a lock on the documents that is not given back", seconds=120)
def stuck_lock(tally: Tally) -> None:
    running = shop.system(tally.folder)
    home = tally.folder / "home"
    body = {"name": "Small", "spec": shop.model_spec(64)}
    with running.runtime, serving(create_app(running.ports), home) as api:
        shop.configs(tally.folder, running.ports)
        shop.settle(running)
        client = httpx.Client(base_url=api.url, timeout=60)
        with contextlib.closing(sqlite3.connect(home / "state.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with ThreadPoolExecutor(60) as callers:

                def write(_: int) -> httpx.Response:
                    return client.post("/api/model-configs/", json=body)

                writes = [callers.submit(write, n) for n in range(tally.of(60, 20))]
                slowest = 0.0
                while not all(write.done() for write in writes):
                    began = time.monotonic()
                    if not client.get("/api/health/").is_success:
                        tally.loses("health is refused while a write waits")
                    slowest = max(slowest, time.monotonic() - began)
                    tally.tried()
                    time.sleep(0.1)
            answers = [write.result() for write in writes]
            other.execute("ROLLBACK")
        tally.tried(len(answers))
        for answer in answers:
            if answer.status_code != 503 or "Retry-After" not in answer.headers:
                tally.loses(f"a write is answered {answer.status_code}: {answer.text[:200]}")
        longest = max(answer.elapsed.total_seconds() for answer in answers)
        tally.figure(f"health within {slowest:.1f} s, writes refused within {longest:.1f} s")
        if slowest > _LONGEST_HEALTH or longest > _LONGEST_WRITE:
            tally.loses(f"health took {slowest:.1f} s, a write {longest:.1f} s")
        if (made := client.post("/api/model-configs/", json=body)).status_code != 201:
            tally.loses(f"afterwards a write is answered {made.status_code}")
        for fault in shop.settle(running):
            tally.loses(fault)
