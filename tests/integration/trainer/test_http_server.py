"""The HTTP server by real requests, over a model that is a file: what it takes and refuses, when it
is ready, how it follows an alias, and how it ends."""

from __future__ import annotations

import json
import signal
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from job_requests import request

from shared.gcp.vertex_container import container
from tests.integration.http_server import (
    MODEL,
    REAL,
    STAND_IN,
    HttpServer,
    answer_of,
    point,
    write_pointer,
)
from tests.waiting import PATIENCE, eventually

pytestmark = [pytest.mark.trainer, pytest.mark.xdist_group("http server")]

VERTEX = {
    "AIP_HEALTH_ROUTE": "/v1/endpoints/123/deployedModels/456",
    "AIP_PREDICT_ROUTE": "/v1/endpoints/123/deployedModels/456:predict",
}


def version(store: Path, number: int, text: str | None = None) -> Path:
    """The folder of a version whose model answers `model <number>`, or is `text`."""
    folder = store / "models" / f"v{number}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model").write_text(text or f"model {number}")
    return folder


@pytest.fixture
def store(tmp_path: Path) -> Path:
    store = tmp_path / "store"
    point(store, 1, 1, version(store, 1))
    return store


def following(tmp_path: Path, store: Path, *more: str) -> HttpServer:
    arguments = ("--model", MODEL, "--store", store.as_uri(), "--poll-seconds", "0.05")
    return HttpServer(tmp_path, STAND_IN, *arguments, *more)


@pytest.fixture
def server(tmp_path: Path, store: Path) -> Iterator[HttpServer]:
    with following(tmp_path, store, "--max-waiting", "3") as server:
        server.ready()
        yield server


class Shared:
    """A server for tests that leave it as it was, or make a pointer of their own first."""

    def __init__(self, folder: Path) -> None:
        self.store, self.revision = folder / "store", 1
        point(self.store, 1, 1, version(self.store, 1))
        self.server = following(folder, self.store)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    shared = Shared(tmp_path_factory.mktemp("shared"))
    with shared.server as server:
        server.ready()
        yield shared


def job_folder(tmp_path: Path) -> Path:
    """What a full training of quick test `qt-7` leaves, so far as a stand-in needs it."""
    folder = version(tmp_path, 7)
    asked = request().model_copy(update={"quick_test_id": "qt-7"})
    (folder / "request.json").write_text(asked.model_dump_json())
    return folder


def asked(server: HttpServer, count: int, wait_for: Path) -> list[Future[Any]]:
    """Requests that are being answered or wait, until the file is there."""
    pool = ThreadPoolExecutor(count)
    futures = [
        pool.submit(server.predict, {"values": {"wait_for": str(wait_for)}}) for _ in range(count)
    ]
    eventually(lambda: server.metric("recsmith_predictions_in_progress") == count)
    pool.shutdown(wait=False)
    return futures


def test_a_request_is_answered_instance_by_instance_with_the_parameters_for_what_each_leaves_out(
    server: HttpServer,
) -> None:
    answer = server.predict({"customer_id": "a"}, {"customer_id": "b", "k": 7.0}, k=3)
    assert answer.status == 200
    assert [one["query"]["k"] for one in answer.body["predictions"]] == [3, 7]
    assert answer.body["metadata"] == {
        "model_id": MODEL,
        "model_name": "Shop",
        "version": 1,
        "quick_test_id": "qt-1",
    }
    told = {name: answer.headers[f"recsmith-{name}"] for name in ("model", "model-version")}
    assert told == {"model": MODEL, "model-version": "1"}
    assert answer.headers["content-type"] == "application/json"


def test_whole_numbers_are_whole_however_a_client_writes_them(shared: Shared) -> None:
    server = shared.server
    body = b'{"instances": [{"values": {"a": 321.0, "b": 0.5, "c": 1e3, "d": 9007199254740993}}]}'
    (found,) = server.post(body).body["predictions"]
    assert json.dumps({name: found["query"][name] for name in "abcd"}) == (
        '{"a": 321, "b": 0.5, "c": 1000, "d": 9007199254740993}'
    )


