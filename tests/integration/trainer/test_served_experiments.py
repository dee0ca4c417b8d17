"""An experiment served by the HTTP server, over models that are files: who gets which version, what
is said of it, and what happens while it begins, ends or lacks a version."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.online.assignment import bucket_of, place_of
from tests.integration.http_server import MODEL, STAND_IN, HttpServer, point
from tests.waiting import eventually

pytestmark = [pytest.mark.trainer, pytest.mark.xdist_group("http server")]

SHARES = (60.0, 40.0)
CUSTOMERS = [f"customer {number}" for number in range(40)]


def version(store: Path, number: int, text: str | None = None) -> Path:
    folder = store / "models" / f"v{number}"
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / "draft"  # the server may read it at any moment, and never finds half of it
    draft.write_text(text or f"model {number}")
    draft.replace(folder / "model")
    return folder


class Shop:
    """A store of two versions, and the server that follows its pointer."""

    def __init__(self, folder: Path) -> None:
        self.store = folder / "store"
        self.revision = self.experiments = 0
        self.begin()
        arguments = ("--model", MODEL, "--store", self.store.as_uri(), "--poll-seconds", "0.05")
        self.server = HttpServer(folder, STAND_IN, *arguments)

    def folder(self, number: int) -> Path:
        return self.store / "models" / f"v{number}"

    def point(self, number: int, **changes: Any) -> None:
        self.revision += 1
        point(self.store, self.revision, number, self.folder(number), **changes)

    def begin(self) -> str:
        """A new experiment: version 1 is in production, and version 2 answers 40% of customers."""
        version(self.store, 1)
        version(self.store, 2)
        return self.try_out()

    def try_out(self) -> str:
        """A new experiment over the folders as they are; its id."""
        self.experiments += 1
        versions = [
            {
                "version": number,
                "quick_test_id": f"qt-{number}",
                "artifacts_uri": self.folder(number).as_uri(),
                "share_percent": share,
            }
            for number, share in zip((1, 2), SHARES, strict=True)
        ]
        found = f"ex-{self.experiments}"
        experiment = {"id": found, "salt": "pepper", "began_at": "", "versions": versions}
        self.point(1, experiment=experiment)
        return found

    def runs(self) -> str | None:
        """The experiment that is served."""
        found: str | None = (self.server.health()["experiment"] or {}).get("experiment_id")
        return found


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    shop = Shop(tmp_path_factory.mktemp("experiments"))
    with shop.server as server:
        server.ready()
        yield shop


@pytest.fixture
def shop(serving: Shop) -> Shop:
    """One server for all tests, each of which begins with a new experiment."""
    wanted = serving.begin()
    eventually(lambda: serving.runs() == wanted and not serving.server.health()["stale"])
    return serving


def expected(customer_id: str) -> int:
    return 1 + place_of(bucket_of("pepper", customer_id), SHARES)


def answered(server: HttpServer, *customers: str | None) -> list[dict[str, Any]]:
    instances = [{} if one is None else {"customer_id": one} for one in customers]
    answer = server.predict(*instances)
    assert answer.status == 200, answer.text
    found: list[dict[str, Any]] = answer.body["predictions"]
    return found


def test_each_instance_is_answered_by_its_customers_version_and_says_so(shop: Shop) -> None:
    server, experiment = shop.server, shop.runs()
    found = answered(server, *CUSTOMERS, None)
    assert {expected(one) for one in CUSTOMERS} == {1, 2}
    for customer, one in zip(CUSTOMERS, found, strict=False):
        number = expected(customer)
        assert one["query"]["model"] == f"model {number}"
        told = one["experiment"]
        assert (told["experiment_id"], told["version"]) == (experiment, number)
        assert (told["assigned_by"], told["customer_id"]) == ("customer", customer)
        assert told["time"].endswith("Z")
    nobody = found[-1]
    assert nobody["query"]["model"] == "model 1"
    assert nobody["experiment"]["assigned_by"] == "no_customer_id"
    answer = server.predict({"customer_id": "c"})
    assert answer.body["metadata"]["experiment_id"] == experiment
    assert answer.headers["recsmith-experiment"] == experiment
    assert [one["loaded"] for one in server.health()["experiment"]["versions"]] == [True, True]
    labels = f'{{assigned_by="no_customer_id",experiment_id="{experiment}",version="1"}}'
    assert server.metric(f"recsmith_experiment_instances_total{labels}") == 1


def test_a_version_that_is_asked_for_answers_every_customer_and_is_no_exposure(shop: Shop) -> None:
    instances = [{"customer_id": one} for one in CUSTOMERS]
    for number in (1, 2):
        answer = shop.server.post({"instances": instances}, only=f"qt-{number}")
        models = {one["query"]["model"] for one in answer.body["predictions"]}
        assert models == {f"model {number}"}
        assert answer.headers["recsmith-quick-test"] == f"qt-{number}"
        assert answer.body["metadata"]["version"] == number
        assert "experiment" not in answer.text
    assert shop.server.post({"instances": instances}, only="qt-3").status == 409


def test_no_request_is_lost_or_answered_by_halves_while_an_experiment_begins_and_ends(
    shop: Shop,
) -> None:
    server = shop.server
    stop, seen, faults = threading.Event(), set(), []

    def ask() -> None:
        while not stop.is_set():
            answer = server.predict(*({"customer_id": one} for one in CUSTOMERS))
            if answer.status != 200:
                faults.append(answer.text)
                continue
            served = [one["query"]["model"] for one in answer.body["predictions"]]
            runs = "experiment_id" in answer.body["metadata"]
            wanted = [f"model {expected(one) if runs else 1}" for one in CUSTOMERS]
            if served != wanted or runs != ("experiment" in answer.body["predictions"][0]):
                faults.append(str(served))
            seen.add(runs)

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        for begins in (False, True) * 3:
            wanted = shop.try_out() if begins else shop.point(1)
            eventually(lambda wanted=wanted: shop.runs() == wanted)
        eventually(lambda: seen == {True, False})
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert faults == []


def test_where_a_version_cannot_be_loaded_the_control_answers_and_says_so_until_it_can(
    shop: Shop,
) -> None:
    server = shop.server
    shop.point(1)
    eventually(lambda: shop.runs() is None)
    version(shop.store, 2, "half")
    shop.try_out()
    health = eventually(lambda: (one := server.health())["experiment"] and one)
    assert (health["status"], health["stale"]) == ("ready", True)
    assert "truncated" in health["fault"]
    assert [one["loaded"] for one in health["experiment"]["versions"]] == [True, False]
    customer = next(one for one in CUSTOMERS if expected(one) == 2)
    (found,) = answered(server, customer)
    assert found["query"]["model"] == "model 1"
    assert found["experiment"]["version"] == 1
    assert found["experiment"]["assigned_by"] == "version_not_loaded"
    assert server.metric("recsmith_stale") == 1
    version(shop.store, 2)
    eventually(lambda: not server.health()["stale"])
    (found,) = answered(server, customer)
    assert (found["query"]["model"], found["experiment"]["assigned_by"]) == ("model 2", "customer")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"share_percent": 10.0}, "sum to 100%"),
        ({"artifacts_uri": "file:///elsewhere"}, "outside of the store"),
    ],
)
def test_an_experiment_that_nobody_should_follow_is_followed_by_nobody(
    shop: Shop, change: dict[str, Any], said: str
) -> None:
    versions = [
        {
            "version": number,
            "quick_test_id": f"qt-{number}",
            "artifacts_uri": shop.folder(number).as_uri(),
            "share_percent": 50.0,
        }
        for number in (1, 3)
    ]
    versions[1] |= change
    experiment = {"id": "ex-9", "salt": "s", "began_at": "", "versions": versions}
    shop.point(1, experiment=experiment)
    eventually(lambda: said in str(shop.server.health()["fault"]))
    served = {one["query"]["model"] for one in answered(shop.server, *CUSTOMERS)}
    assert served <= {"model 1", "model 2"}


def test_the_version_that_was_tried_takes_over_at_once_where_it_is_promoted(shop: Shop) -> None:
    server = shop.server
    (shop.folder(2) / "model").unlink()  # in memory it is
    shop.point(2)
    eventually(lambda: server.health()["model"]["version"] == 2)
    assert server.health()["experiment"] is None
    assert {one["query"]["model"] for one in answered(server, *CUSTOMERS)} == {"model 2"}
