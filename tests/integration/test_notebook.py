"""The notebook of the docs runs from its first cell to its last; training is a stand-in."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.integration.laptop import Laptop

NOTEBOOK = Path(__file__).parents[2] / "docs" / "notebooks" / "groceries.ipynb"
CELLS: list[dict[str, Any]] = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
CODE = ["".join(cell["source"]) for cell in CELLS if cell["cell_type"] == "code"]


def run(source: str, names: dict[str, Any]) -> Any:
    """Runs a cell; returns the value of its last line, as a notebook shows it."""
    tree = ast.parse(source)
    shown = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, NOTEBOOK.name, "exec"), names)  # the repository's own
    if shown is None:
        return None
    return eval(compile(ast.Expression(shown.value), NOTEBOOK.name, "eval"), names)


def test_the_notebook_goes_from_a_file_to_a_model_in_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    laptop = Laptop(tmp_path)
    data = laptop.home / "demo" / "completejourney.parquet"
    data.parent.mkdir(parents=True)
    duckdb.sql(
        "SELECT 'h' || n % 50 AS household_id, 'p' || n % 17 AS product_id,"
        " TIMESTAMP '2024-01-01' + INTERVAL (n) HOUR AS purchased_at,"
        " 1 + n % 3 AS quantity, 0.5 * (1 + n % 7) AS sales_value,"
        " 'd' || n % 5 AS department, 'c' || n % 9 AS category FROM range(2000) AS t(n)"
    ).write_parquet(str(data))
    monkeypatch.setenv("RECSMITH_HOME", str(laptop.home))
    monkeypatch.setenv("MPLBACKEND", "Agg")
    names: dict[str, Any] = {"__name__": "__main__"}
    with laptop.up():
        shown = [run(cell, names) for cell in CODE]
    html = [value._repr_html_() for value in shown if hasattr(value, "_repr_html_")]
    assert sum("recall_at_100" in one for one in html if one) >= 1  # the test
    assert any("Comparison" in one for one in html if one)
    assert any(getattr(value, "version", None) == 1 for value in shown)  # in production
    assert "saved_model.pb" in shown[-1]
    plots = names["plt"]
    assert len(plots.get_fignums()) == 3
    plots.close("all")


def test_the_notebook_is_kept_without_what_it_showed() -> None:
    assert all(not cell.get("outputs") for cell in CELLS)
    assert all(cell.get("execution_count") is None for cell in CELLS)
    assert len({cell["id"] for cell in CELLS}) == len(CELLS)
