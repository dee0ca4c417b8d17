"""A sweep's results on the terminal: told apart only where the difference is clear."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import numpy as np
import pytest
from lab import Lab, replicates

from local.cli.output import out
from local.cli.sweep_tables import (
    ablations,
    completed,
    show_ablation,
    show_heatmap,
    show_ranked,
    show_rest,
    sweeps_table,
)
from shared.comparing.heatmap import heatmap_of_tests
from shared.comparing.table import compare
from shared.documents.quick_test import LeftOut, TestState
from shared.documents.sweep import Overrides, Sweep, SweepSpec, SweepState, SweepStatus, SweepTest

NOW = datetime(2026, 11, 1, tzinfo=UTC)
COLUMNS = [{"column": name, "type": "string_embedding"} for name in ("customer", "city")]


@pytest.fixture
def lab():
    return Lab()


def said(show, *arguments) -> str:
    with out.capture() as capture:
        show(*arguments)
    return "\n".join(" ".join(line.split()) for line in capture.get().splitlines())


def entry(test_id, label, metrics, **fields) -> SweepTest:
    fields = {"state": TestState.COMPLETED, "created": True, **fields}
    configs = {"feature_config_id": "fc", "model_config_id": "mc"}
    revisions = {"feature_config_revision": 1, "model_config_revision": 1}
    return SweepTest(
        quick_test_id=test_id, label=label, metrics=metrics, **configs, **revisions, **fields
    )


def sweep(*tests, **status) -> Sweep:
    spec = SweepSpec(feature_config_ids=["fc"], model_config_ids=["mc"])
    whole = SweepStatus(state=SweepState.COMPLETED, tests=list(tests), **status)
    return Sweep(id="sw-1", name="Try", spec=spec, created_at=NOW, updated_at=NOW, status=whole)


def lost(without: float, with_all: float, seed: int) -> tuple[float, float]:
    """The paired interval of the test without a column against the one with all, by numpy."""
    drawn = [
        np.array(replicates(value, seed=own)["metrics"]["recall_at_100"])
        for value, own in ((without, seed), (with_all, 1))
    ]
    low, high = 100 * np.percentile(drawn[0] - drawn[1], [2.5, 97.5])
    return float(low), float(high)


def test_a_column_is_worth_something_only_where_the_paired_difference_is_clear(lab):
    features, model = lab.features(buyer_model_features=COLUMNS), lab.model()
    values = {"": 0.25, "customer": 0.2, "city": 0.2496, "noise": 0.28}
    tests = []
    for seed, (column, value) in enumerate(values.items(), 1):
        gone = [LeftOut(tower="buyer", column=column)] if column else []
        tests.append(
            entry(
                lab.completed(f"Try: without {column}", value, features, model, seed=seed),
                f"without {column}",
                {"recall_at_100": value},
                overrides=Overrides(leave_out=gone),
            )
        )
    ((whole, without),) = ablations(completed(tests))
    ids = [test.quick_test_id for test in (whole, *without)]
    found = compare(ids, None, lab.ports, whole.quick_test_id)
    lines = said(show_ablation, whole, without, found).splitlines()
    assert [line.split()[0] for line in lines[2:]] == ["(all", "customer", "city", "noise"]
    for line, (value, seed, word) in zip(
        lines[3:],
        [(0.2, 2, "helps"), (0.2496, 3, "no clear difference"), (0.28, 4, "harms")],
        strict=True,
    ):
        low, high = lost(value, 0.25, seed)
        assert (
            f"buyer {value:.4f} {0.25 - value:+.4f} {word}, {low:+.1f} to {high:+.1f} points"
            in (line)
        )


def test_columns_without_a_whole_test_are_compared_with_nothing(lab):
    gone = Overrides(leave_out=[LeftOut(tower="buyer", column="city")])
    alone = entry("qt-1", "without city", {"recall_at_100": 0.2}, overrides=gone)
    failed = entry("qt-2", "all columns", {}, state=TestState.FAILED)
    assert list(ablations(completed([alone, failed]))) == []


def test_a_grid_is_ranked_by_its_labels_and_pivoted(lab):
    features, model = lab.features(), lab.model()
    tests = []
    for number, (rate, batch) in enumerate([(0.1, 64), (0.1, 256), (0.2, 64)], 1):
        value = 0.2 + number / 100
        settings = {"learning_rate_override": rate, "batch_size_override": batch}
        label = f"rate {rate}, batch {batch}"
        made = lab.completed(f"Try: {label}", value, features, model, seed=number, **settings)
        tests.append(entry(made, label, {"recall_at_100": value}))
    ids = [test.quick_test_id for test in tests]
    text = said(show_ranked, tests, compare(ids, None, lab.ports))
    assert "Try:" not in text
    assert "rate 0.2, batch 64 is clearly the best: Recall@100 23.0%." in text
    assert re.search(r"^rate 0\.2, batch 64 0\.2300 .*★ best", text, re.MULTILINE)
    text = said(show_heatmap, heatmap_of_tests(ids, None, None, None, None, lab.ports))
    assert "Recall@100: Batch size by Learning rate" in text
    assert "Batch size 0.1 0.2\n64 0.2100 0.2300\n256 0.2200 –" in text
    one = heatmap_of_tests(ids[:2], None, None, None, None, lab.ports)
    assert said(show_heatmap, one) == ""


def test_what_has_no_result_or_is_gone_is_told(lab):
    tests = [
        entry("qt-1", "one", {"recall_at_100": 0.2}),
        entry("qt-2", "two", {"rmse": 0.9}),
        entry("qt-3", "three", {}, state=TestState.FAILED),
        entry("qt-4", "four", {}, state=TestState.CANCELLED, created=False),
    ]
    text = said(show_rest, sweep(*tests, budget_spent=True, cost_usd=1.5), {"qt-1", "qt-3"})
    lines = text.splitlines()
    assert "one qt-1" in lines
    assert "two qt-2 RMSE 0.9000, deleted since" in lines
    assert "three qt-3 failed" in lines
    assert "four – cancelled" in lines
    assert "cost 1.50 USD" in lines
    assert "left out 1 test, for the budget is spent" in lines


def test_sweeps_are_listed_with_their_best_value(lab):
    recall = sweep(
        entry("qt-1", "a", {"recall_at_100": 0.2}), entry("qt-2", "b", {"recall_at_100": 0.3})
    )
    errors = sweep(entry("qt-1", "a", {"rmse": 0.9}), entry("qt-2", "b", {"rmse": 0.8}))
    nothing = sweep(entry("qt-1", "a", {}, state=TestState.FAILED))
    found = [one.model_dump(mode="json") for one in (recall, errors, nothing)]
    text = said(lambda: out.print(sweeps_table(found)))
    assert "completed 2/2 Recall@100 0.3000" in text
    assert "completed 2/2 RMSE 0.8000" in text
    assert text.endswith("completed 1/1 –")
