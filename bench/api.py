"""Requests to the API, against a bare FastAPI route: `make bench ONLY=api`.

Both are served by uvicorn in a process of their own. Three threads ask over connections that stay
open, so that the server is busy all the time; `alone` is one thread.
"""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.report import Report, Row
from bench.report import main as report_main

_DOCUMENTS = 1000
_THREADS = 3
_REQUESTS, _WARM_UP = 240, 10
_REACH = 0.050
_ROOT = Path(__file__).resolve().parents[1]
_BARE = """
import socket
import uvicorn
from fastapi import FastAPI
app = FastAPI()
@app.get("/")
def bare() -> dict[str, str]:
    return {"status": "ok"}
# asyncio sends small answers at once only where the socket names its protocol.
listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
listener.bind(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
config = uvicorn.Config(app, log_level="warning", access_log=False)
uvicorn.Server(config).run([listener])
"""
_CSV = "customer,product\n" + "".join(f"c{n % 50},p{n % 17}\n" for n in range(1000))
_LAYERS = [{"type": "dense", "units": 32, "activation": None}]


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    body: Any = None


@dataclass(frozen=True)
class _Found:
    per_second: float
    together: list[float]
    alone: list[float]

    def milliseconds(self, percent: int, *, alone: bool = False) -> float:
        seconds = sorted(self.alone if alone else self.together)
        return seconds[len(seconds) * percent // 100] * 1000


def measure() -> Report:
    """Requests to the API, against a bare FastAPI route."""
    report = Report("The HTTP API")
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, _bare() as port:
        bare = _measured(port, Request("GET", "/"))
        with recsmith(Path(folder)) as ours:
            found = {name: _measured(ours, one) for name, one in _filled(ours, folder).items()}
    for name, one in found.items():
        reach = "list" in name
        p95 = one.milliseconds(95, alone=True)
        report.rows.append(
            Row(
                f"API: {name}",
                f"{one.per_second:.0f}/s, p95 {p95:.1f} ms",
                f"bare route {bare.per_second:.0f}/s, {bare.milliseconds(95, alone=True):.1f} ms",
                f"{p95 / bare.milliseconds(95, alone=True):.1f}×",
                f"p95 < {_REACH * 1000:.0f} ms" if reach else "",
                p95 < _REACH * 1000 if reach else None,
            )
        )
    report.table(
        ["request", "a second", "p50, ms", "p95, ms", "p50 alone, ms", "p95 alone, ms"],
        [
            [
                name,
                f"{one.per_second:.0f}",
                *(f"{one.milliseconds(percent):.1f}" for percent in (50, 95)),
                *(f"{one.milliseconds(percent, alone=True):.1f}" for percent in (50, 95)),
            ]
            for name, one in {"bare route": bare, **found}.items()
        ],
    )
    return report


def _filled(port: int, folder: str) -> dict[str, Request]:
    """Writes the documents; returns what is asked for."""
    connection = http.client.HTTPConnection("127.0.0.1", port)

    def send(path: str, body: Any = None) -> Any:
        return json.loads(answer_of(connection, Request("POST" if body else "GET", path, body)))

    csv = Path(folder) / "purchases.csv"
    csv.write_text(_CSV)
    mapping = {"customer": "customer_id", "product": "product_id"}
    source = {"kind": "csv", "uri": str(csv)}
    dataset = send("/api/datasets/", {"name": "Shop", "spec": _spec(source, mapping)})["id"]
    features = {
        "dataset_id": dataset,
        "buyer_model_features": [{"column": "customer", "type": "string_embedding"}],
        "product_model_features": [{"column": "product", "type": "string_embedding"}],
    }
    layers = {"buyer_tower_layers": _LAYERS, "product_tower_layers": _LAYERS}
    for number in range(_DOCUMENTS):
        spec = {**layers, "batch_size": 64 + number}
        model = send("/api/model-configs/", {"name": f"Model {number}", "spec": spec})["id"]
    pair = {"model_config_id": model}
    made = send("/api/feature-configs/", {"name": "Ids", "spec": features})["id"]
    pair["feature_config_id"] = made
    while not send(f"/api/feature-configs/{made}/")["status"]["preprocessing"]:
        time.sleep(0.1)
    return {
        "get": Request("GET", f"/api/feature-configs/{made}/"),
        f"list, 50 of {_DOCUMENTS:,}": Request("GET", "/api/model-configs/"),
        f"list, 200 of {_DOCUMENTS:,}": Request("GET", "/api/model-configs/?limit=200"),
        "validate": Request("POST", "/api/feature-configs/validate/", {"spec": features}),
        "generate": Request("POST", "/api/generate-trainer-code/", pair),
    }


def _spec(source: dict[str, str], mapping: dict[str, str]) -> dict[str, Any]:
    return {"source": source, "column_mapping": mapping}


def _measured(port: int, request: Request) -> _Found:
    _timed(port, request, _WARM_UP)
    alone = _timed(port, request, _REQUESTS // _THREADS)
    together: list[float] = []

    def ask() -> None:
        together.extend(_timed(port, request, _REQUESTS // _THREADS))

    threads = [threading.Thread(target=ask) for _ in range(_THREADS)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return _Found(len(together) / (time.monotonic() - began), together, alone)


def _timed(port: int, request: Request, times: int) -> list[float]:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    seconds = []
    for _ in range(times):
        began = time.perf_counter()
        answer_of(connection, request)
        seconds.append(time.perf_counter() - began)
    connection.close()
    return seconds


def answer_of(connection: http.client.HTTPConnection, request: Request) -> bytes:
    body = None if request.body is None else json.dumps(request.body)
    headers = {"Content-Type": "application/json"} if body else {}
    connection.request(request.method, request.path, body, headers)
    answer = connection.getresponse()
    content = answer.read()
    assert answer.status < 300, content
    return content


@contextmanager
def _bare() -> Iterator[int]:
    command = [sys.executable, "-c", _BARE]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield _answering(int(process.stdout.readline()))
        finally:
            process.terminate()


@contextmanager
def recsmith(folder: Path) -> Iterator[int]:
    home = folder / "home"
    command = [Path(sys.executable).with_name("recsmith"), "up", "--port", "0", "--home", home]
    environment = {**os.environ, "PYTHONPATH": str(_ROOT), "RECSMITH_MLFLOW_TRACKING_URI": "off"}
    silent = subprocess.DEVNULL
    process = subprocess.Popen(command, stdout=silent, stderr=silent, env=environment)
    try:
        note = home / "server.json"
        while not note.exists():
            assert process.poll() is None, "recsmith up ended"
            time.sleep(0.05)
        yield int(json.loads(note.read_text())["url"].rpartition(":")[2])
    finally:
        process.terminate()
        process.wait(20)


def _answering(port: int) -> int:
    for _ in range(600):
        try:
            _timed(port, Request("GET", "/"), 1)
            return port
        except OSError:
            time.sleep(0.1)
    raise TimeoutError("the bare route does not answer")


if __name__ == "__main__":
    report_main(measure)