@pytest.mark.parametrize(
    ("body", "problems"),
    [
        (b"{", {"": "The body is not JSON"}),
        (b'{"instances": [{"k": NaN}]}', {"": "The body is not JSON"}),
        (b"[" * 100_000, {"": "The body is not JSON"}),
        (b"\xff", {"": "The body is not JSON"}),
        ([], {"": "The body is not an object"}),
        ({}, {"instances": "Give a list of at least one"}),
        ({"instances": []}, {"instances": "Give a list of at least one"}),
        ({"instances": {"k": 1}}, {"instances": "Give a list of at least one"}),
        ({"instances": [{}] * 501}, {"instances": "At most 500 instances"}),
        ({"instances": [{}] * 51, "parameters": {"k": 1000}}, {"instances": "50,000 products"}),
        ({"instances": [{}], "parameter": {}}, {"parameter": "instances and parameters"}),
        ({"instances": [{}], "parameters": [1]}, {"parameters": "Give an object"}),
        ({"instances": [{}, {}], "parameters": {"k": 0}}, {"parameters.k": "greater than"}),
        (
            {"instances": [{}, {"k": -1}, 5, {"list": "best", "colour": "red"}]},
            {
                "instances[1].k": "greater than",
                "instances[2]": "Give an object",
                "instances[3].list": "'all', 'buy_again' or 'discover'",
                "instances[3].colour": "no such field",
            },
        ),
        (
            {"instances": [{}, {"values": {"refuse": True}}]},
            {"instances[1].values.refuse": "Not this one."},
        ),
    ],
)
def test_what_is_wrong_is_named_and_nothing_of_the_request_is_answered(
    shared: Shared, body: Any, problems: dict[str, str]
) -> None:
    server = shared.server
    answer = server.post(body)
    assert answer.status == 400
    assert set(answer.body) == {"error", "problems"}
    found = {one["path"]: one["message"] for one in answer.body["problems"]}
    assert set(found) == set(problems)
    for path, message in problems.items():
        assert message in found[path]


def test_a_body_that_is_too_large_is_refused_in_words(shared: Shared) -> None:
    server = shared.server
    answer = server.post(b" " * 1_500_001)
    assert (answer.status, answer.body["error"]) == (
        413,
        "A request has at most 1,500,000 bytes. Received: 1,500,001.",
    )
    fitting = b'{"instances": [{"customer_id": "a"}]}'
    assert server.post(fitting + b" " * (1_500_000 - len(fitting))).status == 200


def test_a_body_beyond_32_mib_is_not_read(shared: Shared) -> None:
    server = shared.server
    connection = server.connection()
    connection.putrequest("POST", "/predict")
    connection.putheader("Content-Length", str((32 << 20) + 1))
    connection.endheaders()
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (400, b"")
    assert server.predict({"customer_id": "a"}).status == 200


def test_routes_and_methods_that_are_not_there(shared: Shared) -> None:
    server = shared.server
    assert (server.get("/").status, server.get("/predict").status) == (404, 405)
    assert server.get("/live").body == {"status": "live"}


def test_it_says_how_it_is_asked_and_which_customers_there_are(shared: Shared) -> None:
    server = shared.server
    answer = server.post(b"", "/inputs")
    assert (answer.status, answer.body["max_k"], answer.body["customer_count"]) == (200, 100, 2)
    assert [one["customer_id"] for one in answer.body["customers"]] == ["c", "d"]
    assert answer.headers["recsmith-quick-test"]
    found = server.post({"search": "d", "limit": 1}, "/inputs").body["customers"]
    assert found == [{"customer_id": "d", "purchases": 1}]
    refused = server.post({"limit": 0, "serach": "d"}, "/inputs")
    assert refused.status == 400
    assert {one["path"] for one in refused.body["problems"]} == {"limit", "serach"}
    assert server.post(b"{", "/inputs").status == 400
    assert server.get("/inputs").status == 405


def test_a_version_that_is_asked_for_and_not_served_is_not_stood_in_for(server: HttpServer) -> None:
    for path, body in (("/predict", {"instances": [{}]}), ("/inputs", {})):
        assert server.post(body, path, only="qt-1").status == 200
        refused = server.post(body, path, only="qt-2")
        assert refused.status == 409
        told = "Quick test 'qt-2' is not served: version 1 of model 'Shop' answers."
        assert refused.body["error"] == told


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "localhost", "::1"])
def test_a_page_that_has_led_a_name_of_its_own_here_is_refused(
    tmp_path: Path, store: Path, host: str
) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, 0), family=family).close()
    except OSError:
        pytest.skip(f"This machine has no {host}.")
    with following(tmp_path, store, "--host", host) as server:
        server.ready()
        assert server.get("/health", Host="evil.example").status == 403
        assert server.get("/health", Host="localhost:80").status == 200
        assert server.get("/health").status == 200


