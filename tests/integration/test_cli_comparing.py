"""`recsmith compare` and reports, as a user runs them."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import httpx
import pytest

from tests.integration.laptop import Laptop, configs


@pytest.fixture
def laptop(tmp_path: Path) -> Laptop:
    return Laptop(tmp_path)


def test_tests_are_compared_reported_and_exported(laptop: Laptop) -> None:
    laptop.run("dataset", "add", "purchases.csv", "--name", "Shop")
    with laptop.up() as url:
        configs(url)
        first = laptop.run("quick-test", "run", "Features", "Model", "--sample", "50")
        assert "95% interval" in first
        second = laptop.run(
            *("quick-test", "run", "Features", "Model", "--sample", "50", "--epochs", "3")
        )
        assert "There is no clear difference from the best comparable test before it" in second
        newer, older = httpx.get(f"{url}/api/quick-tests/").json()["items"]
        assert newer["status"]["comparison"]["quick_test_id"] == older["id"]

        said = laptop.run("compare", newer["id"], older["id"])
        assert "Compared by Recall@100" in said
        assert "★ best" not in said  # what the stand-in measures is alike
        assert "what differs" in said
        assert "Epochs" in said
        assert "Optimizer" not in said
        assert "no clear difference" in said

        said = laptop.run("compare", newer["id"], older["id"], "--base", older["id"])
        assert "against the first" in said
        assert re.search(r" base *$", said, re.MULTILINE)
        refused = laptop.run("compare", newer["id"], older["id"], "--base", "none", status=1)
        assert "There is no quick test with the id or name 'none'" in refused

        laptop.run(
            *("compare", newer["id"], older["id"], "--base", older["id"], "--csv", "tests.csv")
        )
        with (laptop.folder / "tests.csv").open(encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
        assert sorted(row["Epochs"] for row in rows) == ["2", "3"]
        assert sorted(row["verdict_against_base"] for row in rows) == [
            "base",
            "no_clear_difference",
        ]

        said = laptop.run("quick-test", "report", newer["id"], "--out", "report.html")
        assert "report.html" in said
        page = (laptop.folder / "report.html").read_text()
        assert page.startswith("<!doctype html>")
        assert newer["id"] in page
        laptop.run("quick-test", "report", newer["id"], "--out", "report.json")
        data = json.loads((laptop.folder / "report.json").read_text())
        assert data == json.loads(laptop.run("quick-test", "report", newer["id"]))

        missing = laptop.run(
            *("quick-test", "report", newer["id"], "--out", "none/report.html"), status=1
        )
        assert "none/report.html cannot be written" in missing
        alone = laptop.run("compare", newer["id"], status=1)
        assert "quick test ids: " in alone
