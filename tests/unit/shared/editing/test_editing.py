"""Writing documents as people do."""

from __future__ import annotations

import re

import pytest
from scenario import DATASET_SPEC, MODEL_SPEC, Shop, feature_spec

from shared import editing
from shared.documents.base import Collection
from shared.editing import checking
from shared.errors import NotFoundError
from shared.handlers import reconcile
from shared.ports import Filter
from shared.problems import InvalidError

DATASETS, FEATURES, MODELS, TESTS, *_ = Collection


@pytest.fixture
def shop():
    return Shop()


def rejected(*arguments, **fields):
    with pytest.raises(InvalidError) as caught:
        editing.create(*arguments, **fields)
    return [(problem.path, problem.code) for problem in caught.value.problems]


def test_a_new_document_has_an_id_a_revision_times_and_a_version(shop):
    made = editing.create(
        shop.ports, MODELS, name="Small", spec=MODEL_SPEC, description="d", created_by="ann"
    )
    assert re.fullmatch(r"mc-[a-z2-7]{10}", made.id)
    stored = shop.documents.data(f"model_configs/{made.id}")
    assert (stored["name"], stored["description"], stored["revision"]) == ("Small", "d", 1)
    assert stored["created_by"] == "ann"
    assert stored["created_at"] == stored["updated_at"] == "2025-01-01T00:00:00Z"
    assert stored["spec"]["top_k"] == 100  # a default
    version = shop.documents.data(f"model_configs/{made.id}/versions/1")
    assert version["spec"] == stored["spec"]
    assert editing.get(shop.ports, MODELS, made.id) == made


@pytest.mark.parametrize(
    ("collection", "prefix"),
    [(DATASETS, "ds-"), (FEATURES, "fc-"), (MODELS, "mc-"), (TESTS, "qt-")],
)
def test_an_id_says_what_it_is_of(shop, collection, prefix):
    ids = {DATASETS: shop.dataset()}
    shop.settle()
    ids[FEATURES], ids[MODELS] = shop.feature_config(ids[DATASETS]), shop.model_config()
    ids[TESTS] = shop.quick_test(ids[FEATURES], ids[MODELS])
    assert ids[collection].startswith(prefix)


class TestRejects:
    def test_a_dataset_that_is_deleted_while_it_is_judged(self, shop, monkeypatch):
        dataset_id = shop.dataset()
        judge = checking.judge_feature_config

        def judged(config, ports):
            found = judge(config, ports)
            shop.documents.documents.pop(f"datasets/{dataset_id}", None)
            return found

        monkeypatch.setattr(checking, "judge_feature_config", judged)
        spec = feature_spec(dataset_id)
        found = rejected(shop.ports, FEATURES, name="Ids", spec=spec)
        assert [path for path, _ in found] == ["spec.dataset_id"]

    def test_a_missing_file(self, shop):
        spec = {**DATASET_SPEC, "source": {"kind": "csv", "uri": "/nowhere.csv"}}
        assert rejected(shop.ports, DATASETS, name="x", spec=spec) == [
            ("spec.source.uri", "not_found")
        ]

    def test_a_mapping_of_unknown_columns(self, shop):
        spec = {
            **DATASET_SPEC,
            "column_mapping": {"custmer": "customer_id", "product": "product_id"},
        }
        assert rejected(shop.ports, DATASETS, name="x", spec=spec) == [
            ("spec.column_mapping.custmer", "unknown_column")
        ]

    @pytest.mark.parametrize("profiled", [True, False])
    def test_an_unknown_column_even_while_the_dataset_is_being_profiled(self, shop, profiled):
        dataset_id = shop.dataset()
        if profiled:
            shop.settle()
        spec = feature_spec(dataset_id)
        spec["buyer_model_features"].append({"column": "custmer", "type": "string_embedding"})
        assert rejected(shop.ports, FEATURES, name="x", spec=spec) == [
            ("spec.buyer_model_features[1].column", "unknown_column")
        ]

    def test_a_dataset_that_is_not_there(self, shop):
        assert rejected(shop.ports, FEATURES, name="x", spec=feature_spec("ds-none")) == [
            ("spec.dataset_id", "unknown_dataset")
        ]

    def test_a_dataset_that_is_invalid(self, shop):
        dataset_id = shop.dataset()
        shop.data.profiles.clear()
        shop.settle()
        assert rejected(shop.ports, FEATURES, name="x", spec=feature_spec(dataset_id)) == [
            ("spec.dataset_id", "invalid_dataset")
        ]

    def test_towers_that_end_in_unlike_widths(self, shop):
        spec = {**MODEL_SPEC, "buyer_tower_layers": [{"type": "dense", "units": 16}]}
        assert rejected(shop.ports, MODELS, name="x", spec=spec) == [
            ("spec.buyer_tower_layers[0].units", "tower_output")
        ]

    def test_an_unknown_layer_and_a_missing_name_at_once(self, shop):
        spec = {**MODEL_SPEC, "buyer_tower_layers": [{"type": "lstm"}]}
        assert rejected(shop.ports, MODELS, name="", spec=spec) == [
            ("name", "string_too_short"),
            ("spec.buyer_tower_layers[0]", "union_tag_invalid"),
        ]

    def test_configs_that_are_not_there(self, shop):
        spec = {"feature_config_id": "fc-none", "model_config_id": "mc-none"}
        assert rejected(shop.ports, TESTS, name="x", spec=spec) == [
            ("spec.feature_config_id", "unknown_feature_config"),
            ("spec.model_config_id", "unknown_model_config"),
        ]

    def test_without_leaving_anything(self, shop):
        rejected(shop.ports, MODELS, name="x", spec={})
        assert shop.documents.documents == {}