def test_a_fault_of_the_model_is_the_fault_of_one_request(
    server: HttpServer, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    (first,) = asked(server, 1, go)
    # These two wait together, and are asked together.
    with ThreadPoolExecutor(2) as pool:
        bad = pool.submit(server.predict, {"values": {"fail": True}})
        good = pool.submit(server.predict, {"customer_id": "a"})
        eventually(lambda: server.metric("recsmith_predictions_in_progress") == 3)
        go.touch()
        assert (first.result().status, good.result().status) == (200, 200)
        assert bad.result().status == 500
    assert "fell over" not in bad.result().text
    assert "RuntimeError: the model fell over" in server.log
    assert server.metric("recsmith_prediction_errors_total") == 1


def test_while_the_model_is_busy_health_answers_and_too_many_requests_are_refused(
    server: HttpServer, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    waiting = asked(server, 3, go)
    assert server.get("/health").status == 200
    refused = server.predict({"customer_id": "a"})
    assert (refused.status, refused.headers["retry-after"]) == (429, "1")
    go.touch()
    assert [one.result().status for one in waiting] == [200] * 3
    assert server.predict({"customer_id": "a"}).status == 200
    assert server.metric('recsmith_http_requests_total{route="predict",status="429"}') == 1


def test_it_is_ready_once_a_version_has_answered(tmp_path: Path) -> None:
    store = tmp_path / "store"
    with following(tmp_path, store) as server:
        for said, prepare in (
            ("cannot be read", lambda: None),
            (
                "Model 'Shop' has no production version yet: promote one.",
                lambda: point(store, 1, 1, store, aliases={}),
            ),
            ("lacks model", lambda: point(store, 2, 1, store / "models" / "v1")),
        ):
            prepare()
            eventually(lambda said=said: said in str(server.health()["fault"]))
            health = server.get("/health")
            assert (health.status, health.body["status"]) == (503, "loading")
            refused = server.predict({"customer_id": "a"})
            assert (refused.status, refused.headers["retry-after"]) == (503, "1")
            assert said in refused.body["error"]
            assert server.get("/live").status == 200
        version(store, 1)
        point(store, 3, 2, version(store, 2))
        server.ready()
        assert server.health() == {
            "status": "ready",
            "model": {
                "model_id": MODEL,
                "model_name": "Shop",
                "version": 2,
                "quick_test_id": "qt-2",
            },
            "experiment": None,
            "stale": False,
            "fault": None,
        }


def served(server: HttpServer) -> str:
    answer = server.predict({"customer_id": "a"})
    assert answer.status == 200, answer.text
    text: str = answer.body["predictions"][0]["query"]["model"]
    assert text == f"model {answer.headers['recsmith-model-version']}"
    return text


def test_it_follows_its_alias(server: HttpServer, store: Path) -> None:
    assert served(server) == "model 1"
    point(store, 2, 2, version(store, 2))
    eventually(lambda: served(server) == "model 2")
    point(store, 3, 1, version(store, 1))  # rolled back
    eventually(lambda: served(server) == "model 1")
    assert server.metric("recsmith_reloads_total") == 2
    label = f'model_id="{MODEL}",model_name="Shop",quick_test_id="qt-1",version="1"'
    assert server.metric(f"recsmith_model_info{{{label}}}") == 1
    assert server.get("/metrics").text.count("recsmith_model_info{") == 1


@pytest.mark.parametrize(
    ("said", "reload_fails"),
    [
        (f"The pointer of model {MODEL!r} is malformed", False),
        (f"The pointer of model {MODEL!r} is older than what was read before", False),
        (f"The pointer of model {MODEL!r} is that of another one, 'other'", False),
        ("Model 'Shop' has no production version, only 'previous'", False),
        ("Version 2 of model 'Shop' lies outside of the store", False),
        ("The folder of version 2 of model 'Shop' lacks model", True),
        ("The folder of version 2 of model 'Shop' cannot be served: ValueError: The check", True),
        ("version 2 of model 'Shop' refuses a customer of its own", True),
    ],
)
def test_what_cannot_be_served_leaves_the_version_before_and_says_so(
    shared: Shared, said: str, reload_fails: bool
) -> None:
    server, store, before = shared.server, shared.store, len(shared.server.log)
    failures = "recsmith_reload_failures_total"
    failed = server.metric(failures)
    shared.revision += 5
    revision = shared.revision
    point(store, revision, 9, version(store, 9))
    eventually(lambda: served(server) == "model 9")
    two = version(store, 2, "half" if "check" in said else "refuses" if "refuses" in said else None)
    if "malformed" in said:
        write_pointer(store, '{"model_id": "rm-shop", "na')
    elif "is older" in said:
        point(store, revision - 1, 2, two)
    elif "another" in said:
        point(store, revision + 1, 2, two, model_id="other")
    elif "only" in said:
        point(
            store,
            revision + 1,
            2,
            two,
            aliases={
                "previous": {"version": 1, "quick_test_id": "q", "artifacts_uri": two.as_uri()}
            },
        )
    elif "outside" in said:
        outside = version(store.parent / "elsewhere", 2)
        (store / "models" / "link").symlink_to(outside)
        point(store, revision + 1, 2, store / "models" / "link")
    elif "lacks" in said:
        (two / "model").unlink()
        point(store, revision + 1, 2, two)
    else:
        point(store, revision + 1, 2, two)
    eventually(lambda: said.casefold() in str(server.health()["fault"]).casefold())
    health = server.health()
    assert (health["status"], health["stale"], health["model"]["version"]) == ("ready", True, 9)
    assert served(server) == "model 9"
    assert server.metric("recsmith_stale") == 1
    assert (server.metric(failures) > failed) == reload_fails
    assert "Still serves version 9 of model 'Shop'" in server.log[before:]
    point(store, revision + 2, 3, version(store, 3))
    eventually(lambda: served(server) == "model 3")
    eventually(lambda: (server.health()["fault"], server.metric("recsmith_stale")) == (None, 0))


def test_no_request_is_lost_or_answered_by_halves_while_the_alias_moves(
    server: HttpServer, store: Path
) -> None:
    folders = {number: version(store, number) for number in (1, 2)}
    over = threading.Event()

    def ask() -> set[str]:
        connection, seen = server.connection(), set()
        while not over.is_set():
            body = {"instances": [{"customer_id": "a"}] * 3}
            answer = answer_of(connection, "POST", "/predict", body)
            assert answer.status == 200, answer.text
            texts = {one["query"]["model"] for one in answer.body["predictions"]}
            assert texts == {f"model {answer.headers['recsmith-model-version']}"}
            seen |= texts
        return seen

    with ThreadPoolExecutor(3) as pool:
        asking = [pool.submit(ask) for _ in range(3)]
        for revision in range(2, 12):
            number = revision % 2 + 1
            point(store, revision, number, folders[number])
            eventually(lambda number=number: server.health()["model"]["version"] == number)
        over.set()
        assert set().union(*(one.result() for one in asking)) == {"model 1", "model 2"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_end_it_answers_what_it_was_asked_and_accepts_nothing_further(
    server: HttpServer, tmp_path: Path, number: int
) -> None:
    kept = server.connection()
    answer_of(kept, "GET", "/live", None)
    go = tmp_path / "go"
    waiting = asked(server, 2, go)
    server.process.send_signal(number)
    health = eventually(
        lambda: (one := answer_of(kept, "GET", "/health", None)).status == 503 and one
    )
    assert health.body["status"] == "stopping"
    assert health.headers["connection"] == "close"
    with pytest.raises(OSError, match="refused"):
        server.get("/live")
    go.touch()
    assert [one.result().status for one in waiting] == [200, 200]
    assert server.process.wait(PATIENCE) == 0


def test_it_waits_no_longer_than_it_may_for_what_runs(tmp_path: Path, store: Path) -> None:
    with following(tmp_path, store, "--drain-seconds", "0.3") as server:
        server.ready()
        (lost,) = asked(server, 1, tmp_path / "never")
        server.process.terminate()
        assert server.process.wait(PATIENCE) == 0
        assert lost.result().status == 503
        assert "1 request got no answer in time" in server.log


def test_who_does_not_read_an_answer_keeps_nobody_else_waiting_at_the_end(
    tmp_path: Path, store: Path
) -> None:
    with following(tmp_path, store, "--drain-seconds", "0.3") as server:
        server.ready()
        connection = server.connection()
        body = {"instances": [{}] * 20, "parameters": {"values": {"text": "x" * 1_400_000}}}
        connection.request("POST", "/predict", json.dumps(body))  # 28 MB in answer
        ok = 'recsmith_http_requests_total{route="predict",status="200"}'
        eventually(lambda: server.metric(ok) == 1)
        with ThreadPoolExecutor(1) as pool:
            never = {"values": {"wait_for": str(tmp_path / "never")}}
            lost = pool.submit(server.predict, never)
            eventually(lambda: server.metric("recsmith_predictions_in_progress") == 2)
            server.process.terminate()
            assert server.process.wait(PATIENCE) == 0
            assert lost.result().status == 503
        assert "1 request got no answer in time" in server.log
        connection.close()


def test_one_folder_is_served_under_the_routes_of_vertex(tmp_path: Path) -> None:
    told = {**VERTEX, "AIP_STORAGE_URI": job_folder(tmp_path).as_uri()}
    with HttpServer(tmp_path, STAND_IN, told=told) as server:
        eventually(lambda: server.get(VERTEX["AIP_HEALTH_ROUTE"]).status == 200)
        body = {"instances": [{"customer_id": "a"}], "parameters": None}
        answer = server.post(body, VERTEX["AIP_PREDICT_ROUTE"])
        assert answer.body["metadata"]["quick_test_id"] == "qt-7"
        assert "recsmith-model" not in answer.headers
        large = [{"customer_id": "a", "values": {"text": "x" * 2_900}}] * 499
        refused = server.post({"instances": large}, VERTEX["AIP_PREDICT_ROUTE"])
        assert refused.status == 400
        assert "at most 1,500,000 can be sent" in refused.body["error"]


def test_it_is_started_and_asked_as_vertex_is_told_to(tmp_path: Path) -> None:
    """With the variables of the documentation, whose values follow from the container."""
    spec = container(MODEL, 3, "trainer")
    told = {
        "AIP_HTTP_PORT": str(spec.ports[0].container_port),
        "AIP_HEALTH_ROUTE": spec.health_route,
        "AIP_PREDICT_ROUTE": spec.predict_route,
        "AIP_STORAGE_URI": job_folder(tmp_path).as_uri(),
    }
    assert list(spec.command) == ["python", "-m", REAL]
    arguments = [one for one in spec.args if not one.startswith("--host=")]
    with HttpServer(tmp_path, STAND_IN, *arguments, told=told) as server:
        eventually(lambda: server.get(spec.health_route).status == 200)
        answer = server.post({"instances": [{"customer_id": "a"}]}, spec.predict_route)
        assert answer.body["metadata"]["version"] == 3
        assert answer.headers["recsmith-model"] == MODEL


@pytest.mark.parametrize(
    ("arguments", "told", "said"),
    [
        ([], {}, "give --artifacts URI, or --model ID with --store URI"),
        (["--model", "shop"], {}, "give --store URI, or set RECSMITH_STORE"),
        (["--artifacts", "x", "--model", "shop"], {}, "together, or neither"),
        (["--artifacts", "x", "--predict-route", "/live"], {}, "'/live' cannot be a route"),
        (["--artifacts", "x", "--max-waiting", "0"], {}, "a whole number of at least 1"),
        (["--artifacts", "x", "--poll-seconds", "nan"], {}, "seconds above 0"),
        (["--artifacts", "x", "--host", "192.0.2.1"], {}, "192.0.2.1:0 cannot be used"),
        (["--artifacts", "file:///nowhere"], {}, "file:///nowhere is no folder of a training"),
        (
            ["--artifacts", "file:///nowhere"],
            {"RECSMITH_STORE": "file:///store"},
            "file:///nowhere is outside of the store of artifacts",
        ),
    ],
)
def test_what_cannot_be_served_at_all_ends_it(
    tmp_path: Path, arguments: list[str], told: dict[str, str], said: str
) -> None:
    server = HttpServer(tmp_path, STAND_IN, *arguments, told=told)
    assert server.process.wait(PATIENCE) in (1, 2)
    assert said in server.log
