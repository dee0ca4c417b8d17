"""The costs in docs/google-cloud.md are what their arithmetic gives, at the prices of estimates."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from shared.prices import read_prices

_PAGE = (Path(__file__).parents[3] / "docs" / "google-cloud.md").read_text(encoding="utf-8")


def table(heading: str) -> dict[str, list[str]]:
    """The rows below a heading, by their first cell."""
    lines = _PAGE.split(heading, 1)[1].split("\n\n")[1].splitlines()
    rows = [[cell.strip(" *") for cell in line.strip("|").split("|")] for line in lines]
    return {first: cells for first, *cells in rows[2:]}


def worth(text: str) -> float:
    """`43,200 calls × 2 s + 1, and 3` → 86404: words are left out, commas add."""
    plain = re.sub(r"(?<=\d),(?=\d{3})", "", text)
    kept = re.sub(r"[^0-9.×()+/,]", "", plain).replace("×", "*").replace(",", "+")
    return float(eval(kept, {"__builtins__": {}}))


def test_a_month_costs_what_its_rows_say() -> None:
    rows = table("**A month in which nobody tests**")
    _, total = rows.pop("in all")
    assert len(rows) > 5
    for what, (arithmetic, usd) in rows.items():
        assert float(usd) == pytest.approx(worth(arithmetic), abs=0.006), what
    costs = {what: float(usd) for what, (_, usd) in rows.items()}
    awake = sum(costs.values())
    chosen = ("domain", "API", "MLflow")
    asleep = sum(usd for what, usd in costs.items() if not any(word in what for word in chosen))
    assert total == f"{asleep:.0f} / {awake:.0f}"


def test_a_quick_test_costs_what_its_rows_say() -> None:
    rows = table("**A quick test**")
    _, minutes, _, total = rows.pop("in all")
    prices = read_prices()
    _, worked, hourly, usd = rows["QuickTest, all stages"]
    assert float(hourly) == prices.usd_per_hour[prices.machines["quick_test"]]
    assert float(usd) == pytest.approx(worth(worked) / 60 * float(hourly), abs=0.0005)
    assert float(rows["the run itself"][-1]) == prices.usd_per_run
    read = next(cell for cell in rows["BigQuery"] if "GiB" in cell)
    assert worth(read) == pytest.approx(prices.usd_per_tib_read / 1024)
    assert float(rows["BigQuery"][-1]) == pytest.approx(worth(read), abs=0.0005)
    assert float(total) == pytest.approx(sum(float(row[-1]) for row in rows.values()), abs=0.005)
    assert float(minutes) == pytest.approx(worth(worked), abs=0.5)
