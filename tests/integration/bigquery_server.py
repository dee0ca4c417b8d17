"""BigQuery's REST protocol, so far as tables are filled and queried: datasets, tables, load jobs
(uploaded in one request, as `multipart`), copy jobs, and queries, which DuckDB answers once they
are read as GoogleSQL; its moments are all of UTC. Rows are what the Parquet files hold, or what
`fill` was given."""

from __future__ import annotations

import io
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import sqlglot
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
        forbidden: tables that whoever asks may not read.
        queries: as they were asked.
        lost: how many further answers to new jobs never arrive, though the jobs are done.
    """

    def __init__(self) -> None:
        self.datasets = {"shop.marketing"}
        self.tables: dict[str, Any] = {}
        self.resources: dict[str, Resource] = {}
        self.jobs: dict[str, Resource] = {}
        self.results: dict[str, tuple[list[Resource], list[tuple[Any, ...]]]] = {}
        self.forbidden: set[str] = set()
        self.queries: list[str] = []
        self.failing = self.lost = 0
        self.bucket: Any = None  # the client of Cloud Storage that load jobs read by
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

    def fill(self, name: str, rows: pa.Table) -> None:
        """Makes a table of these rows."""
        fields = [
            {"name": one.name, "type": _type(one.type), "mode": "NULLABLE"} for one in rows.schema
        ]
        project, dataset, table = name.split(".")
        reference = {"projectId": project, "datasetId": dataset, "tableId": table}
        self.make({"tableReference": reference, "schema": {"fields": fields}})
        self.tables[name] = rows

    def query(self, job: Resource) -> tuple[int, Resource]:
        """Refuses what BigQuery refuses: tables that are not there or not to be read, and columns
        that the table lacks."""
        asked = job["configuration"]["query"]
        self.queries.append(asked["query"])
        assert not asked["useLegacySql"]
        (tree,) = sqlglot.parse(asked["query"], read="bigquery")
        with duckdb.connect() as connection:
            types: dict[str, str] = {}
            for number, table in enumerate(list(tree.find_all(sqlglot.exp.Table))):
                name = ".".join(part.name for part in table.parts)
                if name not in self.resources:
                    return _error(404, "notFound", f"Not found: Table {name}")
                if name in self.forbidden:
                    return _error(403, "accessDenied", f"Access Denied: Table {name}")
                connection.register(f"t{number}", _without_zones(self.tables[name]))
                fields = self.resources[name]["schema"]["fields"]
                types |= {field["name"]: field["type"] for field in fields}
                table.replace(sqlglot.exp.to_table(f"t{number}"))
            given = {
                one["name"]: one["parameterValue"]["value"]
                for one in asked.get("queryParameters", [])
            }
            for parameter in list(tree.find_all(sqlglot.exp.Parameter)):
                value = sqlglot.exp.Literal.string(given[parameter.name])
                parameter.replace(sqlglot.exp.cast(value, "TIMESTAMP"))
            try:
                query = tree.sql(dialect="duckdb").replace("TIMESTAMPTZ", "TIMESTAMP")
                found = connection.execute(query)
            except duckdb.Error as error:
                return _error(400, "invalidQuery", str(error))
            rows = found.fetchall()
            fields = [
                {"name": name, "type": types[name], "mode": "NULLABLE"}
                for name, *_ in found.description
            ]
        job_id = job["jobReference"]["jobId"]
        self.results[job_id] = fields, rows
        job["configuration"]["query"]["destinationTable"] = {
            "projectId": "shop",
            "datasetId": "_anonymous",
            "tableId": "anon",
        }
        reference = {"projectId": "shop", "jobId": job_id, "location": "EU"}
        self.jobs[job_id] = {**job, "jobReference": reference, "status": {"state": "DONE"}}
        return 200, self.jobs[job_id]

    def result(self, job_id: str, first: int, most: int) -> tuple[int, Resource]:
        """A page of a query's rows."""
        fields, rows = self.results[job_id]
        page = rows[first : first + most] if most else []
        answer: Resource = {
            "jobComplete": True,
            "jobReference": self.jobs[job_id]["jobReference"],
            "schema": {"fields": fields},
            "totalRows": str(len(rows)),
            "rows": [
                {"f": [{"v": _value(one, of["type"])} for one, of in zip(row, fields, strict=True)]}
                for row in page
            ],
        }
        if most and first + most < len(rows):
            answer["pageToken"] = str(first + most)
        return 200, answer

    def _file(self, uri: str) -> bytes:
        name, _, key = uri.removeprefix("gs://").partition("/")
        found: bytes = self.bucket.bucket(name).blob(key).download_as_bytes()
        return found

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
            if uris := load.get("sourceUris"):
                (content,) = (self._file(uri) for uri in uris)
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


_TYPES = {"string": "STRING", "int64": "INTEGER", "double": "FLOAT", "date32[day]": "DATE"}


def _type(kind: pa.DataType) -> str:
    if pa.types.is_timestamp(kind):
        return "TIMESTAMP" if kind.tz else "DATETIME"
    if pa.types.is_decimal(kind):
        return "NUMERIC"
    return _TYPES[str(kind)]


def _without_zones(rows: pa.Table) -> pa.Table:
    plain = [
        pa.field(one.name, pa.timestamp("us") if pa.types.is_timestamp(one.type) else one.type)
        for one in rows.schema
    ]
    return rows.cast(pa.schema(plain))


def _value(value: Any, kind: str) -> str | None:
    """A cell as BigQuery writes it: all as text, a TIMESTAMP in microseconds."""
    if kind == "TIMESTAMP" and value is not None:
        return str((value - datetime(1970, 1, 1)) // timedelta(microseconds=1))
    if isinstance(value, date):
        return value.isoformat()
    return None if value is None else str(value)


def _name(reference: Resource) -> str:
    return ".".join(reference[part] for part in ("projectId", "datasetId", "tableId"))


def _error(code: int, reason: str, message: str) -> tuple[int, Resource]:
    errors = [{"reason": reason, "message": message, "domain": "global"}]
    return code, {"error": {"code": code, "message": message, "errors": errors}}


class _Handler(BaseHTTPRequestHandler):
    server_of: BigQueryServer

    def do_GET(self) -> None:
        here, parts = self.server_of, self._parts()
        if parts[4] == "queries":
            asked = parse_qs(self.path.partition("?")[2])
            first, most = asked.get("pageToken", ["0"])[0], asked.get("maxResults", ["2"])[0]
            return self._answer(*here.result(parts[5], int(first), int(most)))
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
        if "query" in job["configuration"]:
            return self._answer(*here.query(job))
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
