"""Lost events mend by themselves."""

from __future__ import annotations

import pytest
from scenario import DATASET_SPEC, MODEL_SPEC, Shop, feature_spec

from shared.events import Topic
from shared.handlers import reconcile
from shared.jobs import Stage, State
from shared.ports import Filter
from shared.services.document_kind import stamp


@pytest.fixture
def shop():
    return Shop()


def lose(shop):
    shop.documents.changes.clear()
    shop.events.published.clear()


def mend(shop):
    shop.clock.advance(61)
    reconcile(shop.ports)
    shop.settle()


def test_a_running_test_learns_of_its_end(shop):
    test_id = shop.running_test()
    shop.pipelines.advance(shop.job_id(test_id), Stage.TRAIN, State.FAILED, "out of memory")
    reconcile(shop.ports)
    assert shop.test(test_id).error.message == "out of memory"


@pytest.mark.parametrize(
    "lost", [Topic.CONFIG_CHANGED, Topic.CONFIG_VALIDATED, Topic.CODE_GENERATED]
)
def test_a_pending_test_goes_on_where_an_event_was_lost(shop, lost):
    dataset_id = shop.dataset()
    shop.settle()
    ids = shop.feature_config(dataset_id), shop.model_config()
    shop.settle()
    test_id = shop.quick_test(*ids)
    shop.handle_until(lost)
    lose(shop)
    reconcile(shop.ports)
    shop.settle()
    assert shop.test(test_id).state == "pending"  # it might still be on its way
    mend(shop)
    assert shop.test(test_id).state == "running"
    assert len(shop.pipelines.requests) == 1


def test_a_lost_change_is_found(shop):
    dataset_id = shop.dataset()
    shop.settle()
    test_id = shop.quick_test(shop.feature_config(dataset_id), shop.model_config())
    lose(shop)
    mend(shop)
    mend(shop)
    assert shop.test(test_id).state == "running"


def test_a_launch_that_was_only_reserved_is_made_up_for(shop):
    dataset_id = shop.dataset()
    shop.settle()
    test_id = shop.quick_test(shop.feature_config(dataset_id), shop.model_config())
    shop.handle_until(Topic.CODE_GENERATED)
    while not any(event.document_id == test_id for event in shop.events.published):
        shop.handle(shop.events.published.pop(0))
        shop.handle_until(Topic.CODE_GENERATED)
    shop.pipelines.fault = ConnectionError("busy")
    with pytest.raises(ConnectionError):
        shop.settle()
    lose(shop)
    assert (shop.test(test_id).state, shop.test(test_id).job is None) == ("pending", False)
    mend(shop)
    assert shop.test(test_id).state == "running"


def test_a_launch_whose_note_was_lost_is_found_to_run(shop):
    test_id = shop.running_test()
    path = f"quick_tests/{test_id}"
    data = shop.documents.data(path)
    data["status"] |= {"state": "pending", "started_at": None}
    shop.documents.write(path, data)
    lose(shop)
    reconcile(shop.ports)
    assert shop.test(test_id).state == "running"


def test_whole_chains_of_lost_events_mend(shop):
    shop.documents.write("datasets/ds", {"name": "x", "spec": DATASET_SPEC})
    shop.documents.write("feature_configs/fc", {"name": "x", "spec": feature_spec("ds")})
    shop.documents.write("model_configs/mc", {"name": "x", "spec": MODEL_SPEC})
    lose(shop)
    mend(shop)
    status = shop.config("fc")
    assert status.validated(1)
    assert status.preprocessing is not None
    assert shop.documents.data("model_configs/mc")["status"]["validation"]["state"] == "valid"


@pytest.mark.parametrize("gone", [["updated_at"], ["status"], ["updated_at", "status"]])
def test_a_test_that_lost_what_lists_go_by_is_listed_again_and_runs(shop, gone):
    """As where a script replaces the document and leaves its spec: no event tells of that."""
    dataset_id = shop.dataset()
    shop.settle()
    test_id = shop.quick_test(shop.feature_config(dataset_id), shop.model_config())
    path = f"quick_tests/{test_id}"
    data = shop.documents.data(path)
    shop.documents.write(path, {key: data[key] for key in data.keys() - set(gone)})
    lose(shop)
    mend(shop)
    pending = [Filter("status.state", "in", ["pending", "running"])]
    found = shop.documents.query("quick_tests", pending, order_by="updated_at", descending=True)
    assert [snapshot.id for snapshot in found] == [test_id]
    mend(shop)
    mend(shop)
    assert shop.test(test_id).state == "running"


