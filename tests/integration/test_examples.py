"""The examples, by the commands that their pages say: applied to an empty system, and run up to
the training, which is a stand-in. The data has the shape of the real one, and few rows."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import duckdb
import pytest

from local import demo_data
from local.cli.system import own_system
from local.jobs.environment import REPOSITORY
from tests.integration.laptop import Laptop, in_process

EXAMPLES = REPOSITORY / "examples"
HOME = Path(".recsmith")
TIME = "TIMESTAMP '2011-01-01' + to_minutes(60 * n)"


def table(path: Path, columns: str, options: str) -> None:
    """Writes 2,000 rows, numbered `n`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    duckdb.sql(f"COPY (SELECT {columns} FROM range(2000) t(n)) TO '{path}' ({options})")


def groceries(folder: Path) -> None:
    kinds = {"purchased_at": TIME, "quantity": "1 + n % 3", "sales_value": "0.5 + n % 9"}
    values = {name: f"'{name}-' || n % 40" for name in demo_data.MAPPING} | kinds
    columns = ", ".join(f"{value} AS {name}" for name, value in values.items())
    table(folder / HOME / "demo" / "completejourney.parquet", columns, "FORMAT parquet")


def gifts(folder: Path) -> None:
    columns = (
        "'G' || n AS InvoiceNo, 'S' || n % 30 AS StockCode, 'gift ' || n % 30 AS Description, "
        f"n % 9 - 1 AS Quantity, {TIME} AS InvoiceDate, 0.5 + n % 7 AS UnitPrice, "
        "12000.0 + n % 40 AS CustomerID, ['Germany', 'France'][1 + n % 2] AS Country"
    )
    table(folder / HOME / "public" / "online_retail.parquet", columns, "FORMAT parquet")


def corner_shop(folder: Path) -> None:
    columns = (
        "1000 + n % 40 AS Member_number, "
        f"strftime({TIME}, '%d-%m-%Y') AS Date, 'item ' || n % 30 AS itemDescription"
    )
    table(folder / HOME / "public" / "Groceries_dataset.csv", columns, "FORMAT csv, HEADER")


def films(folder: Path) -> None:
    columns = "1 + n % 40, 1 + n % 30, 1 + n % 5, 880000000 + 60 * n"
    options = "FORMAT csv, HEADER false, DELIMITER '\t'"
    table(folder / HOME / "public" / "u.data", columns, options)


def commands(page: Path) -> list[list[str]]:
    """Those of the blocks of a page, as a shell reads them, without `recsmith`."""
    blocks = re.findall(r"^```\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)
    lines = [shlex.split(line) for block in blocks for line in block.splitlines()]
    assert all(line[0] == "recsmith" for line in lines)
    return [line[1:] for line in lines]


@pytest.mark.parametrize(
    ("example", "data", "tests"),
    [("groceries", (groceries,), 1), ("public", (gifts, corner_shop, films), 3)],
    ids=["groceries", "public"],
)
def test_the_page_of_an_example_can_be_followed_word_by_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, example: str, data: tuple, tests: int
) -> None:
    laptop = Laptop(tmp_path)
    laptop.home = tmp_path / HOME
    laptop.environment["RECSMITH_HOME"] = str(HOME)
    for name, value in laptop.environment.items():
        monkeypatch.setenv(name, value)
    shutil.copytree(EXAMPLES / example, tmp_path / "examples" / example)
    for write in data:
        write(tmp_path)
    with in_process(laptop) as run, own_system(laptop.home) as api:
        for command in commands(EXAMPLES / example / "README.md"):
            said = run(*command)
            if command[0] == "apply":
                assert "to create" in said
                assert "0 documents unchanged" not in said
                assert "unchanged" in run(*command)
        found = api.get("/api/quick-tests/")["items"]
        assert [one["status"]["state"] for one in found] == ["completed"] * tests
        kinds = ("datasets", "feature-configs", "model-configs", "rule-sets")
        for kind in kinds:
            for one in api.get(f"/api/{kind}/")["items"]:
                assert one["status"]["validation"]["state"] == "valid", one
