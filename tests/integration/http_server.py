"""The trainer's HTTP server in a process of its own, over a store of artifacts in a folder."""

from __future__ import annotations

import http.client
import json
import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from local.jobs.environment import REPOSITORY, environment, trainer_python
from shared.documents.registered_model import registered_model_id
from shared.predictions import QUICK_TEST_HEADER
from tests.waiting import PATIENCE, eventually

REAL = "trainer_image.http_server"
STAND_IN = "tests.integration.served_stand_in"
MODEL = registered_model_id("Shop")
_AT = re.compile(r"Listens at http://(\S+:\d+)\.")


@dataclass(frozen=True)
class Answer:
    """A response; `headers` by their names in small letters."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def body(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.text)
        return found


class HttpServer:
    """A server that ends with the block, and what it says.

    Args:
        module: which program; REAL or STAND_IN.
        told: variables of its environment.
    """

    def __init__(
        self, folder: Path, module: str, *arguments: str, told: Mapping[str, str] | None = None
    ) -> None:
        self._log = folder / "server.log"
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [trainer_python(), "-m", module, "--port", "0", *arguments],
                cwd=REPOSITORY,
                env=environment(told or {}),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def __enter__(self) -> HttpServer:
        try:
            eventually(lambda: _AT.search(self.log) or self.process.poll() is not None)
            assert self.process.poll() is None, self.log
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._end()

    def _end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    @property
    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def connection(self) -> http.client.HTTPConnection:
        found = _AT.search(self.log)
        assert found is not None, self.log
        return http.client.HTTPConnection(found[1], timeout=PATIENCE)

    def get(self, path: str, **headers: str) -> Answer:
        return answer_of(self.connection(), "GET", path, None, headers)

    def post(self, body: Any, path: str = "/predict", only: str | None = None) -> Answer:
        """
        Args:
            body: is sent as it is where it is bytes, else as JSON.
            only: the quick test whose version alone may answer.
        """
        headers = {QUICK_TEST_HEADER: only} if only else {}
        return answer_of(self.connection(), "POST", path, body, headers)

    def predict(self, *instances: dict[str, Any], **parameters: Any) -> Answer:
        return self.post({"instances": list(instances), "parameters": parameters})

    def health(self) -> dict[str, Any]:
        return self.get("/health").body

    def ready(self) -> None:
        """Returns once the model has answered."""
        eventually(lambda: self.get("/health").status == 200 or self.process.poll() is not None)
        assert self.process.poll() is None, self.log

    def metric(self, name: str) -> float:
        """A metric's value, by its name with its labels as Prometheus has them."""
        text = self.get("/metrics").text
        return sum(
            float(line.rpartition(" ")[2])
            for line in text.splitlines()
            if line.rpartition(" ")[0] == name
        )


def answer_of(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    body: Any,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    connection.request(method, path, content, dict(headers or {}))
    answer = connection.getresponse()
    found = {name.lower(): value for name, value in answer.getheaders()}
    return Answer(answer.status, found, answer.read().decode())


def point(store: Path, revision: int, version: int, folder: Path | str, **changes: Any) -> None:
    """Writes the pointer of MODEL as the registry does: whole, its production at a folder."""
    served = {
        "version": version,
        "quick_test_id": f"qt-{version}",
        "artifacts_uri": folder if isinstance(folder, str) else folder.as_uri(),
    }
    pointer = {"model_id": MODEL, "name": "Shop", "revision": revision}
    write_pointer(store, json.dumps({**pointer, "aliases": {"production": served}, **changes}))


def write_pointer(store: Path, text: str) -> None:
    file = store / "registry" / MODEL / "pointer.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{os.getpid()}")
    draft.write_text(text)
    draft.replace(file)
