"""What may be said of several segments, and by which columns results may be split."""

from __future__ import annotations

import math

import pytest
from scenario import DATASET_SPEC

from shared.documents.dataset import Dataset
from shared.jobs import Interval
from shared.rules.segment_columns import check_segment_columns
from shared.rules.segments import Looked, verdicts

METRIC = "recall_at_100"


def looked(value: float, error: float = 0.01, customers: int = 1_000) -> Looked:
    reach = 1.96 * error
    return Looked(value, Interval(low=value - reach, high=value + reach), error, customers)


def test_the_more_segments_the_clearer_a_difference_has_to_be() -> None:
    alone = looked(-0.025)  # p = 0.012
    assert verdicts([alone], METRIC) == ["worse"]
    assert verdicts([alone] + [looked(0.001)] * 7, METRIC)[0] == "no_clear_difference"
    assert verdicts([looked(-0.04)] + [looked(0.001)] * 7, METRIC)[0] == "worse"


def test_holm_goes_on_with_what_is_left() -> None:
    """By Bonferroni alone, the last would not be clear."""
    found = verdicts([looked(0.04), looked(0.026), looked(-0.0228)], METRIC)
    assert found == ["better", "better", "worse"]
    among_others = [looked(0.04), looked(0.001), looked(0.001), looked(-0.0228)]
    assert verdicts(among_others, METRIC)[3] == "no_clear_difference"


def test_lower_is_better_for_errors() -> None:
    assert verdicts([looked(-0.05), looked(0.05)], "rmse") == ["better", "worse"]


def test_nothing_is_said_against_an_interval_that_touches_zero() -> None:
    skewed = Looked(-0.05, Interval(low=-0.1, high=0.0), 0.01, 1_000)
    assert verdicts([skewed], METRIC) == ["no_clear_difference"]


@pytest.mark.parametrize(
    ("t", "freedom", "p"),
    # Of SciPy: 2 * stats.t.sf(t, freedom).
    [(2.0, 9, 0.0765), (3.0, 9, 0.01496), (5.0, 9, 0.00074), (3.0, 99, 0.00341), (2.5, 29, 0.0184)],
)
def test_p_values_are_those_of_students_t(t: float, freedom: int, p: float) -> None:
    assert looked(t, 1.0, freedom + 1).p_value == pytest.approx(p, rel=0.05)


def test_what_never_varies_is_sure() -> None:
    assert looked(0.0, 0.0).p_value == 1
    assert looked(0.1, 0.0).p_value == 0
    assert math.isclose(looked(0.0, 0.1).p_value, 1)


def dataset(**values: int) -> Dataset:
    columns = [
        {"name": name, "type": "STRING", "statistics": {"unique_count": count, "null_count": 0}}
        for name, count in values.items()
    ]
    document = {"id": "ds", "name": "Shop", "spec": DATASET_SPEC, "status": {"columns": columns}}
    return Dataset.model_validate(document)


def told(columns: list[str], **values: int) -> list[tuple[str, str, str]]:
    found = check_segment_columns(columns, dataset(**values))
    return [(one.path, one.level, one.message) for one in found]


def test_a_column_to_split_by_is_there_and_has_few_values() -> None:
    assert told(["age", "city"], age=6, city=30, shop=10_000) == []
    assert told(["age", "shop"], age=6, city=30, shop=10_000) == [
        (
            "spec.segment_columns[1]",
            "error",
            "'shop' has 10,000 values; results are split by a column of at most 30. Columns of few "
            "values are 'age', 'city'.",
        )
    ]
    ((path, level, message),) = told(["agee"], age=6)
    assert (path, level) == ("spec.segment_columns[0]", "error")
    assert message == (
        "Dataset 'Shop' has no column 'agee' to split results by. Columns of few values are 'age'."
    )


def test_what_says_nothing_is_told() -> None:
    assert told(["one"], one=1)[0][1:] == (
        "warning",
        "'one' has only one value, so that results are not split by it.",
    )
    assert told(["none"], none=0)[0][1] == "error"
    assert told(["age", "age"], age=3) == [
        ("spec.segment_columns[1]", "error", "'age' is named twice. Name it once.")
    ]
