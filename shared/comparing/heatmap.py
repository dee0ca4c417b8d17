"""A metric over two settings: which combination is best, among tests that may be ranked."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel

from shared.comparing.facts import Fact, facts_of
from shared.comparing.heatmap_cells import (
    HeatmapAxis,
    HeatmapCell,
    axis_of,
    cells_of,
    mark_best,
    summary_of,
)
from shared.comparing.loading import FIELDS, LeftOut, Loaded, Tested, having, load, load_by_id
from shared.comparing.table import unknown_metric
from shared.documents.base import Collection
from shared.documents.quick_test import TestState
from shared.metrics import metric as metric_of
from shared.ports import Filter, Ports
from shared.problems import InvalidError, Problem
from shared.rules.comparability import grouped, reasons_against
from shared.rules.verdict import (
    BestOf,
)
from shared.wording import plural

MAX_TESTS = 500
# Keys of facts that may be an axis, those first that people vary most.
DIMENSIONS = (
    *("customer_embedding", "product_embedding", "crosses", "feature_config", "left_out"),
    *("towers", "model_config", "optimizer", "learning_rate", "batch_size", "temperature"),
    *("epochs", "training_seed", "output_embedding_dim", "model_type"),
)
_PLAIN = ("feature_config", "model_config")  # axes where nothing differs


class HeatmapDimension(BaseModel):
    """`values`: how many different ones the tests have; a dimension with one is no use."""

    key: str
    label: str
    values: int


class HeatmapGroup(BaseModel):
    """Tests that may be ranked together. Ask for one by the id of any of its tests.

    Attributes:
        reasons: why they are not in the heatmap with the group that is shown.
    """

    quick_test_id: str
    tests: int
    measured: str
    shown: bool
    reasons: list[str]


class Heatmap(BaseModel):
    """One group of comparable tests.

    Attributes:
        metrics: those that any of the tests has, so that it can be asked for.
        verdict: which cell is best, each by its `quick_test_id`; None without any.
        summary: the same in words.
        note: in words, what is shown and what is not.
    """

    metric: str
    metric_label: str
    lower_is_better: bool
    metrics: list[str]
    rows: HeatmapAxis
    columns: HeatmapAxis
    cells: list[HeatmapCell]
    verdict: BestOf | None
    summary: str
    dimensions: list[HeatmapDimension]
    groups: list[HeatmapGroup]
    left_out: list[LeftOut]
    note: str


def heatmap_of_tests(
    ids: Sequence[str],
    metric: str | None,
    rows: str | None,
    columns: str | None,
    group_of: str | None,
    ports: Ports,
) -> Heatmap:
    """Raises InvalidError: see `heatmap`; and for more than MAX_TESTS ids or unknown ones."""
    unique = list(dict.fromkeys(ids))
    if len(unique) > MAX_TESTS:
        message = f"A heatmap takes at most {MAX_TESTS} quick tests."
        raise InvalidError([_problem("quick_test_ids", "too_many", message, len(unique))])
    return heatmap(load_by_id(unique, ports), metric, rows, columns, group_of, ports)


def heatmap_of_dataset(
    dataset_id: str,
    metric: str | None,
    rows: str | None,
    columns: str | None,
    group_of: str | None,
    ports: Ports,
) -> Heatmap:
    """Of a dataset's completed tests, the MAX_TESTS that changed last. Raises InvalidError."""
    where = [
        Filter("status.pinned.dataset_id", "==", dataset_id),
        Filter("status.state", "==", TestState.COMPLETED.value),
    ]
    found = ports.documents.query(
        Collection.QUICK_TESTS,
        where,
        order_by="updated_at",
        descending=True,
        limit=MAX_TESTS + 1,
        fields=FIELDS,
    )
    made = heatmap(load(found[:MAX_TESTS], ports), metric, rows, columns, group_of, ports)
    if len(found) > MAX_TESTS:
        made.note = f"The latest {MAX_TESTS} tests; there are older ones. {made.note}"
    return made


