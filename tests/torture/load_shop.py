"""A running system with a small shop in it, whose trainer is the fast stand-in."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.integration.stand_in import stand_in
from tests.waiting import happens

_LAYERS = [{"type": "dense", "units": 32, "activation": None}]
_CSV = "customer,product,bought_at\n" + "".join(
    f"c{n % 50},p{n % 17},2024-01-{n % 28 + 1:02}\n" for n in range(1000)
)
_MAPPING = {"customer": "customer_id", "product": "product_id", "bought_at": "transaction_date"}
_START_SECONDS = 60.0


@dataclass
class System:
    """`recsmith up` in a process of its own, and a client of it."""

    home: Path
    pid: int
    http: httpx.Client

    def get(self, path: str, **query: Any) -> Any:
        return self.http.get(path, params=query).raise_for_status().json()

    def post(self, path: str, body: Any) -> Any:
        return self.http.post(path, json=body).raise_for_status().json()

    def mebibytes(self) -> float:
        """What the system's process holds in memory now, without its children."""
        found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{self.pid}/status").read_text())
        assert found is not None
        return int(found[1]) / 1024

    def items(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """Everything in a list, page after page."""
        token: str | None = ""
        while token is not None:
            page = self.get(path, limit=200, **query, **({"page_token": token} if token else {}))
            yield from page["items"]
            token = page["next_page_token"]

    def dataset(self) -> str:
        """The id of a dataset that has been profiled."""
        path = self.home.parent / "purchases.csv"
        if not path.exists():  # its time belongs to the dataset's fingerprint
            path.write_text(_CSV)
        spec = {"source": {"kind": "csv", "uri": str(path)}, "column_mapping": _MAPPING}
        made = self.post("/api/datasets/", {"name": "Shop", "spec": spec})["id"]
        assert happens(lambda: self.validation("datasets", made) == "valid")
        return str(made)

    def validation(self, collection: str, document_id: str) -> str:
        document = self.get(f"/api/{collection}/{document_id}/")
        told = document["status"]["validation"]
        return told["state"] if told["revision"] == document["revision"] else "pending"


def features(dataset_id: str, number: int) -> dict[str, Any]:
    """The body of a feature config that differs from that of any other number."""
    wide = {"column": "customer", "type": "string_embedding", "embedding_dim": 4 + number % 250}
    items = {"column": "product", "type": "string_embedding", "embedding_dim": 4 + number // 250}
    spec = {
        "dataset_id": dataset_id,
        "buyer_model_features": [wide],
        "product_model_features": [items],
    }
    return {"name": f"Features {number}", "spec": spec}


def model(number: int) -> dict[str, Any]:
    """The body of a model config that differs from that of any other number."""
    spec = {
        "buyer_tower_layers": _LAYERS,
        "product_tower_layers": _LAYERS,
        "batch_size": 64 + number,
    }
    return {"name": f"Model {number}", "spec": spec}


@contextmanager
def running(folder: Path, **environment: str) -> Iterator[System]:
    """The whole system over a folder, until the block ends. Experiment tracking is off: it would
    take longer than the stand-in trains."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    settings = {
        "RECSMITH_TRAINER_PYTHON": str(stand_in(folder)),
        "RECSMITH_MLFLOW_TRACKING_URI": "off",
        **environment,
    }
    command = [str(Path(sys.executable).with_name("recsmith")), "up", "--port", "0"]
    with (folder / "recsmith.log").open("ab") as log:
        process = subprocess.Popen(
            [*command, "--home", str(home)],
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, **settings},
        )
    with answering(home, process) as http:
        yield System(home, process.pid, http)


@contextmanager
def answering(home: Path, process: subprocess.Popen[bytes]) -> Iterator[httpx.Client]:
    """A client of a system that has been started over a home; the process is ended with the block,
    if it still runs."""
    try:
        url = _url(home, process)
        with httpx.Client(base_url=url, timeout=60, trust_env=False) as http:
            yield http
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _url(home: Path, process: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError((home.parent / "recsmith.log").read_text())
        try:
            noted = json.loads((home / "server.json").read_text())
        except FileNotFoundError:
            time.sleep(0.02)
            continue
        if noted["pid"] == process.pid:
            return str(noted["url"])
    raise TimeoutError("recsmith up did not answer")


@dataclass
class Probe:
    """Asks for something again and again while a block runs; keeps how long each answer took, the
    faults, and the most memory that the system held."""

    system: System
    path: str
    pause: float = 0.05
    seconds: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    peak: float = 0.0

    def __enter__(self) -> Probe:
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._ask)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _ask(self) -> None:
        base = self.system.http.base_url
        with httpx.Client(base_url=base, timeout=30, trust_env=False) as http:
            while not self._done.wait(self.pause):
                began = time.monotonic()
                try:
                    http.get(self.path).raise_for_status()
                except httpx.HTTPError as error:
                    self.faults.append(f"{self.path}: {error!r}")
                self.seconds.append(time.monotonic() - began)
                self.peak = max(self.peak, self.system.mebibytes())

    def milliseconds(self, percent: int) -> float:
        return sorted(self.seconds)[len(self.seconds) * percent // 100] * 1000