class TestUpdate:
    def test_a_changed_spec_is_a_new_revision(self, shop):
        model_id = shop.model_config()
        shop.clock.advance(60)
        after = editing.update(
            shop.ports, MODELS, model_id, seen=editing.Seen(1), spec={**MODEL_SPEC, "top_k": 7}
        )
        assert (after.revision, after.spec.top_k) == (2, 7)
        assert after.updated_at > after.created_at
        versions = [
            shop.documents.data(f"model_configs/{model_id}/versions/{n}")["spec"]["top_k"]
            for n in (1, 2)
        ]
        assert versions == [100, 7]

    def test_the_same_spec_is_not_even_with_its_defaults_left_out(self, shop):
        model_id = shop.model_config()
        shop.settle()
        after = editing.update(shop.ports, MODELS, model_id, spec=MODEL_SPEC)
        assert after.revision == 1
        assert shop.documents.changes == []

    def test_a_name_changes_without_a_revision(self, shop):
        model_id = shop.model_config()
        after = editing.update(shop.ports, MODELS, model_id, name="Other")
        assert (after.name, after.revision) == ("Other", 1)

    def test_leaves_the_status_alone(self, shop):
        model_id = shop.model_config()
        shop.settle()
        before = shop.documents.data(f"model_configs/{model_id}")["status"]
        editing.update(shop.ports, MODELS, model_id, spec={**MODEL_SPEC, "top_k": 7})
        assert shop.documents.data(f"model_configs/{model_id}")["status"] == before

    def test_a_stale_one_gets_both_versions(self, shop):
        model_id = shop.model_config()
        editing.update(shop.ports, MODELS, model_id, spec={**MODEL_SPEC, "top_k": 7})
        with pytest.raises(editing.StaleError) as caught:
            editing.update(shop.ports, MODELS, model_id, seen=editing.Seen(1), name="Mine")
        assert caught.value.current["id"] == model_id
        assert caught.value.current["spec"]["top_k"] == 7
        assert caught.value.yours == {"name": "Mine", "revision": 1}

    def test_a_write_past_the_api_makes_an_update_stale_too(self, shop):
        model_id = shop.model_config()
        shop.settle()
        data = shop.documents.data(f"model_configs/{model_id}")
        data["spec"]["top_k"] = 9
        shop.documents.write(f"model_configs/{model_id}", data)
        with pytest.raises(editing.StaleError):
            editing.update(
                shop.ports, MODELS, model_id, seen=editing.Seen(1), spec={**MODEL_SPEC, "top_k": 7}
            )
        assert shop.documents.data(f"model_configs/{model_id}/versions/2")["spec"]["top_k"] == 9

    def test_loses_no_write_that_comes_between(self, shop):
        model_id = shop.model_config()
        shop.settle()

        def other():
            editing.update(shop.ports, MODELS, model_id, spec={**MODEL_SPEC, "top_k": 8})

        shop.documents.transact(lambda transaction: None)
        original = shop.documents.transact
        calls = []

        def transact(change):
            calls.append(change)
            if len(calls) == 2:  # the first one numbers
                shop.documents.transact = original
                shop.documents.meanwhile = other
            return original(change)

        shop.documents.transact = transact
        after = editing.update(shop.ports, MODELS, model_id, spec={**MODEL_SPEC, "top_k": 7})
        assert after.revision == 3
        assert shop.documents.data(f"model_configs/{model_id}/versions/2")["spec"]["top_k"] == 8

    def test_rejects_what_is_wrong(self, shop):
        model_id = shop.model_config()
        with pytest.raises(InvalidError):
            editing.update(shop.ports, MODELS, model_id, spec={**MODEL_SPEC, "top_k": 0})
        assert editing.get(shop.ports, MODELS, model_id).revision == 1

    def test_of_nothing(self, shop):
        with pytest.raises(NotFoundError):
            editing.update(shop.ports, MODELS, "mc-none", name="x")

    def test_a_quick_test_that_runs_is_settled(self, shop):
        test_id = shop.running_test()
        spec = shop.documents.data(f"quick_tests/{test_id}")["spec"]
        with pytest.raises(editing.LockedError, match=r"is running\. Its spec cannot be changed"):
            editing.update(shop.ports, TESTS, test_id, spec={**spec, "epochs": 9})
        assert editing.update(shop.ports, TESTS, test_id, name="Renamed").name == "Renamed"


