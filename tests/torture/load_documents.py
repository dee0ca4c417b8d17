"""Ten thousand documents: lists, comparisons, and the next test among them."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.torture.load_shop import Probe, System, features, model, running
from tests.torture.trial import Tally, trial
from tests.waiting import happens

_MEBIBYTES = 500.0
_COMPARED = 100


@trial("load", "lists and comparisons over thousands of documents", seconds=240)
def many_documents(tally: Tally) -> None:
    """A page takes no longer for what is behind it, a page after page list has everything once, and
    a test that completes among thousands is compared with the best of them, in bounded time."""
    many = tally.of(10_000, 500)
    with running(tally.folder) as system:
        first = tested(system, system.dataset())
    tests = multiply(tally.folder / "home" / "state.db", first["id"], many)
    with running(tally.folder) as system, Probe(system, "/api/model-configs/?limit=20") as probe:
        time.sleep(3)
        before = probe.peak
        _lists(tally, system, many)
        _comparisons(tally, system, tests, first)
        _next_test(tally, system, first)
    tally.tried(2 * many)
    for fault in probe.faults:
        tally.loses(fault)
    if probe.peak > _MEBIBYTES:
        tally.loses(f"{probe.peak:.0f} MiB held; at most {_MEBIBYTES:.0f} expected")
    tally.figure(f"p95 of the API meanwhile {probe.milliseconds(95):.0f} ms")
    tally.figure(f"memory {before:.0f} → {probe.peak:.0f} MiB")


def tested(system: System, dataset: str) -> dict[str, Any]:
    """A completed quick test."""
    pair = {
        "feature_config_id": system.post("/api/feature-configs/", features(dataset, 1))["id"],
        "model_config_id": system.post("/api/model-configs/", model(1))["id"],
    }
    return completed(system, {**pair, "data_sample_percent": 100})


def completed(system: System, spec: dict[str, Any]) -> dict[str, Any]:
    made = system.post("/api/quick-tests/", {"name": "Test", "spec": spec})
    path = f"/api/quick-tests/{made['id']}/"
    happens(lambda: system.get(path)["status"]["state"] == "completed")
    test: dict[str, Any] = system.get(path)
    assert test["status"]["state"] == "completed", test["status"]["error"]
    return test


def multiply(database: Path, test_id: str, times: int) -> list[str]:
    """Writes so many completed tests like that one, which ended one after another before it, each
    a little worse than the one before; and as many model configs. Returns the tests' ids, the
    best first."""

    def documents(test: Any, config: Any) -> Iterator[tuple[str, str]]:
        ended = datetime.fromisoformat(test["status"]["ended_at"])
        metrics = test["status"]["results"]["metrics"]
        for number in range(times):
            at = (ended - timedelta(minutes=times - number)).isoformat()
            worse = {name: value * (1 - number / 10 / times) for name, value in metrics.items()}
            results = {**test["status"]["results"], "metrics": worse}
            comparison = {
                "quick_test_id": "many-00000",
                "name": test["name"],
                "metric": "recall_at_100",
                "value": worse["recall_at_100"],
                "previous": metrics["recall_at_100"],
                "difference": None,
                "verdict": "no_clear_difference",
            }
            status = {
                **test["status"],
                "ended_at": at,
                "results": results,
                "comparison": comparison if number else None,
            }
            yield (
                f"quick_tests/many-{number:05}",
                json.dumps({**test, "status": status, "updated_at": at}),
            )
            status = {**config["status"], "config_hash": f"{number:064}"}
            yield (
                f"model_configs/many-{number:05}",
                json.dumps({**config, "status": status, "updated_at": at}),
            )

    with sqlite3.connect(database) as connection:
        read = "SELECT data FROM documents WHERE path LIKE ?"
        test = json.loads(connection.execute(read, (f"quick_tests/{test_id}",)).fetchone()[0])
        config = json.loads(connection.execute(read, ("model_configs/%",)).fetchone()[0])
        connection.executemany(
            "INSERT INTO documents (path, data) VALUES (?, ?)", documents(test, config)
        )
        # What these writes would set off has happened long ago, but for the config's best.
        connection.execute(
            "UPDATE documents SET data = json_set(data, '$.status.best', NULL)"
            " WHERE path LIKE 'feature_configs/%' AND path NOT LIKE '%/versions/%'"
        )
        connection.execute("UPDATE feed SET seq = (SELECT max(seq) FROM changes)")
        connection.execute("DELETE FROM changes")
    connection.close()
    return [f"many-{number:05}" for number in range(times)]


def _lists(tally: Tally, system: System, many: int) -> None:
    for collection in ("quick-tests", "model-configs"):
        seen, seconds = [], []
        token: str | None = ""
        while token is not None:
            began = time.monotonic()
            query = {"page_token": token} if token else {}
            page = system.get(f"/api/{collection}/", limit=200, **query)
            seconds.append(time.monotonic() - began)
            seen += [item["id"] for item in page["items"]]
            token = page["next_page_token"]
        if len(set(seen)) != len(seen) or len(seen) != many + 1:
            tally.loses(f"{collection}: {many + 1} documents, {len(set(seen))} listed once")
        tally.figure(
            f"page of 200 {collection}: p95 {sorted(seconds)[-1 - len(seconds) // 20]:.2f} s"
        )


def _comparisons(tally: Tally, system: System, tests: list[str], first: dict[str, Any]) -> None:
    dataset = first["status"]["pinned"]["dataset_id"]
    compared = _timed(
        tally,
        f"{_COMPARED} tests compared",
        lambda: system.post("/api/quick-tests/compare/", {"quick_test_ids": tests[:_COMPARED]}),
    )
    if (best := compared["groups"][0]["rows"][0]["quick_test_id"]) != tests[0]:
        tally.loses(f"the best of the compared is {tests[0]}, not {best}")
    _timed(
        tally,
        "heatmap of the dataset",
        lambda: system.post("/api/quick-tests/heatmap/", {"dataset_id": dataset}),
    )


def _next_test(tally: Tally, system: System, first: dict[str, Any]) -> None:
    """Another test is the best so far or not: it is compared with the best of all before it."""
    spec = {**first["spec"], "training_seed": 7}
    test = _timed(tally, "next test", lambda: completed(system, spec))
    # The first and the best of the many have equal results: of equals, the smallest id.
    best = min(first["id"], "many-00000")
    found = test["status"]["comparison"]["quick_test_id"]
    if found != best:
        tally.loses(f"the next test was compared with {found}, not with the best, {best}")

    def recorded() -> bool:
        config = system.get(f"/api/feature-configs/{first['spec']['feature_config_id']}/")
        best = config["status"]["best"]
        return best is not None and bool(best["quick_test_id"] == "many-00000")

    if not happens(recorded):
        tally.loses("the earliest of the best tests is not its feature config's best")


def _timed(tally: Tally, what: str, call: Callable[[], Any]) -> Any:
    began = time.monotonic()
    found = call()
    tally.figure(f"{what} {time.monotonic() - began:.1f} s")
    return found
