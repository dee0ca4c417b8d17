"""What all tests of a day may cost."""

from __future__ import annotations

from dataclasses import replace

import pytest
from scenario import Shop

from shared.editing import forecast_quick_test
from shared.prices import read_prices
from shared.services import cancel_quick_test


@pytest.fixture
def shop() -> Shop:
    shop = Shop()
    shop.ports = replace(shop.ports, prices=read_prices(), daily_usd=1000.0)
    return shop


def configs(shop: Shop) -> tuple[str, str]:
    dataset_id = shop.dataset()
    shop.settle()
    found = shop.feature_config(dataset_id), shop.model_config()
    shop.settle()
    return found


def expected(shop: Shop, test_id: str) -> float:
    estimate = shop.test(test_id).estimate
    assert estimate is not None
    assert estimate.cost_usd is not None
    return estimate.cost_usd.likely


def run(shop: Shop, features: str, model: str) -> str:
    test_id = shop.quick_test(features, model)
    shop.settle()
    return test_id


def test_a_test_beyond_the_days_budget_is_refused_until_tomorrow(shop: Shop) -> None:
    features, model = configs(shop)
    first = run(shop, features, model)
    shop.ports = replace(shop.ports, daily_usd=1.5 * expected(shop, first))
    forecast = forecast_quick_test(
        shop.ports, {"feature_config_id": features, "model_config_id": model}
    )
    assert [problem.code for problem in forecast.problems] == ["over_daily_budget"]
    refused = run(shop, features, model)
    error = shop.test(refused).error
    assert shop.test(refused).state == "failed"
    assert error is not None
    assert "(daily_budget)" in error.message
    assert len(shop.pipelines.requests) == 1
    shop.clock.advance(24 * 3600)
    assert shop.test(run(shop, features, model)).state == "running"


def test_what_a_test_did_cost_counts_once_it_has_ended(shop: Shop) -> None:
    features, model = configs(shop)
    first = run(shop, features, model)
    one = expected(shop, first)
    shop.clock.advance(1)
    cancel_quick_test(first, shop.ports)
    shop.job_news(first)
    spent = shop.test(first).cost_usd
    assert spent is not None
    assert spent < one
    shop.ports = replace(shop.ports, daily_usd=spent + 1.01 * one)
    assert shop.test(run(shop, features, model)).state == "running"
    assert shop.test(run(shop, features, model)).state == "failed"


def test_a_test_that_never_began_costs_nothing(shop: Shop) -> None:
    features, model = configs(shop)
    shop.ports = replace(shop.ports, daily_usd=0.01)
    assert shop.test(run(shop, features, model)).state == "failed"
    shop.ports = replace(shop.ports, daily_usd=1000.0)
    one = expected(shop, run(shop, features, model))
    shop.ports = replace(shop.ports, daily_usd=2.01 * one)
    assert shop.test(run(shop, features, model)).state == "running"
    shop.ports = replace(shop.ports, daily_usd=None)
    assert shop.test(run(shop, features, model)).state == "running"