class TestDelete:
    def test_refuses_what_others_use(self, shop):
        dataset_id = shop.dataset()
        shop.settle()
        feature_id, model_id = shop.feature_config(dataset_id), shop.model_config()
        test_id = shop.quick_test(feature_id, model_id)
        for collection, document_id, user in (
            (DATASETS, dataset_id, f"feature_configs/{feature_id}"),
            (FEATURES, feature_id, f"quick_tests/{test_id}"),
            (MODELS, model_id, f"quick_tests/{test_id}"),
        ):
            with pytest.raises(
                editing.InUseError, match=f"is used by .*{user.partition('/')[2]}"
            ) as caught:
                editing.delete(shop.ports, collection, document_id)
            assert caught.value.users == [user]
        for collection, document_id in (
            (TESTS, test_id),
            (MODELS, model_id),
            (FEATURES, feature_id),
            (DATASETS, dataset_id),
        ):
            editing.delete(shop.ports, collection, document_id)
            with pytest.raises(NotFoundError):
                editing.get(shop.ports, collection, document_id)

    def test_a_running_quick_test_must_be_cancelled_first(self, shop):
        test_id = shop.running_test()
        with pytest.raises(editing.LockedError, match="Cancel it first"):
            editing.delete(shop.ports, TESTS, test_id)

    def test_refuses_a_stale_revision(self, shop):
        model_id = shop.model_config()
        with pytest.raises(editing.StaleError):
            editing.delete(shop.ports, MODELS, model_id, seen=editing.Seen(5))


def test_a_clone_has_the_spec_and_a_history_of_its_own(shop):
    model_id = shop.model_config()
    editing.update(shop.ports, MODELS, model_id, spec={**MODEL_SPEC, "top_k": 7})
    twin = editing.clone(shop.ports, MODELS, model_id)
    assert (twin.name, twin.spec.top_k, twin.revision) == ("Small (copy)", 7, 1)
    assert twin.id != model_id


