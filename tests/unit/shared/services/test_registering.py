"""Full trainings become versions of registered models."""

from __future__ import annotations

import itertools
from operator import methodcaller

import pytest
from scenario import Shop

from shared import editing
from shared.documents.base import Collection
from shared.documents.registered_model import registered_model_id
from shared.events import Topic
from shared.handlers import reconcile
from shared.jobs import Stage, State
from shared.services.registering import list_versions, read_version, register


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def configs(shop: Shop) -> tuple[str, str]:
    dataset = shop.dataset()
    shop.settle()
    found = shop.feature_config(dataset), shop.model_config()
    shop.settle()
    return found


def registered_as(shop: Shop, test_id: str) -> tuple[str, int]:
    found = shop.test(test_id).registered
    assert found is not None
    return found.name, found.version


def test_a_full_training_is_a_version_with_its_facts(shop: Shop, configs: tuple[str, str]) -> None:
    test_id = shop.fully_trained(*configs)
    assert registered_as(shop, test_id) == ("Shop", 1)
    version = read_version(registered_model_id("Shop"), 1, shop.ports)
    assert version is not None
    assert version.quick_test_id == test_id
    assert version.artifacts_uri == shop.test(test_id).artifacts_uri
    assert (version.metric, version.value) == ("recall_at_100", 0.2)
    assert version.dataset_fingerprint == "v1"
    assert version.protocol.sample_percent == 10
    code = shop.test(test_id).code
    assert code is not None
    assert version.code is not None
    assert version.code.trainer == code.trainer.sha256
    model = shop.registered_model(registered_model_id("Shop"))
    assert model.status.versions == 1
    assert model.status.aliases.production is None
    assert model.status.validated(model.revision)


def test_quick_tests_and_failed_trainings_are_not_registered(
    shop: Shop, configs: tuple[str, str]
) -> None:
    tried = shop.quick_test(*configs)
    shop.settle()
    shop.succeed(tried)
    shop.settle()
    failed = editing.train_in_full(shop.ports, tried).id
    shop.settle()
    shop.pipelines.advance(shop.job_id(failed), Stage.TRAIN, State.FAILED, "out of memory")
    shop.job_news(failed)
    shop.settle()
    assert shop.test(failed).state == "failed"
    assert register(tried, shop.ports) is None
    assert register(failed, shop.ports) is None
    assert register("qt-none", shop.ports) is None
    assert shop.documents.query("registered_models") == []


def test_an_event_that_comes_again_registers_nothing_more(
    shop: Shop, configs: tuple[str, str]
) -> None:
    first, second = shop.fully_trained(*configs), shop.fully_trained(*configs)
    for test_id in (first, second, first):
        shop.handle(shop.event(Topic.QUICK_TEST_ENDED, Collection.QUICK_TESTS, test_id, 0))
    shop.settle()
    assert registered_as(shop, first) == ("Shop", 1)
    assert registered_as(shop, second) == ("Shop", 2)
    versions = list_versions(registered_model_id("Shop"), shop.ports)
    assert [(one.version, one.quick_test_id) for one in versions] == [(2, second), (1, first)]


def test_names_are_one_whatever_their_case(shop: Shop, configs: tuple[str, str]) -> None:
    first = shop.fully_trained(*configs, model_name="Weekly basket")
    second = shop.fully_trained(*configs, model_name="weekly BASKET")
    assert registered_as(shop, first) == ("Weekly basket", 1)
    assert registered_as(shop, second) == ("Weekly basket", 2)
    assert len(shop.documents.query("registered_models")) == 1


def test_without_a_name_the_configs_stay_with_their_model(
    shop: Shop, configs: tuple[str, str]
) -> None:
    shop.fully_trained(*configs, model_name="Weekly basket")
    assert registered_as(shop, shop.fully_trained(*configs)) == ("Weekly basket", 2)
    other = shop.model_config("Deep", batch_size=2048)
    shop.settle()
    assert registered_as(shop, shop.fully_trained(configs[0], other)) == ("Shop", 1)


@pytest.mark.parametrize(
    ("one", "other"),
    list(itertools.combinations(["Shop", "Shop 2", "Søp", "—", "商店", "shop!"], 2)),
)
def test_unlike_names_have_unlike_ids(one: str, other: str) -> None:
    assert registered_model_id(one) != registered_model_id(other)
    assert registered_model_id(one) == registered_model_id(f" {one.upper()} ")


def test_the_clock_registers_what_was_missed(shop: Shop, configs: tuple[str, str]) -> None:
    """Lost events, and full trainings of before there were registered models."""
    test_id = shop.fully_trained(*configs)
    data = shop.documents.data(f"quick_tests/{test_id}")
    del data["status"]["registered"]
    shop.documents.write(f"quick_tests/{test_id}", data)
    for path in ("registered_models/{}", "registered_models/{}/registered_versions/1"):
        shop.documents.transact(methodcaller("delete", path.format(registered_model_id("Shop"))))
    shop.documents.changes.clear()
    shop.clock.advance(3600)
    for _ in range(2):
        reconcile(shop.ports)
        shop.settle()
    assert registered_as(shop, test_id) == ("Shop", 1)


def test_a_version_says_that_its_model_was_deleted(shop: Shop, configs: tuple[str, str]) -> None:
    test_id = shop.fully_trained(*configs)
    editing.delete(shop.ports, Collection.QUICK_TESTS, test_id)
    version = read_version(registered_model_id("Shop"), 1, shop.ports)
    assert version is not None
    assert version.model_deleted_at == shop.clock.now()


def test_a_test_that_names_another_models_version_leaves_that_alone(
    shop: Shop, configs: tuple[str, str]
) -> None:
    kept, deleted = shop.fully_trained(*configs), shop.fully_trained(*configs)
    data = shop.documents.data(f"quick_tests/{deleted}")
    data["status"]["registered"] = shop.documents.data(f"quick_tests/{kept}")["status"][
        "registered"
    ]
    shop.documents.write(f"quick_tests/{deleted}", data)
    editing.delete(shop.ports, Collection.QUICK_TESTS, deleted)
    version = read_version(registered_model_id("Shop"), 1, shop.ports)
    assert version is not None
    assert version.model_deleted_at is None
