"""Generated code, and exactly one job for it."""

from __future__ import annotations

import hashlib
import re

import pytest
from scenario import DATASET_SPEC, Shop, feature_spec

from shared import editing
from shared.documents.base import Collection
from shared.errors import AlreadyExistsError, RefusedError
from shared.events import Topic
from shared.jobs import JobRequest
from shared.places import job_id_of
from shared.services import cancel_quick_test

DATASETS, FEATURES, MODELS, TESTS, *_ = Collection


@pytest.fixture
def shop():
    return Shop()


@pytest.fixture
def ready(shop):
    """A quick test whose code has just been generated."""
    dataset_id = shop.dataset()
    shop.settle()
    feature_id, model_id = shop.feature_config(dataset_id), shop.model_config()
    shop.settle()
    test_id = shop.quick_test(feature_id, model_id, epochs=3, learning_rate_override=0.5)
    shop.handle_until(Topic.CODE_GENERATED)
    return test_id


def test_code_is_stored_under_its_hash(shop, ready):
    code = shop.test(ready).code
    for artifact in (code.preprocessing, code.trainer):
        content = shop.artifacts.read(artifact.uri)
        assert artifact.sha256 == hashlib.sha256(content).hexdigest()
        assert artifact.uri.endswith(f"code/{artifact.sha256}.py")
    trainer = shop.artifacts.read(code.trainer.uri).decode()
    assert "0.5" in trainer


def test_the_job_is_asked_for_what_was_pinned(shop, ready):
    shop.settle()
    test = shop.test(ready)
    (request,) = shop.pipelines.requests.values()
    assert isinstance(request, JobRequest)
    assert request.job_id == test.job.job_id == f"quick-test-{ready}-1"
    assert (request.preprocessing, request.trainer) == (test.code.preprocessing, test.code.trainer)
    assert request.epochs == 3
    assert request.output_uri == test.artifacts_uri
    assert request.examples.source.uri == DATASET_SPEC["source"]["uri"]
    assert request.examples.split == "temporal"
    assert [ref.column for ref in request.vocabularies] == ["customer", "product"]
    assert [entry.what for entry in test.timeline] == [
        "validated",
        "code generated",
        f"launched as {request.job_id}",
    ]
    assert test.started_at is not None


@pytest.mark.parametrize(
    "topic", [Topic.CONFIG_CHANGED, Topic.CONFIG_VALIDATED, Topic.CODE_GENERATED]
)
def test_five_deliveries_are_one_job(shop, ready, topic):
    for _ in range(5):
        shop.handle(shop.event(topic, TESTS, ready))
    shop.settle()
    assert len(shop.pipelines.requests) == 1
    assert len(shop.test(ready).timeline) == 3


def test_a_launch_that_fails_is_tried_again_under_the_same_id(shop, ready):
    shop.pipelines.fault = ConnectionError("busy")
    with pytest.raises(ConnectionError):
        shop.handle(shop.event(Topic.CODE_GENERATED, TESTS, ready))
    assert shop.test(ready).state == "pending"
    shop.settle()
    assert shop.test(ready).state == "running"
    assert len(shop.pipelines.requests) == 1


def test_a_crash_right_after_the_launch_starts_no_second_job(shop, ready):
    launch = shop.pipelines.launch

    def crash(request):
        launch(request)
        raise SystemExit

    shop.pipelines.launch = crash
    with pytest.raises(SystemExit):
        shop.handle(shop.event(Topic.CODE_GENERATED, TESTS, ready))
    shop.pipelines.launch = launch
    with pytest.raises(AlreadyExistsError):
        launch(next(iter(shop.pipelines.requests.values())))
    shop.settle()
    assert shop.test(ready).state == "running"
    assert len(shop.pipelines.requests) == 1


def test_a_test_cancelled_while_it_is_launched_gets_its_job_cancelled(shop, ready):
    launch = shop.pipelines.launch

    def slow(request):
        cancel_quick_test(ready, shop.ports)
        launch(request)

    shop.pipelines.launch = slow
    shop.settle()
    assert shop.test(ready).state == "cancelled"
    assert shop.pipelines.cancelled == [f"quick-test-{ready}-1"]


def test_a_test_cancelled_before_is_not_launched(shop, ready):
    cancel_quick_test(ready, shop.ports)
    shop.settle()
    assert shop.pipelines.requests == {}
    assert shop.test(ready).state == "cancelled"


def test_an_edited_pending_test_runs_with_its_newest_spec(shop, ready):
    stale = shop.events.published.copy()
    spec = shop.documents.data(f"quick_tests/{ready}")["spec"]
    editing.update(shop.ports, TESTS, ready, spec={**spec, "epochs": 7})
    shop.settle()
    for event in stale:
        shop.handle(event)
    (request,) = shop.pipelines.requests.values()
    assert request.epochs == 7
    assert "7" in shop.artifacts.read(request.trainer.uri).decode()
    assert shop.test(ready).validation.revision == 2


