"""Completed tests beside each other: a table of what differs, and a heatmap of two settings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Self

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, model_validator

from functions.api.csv_files import Cell, CsvResponse, csv_response
from functions.api.resource import ERRORS, JSON_ERRORS, PortsOf
from functions.api.rights import needs
from shared.comparing.heatmap import (
    DIMENSIONS,
    Heatmap,
    heatmap_of_dataset,
    heatmap_of_tests,
)
from shared.comparing.heatmap import MAX_TESTS as MOST_ON_A_HEATMAP
from shared.comparing.settings_table import MAX_TESTS as MOST_IN_A_TABLE
from shared.comparing.settings_table import SettingsTable, settings_table
from shared.comparing.table import MAX_TESTS, ComparedTest, Comparison, compare
from shared.jobs import Interval
from shared.ports import Ports

router = APIRouter(prefix="/api/quick-tests", tags=["comparing"], responses=ERRORS)

_CSV: dict[int | str, dict[str, Any]] = {
    200: {"description": "A CSV file", "content": {"text/csv": {"schema": {"type": "string"}}}},
    **JSON_ERRORS,
}
_DIMENSION = f"One of {', '.join(DIMENSIONS)}; null takes one that differs."


class CompareRequest(BaseModel):
    """Attributes:
    metric: its name in the tests' results; null takes what most of them are ranked by.
    base: the id of one of them that the others are held against, beside the best.
    """

    model_config = ConfigDict(extra="forbid")

    quick_test_ids: list[str] = Field(min_length=2, max_length=MAX_TESTS)
    metric: str | None = None
    base: str | None = None


class HeatmapRequest(BaseModel):
    """Either `quick_test_ids` or `dataset_id`, for all completed tests over a dataset.

    Attributes:
        group_of: the id of a test of the group to show; null shows the largest.
    """

    model_config = ConfigDict(extra="forbid")

    quick_test_ids: list[str] | None = Field(
        default=None, min_length=1, max_length=MOST_ON_A_HEATMAP
    )
    dataset_id: str | None = Field(default=None, min_length=1, max_length=200)
    metric: str | None = None
    rows: str | None = Field(default=None, description=_DIMENSION)
    columns: str | None = Field(default=None, description=_DIMENSION)
    group_of: str | None = None

    @model_validator(mode="after")
    def _of_one_kind(self) -> Self:
        if (self.quick_test_ids is None) == (self.dataset_id is None):
            raise ValueError("Name either quick_test_ids or dataset_id, not both.")
        return self


class SettingsRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    quick_test_ids: list[str] = Field(min_length=1, max_length=MOST_IN_A_TABLE)


@router.post("/settings/", response_model=SettingsTable)
@needs("viewer")
def get_quick_test_settings(body: SettingsRequest, ports: PortsOf) -> Any:
    """What completed tests were made of, setting by setting, and in what they differ."""
    return settings_table(body.quick_test_ids, ports)


@router.post("/compare/", response_model=Comparison)
@needs("viewer")
def compare_quick_tests(body: CompareRequest, ports: PortsOf) -> Any:
    """Completed tests in groups that may be ranked, best first, with the fields in which they
    differ, and paired differences to each group's best."""
    return compare(body.quick_test_ids, body.metric, ports, body.base)


@router.post("/compare.csv/", response_class=CsvResponse, responses=_CSV)
@needs("viewer")
def export_quick_test_comparison(body: CompareRequest, ports: PortsOf) -> Any:
    """The same as a CSV file, one line for each test."""
    made = compare(body.quick_test_ids, body.metric, ports, body.base)
    return csv_response(_comparison_lines(made, body.base), "comparison.csv")


@router.post("/heatmap/", response_model=Heatmap)
@needs("viewer")
def get_quick_test_heatmap(body: HeatmapRequest, ports: PortsOf) -> Any:
    """A metric by two settings, over one group of tests that may be ranked."""
    return _heatmap(body, ports)


@router.post("/heatmap.csv/", response_class=CsvResponse, responses=_CSV)
@needs("viewer")
def export_quick_test_heatmap(body: HeatmapRequest, ports: PortsOf) -> Any:
    """The same as a CSV file, one line for each cell."""
    return csv_response(_heatmap_lines(_heatmap(body, ports)), "heatmap.csv")


def _heatmap(body: HeatmapRequest, ports: Ports) -> Heatmap:
    chosen = body.metric, body.rows, body.columns, body.group_of
    if body.dataset_id is not None:
        return heatmap_of_dataset(body.dataset_id, *chosen, ports)
    return heatmap_of_tests(body.quick_test_ids or [], *chosen, ports)


def _comparison_lines(made: Comparison, base: str | None) -> Iterator[list[Cell]]:
    rows = [row for group in made.groups for row in group.rows]
    metrics = sorted({name for row in rows for name in row.metrics}, key=_main_first(made.metric))
    bounds = sorted({name for row in rows for name in row.intervals}, key=_main_first(made.metric))
    baselines = sorted({name for row in rows for name in row.baselines})
    yield [
        *("group", "measured", "rank", "quick_test_id", "name", "verdict_against_best"),
        *("difference_low", "difference_high"),
        *(("verdict_against_base", "to_base_low", "to_base_high") if base else ()),
        *metrics,
        *(f"{name}_{end}" for name in bounds for end in ("low", "high")),
        *(f"{name}: {made.metric}" for name in baselines),
        *(field.label for field in made.differing),
    ]
    for number, group in enumerate(made.groups, 1):
        for row in group.rows:
            yield [
                *(number, group.measured, row.rank, row.quick_test_id, row.name),
                "best" if row.best else row.verdict or "first",
                *_ends(row.difference),
                *(_to_base(row, base) if base else ()),
                *(row.metrics.get(name) for name in metrics),
                *_bounds(row, bounds),
                *(row.baselines.get(name, {}).get(made.metric) for name in baselines),
                *(row.fields[field.key] for field in made.differing),
            ]


def _main_first(main: str) -> Any:
    return lambda name: (name != main, name)


def _bounds(row: ComparedTest, names: list[str]) -> Iterator[Cell]:
    for name in names:
        yield from _ends(row.intervals.get(name))


def _to_base(row: ComparedTest, base: str) -> tuple[Cell, Cell, Cell]:
    """Verdict and difference; nothing where the base is in another group."""
    if row.to_base is None:
        return ("base" if row.quick_test_id == base else None, None, None)
    return (row.to_base.verdict, *_ends(row.to_base.difference))


def _heatmap_lines(made: Heatmap) -> Iterator[list[Cell]]:
    yield [
        *(made.rows.label, made.columns.label, made.metric),
        *("interval_low", "interval_high", "tests", "smallest", "largest", "best"),
        *("quick_test_id", "quick_test_ids"),
    ]
    for cell in made.cells:
        yield [
            *(made.rows.values[cell.row], made.columns.values[cell.column], cell.value),
            *_ends(cell.interval),
            *(cell.count, cell.low, cell.high, "best" if cell.best else ""),
            *(cell.quick_test_id, " ".join(cell.quick_test_ids)),
        ]


def _ends(interval: Interval | None) -> tuple[Cell, Cell]:
    return (interval.low, interval.high) if interval else (None, None)
