"""A state folder of an early version (779b3f6), as SQL and files in `old_home`.

It was made by that version's own command over a stand-in for training: a dataset of `CSV`, a
feature config, a model config and a completed test. `{FOLDER}` stands for where it lay; `.txt`
keeps linters from its generated modules.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

import httpx
import pytest

from tests.integration.laptop import Laptop

OLD = Path(__file__).parent / "old_home"


@pytest.fixture
def laptop(tmp_path: Path) -> Laptop:
    made = Laptop(tmp_path)
    for path in (OLD / "home").rglob("*"):
        if path.is_file():
            name = path.name.replace(".py.txt", ".py")
            there = (made.home / path.relative_to(OLD / "home")).with_name(name)
            there.parent.mkdir(parents=True, exist_ok=True)
            there.write_text(path.read_text().replace("{FOLDER}", str(tmp_path)))
    with sqlite3.connect(made.home / "state.db") as database:
        database.executescript((OLD / "state.sql").read_text().replace("{FOLDER}", str(tmp_path)))
    database.close()
    return made


def test_it_opens_lists_reads_and_runs(laptop: Laptop) -> None:
    assert "Shop" in laptop.run("dataset", "list")
    with laptop.up() as url:
        found = {
            kind: httpx.get(f"{url}/api/{kind}/").json()
            for kind in ("datasets", "feature-configs", "model-configs", "quick-tests")
        }
        assert {kind: len(page["items"]) for kind, page in found.items()} == dict.fromkeys(found, 1)
        assert [page["unreadable"] for page in found.values()] == [{}] * 4
        (old,) = found["quick-tests"]["items"]
        assert old["status"]["state"] == "completed"
        assert old["status"]["results"]["metrics"]["recall_at_100"] == 0.5
        assert "0.5000" in laptop.run("quick-test", "show", old["id"])
        for page in ("report/", "vocabulary/", "code/"):
            assert httpx.get(f"{url}/api/quick-tests/{old['id']}/{page}").status_code < 500

        laptop.run("dataset", "profile", "Shop")  # the file is another one by its times
        assert "50 customers" in laptop.run("dataset", "report", "Shop")
        assert "@100" in laptop.run("quick-test", "run", "Features", "Model", "--sample", "50")
        tests = httpx.get(f"{url}/api/quick-tests/").json()["items"]
        assert [one["status"]["state"] for one in tests] == ["completed"] * 2
        path = f"{url}/api/quick-tests/compare/"
        compared = httpx.post(path, json={"quick_test_ids": [one["id"] for one in tests]})
        assert compared.status_code == 200, compared.text
