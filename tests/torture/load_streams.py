"""Hundreds of pages that follow one test at once."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

from tests.torture.load_shop import Probe, System, features, model, running
from tests.torture.trial import Tally, trial
from tests.waiting import happens

_SLOW = 10
_LAST_SECONDS = 5.0
_MEBIBYTES = 300.0


@trial("load", "clients of an event stream at once", seconds=90)
def many_clients(tally: Tally) -> None:
    """Everybody hears how the test ends, soon after it has; clients that do not read hold nobody
    up; the API answers meanwhile, and memory stays bounded."""
    clients = tally.of(500, 60)
    with running(tally.folder) as system:
        dataset = system.dataset()
        slow = system.home / "slow"  # the stand-in trains until this is gone
        slow.touch()
        spec = {
            "feature_config_id": system.post("/api/feature-configs/", features(dataset, 1))["id"],
            "model_config_id": system.post("/api/model-configs/", model(1))["id"],
        }
        made = system.post("/api/quick-tests/", {"name": "Followed", "spec": spec})["id"]
        path = f"/api/quick-tests/{made}/"
        happens(lambda: system.get(path)["status"]["stage"] == "train")
        before = system.mebibytes()
        with Probe(system, "/api/model-configs/?limit=20") as probe:
            heard = asyncio.run(_follow(system, f"{path}events/", clients, slow.unlink))
        ended = system.get(path)["status"]["state"]
    tally.tried(clients)
    late = [at for at, state in heard if state == "completed"]
    if ended != "completed" or len(late) != clients:
        tally.loses(f"the test is {ended}; of {clients} clients {len(late)} heard of its end")
    elif max(late) - min(late) > _LAST_SECONDS:
        tally.loses(f"the last client heard {max(late) - min(late):.1f} s after the first")
    else:
        tally.figure(f"the last of {clients} heard {max(late) - min(late):.2f} s after the first")
    for fault in probe.faults:
        tally.loses(fault)
    if probe.peak > _MEBIBYTES:
        tally.loses(f"{probe.peak:.0f} MiB held; at most {_MEBIBYTES:.0f} expected")
    tally.figure(f"p95 of the API meanwhile {probe.milliseconds(95):.0f} ms")
    tally.figure(f"memory {before:.0f} → {probe.peak:.0f} MiB")


async def _follow(
    system: System, path: str, clients: int, let_go: Any
) -> list[tuple[float, str | None]]:
    """When each client got the last event, and the state that it tells. Besides, some clients open
    the stream and never read it."""
    url = system.http.base_url
    begun = asyncio.Semaphore(0)

    async def opened() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection(url.host, url.port, limit=2**16)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {url.host}:{url.port}\r\n\r\n".encode())
        await writer.drain()
        return reader, writer

    async def client() -> tuple[float, str | None]:
        reader, writer = await opened()
        state, at = None, 0.0
        while line := await reader.readline():
            if line.startswith(b"data:"):
                if state is None:
                    begun.release()
                state = json.loads(line[5:])["status"]["state"]
                at = time.monotonic()
            elif line == b"0\r\n":  # the last chunk
                break
        writer.close()
        return at, state

    deaf = [await opened() for _ in range(_SLOW)]
    following = [asyncio.create_task(client()) for _ in range(clients)]
    async with asyncio.timeout(40):
        for _ in range(clients):
            await begun.acquire()
    await asyncio.sleep(2)  # all of them wait
    let_go()
    try:
        async with asyncio.timeout(40):
            return await asyncio.gather(*following)
    except TimeoutError:
        return [task.result() for task in following if task.done() and not task.cancelled()]
    finally:
        for _, writer in deaf:
            writer.close()
