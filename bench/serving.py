"""The HTTP server, one request and 64 at once, with and without filters, against the model's
signatures alone and a plain script of the same search: `make bench ONLY=serving`.

Two models: a small one that rates, and one over a table of a million products, of which a filter
keeps one in a hundred.
"""

from __future__ import annotations

import http.client
import json
import re
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench import shapes
from bench.api import Request, answer_of, recsmith
from bench.bare import REQUESTS, WARM_UP, bare
from bench.plain_search import plain_search
from bench.predictions import trained
from bench.report import Report, Row
from bench.report import main as report_main

K, CUSTOMERS, AT_ONCE = 10, 100, 64
_REACH = 3.0  # milliseconds
_FILTERED_REACH = 3.0  # times
_LARGE, _CATEGORIES = 1_000_000, 100
_LARGE_SHAPE = shapes.Shape("large", customers=500, products=20_000, rows=10_000)
_PERCENTS = (50, 95, 99)
_AT = re.compile(r"Listens at http://127\.0\.0\.1:(\d+)\.")


def measure() -> Report:
    """The HTTP server, one request and 64 at once, against the model's signatures alone."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        with recsmith(folder) as port:
            artifacts, queries = _model(port, folder)
        with _serving(folder, artifacts) as port:
            bodies = [_body(query) for query in queries]
            one, _ = _asked(port, bodies, 1)
            many, rate = _asked(port, bodies, AT_ONCE)
        alone = bare(artifacts, queries, K)
        together = bare(artifacts, queries, K, AT_ONCE)
        plain = plain_search(artifacts, queries, K)
    large = _over_many_products()
    report = Report("The HTTP server")
    for percent in _PERCENTS:
        ours, theirs = _at(one, percent), _at(alone, percent)
        within = ours - theirs <= _REACH if percent == 95 else None
        report.rows.append(
            Row(
                f"one request over HTTP, p{percent}",
                f"{ours:.1f} ms",
                f"model call alone {theirs:.1f} ms",
                f"{ours - theirs:+.1f} ms",
                f"within {_REACH:g} ms" if percent == 95 else "–",
                within,
            )
        )
    p95 = _at(one, 95), _at(plain, 95)
    report.rows.append(_beside("one request over HTTP, p95", *p95))
    best = AT_ONCE * len(together) / sum(together)
    report.rows.append(
        Row(
            f"{AT_ONCE} requests at once over HTTP",
            f"{rate:,.0f} requests/s",
            f"model calls of {AT_ONCE} rows alone {best:,.0f} rows/s",
            f"{rate / best:.2f}×",
            "–",
            None,
        )
    )
    (free, filtered), (free_rate, filtered_rate), large_plain = large
    report.rows.append(
        _beside(f"one request, {_LARGE:,} products, p95", _at(free, 95), _at(large_plain, 95))
    )
    ratio = _at(filtered, 50) / _at(free, 50)
    report.rows.append(
        Row(
            f"one request, a filter keeps 1% of {_LARGE:,} products, p50",
            f"{_at(filtered, 50):.1f} ms",
            f"without a filter {_at(free, 50):.1f} ms",
            f"{ratio:.2f}×",
            f"≤ {_FILTERED_REACH:g}×",
            ratio <= _FILTERED_REACH,
        )
    )
    report.table(
        [f"{_LARGE:,} products", *(f"p{percent}, ms" for percent in _PERCENTS), "64 at once"],
        [
            [what, *(f"{_at(seconds, percent):.1f}" for percent in _PERCENTS), f"{rate:.0f}/s"]
            for what, seconds, rate in (
                ("without a filter", free, free_rate),
                ("a filter keeps 1%", filtered, filtered_rate),
            )
        ],
    )
    told = ", ".join(f"p{percent} {_at(many, percent):.0f} ms" for percent in _PERCENTS)
    report.details.append(f"With {AT_ONCE} requests at once an answer takes {told}.")
    return report


def _beside(what: str, ours: float, theirs: float) -> Row:
    """A percentile beside that of the plain script, which knows no rules, ratings or names."""
    return Row(
        what,
        f"{ours:.1f} ms",
        f"ScaNN in a plain script {theirs:.1f} ms",
        f"{ours - theirs:+.1f} ms",
        "–",
        None,
    )


def _over_many_products() -> tuple[list[list[float]], list[float], list[float]]:
    """Without and with a filter: seconds of one request at a time, and requests a second of many;
    and the seconds of the plain script."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        table = folder / "products.parquet"
        numbers = np.arange(_LARGE)
        categories = [f"g{number}" for number in numbers % _CATEGORIES]
        ids = pa.array([f"p{number}" for number in numbers])
        pq.write_table(pa.table({"product": ids, "kind": categories}), table)
        with recsmith(folder) as port:
            artifacts, queries = _model(port, folder, _LARGE_SHAPE, table)
        seconds, rates = [], []
        with _serving(folder, artifacts) as port:
            for rules in (None, [{"type": "in", "column": "kind", "values": ["g7"]}]):
                bodies = [_body(query, rules) for query in queries]
                seconds.append(_asked(port, bodies, 1)[0])
                rates.append(_asked(port, bodies, AT_ONCE)[1])
        return seconds, rates, plain_search(artifacts, queries, K)