def test_code_for_a_spec_that_changed_meanwhile_is_not_taken(shop):
    dataset_id = shop.dataset()
    shop.settle()
    feature_id, model_id = shop.feature_config(dataset_id), shop.model_config()
    shop.settle()
    test_id = shop.quick_test(feature_id, model_id)
    shop.handle_until(Topic.CONFIG_VALIDATED)
    (event,) = shop.events.published
    shop.events.published.clear()
    spec = shop.documents.data(f"quick_tests/{test_id}")["spec"]

    def edit():
        editing.update(shop.ports, TESTS, test_id, spec={**spec, "epochs": 7})

    shop.documents.meanwhile = edit
    shop.handle(event)
    assert shop.test(test_id).code is None
    assert shop.events.published == []
    shop.settle()
    (request,) = shop.pipelines.requests.values()
    assert request.epochs == 7


def test_from_the_reservation_on_the_job_is_made_from_what_was_validated(shop, ready):
    """A script rewrites the spec between a failed launch and the next try."""
    shop.pipelines.fault = ConnectionError("busy")
    with pytest.raises(ConnectionError):
        shop.handle(shop.event(Topic.CODE_GENERATED, TESTS, ready))
    data = shop.documents.data(f"quick_tests/{ready}")
    data["spec"]["epochs"] = 50
    shop.documents.write(f"quick_tests/{ready}", data)
    shop.settle()
    shop.handle(shop.event(Topic.CODE_GENERATED, TESTS, ready))
    (request,) = shop.pipelines.requests.values()
    assert request.epochs == 3


@pytest.mark.parametrize(
    ("collection", "text"),
    [
        (DATASETS, "has been deleted since the test was validated"),
        (FEATURES, "has been deleted since the test was validated"),
    ],
)
def test_what_vanishes_before_the_launch_fails_the_test(shop, ready, collection, text):
    path = next(path for path in shop.documents.documents if path.startswith(f"{collection}/"))
    shop.documents.transact(lambda transaction: transaction.delete(path))
    shop.settle()
    test = shop.test(ready)
    assert test.state == "failed"
    assert text in test.error.message
    assert shop.pipelines.requests == {}


def test_a_dataset_remapped_before_the_launch_fails_the_test(shop, ready):
    path = next(path for path in shop.documents.documents if path.startswith("datasets/"))
    data = shop.documents.data(path)
    data["spec"]["column_mapping"] = {"product": "product_id"}
    shop.documents.write(path, data)
    shop.handle(shop.event(Topic.CODE_GENERATED, TESTS, ready))
    test = shop.test(ready)
    assert test.state == "failed"
    assert "No column is mapped to 'customer_id'" in test.error.message


def test_events_of_two_revisions_in_the_wrong_order_give_the_newest_code(shop):
    dataset_id = shop.dataset()
    shop.settle()
    feature_id = shop.feature_config(dataset_id)
    shop.settle()
    editing.update(shop.ports, FEATURES, feature_id, spec=feature_spec(dataset_id, 64))
    shop.settle()
    newest = shop.config(feature_id).preprocessing
    for revision in (2, 1):
        for topic in (Topic.CONFIG_VALIDATED, Topic.CONFIG_CHANGED):
            shop.handle(shop.event(topic, FEATURES, feature_id, revision))
    shop.settle()
    assert shop.config(feature_id).preprocessing == newest
    assert '"revision": 2' in shop.artifacts.read(newest.uri).decode()


@pytest.mark.parametrize(
    "odd", ["Test 1", "a/b", "x" * 300, "ümlaut", "-lead", "UPPER", "quo'te", "a_b", ""]
)
def test_a_job_id_is_one_that_every_service_takes(odd):
    job_id = job_id_of(odd, 1)
    pattern = JobRequest.model_json_schema()["properties"]["job_id"]["pattern"]
    assert re.search(pattern, job_id)
    assert job_id == job_id_of(odd, 1)
    assert job_id != job_id_of(odd, 2)
    assert job_id != job_id_of(odd + "'", 1)


def test_why_a_launch_waits_is_said_once(shop, ready):
    for number in range(3):
        shop.pipelines.fault = ConnectionError(f"quota exceeded, request {number}")
        event = shop.event(Topic.CODE_GENERATED, TESTS, ready)
        with pytest.raises(ConnectionError):
            shop.handle(event)
    told = [entry.what for entry in shop.test(ready).timeline]
    assert told[-2:] == [
        "code generated",
        "not launched yet, tried again: ConnectionError: quota exceeded, request 0",
    ]


def test_a_job_that_the_service_refuses_for_good_fails_the_test(shop, ready):
    shop.pipelines.fault = RefusedError("400 no such machine type")
    shop.handle(shop.event(Topic.CODE_GENERATED, TESTS, ready))
    status = shop.test(ready)
    assert status.state == "failed"
    assert status.error.message == "The pipeline service refuses the job: 400 no such machine type."


def test_a_test_that_failed_while_it_was_launched_gets_its_job_cancelled(shop, ready):
    launch = shop.pipelines.launch

    def launch_late(request):
        launch(request)
        data = shop.documents.data(f"quick_tests/{ready}")
        data["status"]["state"] = "failed"
        shop.documents.write(f"quick_tests/{ready}", data)

    shop.pipelines.launch = launch_late
    shop.handle(shop.event(Topic.CODE_GENERATED, TESTS, ready))
    assert shop.pipelines.cancelled == [shop.job_id(ready)]
