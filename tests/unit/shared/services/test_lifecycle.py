"""Archived feature configs: out of sight, not to be tested, and back as they were."""

from __future__ import annotations

import pytest
from scenario import Shop

from shared import services
from shared.errors import NotFoundError
from shared.problems import InvalidError


@pytest.fixture
def shop():
    return Shop()


@pytest.fixture
def configs(shop):
    dataset_id = shop.dataset()
    shop.settle()
    found = shop.feature_config(dataset_id), shop.model_config()
    shop.settle()
    return found


def test_archiving_is_repeatable_and_leads_back(shop, configs):
    feature_config_id, _ = configs
    for _ in range(2):
        services.archive(feature_config_id, shop.ports)
        assert shop.config(feature_config_id).lifecycle == "archived"
    for _ in range(2):
        services.unarchive(feature_config_id, shop.ports)
        assert shop.config(feature_config_id).lifecycle == "draft"
    for change in (services.archive, services.unarchive):
        with pytest.raises(NotFoundError):
            change("fc-none", shop.ports)


def test_an_archived_config_is_not_tested(shop, configs):
    feature_config_id, model_config_id = configs
    services.archive(feature_config_id, shop.ports)
    with pytest.raises(InvalidError, match=r"is archived\. Unarchive it"):
        shop.quick_test(feature_config_id, model_config_id)
    spec = {"feature_config_id": feature_config_id, "model_config_id": model_config_id}
    shop.documents.write("quick_tests/script", {"name": "x", "spec": spec})
    shop.settle()
    assert shop.test("script").state == "failed"
    assert "is archived" in shop.test("script").error.message
    assert not shop.pipelines.jobs

    services.unarchive(feature_config_id, shop.ports)
    test_id = shop.quick_test(feature_config_id, model_config_id)
    shop.settle()
    assert shop.test(test_id).state == "running"


def test_a_test_that_runs_on_makes_the_config_tested_when_it_comes_back(shop, configs):
    feature_config_id, model_config_id = configs
    test_id = shop.quick_test(feature_config_id, model_config_id)
    shop.settle()
    services.archive(feature_config_id, shop.ports)
    shop.succeed(test_id)
    shop.settle()
    assert shop.config(feature_config_id).lifecycle == "archived"
    services.unarchive(feature_config_id, shop.ports)
    status = shop.config(feature_config_id)
    assert (status.lifecycle, status.archived_from) == ("tested", None)


def test_a_promoted_config_comes_back_promoted(shop, configs):
    feature_config_id, _ = configs
    path = f"feature_configs/{feature_config_id}"
    data = shop.documents.data(path)
    shop.documents.write(path, {**data, "status": {**data["status"], "lifecycle": "promoted"}})
    services.archive(feature_config_id, shop.ports)
    services.unarchive(feature_config_id, shop.ports)
    assert shop.config(feature_config_id).lifecycle == "promoted"
