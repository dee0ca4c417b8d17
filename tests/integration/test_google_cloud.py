"""What is peculiar to the adapters of Google Cloud."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.api_core import exceptions
from google.cloud.firestore_v1 import GeoPoint
from google.oauth2 import service_account
from opentelemetry.sdk.trace import TracerProvider

from local.emulators import Emulators
from local.eventarc import ChangeFeed, CloudEvent
from local.pipelines import REPOSITORY
from shared.gcp import template
from shared.gcp.cloud_events import document_change
from shared.gcp.tracing import carried, span
from shared.jobs import State
from shared.ports import AlreadyExists, Conflict, Filter, NotFound, Refused
from shared.problems import Invalid
from tests.integration.conftest import eventually, job_request
from tests.integration.google_cloud import GoogleCloud

SUCCEEDS = "succeed('examples', 'transform', 'train', 'evaluate'); finish()"


@pytest.fixture
def google(running_emulators: Emulators, tmp_path: Path) -> Iterator[GoogleCloud]:
    with GoogleCloud.over(running_emulators, tmp_path) as cloud:
        yield cloud


def test_whatever_a_script_stored_is_read_as_json(google: GoogleCloud) -> None:
    reference = google.firestore.document("things/other")
    google.firestore.document("things/a").set(
        {
            "at": datetime(2024, 2, 29, 12, 30, tzinfo=UTC),
            "bytes": b"\x00\xff",
            "where": GeoPoint(1.5, -2.5),
            "reference": reference,
            "nan": float("nan"),
            "deep": [{"infinite": float("inf")}],
        }
    )
    snapshot = google.documents.get("things/a")
    assert snapshot is not None
    assert snapshot.data == {
        "at": "2024-02-29T12:30:00Z",
        "bytes": base64.b64encode(b"\x00\xff").decode(),
        "where": {"latitude": 1.5, "longitude": -2.5},
        "reference": "things/other",
        "nan": "nan",
        "deep": [{"infinite": "inf"}],
    }


def test_no_browser_reads_or_writes_a_document(
    google: GoogleCloud, running_emulators: Emulators
) -> None:
    """Firestore's own judgement of the rules that Terraform deploys."""
    rules = REPOSITORY / "infra" / "terraform" / "firestore.rules"
    host = f"http://{running_emulators.firestore}"
    documents = f"{host}/v1/projects/{google.project}/databases/(default)/documents"
    path = "quick_tests/qt-1"
    google.documents.transact(lambda transaction: transaction.create(path, {"status": {}}))
    changed = {"fields": {"status": {"stringValue": "completed"}}}
    somebody = {"sub": "1", "email": "head@shop.example", "email_verified": True, "role": "admin"}
    parts = [{"alg": "none"}, {"iss": "", "aud": google.project, "user_id": "1", **somebody}]
    token = ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode() for part in parts)
    with httpx.Client(trust_env=False) as http:

        def answers(**headers: str) -> list[int]:
            asked = [
                http.get(f"{documents}/{path}", headers=headers),
                http.patch(f"{documents}/{path}", headers=headers, json=changed),
                http.post(f"{documents}/quick_tests", headers=headers, json=changed),
                http.delete(f"{documents}/{path}", headers=headers),
            ]
            return [answer.status_code for answer in asked]

        loaded = {"rules": {"files": [{"name": rules.name, "content": rules.read_text()}]}}
        http.put(
            f"{host}/emulator/v1/projects/{google.project}:securityRules", json=loaded
        ).raise_for_status()
        assert answers() == [403] * 4
        assert answers(authorization=f"Bearer {token}.") == [403] * 4
    kept = google.documents.get(path)  # the functions' accounts are not subject to the rules
    assert kept is not None
    assert kept.data == {"status": {}}


def test_what_firestore_cannot_hold_is_refused_before_it_is_sent(google: GoogleCloud) -> None:
    def put(**data: Any) -> None:
        google.documents.transact(lambda transaction: transaction.set("things/a", data))

    with pytest.raises(Invalid, match=r"things/a would take 1,0\d\d,\d\d\d bytes"):
        put(text="x" * 1_000_000)
    with pytest.raises(Invalid, match=r"spec\.range is a list of lists"):
        put(spec={"range": [[1]]})
    put(huge=2**70)
    snapshot = google.documents.get("things/a")
    assert snapshot is not None
    assert snapshot.data == {"huge": 2.0**70}