class TestList:
    def test_pages_hold_everything_once_latest_first(self, shop):
        ids = []
        for _ in range(5):
            ids.append(shop.model_config())
            shop.clock.advance(1)
        seen, token = [], None
        while True:
            page = editing.list_page(shop.ports, MODELS, limit=2, page_token=token)
            seen += [document.id for document in page.documents]
            token = page.next_page_token
            if token is None:
                break
        assert seen == ids[::-1]

    def test_filters(self, shop):
        ids = [shop.dataset(), shop.dataset()]
        shop.settle()
        wanted = shop.feature_config(ids[0])
        shop.feature_config(ids[1])
        page = editing.list_page(shop.ports, FEATURES, [Filter("spec.dataset_id", "==", ids[0])])
        assert [document.id for document in page.documents] == [wanted]

    def test_unreadable_documents_are_named_and_do_not_hide_the_others(self, shop):
        model_id = shop.model_config()
        shop.documents.write("model_configs/broken", {"name": "x", "spec": 5})
        shop.settle()
        page = editing.list_page(shop.ports, MODELS)
        assert [document.id for document in page.documents] == [model_id]
        assert [problem.path for problem in page.unreadable["broken"]] == ["spec"]

    def test_what_changes_between_pages_is_neither_left_out_nor_in_the_way(self, shop):
        ids = []
        for _ in range(7):
            ids.append(shop.model_config())
            shop.clock.advance(1)

        def change(*document_ids):
            shop.clock.advance(1)
            for one in document_ids:
                editing.update(shop.ports, MODELS, one, description=str(shop.clock.now()))

        first = editing.list_page(shop.ports, MODELS, limit=2)
        assert [one.id for one in first.documents] == [ids[6], ids[5]]
        change(ids[5], ids[1], ids[2])  # the page's last, and two that are not shown yet
        second = editing.list_page(shop.ports, MODELS, limit=2, page_token=first.next_page_token)
        assert [one.id for one in second.documents] == [ids[4], ids[3]]
        editing.delete(shop.ports, MODELS, ids[3])  # the page's last
        third = editing.list_page(shop.ports, MODELS, limit=2, page_token=second.next_page_token)
        assert [one.id for one in third.documents] == [ids[0]]
        last, token = [], third.next_page_token
        while token is not None:
            page = editing.list_page(shop.ports, MODELS, limit=2, page_token=token)
            last += [one.id for one in page.documents]
            token = page.next_page_token
        assert sorted(last) == sorted([ids[5], ids[1], ids[2]])

    def test_a_document_that_lost_its_place_is_no_hindrance(self, shop):
        ids = [shop.model_config() for _ in range(3)]
        first = editing.list_page(shop.ports, MODELS, limit=1)
        path = f"model_configs/{first.documents[0].id}"
        data = shop.documents.data(path)
        del data["updated_at"]
        shop.documents.write(path, data)
        page = editing.list_page(shop.ports, MODELS, page_token=first.next_page_token)
        assert len(page.documents) == 2
        reconcile(shop.ports)
        listed = editing.list_page(shop.ports, MODELS).documents
        assert sorted(document.id for document in listed) == sorted(ids)

    @pytest.mark.parametrize(
        ("arguments", "path"),
        [
            ({"limit": 0}, "limit"),
            ({"limit": 201}, "limit"),
            ({"page_token": "no"}, "page_token"),
            ({"page_token": "a/b"}, "page_token"),
            ({"page_token": "W251bGwsbnVsbCxbIngiLCJhL2IiXV0="}, "page_token"),  # an id a/b
            ({"page_token": "\ud800"}, "page_token"),
        ],
    )
    def test_rejects_bounds_and_tokens(self, shop, arguments, path):
        with pytest.raises(InvalidError) as caught:
            editing.list_page(shop.ports, MODELS, **arguments)
        assert caught.value.problems[0].path == path


class TestPreview:
    def test_is_what_a_quick_test_would_run_and_leaves_nothing(self, shop):
        dataset_id = shop.dataset()
        shop.settle()
        feature_id, model_id = shop.feature_config(dataset_id), shop.model_config()
        shop.settle()
        before = dict(shop.artifacts.files)
        preview = editing.preview_code(shop.ports, feature_id, model_id, epochs=3)
        assert shop.artifacts.files == before
        test_id = shop.quick_test(feature_id, model_id, epochs=3)
        shop.settle()
        code = shop.test(test_id).code
        assert shop.artifacts.read(code.preprocessing.uri).decode() == preview.preprocessing
        assert shop.artifacts.read(code.trainer.uri).decode() == preview.trainer

    def test_says_when_the_dataset_is_not_ready(self, shop):
        feature_id = shop.feature_config(shop.dataset())
        with pytest.raises(InvalidError, match="still being profiled"):
            editing.preview_code(shop.ports, feature_id, shop.model_config())

    def test_rejects_overrides_out_of_bounds(self, shop):
        with pytest.raises(InvalidError) as caught:
            editing.preview_code(shop.ports, "fc", "mc", epochs=0)
        assert [problem.path for problem in caught.value.problems] == ["spec.epochs"]