def test_documents_of_an_earlier_version_are_given_what_lists_go_by_once(shop):
    test_id = shop.running_test()
    shop.succeed(test_id)
    shop.settle()
    collections = ["datasets", "feature_configs", "model_configs", "quick_tests"]
    before = {}
    for path in [path for path in shop.documents.documents if path.count("/") == 1]:
        before[path] = shop.documents.data(path)
        older = {**before[path], "status": {**before[path]["status"]}}
        del older["updated_at"]
        older["status"].pop("lifecycle", None)
        shop.documents.write(path, older)
    lose(shop)
    shop.clock.advance(3600)
    reconcile(shop.ports)
    for path, data in before.items():
        status = shop.documents.data(path)["status"]
        assert status.keys() == data["status"].keys(), path
        assert shop.documents.data(path)["updated_at"] == stamp(shop.clock.now())
    for collection in collections:
        assert shop.documents.query(collection, order_by="updated_at", descending=True)
    shop.settle()
    assert shop.test(test_id).state == "completed"
    documents = shop.documents.documents
    reconcile(shop.ports)
    shop.settle()
    assert shop.documents.documents == documents


def test_a_valid_config_without_code_gets_it(shop):
    dataset_id = shop.dataset()
    shop.settle()
    config_id = shop.feature_config(dataset_id)
    shop.handle_until(Topic.CONFIG_VALIDATED)
    lose(shop)
    assert shop.config(config_id).preprocessing is None
    mend(shop)
    assert shop.config(config_id).preprocessing is not None


def test_a_system_at_rest_stays_at_rest(shop):
    test_id = shop.running_test()
    shop.succeed(test_id)
    shop.settle()
    shop.clock.advance(3600)
    reconcile(shop.ports)
    assert shop.events.published == []
    assert shop.documents.changes == []


def test_one_fault_does_not_keep_the_others_from_being_mended(shop):
    first, second = shop.running_test(), shop.running_test()
    for test_id in (first, second):
        shop.pipelines.advance(shop.job_id(test_id), Stage.TRAIN, State.FAILED, "boom")
    shop.pipelines.fault = ConnectionError("once")
    with pytest.raises(ExceptionGroup) as caught:
        reconcile(shop.ports)
    assert len(caught.value.exceptions) == 1
    assert sorted(shop.test(test_id).state for test_id in (first, second)) == ["failed", "running"]


def test_wrecked_documents_are_passed_over(shop):
    for collection in ("datasets", "feature_configs", "model_configs", "quick_tests"):
        shop.documents.write(f"{collection}/x", {"status": {"state": "pending"}, "updated_at": 7})
    mend(shop)
    assert shop.documents.data("model_configs/x")["status"]["validation"]["state"] == "invalid"
    assert shop.test("x").state == "failed"


def test_what_has_been_judged_long_ago_is_read_once_an_hour(shop):
    dataset_id = shop.dataset()
    shop.settle()
    shop.feature_config(dataset_id), shop.model_config()
    shop.settle()
    shop.clock.advance(5 * 3600 + 60)
    read = []
    query = shop.documents.query

    def counted(*asked, **options):
        found = query(*asked, **options)
        read.extend(found)
        return found

    shop.documents.query = counted
    reconcile(shop.ports)
    assert read == []
    shop.clock.advance(59 * 60)
    reconcile(shop.ports)
    assert len(read) == 3


@pytest.mark.parametrize("lost", [Topic.CONFIG_CHANGED, Topic.CONFIG_VALIDATED])
def test_a_config_whose_event_was_lost_is_found_whenever_it_was(shop, lost):
    dataset_id = shop.dataset()
    shop.settle()
    features = shop.feature_config(dataset_id)
    shop.handle_until(lost)
    lose(shop)
    shop.clock.advance(5 * 3600)
    mend(shop)
    assert shop.documents.data(f"feature_configs/{features}")["status"]["preprocessing"]
