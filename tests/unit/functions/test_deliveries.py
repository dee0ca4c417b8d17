"""From what Google Cloud delivers to what the handlers do."""

from __future__ import annotations

import ast
import base64
import json
import logging
import re
from typing import Any

import pytest
from cloudevents.http import CloudEvent
from google.cloud.firestore_v1 import _helpers
from google.cloud.firestore_v1.types import Document as StoredDocument
from google.events.cloud.firestore import Document, DocumentEventData
from scenario import Shop

from functions import deliveries
from local.jobs.environment import REPOSITORY
from shared.gcp.cloud_events import Message, UnreadableError, document_change, pubsub_message
from shared.gcp.status_events import read_status
from shared.handlers import STEPS
from shared.jobs import Stage, State
from shared.ports import DocumentChange
from tests import recorded

_ID = "feature_configs/fc-ünï"
_SPEC = {"dataset_id": "ds-1", "dims": [8, 16]}


def _changed(name: str) -> DocumentChange:
    return document_change(recorded.event(name).data)[0]


def test_a_created_document_has_no_before() -> None:
    after = {"name": "Ids", "revision": 1, "spec": _SPEC}
    assert _changed("document_created") == DocumentChange(_ID, None, after)


def test_an_updated_document_has_both() -> None:
    before = {"name": "Ids", "revision": 1, "spec": _SPEC}
    after = {"name": "Ids", "revision": 2, "spec": {**_SPEC, "dataset_id": "ds-2"}}
    assert _changed("document_updated") == DocumentChange(_ID, before, after)


def test_a_deleted_document_has_no_after() -> None:
    change = _changed("document_deleted")
    assert (change.path, change.after) == (_ID, None)
    assert change.before is not None


def test_every_type_of_value_has_a_json_form() -> None:
    after = _changed("document_all_types").after
    assert after == {
        "null": None,
        "true": True,
        "integer": -(2**63),
        "double": 0.1,
        "nan": "nan",
        "infinite": "-inf",
        "time": "1969-12-31T23:59:59Z",
        "text": 'é "quoted" \n\\ 商品',
        "bytes": "AP8=",
        "reference": _ID,
        "point": {"latitude": 52.5, "longitude": 13.4},
        "array": [1, "a", None, {"deep": [True]}],
        "map": {"a.b": {"c": {}}},
        "empty": [],
        "vector": {"__type__": "__vector__", "value": [1.0, 2.5]},
    }
    json.dumps(after, allow_nan=False)


def test_a_published_message_is_read_with_the_trace_that_it_carries() -> None:
    message = pubsub_message(recorded.event("message_published").data)
    assert json.loads(message.data)["document_id"] == "fc-1"
    assert message.attributes["traceparent"].startswith("00-0af7651916cd43dd8448eb211c80319c-")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (None, "holds a `message`"),
        ({}, "holds a `message`"),
        ({"message": {"data": "no base64!"}}, "not valid base64"),
    ],
)
def test_what_is_no_pubsub_event_is_unreadable(data: Any, reason: str) -> None:
    with pytest.raises(UnreadableError, match=reason):
        pubsub_message(data)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"{", "not valid JSON"),
        (b"[]", "not a JSON object"),
        (b'{"schema_version": 2}', "received 2"),
        (b'{"schema_version": 1}', "not a valid event"),
    ],
)
def test_a_message_that_cannot_be_read_is_raised_so_that_it_becomes_a_dead_letter(
    data: bytes, reason: str
) -> None:
    with pytest.raises(UnreadableError, match=reason):
        deliveries.published("validate_config", _pubsub(data), Shop().ports)


def test_a_change_that_cannot_be_read_is_logged_and_done_with(
    caplog: pytest.LogCaptureFixture,
) -> None:
    for data in (b"\xff\xff", b""):
        sent = CloudEvent({"type": "written", "source": "test", "id": "7"}, data)
        deliveries.document_written(sent, Shop().ports)
    assert [record.levelno for record in caplog.records] == [logging.ERROR] * 2


@pytest.mark.parametrize("entry", recorded.log_entries(), ids=lambda e: e["jsonPayload"]["state"])
def test_every_log_entry_of_vertex_ai_names_the_job_that_has_news(entry: dict[str, Any]) -> None:
    assert read_status(Message(json.dumps(entry).encode())) == "quick-test-qt-abc-1"


