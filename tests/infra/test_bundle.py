"""The functions' bundle, in an environment that has nothing but its locked requirements."""

from __future__ import annotations

import base64
import json
import os
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.infra.configuration import FOLDER
from tests.infra.test_policies import entry_points

REPOSITORY = FOLDER.parents[1]
BIN = Path(os.environ.get("RECSMITH_FUNCTIONS_BIN", REPOSITORY / ".venv-functions" / "bin"))
# Nobody listens at port 9: what is tried here needs no store.
SETTINGS = {
    "RECSMITH_PROJECT": "shop-recsmith",
    "RECSMITH_LOCATION": "europe-west4",
    "RECSMITH_BUCKET": "shop-recsmith-recsmith",
    "RECSMITH_AUTH": "none",
    "RECSMITH_TOPIC_PREFIX": "recsmith-",
    "FIRESTORE_EMULATOR_HOST": "127.0.0.1:9",
    "PUBSUB_EMULATOR_HOST": "127.0.0.1:9",
}
TOPIC = "projects/shop-recsmith/topics/recsmith-pipeline-status"
_START_SECONDS = 60


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bundle") / "functions.zip"
    subprocess.run([BIN / "python", REPOSITORY / "infra" / "bundle.py", path], check=True)
    return path


@pytest.fixture(scope="module")
def source(archive: Path) -> Path:
    """The bundle, unpacked as Cloud Functions does."""
    folder = archive.parent / "source"
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(folder)
    return folder


def test_the_same_source_gives_the_same_bytes(archive: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.zip"
    subprocess.run([BIN / "python", REPOSITORY / "infra" / "bundle.py", again], check=True)
    assert again.read_bytes() == archive.read_bytes()


def test_it_holds_what_is_deployed_and_nothing_else(archive: Path) -> None:
    with zipfile.ZipFile(archive) as opened:
        names = opened.namelist()
    tops = {name.split("/")[0] for name in names}
    assert tops - {"console"} == {
        *("functions", "shared", "main.py", "requirements.txt"),
        *(top for top in tops if top.endswith(".dist-info")),
    }
    assert not [name for name in names if name.endswith(".pyc")]


def test_whoever_makes_it_builds_the_console_first() -> None:
    made = subprocess.run(
        ["make", "--just-print", "--always-make", "bundle"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    built = made.stdout.index("npm run --silent build")
    assert built < made.stdout.index("infra/bundle.py build/functions.zip")


def test_every_entry_point_is_found_where_cloud_functions_looks(source: Path) -> None:
    found = subprocess.run(
        [BIN / "python", "-c", "import json, main; print(json.dumps(dir(main)))"],
        cwd=source,
        capture_output=True,
        text=True,
        check=True,
    )
    assert entry_points() <= set(json.loads(found.stdout))


class Served:
    """An entry point under functions-framework."""

    def __init__(self, target: str, source: Path, settings: dict[str, str]) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.log = source.parent / f"{target}.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [
                    BIN / "functions-framework",
                    *("--target", target, "--signature-type", "http"),
                    *("--host", "127.0.0.1", "--port", str(self.port)),
                ],
                cwd=source,
                env={
                    "PATH": f"{BIN}:/usr/bin:/bin",
                    "HOME": str(source.parent),
                    **SETTINGS,
                    **settings,
                },
                stdout=log,
                stderr=log,
            )

    def __call__(
        self, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[int, bytes]:
        """Waits until the process answers at all. A body is sent as JSON, or as the bytes it is."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/{path}",
            data=data,
            headers=headers or {"Content-Type": "application/json"},
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                with opener.open(request, timeout=_START_SECONDS) as answer:
                    return answer.status, answer.read()
            except urllib.error.HTTPError as error:
                return error.code, error.read()
            except urllib.error.URLError:
                assert self.process.poll() is None, self.log.read_text()
                assert time.monotonic() < deadline, self.log.read_text()
                time.sleep(0.2)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(30)


@pytest.fixture
def served(source: Path) -> Iterator[Any]:
    running: list[Served] = []

    def serve(target: str, **settings: str) -> Served:
        running.append(Served(target, source, settings))
        return running[-1]

    yield serve
    for one in running:
        one.stop()


def test_the_api_answers(served: Any) -> None:
    status, body = served("api")("api/openapi.json")
    assert status == 200, body
    assert json.loads(body)["info"]["title"] == "Recsmith"


def push(data: bytes, **attributes: str) -> dict[str, Any]:
    """What a push subscription sends."""
    message = {
        "data": base64.b64encode(data).decode(),
        "messageId": "1",
        "publishTime": "2026-01-31T10:15:00Z",
        "attributes": attributes,
    }
    return {"message": message, "subscription": "projects/shop-recsmith/subscriptions/s"}


def test_a_push_of_pubsub_reaches_the_step_as_a_cloud_event(served: Any) -> None:
    """A file that is no progress is acknowledged; what cannot be read is refused, so that it comes
    again and ends among the dead letters."""
    step = served("track_quick_test")
    other = {
        "eventType": "OBJECT_FINALIZE",
        "bucketId": "shop-recsmith-recsmith",
        "objectId": "jobs/quick-test-1/metrics.json",
    }
    status, answer = step(TOPIC, push(b"{}", **other))
    assert status == 200, answer
    status, _ = step(TOPIC, push(b"no JSON"))
    assert status == 500
    assert "The message is not valid JSON" in step.log.read_text()


class Collector(ThreadingHTTPServer):
    """Keeps what is sent to it, as a collector of OpenTelemetry's."""

    def __init__(self) -> None:
        self.received: list[bytes] = []
        super().__init__(("127.0.0.1", 0), _Collecting)


class _Collecting(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        self.server.received.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as made:
        thread = threading.Thread(target=made.serve_forever)
        thread.start()
        yield made
        made.shutdown()
        thread.join()


_WRITTEN = """
import sys
from google.events.cloud.firestore import Document, DocumentEventData, Value
name = "projects/shop-recsmith/databases/(default)/documents/things/a"
fields = {"_traceparent": Value(string_value=sys.argv[1])}
event = DocumentEventData(value=Document(name=name, fields=fields))
sys.stdout.buffer.write(DocumentEventData.serialize(event))
"""


def test_spans_and_log_lines_belong_to_the_trace_that_a_document_carries(
    served: Any, collector: Collector
) -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    command = [BIN / "python", "-c", _WRITTEN, f"00-{trace}-b7ad6b7169203331-01"]
    body = subprocess.run(command, capture_output=True, check=True).stdout
    step = served(
        "publish_change",
        K_SERVICE="recsmith-publish-change",
        RECSMITH_TRACE="otlp",
        OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{collector.server_port}",
    )
    headers = {
        "ce-specversion": "1.0",
        "ce-id": "1",
        "ce-type": "google.cloud.firestore.document.v1.written",
        "ce-source": "//firestore.googleapis.com/projects/shop-recsmith/databases/(default)",
        "Content-Type": "application/protobuf",
    }
    status, answer = step("", body, headers)
    assert status == 200, answer
    sent = b"".join(collector.received)
    assert bytes.fromhex(trace) in sent
    assert b"publish_change" in sent
    lines = [json.loads(line) for line in step.log.read_text().splitlines() if line[:1] == "{"]
    (line,) = [line for line in lines if line.get("document") == "things/a"]
    assert (line["function"], line["severity"]) == ("publish_change", "INFO")
    assert line["logging.googleapis.com/trace"] == f"projects/shop-recsmith/traces/{trace}"
