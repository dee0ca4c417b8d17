"""A server that is asked without a pause while its model is promoted, rolled back and broken."""

from __future__ import annotations

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from tests.integration.http_server import (
    MODEL,
    STAND_IN,
    HttpServer,
    answer_of,
    point,
    write_pointer,
)
from tests.torture.trial import Tally, trial
from tests.waiting import happens

_CLIENTS, _VERSIONS, _INSTANCES = 8, 4, 5


# Without a small form: that would need the trainer's environment where the other trials do not, and
# tests/integration/trainer/test_http_server.py has it.
@trial("load", "rollbacks under load lose no request", seconds=120, small=False)
def rollbacks(tally: Tally) -> None:
    """Every request is answered, whole, by one version; what is broken is said and not served; the
    last version that was promoted answers in the end."""
    store, chance, moves = tally.folder / "store", random.Random(21), 150
    folders = [_version(store, number) for number in range(1, _VERSIONS + 1)]
    point(store, 1, 1, folders[0])
    arguments = ("--model", MODEL, "--store", store.as_uri(), "--poll-seconds", "0.02")
    over, milliseconds = threading.Event(), list[float]()
    with HttpServer(tally.folder, STAND_IN, *arguments) as server:
        server.ready()
        with ThreadPoolExecutor(_CLIENTS) as pool:
            asking = [pool.submit(_ask, server, over, milliseconds) for _ in range(_CLIENTS)]
            for revision in range(2, 2 + moves):
                fault = _move(store, revision, folders, chance)
                if not happens(partial(_has_seen, server, revision, fault)):
                    tally.loses(f"move {revision} was not followed: {server.health()}")
                    break
            over.set()
            for one in asking:
                for lost in one.result():
                    tally.loses(lost)
        _move(store, moves + 2, folders[-1:], None)
        if not happens(partial(_has_seen, server, moves + 2, False)):
            tally.loses(f"not the last version that was promoted: {server.health()}")
        reloads = server.metric("recsmith_reloads_total")
    tally.tried(len(milliseconds))
    tally.figure(f"{len(milliseconds):,} requests through {reloads:.0f} changes of version")
    milliseconds.sort()
    tally.figure(f"p95 {milliseconds[len(milliseconds) * 95 // 100]:.0f} ms")


def _version(store: Path, number: int) -> Path:
    folder = store / "models" / f"v{number}"
    folder.mkdir(parents=True)
    (folder / "model").write_text(f"model {number}")
    return folder


def _ask(server: HttpServer, over: threading.Event, milliseconds: list[float]) -> list[str]:
    """Asks until it is over, and says what was lost."""
    connection, lost = server.connection(), list[str]()
    body = {"instances": [{"customer_id": "a"}] * _INSTANCES}
    while not over.is_set() and len(lost) < 10:
        began = time.perf_counter()
        try:
            answer = answer_of(connection, "POST", "/predict", body)
        except OSError as error:
            lost.append(f"no answer: {error!r}")
            connection = server.connection()
            continue
        milliseconds.append(1000 * (time.perf_counter() - began))
        if answer.status != 200:
            lost.append(f"{answer.status}: {answer.text[:200]}")
            continue
        texts = [one["query"]["model"] for one in answer.body["predictions"]]
        if texts != [f"model {answer.headers['recsmith-model-version']}"] * _INSTANCES:
            lost.append(f"version {answer.headers['recsmith-model-version']} answered {texts}")
    return lost


def _move(store: Path, revision: int, folders: list[Path], chance: random.Random | None) -> bool:
    """Moves the alias; whether to something that cannot be served."""
    kind = chance.choice(["version"] * 4 + ["broken", "gone", "outside"]) if chance else "version"
    folder = chance.choice(folders) if chance else folders[0]
    if kind == "version":
        # Its number is that of its folder: each answer tells both.
        point(store, revision, int(folder.name[1:]), folder, name=f"Shop {revision}")
    elif kind == "broken":
        write_pointer(store, '{"model_id": ')
    else:
        place = store / "models" / "gone" if kind == "gone" else store.parent / "elsewhere"
        point(store, revision, revision, place)
    return kind != "version"


def _has_seen(server: HttpServer, revision: int, fault: bool) -> bool:
    health = server.health()
    named: bool = health["model"]["model_name"] == f"Shop {revision}"
    return bool(health["fault"]) if fault else named and not health["fault"]
