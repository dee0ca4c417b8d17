"""BigQuery's REST protocol, so far as tables are filled: datasets, tables, load jobs (uploaded in
one request, as `multipart`) and copy jobs. Rows are what the Parquet files hold."""

from __future__ import annotations

import io
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pyarrow.parquet as pq
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

Resource = dict[str, Any]


class BigQueryServer:
    """
    Attributes:
        tables: rows by `project.dataset.table`.
        resources: what the tables are described by.
        jobs: by id.
        failing: how many further jobs end with an error of BigQuery's own.
        address: of the server.
        lost: how many further answers to new jobs never arrive, though the jobs are done.
    """

    def __init__(self) -> None:
        self.datasets = {"shop.marketing"}
        self.tables: dict[str, list[Resource]] = {}
        self.resources: dict[str, Resource] = {}
        self.jobs: dict[str, Resource] = {}
        self.failing = self.lost = 0
        self.client: bigquery.Client
        self.address = ""

    @contextmanager
    def serving(self) -> Iterator[BigQueryServer]:
        outer = self

        class Handler(_Handler):
            server_of = outer

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        self.address = f"http://127.0.0.1:{server.server_port}"
        self.client = bigquery.Client(
            "shop",
            credentials=AnonymousCredentials(),
            client_options={"api_endpoint": self.address},
        )
        try:
            yield self
        finally:
            self.client.close()
            server.shutdown()
            thread.join()
            server.server_close()

    def make(self, resource: Resource) -> tuple[int, Resource]:
        name = _name(resource["tableReference"])
        if name in self.resources:
            return _error(409, "duplicate", f"Already Exists: Table {name}")
        self.tables[name] = []
        now = str(round(time.time() * 1000))
        self.resources[name] = {**resource, "creationTime": now, "location": "EU", "type": "TABLE"}
        return 200, self.table(name)

    def table(self, name: str) -> Resource:
        return {
            **self.resources[name],
            "id": name.replace(".", ":", 1),
            "numRows": str(len(self.tables[name])),
        }

    def run(self, job: Resource, content: bytes) -> tuple[int, Resource]:
        job_id = job["jobReference"]["jobId"]
        if job_id in self.jobs:
            return _error(409, "duplicate", f"Already Exists: Job {job_id}")
        status: Resource = {"state": "DONE"}
        if self.failing:
            self.failing -= 1
            fault = {"reason": "backendError", "message": "Try again."}
            status |= {"errorResult": fault, "errors": [fault]}
        elif load := job["configuration"].get("load"):
            rows = pq.read_table(io.BytesIO(content)).to_pylist()
            self.tables[_name(load["destinationTable"])] += rows
        else:
            copy = job["configuration"]["copy"]
            target = _name(copy["destinationTable"])
            (source,) = copy.get("sourceTables") or [copy["sourceTable"]]
            assert copy["writeDisposition"] == "WRITE_TRUNCATE"
            self.make({**self.resources[_name(source)], "tableReference": copy["destinationTable"]})
            self.tables[target] = list(self.tables[_name(source)])
        self.jobs[job_id] = {**job, "status": status, "id": f"shop:EU.{job_id}"}
        return 200, self.jobs[job_id]


def _name(reference: Resource) -> str:
    return ".".join(reference[part] for part in ("projectId", "datasetId", "tableId"))


def _error(code: int, reason: str, message: str) -> tuple[int, Resource]:
    errors = [{"reason": reason, "message": message, "domain": "global"}]
    return code, {"error": {"code": code, "message": message, "errors": errors}}


class _Handler(BaseHTTPRequestHandler):
    server_of: BigQueryServer

    def do_GET(self) -> None:
        here, parts = self.server_of, self._parts()
        if parts[4] == "jobs":
            found = here.jobs.get(parts[5])
            return self._answer(200, found) if found else self._missing(f"job {parts[5]}")
        dataset = f"{parts[3]}.{parts[5]}"
        if dataset not in here.datasets:
            return self._missing(f"Dataset {dataset}")
        if len(parts) == 6:
            reference = {"projectId": parts[3], "datasetId": parts[5]}
            return self._answer(200, {"datasetReference": reference, "location": "EU"})
        name = f"{dataset}.{parts[7]}"
        if name not in here.resources:
            return self._missing(f"Table {name}")
        return self._answer(200, here.table(name))

    def do_POST(self) -> None:
        here = self.server_of
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path.startswith("/upload"):
            assert "uploadType=multipart" in self.path
            job, content = _multipart(self.headers["Content-Type"], body)
        else:
            job, content = json.loads(body), b""
        if "tableReference" in job:
            return self._answer(*here.make(job))
        answer = here.run(job, content)
        if here.lost and answer[0] == 200:
            here.lost -= 1
            return self._answer(*_error(503, "backendError", "The answer was lost."))
        return self._answer(*answer)

    def do_DELETE(self) -> None:
        parts = self._parts()
        name = f"{parts[3]}.{parts[5]}.{parts[7]}"
        self.server_of.tables.pop(name)
        self.server_of.resources.pop(name)
        self._answer(204, {})

    def _parts(self) -> list[str]:
        """`/bigquery/v2/projects/P/datasets/D/tables/T`, split."""
        return self.path.partition("?")[0].strip("/").split("/")

    def _missing(self, what: str) -> None:
        self._answer(*_error(404, "notFound", f"Not found: {what}"))

    def _answer(self, code: int, resource: Resource) -> None:
        content = json.dumps(resource).encode() if code != 204 else b""
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        pass


def _multipart(kind: str, body: bytes) -> tuple[Resource, bytes]:
    boundary = kind.partition("boundary=")[2].strip('"').encode()
    _, first, second, _ = body.split(b"--" + boundary)
    job = json.loads(first.partition(b"\r\n\r\n")[2])
    content = second.partition(b"\r\n\r\n")[2]
    return job, content.removesuffix(b"\r\n")
