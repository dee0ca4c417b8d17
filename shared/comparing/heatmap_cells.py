"""The axes and cells of a heatmap, and which of the cells is best."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import fmean

from pydantic import BaseModel

from shared.comparing.facts import Fact
from shared.comparing.loading import Tested
from shared.jobs import Interval, Replicates
from shared.metrics import metric as metric_of
from shared.ports import Ports
from shared.rules.differences import mean_replicates
from shared.rules.verdict import (
    BestOf,
    Candidate,
    best_of,
    best_sentence,
    differences_to_first,
    ranked,
)
from shared.services.replicates import read_replicates

_UNKNOWN = "?"  # of a test whose config has been deleted


class HeatmapAxis(BaseModel):
    """Its values in their order: numbers by size, texts by the alphabet."""

    key: str
    label: str
    values: list[str]


class HeatmapCell(BaseModel):
    """The tests with one combination of settings. Combinations without a test have no cell.

    Attributes:
        row, column: places among the axes' values, from 0.
        value: the metric; of several tests, the mean.
        low, high: smallest and largest value of the cell's tests.
        interval: of a single test; a mean has none.
        quick_test_id: the test, of several the best.
        count: of tests.
        best: whether it is clearly better than all others, and its tests than every baseline.
    """

    row: int
    column: int
    value: float
    low: float
    high: float
    interval: Interval | None
    quick_test_id: str
    quick_test_ids: list[str]
    count: int
    best: bool


def axis_of(key: str, tests: list[Tested], facts: Mapping[str, Mapping[str, Fact]]) -> HeatmapAxis:
    found = [facts[tested.test.id].get(key) for tested in tests]
    known = {fact.text: fact for fact in found if fact is not None}
    label = next(iter(known.values())).label if known else key.replace("_", " ").capitalize()
    values = sorted(known, key=lambda text: known[text].order)
    missing = [_UNKNOWN] if None in found else []
    return HeatmapAxis(key=key, label=label, values=[*values, *missing])


def cells_of(
    tests: list[Tested],
    metric: str,
    rows: HeatmapAxis,
    columns: HeatmapAxis,
    facts: Mapping[str, Mapping[str, Fact]],
) -> list[HeatmapCell]:
    places: dict[tuple[int, int], list[Tested]] = {}
    for tested in tests:
        own = facts[tested.test.id]
        row, column = (
            axis.values.index(own[axis.key].text if axis.key in own else _UNKNOWN)
            for axis in (rows, columns)
        )
        places.setdefault((row, column), []).append(tested)
    return [_cell(row, column, places[row, column], metric) for row, column in sorted(places)]


def mark_best(
    cells: list[HeatmapCell], tests: list[Tested], metric: str, ports: Ports
) -> BestOf | None:
    """The verdict on the cells, which goes on the best of them too. The replicates of a cell with
    several tests are their means, draw by draw."""
    if not cells:
        return None
    own = {tested.test.id: tested for tested in tests}

    def replicates(cell: HeatmapCell) -> Replicates | None:
        ids = cell.quick_test_ids
        return mean_replicates([read_replicates(own[one].test.status, ports) for one in ids])

    order = ranked(
        [
            Candidate(
                cell.quick_test_id,
                cell.value,
                [own[one].results for one in cell.quick_test_ids],
                replicates(cell) if len(cells) > 1 else None,
            )
            for cell in cells
        ],
        metric,
    )
    found = best_of(order, differences_to_first(order, metric), metric)
    for cell in cells:
        cell.best = cell.quick_test_id == found.best
    return found


def summary_of(
    verdict: BestOf,
    cells: list[HeatmapCell],
    rows: HeatmapAxis,
    columns: HeatmapAxis,
    metric: str,
) -> str:
    told = {cell.quick_test_id: (_settings(cell, rows, columns), cell.value) for cell in cells}
    return best_sentence(verdict, told, metric)


def _settings(cell: HeatmapCell, rows: HeatmapAxis, columns: HeatmapAxis) -> str:
    """`learning rate 0.01, batch size 256`, of the axes that differ."""
    parts = [
        f"{axis.label} {axis.values[place]}"
        for axis, place in ((rows, cell.row), (columns, cell.column))
        if len(axis.values) > 1
    ]
    return "; ".join(parts) or "This combination"


def _cell(row: int, column: int, tests: list[Tested], metric: str) -> HeatmapCell:
    sign = 1 if metric_of(metric).lower_is_better else -1
    ordered = sorted(tests, key=lambda t: (sign * t.results.metrics[metric], t.test.id))
    values = [tested.results.metrics[metric] for tested in ordered]
    return HeatmapCell(
        row=row,
        column=column,
        value=fmean(values),
        low=min(values),
        high=max(values),
        interval=ordered[0].results.intervals.get(metric) if len(ordered) == 1 else None,
        quick_test_id=ordered[0].test.id,
        quick_test_ids=[tested.test.id for tested in ordered],
        count=len(ordered),
        best=False,
    )
