"""The smoke test of a deployment, over a laptop that stands for one."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from local.cli.client import Api
from local.cli.cloud_smoke import smoke
from tests.integration.laptop import Laptop

ROLES = {"CustomerId": "customer_id", "sku": "product_id", "bought_on": "transaction_date"}


@pytest.fixture
def laptop(tmp_path: Path) -> Laptop:
    return Laptop(tmp_path)


def test_a_test_runs_from_a_table_to_its_metrics_and_nothing_stays(laptop: Laptop) -> None:
    source = {"kind": "csv", "uri": str(laptop.csv)}
    with laptop.up() as url, Api(url) as api:
        found = list(smoke(api, source, ROLES))
        assert [(one.what, one.state) for one in found] == [
            ("The API answers", "good"),
            ("A dataset is profiled", "good"),
            ("Configs are valid", "good"),
            ("A quick test completes", "good"),
        ]
        assert found[1].detail == "2,000 rows"
        for kind in ("datasets", "feature-configs", "model-configs", "quick-tests"):
            assert httpx.get(f"{url}/api/{kind}/").json()["items"] == []


def test_the_step_that_fails_is_named_with_its_remedy_and_nothing_stays(laptop: Laptop) -> None:
    with laptop.up() as url, Api(url) as api:
        found = list(smoke(api, {"kind": "csv", "uri": "/none.csv"}, ROLES))
        (bad,) = [one for one in found if one.state != "good"]
        assert bad.what == "A dataset is profiled"
        assert "There is no such file" in bad.detail
        assert bad.remedy == "recsmith cloud logs validate-config"
        assert httpx.get(f"{url}/api/datasets/").json()["items"] == []
