"""Documents of a newer version, met by this one: an old reader and a new document, in every pair of
collection and place."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from scenario import Shop

from shared import editing
from shared.comparing.loading import load_by_id
from shared.documents.base import Collection, spec_hash
from shared.errors import NotFoundError
from shared.problems import InvalidError
from shared.services.store import KINDS, change_status

ANYWHERE = {
    "the spec": ("spec",),
    "a part of the spec": ("spec", "PART"),
    "the status": ("status",),
    "a part of the status": ("status", "validation"),
    "the document": (),
}
PARTS = {
    Collection.DATASETS: ("source",),
    Collection.FEATURE_CONFIGS: ("buyer_model_features", 0),
    Collection.MODEL_CONFIGS: ("buyer_tower_layers", 0),
    Collection.QUICK_TESTS: ("split",),
    Collection.SWEEPS: ("overrides", 0),
    Collection.TUNINGS: ("split",),
    Collection.REGISTERED_MODELS: ("production",),
    Collection.RULE_SETS: ("rules",),
    Collection.SCHEDULES: (),
}


@pytest.fixture(scope="module")
def filled() -> tuple[Shop, dict[Collection, str]]:
    """One of each, settled; the quick test has completed. Each test gets a copy."""
    shop = Shop()
    dataset = shop.dataset()
    shop.settle()
    features, model = shop.feature_config(dataset), shop.model_config()
    test = shop.quick_test(features, model)
    shop.settle()
    shop.succeed(test)
    shop.settle()
    sweep = shop.sweep([features], [model], overrides=[{"epochs": 3}])
    shop.settle()
    tuning = shop.tuning(features, model)
    shop.settle()
    registered = shop.registered(features, model)
    shop.promote(registered, 1)
    rules = shop.rule_set(dataset)
    schedule = shop.schedule(registered)
    shop.settle()
    made = (dataset, features, model, test, sweep, tuning, registered, rules, schedule)
    return shop, dict(zip(Collection, made, strict=True))


@pytest.fixture
def shop(filled: tuple[Shop, dict[Collection, str]]) -> Shop:
    return deepcopy(filled[0])


@pytest.fixture
def ids(filled: tuple[Shop, dict[Collection, str]]) -> dict[Collection, str]:
    return filled[1]


def newer(shop: Shop, collection: Collection, document_id: str, where: tuple[Any, ...]) -> Any:
    """Has a newer version write a field `shiny` there, and judge the document."""
    path = collection.path(document_id)
    snapshot = shop.ports.documents.get(path)
    assert snapshot is not None
    data = deepcopy(snapshot.data)
    place = data
    for part in [
        one for step in where for one in (PARTS[collection] if step == "PART" else (step,))
    ]:
        place = place[part]
    place["shiny"] = {"new": [1]}
    data["status"]["observed"]["spec_hash"] = spec_hash(data["spec"])

    def write(transaction: Any) -> None:
        transaction.set(path, data)
        transaction.set(f"{path}/versions/{data['revision']}", {"spec": data["spec"]})

    shop.ports.documents.transact(write)
    return data


def stored(shop: Shop, collection: Collection, document_id: str) -> Any:
    snapshot = shop.ports.documents.get(collection.path(document_id))
    assert snapshot is not None
    return snapshot.data


@pytest.mark.parametrize("where", ANYWHERE.values(), ids=ANYWHERE)
@pytest.mark.parametrize("collection", Collection)
def test_a_newer_document_is_read_and_what_it_says_is_written_back(
    shop: Shop, ids: dict[Collection, str], collection: Collection, where: tuple[Any, ...]
) -> None:
    document_id = ids[collection]
    before = editing.get(shop.ports, collection, document_id)
    wanted = newer(shop, collection, document_id, where)
    before.status.observed.spec_hash = spec_hash(wanted["spec"])
    assert editing.get(shop.ports, collection, document_id).data() == before.data()
    page = editing.list_page(shop.ports, collection)
    assert (document_id in [one.id for one in page.documents], page.unreadable) == (True, {})

    def note(_: Any, status: Any) -> None:
        status.validation.waiting_for = "something"

    change_status(KINDS[collection], document_id, note, shop.ports)
    editing.update(shop.ports, collection, document_id, name="Renamed", description="")
    now = stored(shop, collection, document_id)
    assert now["spec"] == wanted["spec"]
    wanted["status"]["validation"]["waiting_for"] = "something"
    if collection is Collection.QUICK_TESTS:  # whatever changes a status is news of the test
        wanted["status"]["heard_at"] = now["status"]["heard_at"]
    assert now["status"] == wanted["status"]
    renamed = {"name": "Renamed", "updated_at": now["updated_at"]}
    assert now == {**wanted, **renamed}


@pytest.mark.parametrize("where", [("spec",), ("spec", "PART")])
@pytest.mark.parametrize(
    "collection", [Collection.DATASETS, Collection.FEATURE_CONFIGS, Collection.MODEL_CONFIGS]
)
def test_settings_of_a_newer_version_are_neither_lost_nor_passed_over(
    shop: Shop, ids: dict[Collection, str], collection: Collection, where: tuple[Any, ...]
) -> None:
    document_id = ids[collection]
    known = editing.get(shop.ports, collection, document_id).data()["spec"]
    wanted = newer(shop, collection, document_id, where)
    for same in (known, wanted["spec"]):  # as a console of either version sends it back
        editing.update(shop.ports, collection, document_id, name="Renamed", spec=same)
        assert stored(shop, collection, document_id)["spec"] == wanted["spec"]
    other = deepcopy(known)
    for side in ("buyer_model_features", "buyer_tower_layers"):
        other[side] = (other[side] * 2) if side in other else None
    other = {key: value for key, value in other.items() if value is not None}
    if collection is Collection.DATASETS:
        other["column_mapping"].popitem()
    with pytest.raises((editing.LockedError, InvalidError), match="newer version"):
        editing.update(shop.ports, collection, document_id, spec=other)
    if collection is not Collection.DATASETS:
        with pytest.raises(InvalidError, match="no such field in this version"):
            editing.clone(shop.ports, collection, document_id)
    chosen = {
        "feature_config_id": ids[Collection.FEATURE_CONFIGS],
        "model_config_id": ids[Collection.MODEL_CONFIGS],
    }
    with pytest.raises(InvalidError, match=r"no such field|is not valid"):
        editing.create(shop.ports, Collection.QUICK_TESTS, name="New", spec=chosen)
    assert stored(shop, collection, document_id)["spec"] == wanted["spec"]


def test_a_completed_test_of_newer_documents_keeps_its_results(
    shop: Shop, ids: dict[Collection, str]
) -> None:
    for collection, document_id in ids.items():
        newer(shop, collection, document_id, ("spec",))
    test = editing.get(shop.ports, Collection.QUICK_TESTS, ids[Collection.QUICK_TESTS])
    assert test.status.results is not None
    loaded = load_by_id([ids[Collection.QUICK_TESTS]], shop.ports)
    assert [one.features is not None for one in loaded.tests] == [True]


def test_what_was_mistyped_is_refused_however_it_was_written(shop: Shop) -> None:
    dataset = shop.dataset()
    shop.settle()
    config = shop.feature_config(dataset)
    shop.settle()
    spec = stored(shop, Collection.FEATURE_CONFIGS, config)["spec"]
    with pytest.raises(InvalidError, match="no such field"):
        editing.update(
            shop.ports, Collection.FEATURE_CONFIGS, config, spec={**spec, "buyer_modle": []}
        )
    with pytest.raises(NotFoundError):
        editing.get(shop.ports, Collection.FEATURE_CONFIGS, "fc-none")
