"""What is particular to Google's services."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.api_core import exceptions
from google.cloud.firestore_v1 import GeoPoint
from google.oauth2 import service_account
from opentelemetry.sdk.trace import TracerProvider

from local.emulated.emulators import Emulators
from local.emulated.eventarc import ChangeFeed, CloudEvent
from local.jobs.environment import REPOSITORY
from shared.errors import ConflictError, NotFoundError
from shared.gcp.cloud_events import document_change
from shared.gcp.firestore_transaction import OptimisticTransaction
from shared.gcp.tracing import carried, span
from shared.ports import Filter, Transaction
from shared.problems import InvalidError
from tests.integration.google_cloud import GoogleCloud
from tests.integration.strict_firestore import strict_firestore
from tests.integration.vertex_requests import SUCCEEDS, request
from tests.unit.indexes import Sent
from tests.waiting import PATIENCE, eventually


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

    with pytest.raises(InvalidError, match=r"things/a would take 1,0\d\d,\d\d\d bytes"):
        put(text="x" * 1_000_000)
    with pytest.raises(InvalidError, match=r"spec\.range is a list of lists"):
        put(spec={"range": [[1]]})
    for name in ("__index_level_0__", "", "x" * 1501):
        with pytest.raises(
            InvalidError, match=r"cannot name a field of spec\.column_mapping"
        ) as caught:
            put(spec={"column_mapping": {name: "customer_id"}})
        assert caught.value.problems[0].path == "spec.column_mapping"
    deep: Any = "text"
    for _ in range(21):
        deep = {"in": deep}
    with pytest.raises(InvalidError, match="lies more than 20 deep"):
        put(deep=deep)
    put(deep=deep["in"]["in"])
    with pytest.raises(InvalidError, match="half of a surrogate pair"):
        put(text=["\ud800"])
    put(huge=2**70)
    assert google.documents.query("things", [Filter("huge", "==", 2**70)])
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
    with pytest.raises(ConflictError):
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
        deliveries.wait_idle(PATIENCE)
    assert sorted(changes) == ["things/read", "things/written"]  # the first from the start

    runs = []

    def change(transaction: Any) -> None:
        runs.append(transaction.get("things/read").data["n"])
        if len(runs) == 1:
            google.firestore.document("things/read").set({"n": 2})
        transaction.set("things/written", {})

    google.documents.transact(change)
    assert list(dict.fromkeys(runs)) == [1, 2]  # contended for, it may run once more


def test_more_than_thirty_values_of_in_are_asked_for_in_parts(google: GoogleCloud) -> None:
    for number in range(40):
        path, data = f"things/{number:02}", {"x": number}
        google.firestore.document(path).set(data)
    wanted = [Filter("x", "in", list(range(5, 100)))]
    found = google.documents.query("things", wanted, order_by="x", descending=True, limit=3)
    assert [snapshot.data["x"] for snapshot in found] == [39, 38, 37]
    after = google.documents.query("things", wanted, order_by="x", start_after="37", limit=2)
    assert [snapshot.data["x"] for snapshot in after] == [38, 39]


def test_combinations_of_in_are_asked_for_in_parts(google: GoogleCloud) -> None:
    for number in range(50):
        path, data = f"things/{number:02}", {"x": number % 10, "y": number // 10}
        google.firestore.document(path).set(data)
    wanted = [Filter("x", "in", list(range(9))), Filter("y", "in", [0, 2, 4, 6])]
    found = google.documents.query("things", wanted)
    assert [snapshot.id for snapshot in found] == [
        f"{number:02}" for number in range(50) if number % 10 < 9 and number // 10 in (0, 2, 4)
    ]


def test_a_page_is_one_query_also_where_documents_lack_the_field(google: GoogleCloud) -> None:
    google.firestore.document("quick_tests/lacking").set({"status": {"state": "completed"}})
    for number in range(4):
        data = {"status": {"state": "completed"}, "updated_at": f"2024-01-0{number + 1}"}
        google.firestore.document(f"quick_tests/{number}").set(data)
    completed = [Filter("status.state", "==", "completed")]
    pages = []
    with strict_firestore() as sent:
        for start in (None, "2"):
            found = google.documents.query(
                "quick_tests",
                completed,
                order_by="updated_at",
                descending=True,
                limit=2,
                start_after=start,
            )
            pages.append([snapshot.id for snapshot in found])
    assert pages == [["3", "2"], ["1", "0"]]
    filters = (("status.state", "EQUAL", 1),)
    order = ("updated_at", "DESCENDING")
    assert sent == [
        Sent("quick_tests", False, filters, (order,)),
        Sent("quick_tests", False, filters, (order, ("__name__", "DESCENDING"))),
    ]


def test_what_the_emulator_forgives_is_refused_as_by_google(google: GoogleCloud) -> None:
    state = Filter("status.state", "==", "completed")
    with pytest.raises(exceptions.FailedPrecondition, match="lacks the index"):
        google.documents.query("quick_tests", [state], order_by="name", descending=True)
    with pytest.raises(exceptions.FailedPrecondition, match="lacks the index"):
        google.documents.query("quick_tests", [state], order_by="updated_at")
    with pytest.raises(exceptions.FailedPrecondition, match="has no index"):
        google.documents.without("datasets", "status.columns")
    counted = google.firestore.collection("quick_tests").order_by("spec.name").order_by("name")
    with pytest.raises(exceptions.FailedPrecondition, match="lacks an index"):
        counted.count().get()
    many = {f"field {number}": number for number in range(20_001)}
    with pytest.raises(exceptions.InvalidArgument, match="too many index entries"):
        google.documents.transact(lambda transaction: transaction.set("things/a", many))
    part = "x" * 600_000
    google.firestore.document("things/large").set({"one": part})
    for write in (
        lambda: google.firestore.document("things/large").update({"other": part}),
        lambda: google.firestore.document("things/large").set({"one": part, "other": part}),
        lambda: google.firestore.document("things/numbers").set(
            {"list": [0] * 39_000, "text": "x" * 800_000}
        ),
    ):
        with pytest.raises(exceptions.InvalidArgument, match="exceeds the maximum allowed size"):
            write()


def test_a_commit_that_is_aborted_is_made_again(google: GoogleCloud) -> None:
    google.firestore.document("things/counted").set({"n": 0})
    aborted = []
    send = OptimisticTransaction.send

    def sending(transaction: OptimisticTransaction) -> None:
        try:
            send(transaction)
        except exceptions.Aborted as error:
            aborted.append(error)
            raise

    def count(transaction: Transaction) -> None:
        found = transaction.get("things/counted")
        assert found is not None
        transaction.update("things/counted", {"n": found.data["n"] + 1})

    with mock.patch.object(OptimisticTransaction, "send", sending):
        for _ in range(12):
            google.documents.transact(count)
    assert aborted
    found = google.documents.get("things/counted")
    assert found is not None
    assert found.data == {"n": 12}


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
    with pytest.raises(NotFoundError):
        google.artifacts.signed_url("gs://other/a", timedelta(1), "a", credentials=signer)


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
        deliveries.wait_idle(PATIENCE)
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