@pytest.mark.parametrize(
    ("name", "event_type", "expected"),
    [
        ("jobs/quick-test-a-1/progress.json", "OBJECT_FINALIZE", "quick-test-a-1"),
        ("models/quick-test-a-1/progress.json", "OBJECT_FINALIZE", "quick-test-a-1"),
        ("jobs/quick-test-a-1/progress.json", "OBJECT_DELETE", None),
        ("jobs/quick-test-a-1/model/saved_model.pb", "OBJECT_FINALIZE", None),
        ("jobs/a/b/progress.json", "OBJECT_FINALIZE", None),
    ],
)
def test_of_cloud_storage_only_a_written_progress_file_is_news(
    name: str, event_type: str, expected: str | None
) -> None:
    attributes = {"eventType": event_type, "objectId": name, "bucketId": "recsmith"}
    assert read_status(Message(b"{}", attributes)) == expected


def test_a_log_entry_of_something_else_is_no_news() -> None:
    entry = {"logName": "projects/p/logs/x", "resource": {"type": "cloud_run_revision"}}
    assert read_status(Message(json.dumps(entry).encode())) is None


def test_a_log_entry_brings_the_quick_test_of_its_job_forward() -> None:
    shop = Shop()
    test_id = shop.running_test()
    job_id = shop.job_id(test_id)
    shop.pipelines.advance(job_id, Stage.TRANSFORM, State.RUNNING)
    entry = recorded.log_entries()[2]
    entry["resource"]["labels"]["pipeline_job_id"] = job_id
    deliveries.job_has_news(_pubsub(json.dumps(entry).encode()), shop.ports)
    assert shop.test(test_id).stage is Stage.TRANSFORM


def test_news_of_a_job_that_nobody_here_launched_are_let_go() -> None:
    shop = Shop()
    entry = recorded.log_entries()[0]
    deliveries.job_has_news(_pubsub(json.dumps(entry).encode()), shop.ports)
    assert shop.documents.documents == {}


def test_a_document_that_a_console_wrote_is_announced() -> None:
    shop = Shop()
    shop.documents.write(_ID, {"name": "Ids", "spec": _SPEC})
    deliveries.document_written(recorded.event("document_created"), shop.ports)
    assert [(sent.kind, sent.document_id) for sent in shop.events.published] == [
        ("config-changed", "fc-ünï")
    ]


def _test_is(state: str, error: dict[str, str] | None = None) -> Any:
    return {"name": "Try", "spec": {}, "status": {"state": state, "error": error}}


def _written(path: str, before: Any, after: Any) -> CloudEvent:
    def document(data: Any) -> Document | None:
        if data is None:
            return None
        name = f"projects/p/databases/(default)/documents/{path}"
        stored = StoredDocument(name=name, fields=_helpers.encode_dict(data))
        return Document.deserialize(StoredDocument.serialize(stored))

    event = DocumentEventData(value=document(after), old_value=document(before))
    attributes = {"type": "written", "source": "test", "id": "7"}
    return CloudEvent(attributes, DocumentEventData.serialize(event))


def test_a_test_that_fails_is_logged_in_the_words_that_an_alert_waits_for(
    caplog: pytest.LogCaptureFixture,
) -> None:
    shop = Shop()
    failed = _test_is("failed", {"message": "403 the region is not allowed"})
    path = "quick_tests/qt-1"
    invalid = _test_is("failed", {"message": "There is no dataset."})
    invalid["status"]["validation"] = {"state": "invalid", "revision": 1}
    for told, before, after in (
        (path, _test_is("pending"), _test_is("running")),
        (path, _test_is("running"), failed),
        (path, failed, failed),
        (path, _test_is("running"), _test_is("completed")),
        (path, failed, None),
        (path, _test_is("pending"), invalid),  # whoever started it mends it
        ("quick_tests/qt-1/versions/1", None, failed),
        ("datasets/ds-1", None, failed),
    ):
        deliveries.document_written(_written(told, before, after), shop.ports)
    said = [record.message for record in caplog.records if record.levelno >= logging.WARNING]
    assert said == ["A test failed: 403 the region is not allowed"]
    terraform = (REPOSITORY / "infra" / "terraform" / "monitoring.tf").read_text()
    (pattern,) = re.findall(r'jsonPayload\.message=~"(.*)"', terraform)
    assert re.search(pattern, said[0])


def test_every_step_has_an_entry_point_that_terraform_deploys() -> None:
    terraform = (REPOSITORY / "infra" / "terraform" / "functions.tf").read_text()
    names = {step.name for step in STEPS}
    tree = ast.parse((REPOSITORY / "functions" / "main.py").read_text())
    entries = {
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.decorator_list
    }
    assert entries == names | {"api"}
    deployed = set(re.findall(r"^    ([a-z-]+) += \{ memory", terraform, re.MULTILINE))
    assert deployed == {name.replace("_", "-") for name in names}


def _pubsub(data: bytes) -> CloudEvent:
    message = {"data": base64.b64encode(data).decode(), "attributes": {}, "messageId": "1"}
    return CloudEvent({"type": "published", "source": "test"}, {"message": message})
