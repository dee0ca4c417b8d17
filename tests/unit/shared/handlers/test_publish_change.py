"""From a written document to an event with a revision."""

from __future__ import annotations

import pytest
from scenario import MODEL_SPEC, Shop

from shared.documents.base import Collection
from shared.documents.model_config import ModelConfigStatus
from shared.events import Topic
from shared.handlers import publish_change
from shared.ports import DocumentChange
from shared.services.document_kind import stamp

PATH = "model_configs/mc"


@pytest.fixture
def shop():
    return Shop()


def written(shop, data):
    """Writes past the API, delivers the change, and returns the revisions that were announced."""
    shop.documents.write(PATH, data)
    return delivered(shop)


def delivered(shop):
    while shop.documents.changes:
        publish_change(shop.documents.changes.pop(0), shop.ports)
    revisions = [event.revision for event in shop.events.published]
    assert all(event.kind is Topic.CONFIG_CHANGED for event in shop.events.published)
    shop.events.published.clear()
    return revisions


def version(shop, number):
    return shop.documents.data(f"{PATH}/versions/{number}")["spec"]


def test_a_document_written_by_a_script_gets_a_revision_and_a_version(shop):
    assert written(shop, {"name": "m", "spec": MODEL_SPEC}) == [1]
    data = shop.documents.data(PATH)
    assert data["revision"] == 1
    assert data["status"]["observed"]["revision"] == 1
    assert version(shop, 1) == MODEL_SPEC


def test_a_document_written_by_a_script_gets_what_lists_go_by(shop):
    written(shop, {"name": "m", "spec": MODEL_SPEC})
    data = shop.documents.data(PATH)
    assert data["updated_at"] == stamp(shop.clock.now())
    assert data["status"].keys() == ModelConfigStatus().model_dump().keys()
    at = data["updated_at"]
    shop.clock.advance(3600)
    shop.documents.write(PATH, {**data, "spec": {**MODEL_SPEC, "top_k": 7}})
    delivered(shop)
    assert shop.documents.data(PATH)["updated_at"] == at  # whoever gave one is believed


def test_a_spec_changed_without_its_revision_is_numbered(shop):
    written(shop, {"name": "m", "spec": MODEL_SPEC})
    data = shop.documents.data(PATH)
    data["spec"] = {**MODEL_SPEC, "top_k": 7}
    assert written(shop, data) == [2]
    assert shop.documents.data(PATH)["revision"] == 2
    assert (version(shop, 1), version(shop, 2)) == (MODEL_SPEC, data["spec"])


def test_a_writer_who_raised_the_revision_is_taken_at_their_word(shop):
    written(shop, {"name": "m", "spec": MODEL_SPEC})
    data = shop.documents.data(PATH)
    data |= {"spec": {**MODEL_SPEC, "top_k": 7}, "revision": 5}
    assert written(shop, data) == [5]
    assert version(shop, 5) == data["spec"]


def test_one_revision_never_means_two_specs(shop):
    """The API raises the revision; before the change is seen, a script replaces the spec again."""
    model_id = shop.model_config()
    path = f"model_configs/{model_id}"
    data = shop.documents.data(path)
    data["spec"]["top_k"] = 9
    shop.documents.write(path, data)
    assert delivered(shop) == [2, 2]
    assert shop.documents.data(f"{path}/versions/1")["spec"]["top_k"] == 100
    assert shop.documents.data(f"{path}/versions/2")["spec"]["top_k"] == 9


def test_a_status_change_is_no_change(shop):
    written(shop, {"name": "m", "spec": MODEL_SPEC})
    data = shop.documents.data(PATH)
    data["status"]["validation"] = {"state": "valid", "revision": 1}
    assert written(shop, data) == []
    data["name"] = "other"
    assert written(shop, data) == []


def test_a_redelivered_change_is_published_again_and_numbered_once(shop):
    shop.documents.write(PATH, {"name": "m", "spec": MODEL_SPEC})
    change = shop.documents.changes.pop()
    for _ in range(3):
        publish_change(change, shop.ports)
    assert delivered(shop) == [1, 1, 1]
    assert shop.documents.data(PATH)["revision"] == 1


def test_a_deleted_document_is_not_announced(shop):
    shop.documents.write(PATH, {"name": "m", "spec": MODEL_SPEC})
    (created,) = shop.documents.changes
    shop.documents.transact(lambda transaction: transaction.delete(PATH))
    assert delivered(shop) == []
    publish_change(created, shop.ports)  # the creation, late
    assert shop.events.published == []


def test_a_document_made_again_goes_on_counting(shop):
    written(shop, {"name": "m", "spec": MODEL_SPEC})
    shop.documents.transact(lambda transaction: transaction.delete(PATH))
    shop.documents.changes.clear()
    assert written(shop, {"name": "m", "spec": {**MODEL_SPEC, "top_k": 7}}) == [2]
    assert version(shop, 1) == MODEL_SPEC


@pytest.mark.parametrize(
    "garbage",
    [
        {},
        {"spec": None},
        {"spec": "text"},
        {"spec": [1, {"a": None}]},
        {"name": 5, "spec": MODEL_SPEC, "revision": "three"},
        {"name": "m", "spec": MODEL_SPEC, "revision": True},
        {"name": "m", "spec": MODEL_SPEC, "revision": -4, "status": "fine"},
        {"name": "m", "spec": MODEL_SPEC, "status": {"observed": {"revision": "x"}}},
        {"name": "m", "spec": MODEL_SPEC, "status": {"observed": 3, "validation": []}},
        {"name": "m", "spec": MODEL_SPEC, "status": {"validation": []}},
    ],
)
def test_garbage_is_numbered_and_judged(shop, garbage):
    shop.documents.write(PATH, garbage)
    shop.settle()
    data = shop.documents.data(PATH)
    assert data["revision"] == 1
    fine = garbage.get("name") == "m"
    assert data["status"]["validation"]["state"] == ("valid" if fine else "invalid")


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("model_configs/mc/versions/1", None, {"spec": 1}),
        ("elsewhere/x", None, {"spec": 1}),
        ("model_configs", None, {"spec": 1}),
        ("model_configs/", None, {"spec": 1}),
        (PATH, None, None),
        (PATH, {"spec": 1}, None),
        (PATH, "text", [1]),
        (PATH, None, {"spec": 1}),  # the document is gone by now
    ],
)
def test_changes_of_no_concern_are_passed_over(shop, path, before, after):
    publish_change(DocumentChange(path, before, after), shop.ports)
    assert shop.events.published == []
    assert shop.documents.documents == {}


def test_only_what_really_changes_is_written(shop):
    model_id = shop.model_config()
    shop.settle()
    event = shop.event(Topic.CONFIG_CHANGED, Collection.MODEL_CONFIGS, model_id)
    shop.clock.advance(60)
    shop.handle(event)
    assert shop.documents.changes == []
