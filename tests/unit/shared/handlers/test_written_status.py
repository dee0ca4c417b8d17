"""What somebody else writes into a status is no instruction."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from api_client import Client, error
from scenario import Shop, metrics

from shared.documents.base import Collection, read_status
from shared.documents.quick_test import QuickTestStatus
from shared.events import Topic
from shared.handlers import reconcile
from shared.jobs import METRICS_FILE
from shared.places import job_id_of
from shared.problems import Problem
from shared.services import cancel_quick_test, cancel_sweep

TESTS = Collection.QUICK_TESTS
OUTSIDE = "memory://elsewhere"
EVIL = b"raise SystemExit('imported')\n"
SHA256 = hashlib.sha256(EVIL).hexdigest()
CODE = {"uri": f"{OUTSIDE}/evil.py", "sha256": SHA256}


@pytest.fixture
def shop() -> Shop:
    return Shop()


def rewritten(shop: Shop, path: str, **fields: Any) -> None:
    data = shop.documents.data(path)
    data["status"] |= fields
    shop.documents.write(path, data)


def coded(shop: Shop) -> str:
    """A test whose code has just been generated."""
    dataset_id = shop.dataset()
    shop.settle()
    configs = shop.feature_config(dataset_id), shop.model_config()
    shop.settle()
    test_id = shop.quick_test(*configs)
    shop.handle_until(Topic.CODE_GENERATED)
    return test_id


def test_code_that_a_status_names_is_never_launched(shop: Shop) -> None:
    """Nor code of the store that nobody generated for the test, rightly named by its hash."""
    test_id = coded(shop)
    generated = shop.test(test_id).code
    for uri in (CODE["uri"], shop.artifacts.create(f"code/{SHA256}.py", EVIL)):
        shop.artifacts.files[uri] = EVIL
    rewritten(shop, TESTS.path(test_id), code={"preprocessing": CODE, "trainer": CODE})
    shop.settle()
    (request,) = shop.pipelines.requests.values()
    assert generated is not None
    assert (request.preprocessing, request.trainer) == (generated.preprocessing, generated.trainer)
    status = shop.test(test_id)
    assert status.code == generated
    assert "code generated anew" in [e.what.partition(":")[0] for e in status.timeline]


def test_a_job_that_a_status_names_is_neither_followed_nor_cancelled(shop: Shop) -> None:
    victim = shop.running_test()
    spec = shop.documents.data(TESTS.path(victim))["spec"]
    other = shop.quick_test(spec["feature_config_id"], spec["model_config_id"])
    shop.handle_until(Topic.CODE_GENERATED)
    shop.events.published.clear()
    taken = {"job_id": shop.job_id(victim), "attempt": 1}
    rewritten(shop, TESTS.path(other), job=taken, artifacts_uri=OUTSIDE)
    cancel_quick_test(other, shop.ports)
    assert shop.pipelines.cancelled == []
    rewritten(shop, TESTS.path(other), job=taken, state="running")
    shop.succeed(victim)
    reconcile(shop.ports)
    found = shop.test(other)
    assert (found.state, found.job and found.job.job_id) == ("failed", job_id_of(other))
    assert found.results is None


def test_a_job_writes_and_is_read_where_it_belongs(shop: Shop) -> None:
    test_id = coded(shop)
    job = {"job_id": "other", "attempt": 7}
    rewritten(shop, TESTS.path(test_id), job=job, artifacts_uri=OUTSIDE)
    shop.settle()
    (request,) = shop.pipelines.requests.values()
    assert request.job_id == job_id_of(test_id)
    assert request.output_uri == shop.artifacts.uri(f"jobs/{request.job_id}")
    rewritten(shop, TESTS.path(test_id), artifacts_uri=OUTSIDE)
    shop.artifacts.files[f"{OUTSIDE}/{METRICS_FILE}"] = b"{}"
    shop.settle()
    assert shop.test(test_id).artifacts_uri == request.output_uri
    shop.succeed(test_id)
    assert shop.test(test_id).state == "completed"


@pytest.mark.parametrize("path", ["sample-tensors", "generated-code", "prediction-inputs"])
def test_readers_read_nothing_elsewhere(shop: Shop, path: str) -> None:
    test_id = shop.running_test()
    shop.succeed(test_id)
    for name in ("sample_tensors.json", "model/saved_model.pb", "evil.py"):
        shop.artifacts.files[f"{OUTSIDE}/{name}"] = b'{"customers": {"c": [1]}, "products": {}}'
    code = {"preprocessing": CODE, "trainer": CODE}
    rewritten(shop, TESTS.path(test_id), artifacts_uri=OUTSIDE, code=code)
    error(Client(shop)("GET", f"/api/quick-tests/{test_id}/{path}/"), 404, "not_found")
    assert shop.predictor.asked == []


@pytest.mark.parametrize("pinned", ["dataset_id", "feature_config_revision"])
def test_what_is_pinned_otherwise_than_named_is_refused(shop: Shop, pinned: str) -> None:
    test_id = coded(shop)
    other = shop.dataset()
    held = shop.documents.data(TESTS.path(test_id))["status"]["pinned"]
    held |= {pinned: other if pinned == "dataset_id" else 9}
    rewritten(shop, TESTS.path(test_id), pinned=held)
    shop.settle()
    assert shop.test(test_id).state == "failed"
    assert shop.pipelines.requests == {}


def test_a_spec_that_was_never_judged_is_not_launched(shop: Shop) -> None:
    """Its status says that it was; more layers than there may be would be generated."""
    test_id = coded(shop)
    model_id = shop.documents.data(TESTS.path(test_id))["spec"]["model_config_id"]
    version = shop.documents.data(f"model_configs/{model_id}/versions/1")
    version["spec"]["product_tower_layers"] = []
    shop.documents.write(f"model_configs/{model_id}/versions/1", version)
    shop.settle()
    status = shop.test(test_id)
    assert status.state == "failed"
    assert status.error is not None
    assert "No longer valid" in status.error.message
    assert shop.pipelines.requests == {}


def test_a_sweep_cancels_and_makes_its_own_tests_only(shop: Shop) -> None:
    victim = shop.running_test()
    spec = shop.documents.data(TESTS.path(victim))["spec"]
    configs = [spec["feature_config_id"]], [spec["model_config_id"]]
    sweep_id = shop.sweep(*configs)
    shop.settle()
    listed = shop.documents.data(f"sweeps/{sweep_id}")["status"]["tests"]
    listed[0] |= {"quick_test_id": victim, "created": True, "state": "running"}
    rewritten(shop, f"sweeps/{sweep_id}", tests=listed)
    assert cancel_sweep(sweep_id, shop.ports).state == "failed"
    assert shop.test(victim).state == "running"
    assert shop.pipelines.cancelled == []


def test_a_run_that_is_not_the_tests_gives_way_and_its_own_stays(shop: Shop) -> None:
    test_id = shop.running_test()
    shop.succeed(test_id)
    shop.settle()
    own = shop.test(test_id).tracking
    assert own.run_id is not None
    evil = {"run_id": "other", "url": "https://evil.example"}
    rewritten(shop, TESTS.path(test_id), tracking=evil)
    shop.settle()
    assert list(shop.tracker.runs) == [own.run_id]
    assert shop.test(test_id).tracking == own


def test_times_without_a_zone_are_utc_and_numbers_are_finite() -> None:
    status = read_status(QuickTestStatus, {"status": {"ended_at": "2024-01-01T00:00:00"}})
    assert status.ended_at is not None
    assert status.ended_at.isoformat() == "2024-01-01T00:00:00+00:00"
    for odd in (
        {"ended_at": "0001-01-01T00:00:00+14:00"},
        {"duration_seconds": "1e999"},
        {"results": metrics(float("nan"))},
    ):
        stored = {"status": {"progress": 7, **odd}}
        assert read_status(QuickTestStatus, stored) == QuickTestStatus()


def test_what_a_problem_received_can_always_be_sent() -> None:
    received = {"a": ["\ud800", float("inf")]}
    problem = Problem(path="a", code="b", message="C.", received=received)
    assert problem.received == {"a": ["?", "inf"]}


def test_what_others_pin_keeps_no_test_from_its_end(shop: Shop) -> None:
    first = shop.running_test()
    shop.succeed(first)
    spec = shop.documents.data(TESTS.path(first))["spec"]
    data = shop.documents.data(TESTS.path(first))
    data["status"]["pinned"]["dataset_id"] = "a/../b"
    shop.documents.write(f"{TESTS}/odd", data)
    second = shop.quick_test(spec["feature_config_id"], spec["model_config_id"])
    shop.settle()
    shop.succeed(second)
    assert shop.test(second).state == "completed"