def test_a_commit_that_is_always_aborted_is_a_conflict(
    google: GoogleCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = google.firestore._firestore_api
    tried = []

    def commit(**_: Any) -> None:
        tried.append(1)
        raise exceptions.Aborted("contention")

    monkeypatch.setattr(api, "commit", commit)
    with pytest.raises(Conflict):
        google.documents.transact(lambda transaction: transaction.set("things/a", {}))
    assert len(tried) == 20


def test_what_was_only_read_is_checked_at_the_commit_and_told_to_nobody(
    google: GoogleCloud,
) -> None:
    google.firestore.document("things/read").set({"n": 1})
    changes: list[str] = []
    with google.running(lambda change: changes.append(change.path)) as deliveries:
        google.documents.transact(
            lambda transaction: (
                transaction.get("things/read"),
                transaction.get("things/absent"),
                transaction.set("things/written", {}),
            )
        )
        deliveries.wait_idle(10)
    assert sorted(changes) == ["things/read", "things/written"]  # the first from the start

    runs = []

    def change(transaction: Any) -> None:
        runs.append(transaction.get("things/read").data["n"])
        if len(runs) == 1:
            google.firestore.document("things/read").set({"n": 2})
        transaction.set("things/written", {})

    google.documents.transact(change)
    assert runs == [1, 2]


def test_more_than_thirty_values_of_in_are_asked_for_in_parts(google: GoogleCloud) -> None:
    for number in range(40):
        path, data = f"things/{number:02}", {"x": number}
        google.firestore.document(path).set(data)
    wanted = [Filter("x", "in", list(range(5, 100)))]
    found = google.documents.query("things", wanted, order_by="x", descending=True, limit=3)
    assert [snapshot.data["x"] for snapshot in found] == [39, 38, 37]
    after = google.documents.query("things", wanted, order_by="x", start_after="37", limit=2)
    assert [snapshot.data["x"] for snapshot in after] == [38, 39]


def test_a_signed_url_names_the_object_the_account_and_the_moment(google: GoogleCloud) -> None:
    key = rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    signer = service_account.Credentials.from_service_account_info(
        {
            "client_email": "api@recsmith.example",
            "token_uri": "https://localhost/token",
            "private_key": key.decode(),
        }
    )
    uri = google.artifacts.create("code/a.py", b"pass")
    url = google.artifacts.signed_url(uri, timedelta(minutes=5), "a.py", credentials=signer)
    assert "/code/a.py?" in url
    assert "X-Goog-Expires=300" in url
    assert "api%40recsmith.example" in url
    with pytest.raises(NotFound):
        google.artifacts.signed_url("gs://other/a", timedelta(1), "a", credentials=signer)


class Faults(grpc.ServerInterceptor):
    """Fails calls of some methods, before or after they have taken effect."""

    def __init__(self) -> None:
        self.before: dict[str, list[grpc.StatusCode]] = {}
        self.after: dict[str, list[grpc.StatusCode]] = {}
        self.calls: list[str] = []

    def intercept_service(self, continuation: Any, details: Any) -> Any:
        method = details.method.rsplit("/", 1)[-1]
        handler = continuation(details)

        def answer(request: Any, context: Any) -> Any:
            self.calls.append(method)
            if self.before.get(method):
                context.abort(self.before[method].pop(0), "a fault")
            found = handler.unary_unary(request, context)
            if self.after.get(method):
                context.abort(self.after[method].pop(0), "a fault")
            return found

        return grpc.unary_unary_rpc_method_handler(
            answer, handler.request_deserializer, handler.response_serializer
        )


def request(google: GoogleCloud, **fields: Any) -> Any:
    output = google.artifacts.uri("jobs/qt-1")
    return job_request("qt-1", "test").model_copy(update={"output_uri": output, **fields})


def test_a_launch_whose_answer_was_lost_is_found_launched(google: GoogleCloud) -> None:
    faults = Faults()
    faults.after["CreatePipelineJob"] = [grpc.StatusCode.UNAVAILABLE]
    with google.pipelines(SUCCEEDS, [faults]) as service:
        with pytest.raises(exceptions.ServiceUnavailable):
            service.launch(request(google))
        with pytest.raises(AlreadyExists):
            service.launch(request(google))
        assert service.get("qt-1").quick_test_id == "test"


@pytest.mark.parametrize("code", ["INVALID_ARGUMENT", "FAILED_PRECONDITION", "PERMISSION_DENIED"])
def test_what_the_service_refuses_for_good_is_a_refusal(google: GoogleCloud, code: str) -> None:
    faults = Faults()
    faults.before["CreatePipelineJob"] = [grpc.StatusCode[code]]
    with google.pipelines(SUCCEEDS, [faults]) as service, pytest.raises(Refused, match=r"^40[03] "):
        service.launch(request(google))


def test_a_quota_is_a_passing_fault(google: GoogleCloud) -> None:
    faults = Faults()
    faults.before["CreatePipelineJob"] = [grpc.StatusCode.RESOURCE_EXHAUSTED]
    with google.pipelines(SUCCEEDS, [faults]) as service:
        with pytest.raises(exceptions.ResourceExhausted):
            service.launch(request(google))
        service.launch(request(google))
        assert service.get("qt-1").quick_test_id == "test"


def test_a_passing_fault_of_the_service_is_raised_and_not_taken_for_a_lost_job(
    google: GoogleCloud,
) -> None:
    faults = Faults()
    with google.pipelines(SUCCEEDS, [faults]) as service:
        service.launch(request(google))
        for code in (grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.INTERNAL):
            faults.before["GetPipelineJob"] = [code]
            with pytest.raises(exceptions.GoogleAPICallError) as raised:
                service.get("qt-1")
            assert not isinstance(raised.value, exceptions.NotFound)


def test_a_request_too_long_for_a_parameter_is_stored_and_sent_as_its_uri(
    google: GoogleCloud,
) -> None:
    query_keys = [f"a_rather_long_name_of_a_feature_{number}" for number in range(400)]
    examples = job_request().examples.model_copy(update={"query_keys": query_keys})
    with google.pipelines(SUCCEEDS) as service:
        service.launch(request(google, examples=examples, quick_test_id="long"))
        job = service._find("qt-1")
        values = dict(job.runtime_config.parameter_values)
        assert values["job_request"].startswith(f"gs://{google.project}/jobs/qt-1/parameters/")
        assert all(len(value) <= template.LONGEST_VALUE for value in values.values())
        assert service.get("qt-1").quick_test_id == "long"


def test_a_job_that_ends_while_it_is_cancelled_has_ended(google: GoogleCloud) -> None:
    faults = Faults()
    faults.before["CancelPipelineJob"] = [grpc.StatusCode.FAILED_PRECONDITION]
    with google.pipelines("status('examples', 'running'); wait_for('go')", [faults]) as service:
        service.launch(request(google))
        service.cancel("qt-1")
        assert service.get("qt-1").state in (State.PENDING, State.RUNNING)
    assert faults.calls.count("CancelPipelineJob") == 1


def test_events_of_many_threads_all_arrive(google: GoogleCloud) -> None:
    from shared.events import Topic
    from tests.integration.conftest import event

    received: list[str] = []
    lock = threading.Lock()

    def note(found: Any) -> None:
        with lock:
            received.append(found.document_id)

    with google.running(handlers={Topic.CONFIG_VALIDATED: {"only": note}}) as deliveries:
        threads = [
            threading.Thread(
                target=google.events.publish,
                args=(event(str(number), kind=Topic.CONFIG_VALIDATED),),
            )
            for number in range(20)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        deliveries.wait_idle(20)
    assert sorted(received, key=int) == [str(number) for number in range(20)]


def test_a_trace_goes_from_the_request_through_the_document_and_the_message_to_the_job(
    google: GoogleCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.gcp.tracing._TRACER", TracerProvider().get_tracer("test"))
    told: list[CloudEvent] = []
    feed = ChangeFeed(google.firestore, ["things"], told.append, lambda *_: None)
    feed.start()
    with span("POST /api/things/"):
        trace_id = carried()["traceparent"].split("-")[1]
        google.documents.transact(lambda transaction: transaction.create("things/a", {"n": 1}))
    eventually(lambda: told)
    feed.stop()
    change, carrier = document_change(told[0].body)
    assert change.after == {"n": 1}

    sent: list[str] = []
    with span("publish_change", carrier), google.pipelines(SUCCEEDS) as service:
        sent.append(carried()["traceparent"])
        service.launch(request(google))
        label = service._find("qt-1").labels["traceparent"]
    assert {carrier["traceparent"].split("-")[1], sent[0].split("-")[1], label.split("-")[1]} == {
        trace_id
    }
    snapshot = google.documents.get("things/a")
    assert snapshot is not None
    assert snapshot.data == {"n": 1}