def _model(port: int, folder: Path, *shop: Any) -> tuple[str, list[dict[str, Any]]]:
    """A trained model's folder, and complete queries for it. Args: shop: as `trained` has it."""
    connection = http.client.HTTPConnection("127.0.0.1", port)

    def send(path: str, body: Any = None) -> Any:
        method = "POST" if body else "GET"
        return json.loads(answer_of(connection, Request(method, path, body)))

    test = trained(send, folder, *shop)
    path = f"/api/quick-tests/{test['id']}"
    inputs = send(f"{path}/prediction-inputs/?limit={CUSTOMERS}")
    asked = [{"customer_id": one["customer_id"], "k": K} for one in inputs["customers"]]
    queries = [send(f"{path}/predictions/", body)["query"] for body in asked]
    connection.close()
    return test["status"]["artifacts_uri"], queries


def _body(query: dict[str, Any], filters: list[Any] | None = None) -> bytes:
    rules = {"rules": {"filters": filters}} if filters else {}
    return json.dumps({"instances": [{"values": query, "k": K, **rules}]}).encode()


@contextmanager
def _serving(folder: Path, artifacts: str) -> Iterator[int]:
    """The port of a server that is ready."""
    from local.jobs.environment import trainer_python

    command = [trainer_python(), "-m", "trainer_image.http_server", "--artifacts", artifacts]
    log = folder / "server.log"
    with log.open("wb") as stream:
        process = subprocess.Popen([*command, "--port", "0"], stderr=stream)
    try:
        while "Now serves" not in log.read_text():
            assert process.poll() is None, log.read_text()
            time.sleep(0.1)
        found = _AT.search(log.read_text())
        assert found is not None
        yield int(found[1])
    finally:
        process.terminate()
        process.wait()


def _asked(port: int, bodies: list[bytes], at_once: int) -> tuple[list[float], float]:
    """Seconds of each request, and requests a second, by clients that each keep a connection."""
    begin = threading.Barrier(at_once)
    each = max(1, REQUESTS * (4 if at_once > 1 else 1) // at_once)

    def client(number: int) -> tuple[list[float], float, float]:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        seconds = []
        for turn in range(-max(1, WARM_UP // at_once), each):
            if turn == 0:
                begin.wait()
                started = time.perf_counter()
            began = time.perf_counter()
            connection.request("POST", "/predict", bodies[(number + turn) % len(bodies)])
            answer = connection.getresponse()
            body = answer.read()
            assert answer.status == 200, body
            if turn >= 0:
                seconds.append(time.perf_counter() - began)
        return seconds, started, time.perf_counter()

    with ThreadPoolExecutor(at_once) as pool:
        told = list(pool.map(client, range(at_once)))
    took = max(ended for *_, ended in told) - min(started for _, started, _ in told)
    seconds = [one for its, *_ in told for one in its]
    return seconds, len(seconds) / took


def _at(seconds: list[float], percent: int) -> float:
    """A percentile, in milliseconds."""
    return sorted(seconds)[len(seconds) * percent // 100] * 1000


if __name__ == "__main__":
    report_main(measure)