def heatmap(
    everything: Loaded,
    metric: str | None,
    rows: str | None,
    columns: str | None,
    group_of: str | None,
    ports: Ports,
) -> Heatmap:
    """Pivots tests by two dimensions.

    Args:
        metric: None takes what most of them are ranked by.
        rows, columns: keys of DIMENSIONS; None takes the first that differ.
        group_of: a test of the group to show; None shows the largest.

    Raises:
        InvalidError: an unknown dimension, one dimension twice, a metric that no test has, or a
            group's test that is not among them.
    """
    _check(rows, columns)
    name, loaded = having(everything, metric)
    if metric is not None and everything.tests and not loaded.tests:
        raise InvalidError([unknown_metric(metric, everything.tests)])
    groups = sorted(grouped(loaded.tests, lambda t: t.measurement, name), key=len, reverse=True)
    shown = _shown(groups, group_of)
    facts = facts_of(shown)
    dimensions = _dimensions(list(facts.values()))
    row_key, column_key = _axes(dimensions, rows, columns)
    made_rows, made_columns = axis_of(row_key, shown, facts), axis_of(column_key, shown, facts)
    info = metric_of(name)
    cells = cells_of(shown, name, made_rows, made_columns, facts)
    verdict = mark_best(cells, shown, name, ports)
    return Heatmap(
        metric=name,
        metric_label=info.label,
        lower_is_better=info.lower_is_better,
        metrics=sorted({key for tested in everything.tests for key in tested.results.metrics}),
        rows=made_rows,
        columns=made_columns,
        cells=cells,
        verdict=verdict,
        summary=summary_of(verdict, cells, made_rows, made_columns, name) if verdict else "",
        dimensions=dimensions,
        groups=[_group(group, shown, name) for group in groups],
        left_out=loaded.left_out,
        note=_note(cells, shown, groups, loaded.left_out),
    )


def _check(rows: str | None, columns: str | None) -> None:
    known = ", ".join(DIMENSIONS)
    problems = [
        _problem(path, "unknown_dimension", f"There is no dimension {key!r}. Take {known}.", key)
        for path, key in (("rows", rows), ("columns", columns))
        if key is not None and key not in DIMENSIONS
    ]
    if rows is not None and rows == columns:
        message = f"Rows and columns are both {rows!r}. Take two different dimensions."
        problems.append(_problem("columns", "same_dimension", message, columns))
    if problems:
        raise InvalidError(problems)


def _shown(groups: list[list[Tested]], group_of: str | None) -> list[Tested]:
    if group_of is None:
        return groups[0] if groups else []
    for group in groups:
        if any(tested.test.id == group_of for tested in group):
            return group
    message = f"Quick test {group_of!r} is not among the completed tests that have this metric."
    raise InvalidError([_problem("group_of", "unknown_group", message, group_of)])


def _dimensions(tests: list[dict[str, Fact]]) -> list[HeatmapDimension]:
    """Those that are known, the ones that differ first."""
    found = []
    for key in DIMENSIONS:
        facts = [facts[key] for facts in tests if key in facts]
        if facts:
            values = len({fact.text for fact in facts})
            found.append(HeatmapDimension(key=key, label=facts[0].label, values=values))
    return sorted(found, key=lambda dimension: dimension.values < 2)


def _axes(
    dimensions: list[HeatmapDimension], rows: str | None, columns: str | None
) -> tuple[str, str]:
    """Keys of the rows and of the columns: what is asked for, else the first that differ."""
    wanted = [dimension.key for dimension in dimensions if dimension.values > 1]
    free = [key for key in (*wanted, *_PLAIN, *DIMENSIONS) if key not in (rows, columns)]
    column_key = columns or free[0]
    row_key = rows or next(key for key in free if key != column_key)
    return row_key, column_key


def _group(group: list[Tested], shown: list[Tested], metric: str) -> HeatmapGroup:
    reasons = reasons_against(shown[0].measurement, group[0].measurement, metric)
    return HeatmapGroup(
        quick_test_id=group[0].test.id,
        tests=len(group),
        measured=group[0].results.protocol.told,
        shown=group is shown,
        reasons=[] if group is shown else reasons,
    )


def _note(
    cells: list[HeatmapCell],
    shown: list[Tested],
    groups: list[list[Tested]],
    left_out: list[LeftOut],
) -> str:
    if not shown:
        return "None of these tests has completed with this metric."
    sentences = [f"{_tests(len(shown))}, all measured alike."]
    if any(cell.count > 1 for cell in cells):
        sentences.append("A cell with several tests shows their mean.")
    if others := sum(len(group) for group in groups) - len(shown):
        verb = "was" if others == 1 else "were"
        sentences.append(f"{_tests(others)} {verb} measured otherwise and cannot be ranked here.")
    if left_out:
        sentences.append(f"{_tests(len(left_out))} left out, without such a result.")
    return " ".join(sentences)


def _tests(count: int) -> str:
    return plural(count, "test")


def _problem(path: str, code: str, message: str, received: object) -> Problem:
    return Problem(path=path, code=code, message=message, received=received)
