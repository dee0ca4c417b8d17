"""The real system in a process of its own, over a folder of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import httpx
import pytest

from tests.waiting import PATIENCE, eventually, signalled

RECSMITH = Path(sys.executable).with_name("recsmith")

# 400 customers of five tastes buy mostly within their own; 150 products of five categories.
_PURCHASES = """
    SELECT
        'c' || (n % 400) AS customer,
        'p' || p AS product,
        TIMESTAMP '2024-01-01' + INTERVAL (n * 90) MINUTE AS bought_at,
        'Product ' || p AS title,
        'category ' || (p % 5) AS category,
        1.0 + p % 7 AS price
    FROM (
        SELECT n, CASE WHEN hash(n, 1) % 10 < 8
            THEN (hash(n, 2) % 30) * 5 + n % 5 ELSE hash(n, 3) % 150 END AS p
        FROM range(6000) AS purchases(n)
    )
"""
MAPPING = {
    "customer": "customer_id",
    "product": "product_id",
    "bought_at": "transaction_date",
    "title": "product_name",
    "category": "category",
    "price": "product_price",
}


def purchases(folder: Path) -> Path:
    """A small shop's purchases as a Parquet file."""
    path = folder / "purchases.parquet"
    made = duckdb.sql(_PURCHASES)
    assert made is not None
    made.write_parquet(str(path))
    return path


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


class Laptop:
    """One home, and the `recsmith` that runs over it, with further options of `up`.

    Args:
        system: the command of `up`.
    """

    def __init__(
        self, folder: Path, *options: str, system: Sequence[str | Path] = (RECSMITH,)
    ) -> None:
        self._system = [*system, "up"]
        self._options = options
        self.home = folder / "home"
        self.data = purchases(folder)
        self.url = ""
        self._log = folder / "recsmith.log"
        self._process: subprocess.Popen[bytes] | None = None

    def up(self) -> None:
        """Starts the whole system on a free port."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*signalled(), *self._system, "--port", "0", "--home", self.home, *self._options],
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._environment,
            )
        note = self.home / "server.json"

        def url() -> str | None:
            assert self._process is not None
            assert self._process.poll() is None, self._log.read_text()
            try:
                noted = json.loads(note.read_text())
            except FileNotFoundError:
                return None
            return str(noted["url"]) if noted["pid"] == self._process.pid else None

        self.url = eventually(url)

    def interrupt(self) -> int:
        """Ctrl-C. Returns the exit status; fails with where the main thread is if it goes on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGINT)
        try:
            return self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.send_signal(signal.SIGABRT)
            self._process.wait()
            _, _, stack = self._log.read_text().rpartition("\nThread 0x")  # the oldest is last
            pytest.fail(f"Ctrl-C did not end it: {stack[-5_000:]}")

    def kill(self) -> None:
        """`kill -9` of the whole system, but for what trains."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def recsmith(self, *arguments: str) -> str:
        """What a command says."""
        ended = subprocess.run(
            [RECSMITH, *arguments, "--home", self.home],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            env=self._environment,
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout

    def get(self, path: str) -> Any:
        response = httpx.get(f"{self.url}{path}", timeout=30)
        assert response.status_code == 200, response.text
        return response.json()

    def post(self, path: str, body: Any) -> Any:
        response = httpx.post(f"{self.url}{path}", json=body, timeout=30)
        assert response.status_code == 201, response.text
        return response.json()

    def dataset(self) -> str:
        """The id of the purchases, registered and profiled."""
        source = {"kind": "parquet", "uri": str(self.data)}
        spec = {"source": source, "column_mapping": MAPPING}
        made = self.post("/api/datasets/", {"name": "Shop", "spec": spec})
        path = f"/api/datasets/{made['id']}/"
        eventually(lambda: self.get(path)["status"]["validation"]["state"] == "valid")
        return str(made["id"])

    def configs(self) -> dict[str, str]:
        """A feature config and a model config that fit the purchases."""
        defaults = self.get(f"/api/datasets/{self.dataset()}/smart-defaults/")
        features = self.post("/api/feature-configs/", {"name": "Features", "spec": defaults})
        preset = self.get("/api/model-configs/presets/minimal/")
        model = self.post("/api/model-configs/", {"name": "Model", "spec": preset["spec"]})
        return {"feature_config_id": features["id"], "model_config_id": model["id"]}

    def quick_test(self, configs: dict[str, str], **settings: Any) -> str:
        spec = {**configs, "data_sample_percent": 100, **settings}
        return str(self.post("/api/quick-tests/", {"spec": spec})["id"])

    def status(self, test_id: str) -> dict[str, Any]:
        status: dict[str, Any] = self.get(f"/api/quick-tests/{test_id}/")["status"]
        return status

    def reaches(self, test_id: str, stage: str) -> None:
        """Waits until a stage of the test's job has begun."""

        def begun() -> bool:
            status = self.status(test_id)
            assert status["state"] in ("pending", "running"), status["error"]
            return any(
                task["name"] == stage and task["state"] != "pending" for task in status["stages"]
            )

        eventually(begun)

    def ended(self, test_id: str) -> dict[str, Any]:
        """The test's status after its end."""
        return eventually(lambda: (status := self.status(test_id))["ended_at"] and status)

    @property
    def jobs(self) -> list[str]:
        """Names of all job folders, drafts included."""
        return sorted(path.name for path in (self.home / "jobs").iterdir())

    def job_folder(self, test_id: str) -> Path:
        return self.home / "jobs" / f"quick-test-{test_id}-1"

    def trainer_pid(self, test_id: str) -> int:
        return int(json.loads((self.job_folder(test_id) / "process.json").read_text())["pid"])

    def times_begun(self, test_id: str, stage: str) -> int:
        """How often a process of the test's job has begun a stage."""
        lines = (self.job_folder(test_id) / "status.jsonl").read_text().splitlines()
        told = [json.loads(line) for line in lines if line]  # one ends what a kill cut short
        told = [line for line in told if not line.get("reused")]  # says more of one that has begun
        return sum((line.get("task"), line.get("state")) == (stage, "running") for line in told)

    @property
    def _environment(self) -> dict[str, str]:
        own = {key: value for key, value in os.environ.items() if key != "RECSMITH_HOME"}
        return own | {"PYTHONFAULTHANDLER": "1"}

    def clean_up(self) -> None:
        """Ends whatever still runs, trainers that outlived a killed system included."""
        self.kill()
        for note in self.home.glob("jobs/*/process.json"):
            pid = int(json.loads(note.read_text())["pid"])
            if alive(pid):
                os.kill(pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laptop]:
    """A system that several tests share."""
    laptop = Laptop(tmp_path_factory.mktemp("shared"))
    try:
        laptop.up()
        yield laptop
    finally:
        laptop.clean_up()


@pytest.fixture
def laptop(tmp_path: Path) -> Iterator[Laptop]:
    own = Laptop(tmp_path)
    try:
        yield own
    finally:
        own.clean_up()
