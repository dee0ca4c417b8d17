"""A source that changes after it was profiled."""

from __future__ import annotations

from dataclasses import replace

import pytest
from api_client import Client, error
from scenario import DATASET_SPEC, URI, Shop, profile

from shared import editing
from shared.documents.base import Collection
from shared.documents.dataset import DatasetStatus
from shared.problems import InvalidError
from shared.services.stale import profile_again


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def dataset_id(shop: Shop) -> str:
    made = shop.dataset()
    shop.settle()
    return made


def change_source(shop: Shop) -> None:
    shop.data.profiles[URI] = profile(fingerprint="v2", rows=2_000_000)


def status(shop: Shop, dataset_id: str) -> DatasetStatus:
    return DatasetStatus.model_validate(shop.documents.data(f"datasets/{dataset_id}")["status"])


def test_opening_a_dataset_says_that_its_source_has_changed(shop: Shop, dataset_id: str) -> None:
    client = Client(shop)
    path = f"/api/datasets/{dataset_id}/"
    assert client("GET", path).json()["status"]["validation"]["problems"] == []
    change_source(shop)
    (problem,) = client("GET", path).json()["status"]["validation"]["problems"]
    assert (problem["code"], problem["level"]) == ("stale_profile", "warning")
    assert f"recsmith dataset profile {dataset_id}" in problem["message"]
    del shop.data.profiles[URI]
    (problem,) = client("GET", path).json()["status"]["validation"]["problems"]
    assert (problem["code"], problem["level"]) == ("source_gone", "warning")
    assert "There is no such file." in problem["message"]


def test_it_is_profiled_again_when_asked(shop: Shop, dataset_id: str) -> None:
    client = Client(shop)
    change_source(shop)
    answer = client("POST", f"/api/datasets/{dataset_id}/profile/").json()
    assert answer["status"]["validation"]["state"] == "pending"
    assert answer["status"]["row_count"] == 1_000_000
    shop.settle()
    found = status(shop, dataset_id)
    assert found.validated(1)
    assert (found.row_count, found.fingerprint) == (2_000_000, "v2")
    assert shop.data.profiled == [URI, URI]
    assert (
        client("GET", f"/api/datasets/{dataset_id}/").json()["status"]["validation"]["problems"]
        == []
    )
    error(client("POST", "/api/datasets/ds-none/profile/"), 404, "not_found")


def test_a_test_of_data_that_has_changed_is_refused_until_then(shop: Shop, dataset_id: str) -> None:
    features, model = shop.feature_config(dataset_id), shop.model_config()
    shop.settle()
    change_source(shop)
    with pytest.raises(InvalidError) as refused:
        shop.quick_test(features, model)
    (problem,) = refused.value.problems
    assert (problem.path, problem.code) == ("spec.feature_config_id", "stale_profile")
    spec = {"feature_config_id": features, "model_config_id": model}
    shop.documents.write("quick_tests/written", {"name": "Past the API", "spec": spec})
    shop.settle()
    assert shop.test("written").state == "failed"
    assert "Profile it again" in shop.test("written").error.message

    Client(shop)("POST", f"/api/datasets/{dataset_id}/profile/")
    waiting = shop.quick_test(features, model)
    shop.settle()
    assert shop.test(waiting).state == "running"
    pinned = shop.test(waiting).pinned
    assert (pinned.dataset_fingerprint, pinned.source_fingerprint) == ("v2", "files of v2")


def test_a_result_says_where_other_data_was_read_and_is_not_compared(
    shop: Shop, dataset_id: str
) -> None:
    features, model = shop.feature_config(dataset_id), shop.model_config()
    shop.settle()
    first, second = (shop.quick_test(features, model, seed=42) for _ in range(2))
    shop.settle()
    shop.succeed(first, 0.2, source_fingerprint="files of v1")
    shop.succeed(second, 0.3, source_fingerprint="files of v2")
    assert "source_changed" not in [found.code for found in shop.test(first).warnings]
    assert "source_changed" in [found.code for found in shop.test(second).warnings]
    assert shop.test(second).comparison is None


def test_what_nobody_can_know_without_reading_is_not_held_against_it(shop: Shop) -> None:
    """A view of BigQuery, or a profile of before it was noted."""
    plain = profile()
    shop.data.profiles[URI] = type(plain)(plain.columns, plain.row_count, plain.fingerprint)
    made = shop.dataset()
    shop.settle()
    change_source(shop)
    found = editing.get(shop.ports, Collection.DATASETS, made)
    assert found.status.validation.problems == []


def test_tests_of_a_table_read_it_as_it_was_until_it_is_profiled_again(shop: Shop) -> None:
    table = "shop.sales.purchases"
    shop.data.profiles[table] = replace(profile(), as_of=shop.clock.now())
    made = editing.create(
        shop.ports,
        Collection.DATASETS,
        name="Table",
        spec={**DATASET_SPEC, "source": {"kind": "bigquery", "table": table}},
    )
    shop.settle()
    features, model = shop.feature_config(made.id), shop.model_config()
    shop.settle()
    first, later = status(shop, made.id).as_of, profile(fingerprint="v2")
    shop.data.profiles[table] = later
    test_id = shop.quick_test(features, model)
    shop.settle()
    (request,) = shop.pipelines.requests.values()
    assert request.examples.source.as_of == first
    assert request.examples.source_fingerprint == "files of v1"
    (warned,) = [one for one in shop.test(test_id).warnings if one.code == "read_as_of"]
    assert "2025-01-01 at 00:00 UTC" in warned.message

    shop.clock.advance(60)
    shop.data.profiles[table] = replace(later, as_of=shop.clock.now())
    profile_again(made.id, shop.ports)
    shop.settle()
    shop.quick_test(features, model)
    shop.settle()
    *_, request = shop.pipelines.requests.values()
    assert request.examples.source.as_of == shop.clock.now()
    document = shop.documents.data(f"datasets/{made.id}")
    assert document["revision"] == 2
    assert DatasetStatus.model_validate(document["status"]).validated(2)
