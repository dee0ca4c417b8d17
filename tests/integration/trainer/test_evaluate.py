"""What a job reports, against a full sort of its embeddings and draws by hand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from oracle import (
    draws_by_hand,
    list_metrics_by_hand,
    own_history_order,
    popular_order,
    sorted_lists,
    sorted_ranks,
    split_metrics,
)

from shared.jobs import MetricsReport, Replicates
from shared.segment_reports import SegmentReport
from tests.integration.trainer.support import TrainerJob

pytestmark = [pytest.mark.trainer, pytest.mark.xdist_group("trainer")]

# Two products whose scores differ in the last digit of float32 may change places.
SWAPPED = 2


@dataclass(frozen=True)
class Told:
    """A job's report, and what it is about; rows are customer, product and time."""

    report: MetricsReport
    replicates: Replicates
    train: list[tuple[str, str, int]]
    held_out: list[tuple[str, str, int]]
    candidates: list[str]
    embeddings: dict[str, np.ndarray]

    @property
    def customers(self) -> list[str]:
        return sorted({customer for customer, _, _ in self.held_out})

    @property
    def repeat(self) -> list[bool]:
        bought = {(customer, product) for customer, product, _ in self.train}
        return [(customer, product) in bought for customer, product, _ in self.held_out]

    @property
    def ranks(self) -> list[int]:
        truth = pd.Index(self.candidates).get_indexer([product for _, product, _ in self.held_out])
        return sorted_ranks(self.embeddings["query"], self.embeddings["candidate"], truth)


@pytest.fixture(scope="module")
def told(direct_run: TrainerJob, probed: Path) -> Told:
    output = direct_run.output
    tables = {
        split: pd.read_parquet(output / "examples" / split / "part-00000.parquet")
        for split in ("train", "eval", "candidates")
    }
    rows = {
        split: list(
            zip(
                tables[split]["household_id"],
                tables[split]["product_id"],
                pd.read_parquet(output / "times" / f"{split}.parquet")["time"],
                strict=True,
            )
        )
        for split in ("train", "eval")
    }
    assert rows["eval"]
    return Told(
        MetricsReport.model_validate_json((output / "metrics.json").read_bytes()),
        Replicates.model_validate_json((output / "bootstrap.json").read_bytes()),
        rows["train"],
        rows["eval"],
        list(tables["candidates"]["product_id"]),
        dict(np.load(probed / "held_out.npz")),
    )


def test_a_job_reports_what_a_full_sort_of_its_embeddings_gives(told: Told) -> None:
    repeat = told.repeat
    assert told.report.protocol.repeat_rows == sum(repeat)
    assert 0 < sum(repeat) < len(repeat)
    expected = split_metrics(told.ranks, repeat)
    fewest = min(sum(repeat), len(repeat) - sum(repeat))
    found = {name: told.report.metrics[name] for name in expected}
    assert found == pytest.approx(expected, abs=1 / fewest)

    first = {customer: row for row, (customer, _, _) in reversed([*enumerate(told.held_out)])}
    queries = told.embeddings["query"][[first[customer] for customer in told.customers]]
    lists = sorted_lists(queries, told.embeddings["candidate"])
    shown = list_metrics_by_hand(lists, len(told.candidates))
    assert set(told.report.metrics) == {*expected, *shown}
    assert told.report.metrics["coverage_at_10"] == pytest.approx(
        shown["coverage_at_10"], abs=SWAPPED / len(told.candidates)
    )
    assert told.report.metrics["identical_top_10"] == pytest.approx(
        shown["identical_top_10"], abs=SWAPPED / len(told.customers)
    )


def baseline_ranks(told: Told, name: str) -> tuple[list[int], list[list[str]]]:
    """Ranks of the held-out rows, and each customer's order."""
    popular = popular_order((product for _, product, _ in told.train), told.candidates)
    orders = {
        customer: popular
        if name == "popularity"
        else own_history_order(told.train, told.candidates, customer)
        for customer in told.customers
    }
    ranks = [orders[customer].index(product) + 1 for customer, product, _ in told.held_out]
    return ranks, [orders[customer] for customer in told.customers]


@pytest.mark.parametrize("name", ["popularity", "own_history"])
def test_baselines_are_those_of_sorting_by_hand(told: Told, name: str) -> None:
    ranks, orders = baseline_ranks(told, name)
    expected = split_metrics(ranks, told.repeat)
    expected |= list_metrics_by_hand((order[:10] for order in orders), len(told.candidates))
    assert told.report.baselines[name] == pytest.approx(expected)


def test_a_random_order_finds_k_of_the_candidates(told: Told) -> None:
    expected = 50 / len(told.candidates)
    assert told.report.baselines["random"]["recall_at_50"] == pytest.approx(expected)
    assert told.report.baselines["random"]["recall_at_50_new"] == pytest.approx(expected)


def drawn_recalls(told: Told, ranks: list[int]) -> np.ndarray:
    """Recall at 10 over the rows of each draw's customers."""
    owner = pd.Index(told.customers).get_indexer([customer for customer, _, _ in told.held_out])
    hits = np.array([rank <= 10 for rank in ranks], float)
    draws = draws_by_hand(len(told.customers))
    return np.array([np.average(hits, weights=counts[owner]) for counts in draws])


def test_intervals_are_of_draws_of_customers(told: Told) -> None:
    assert told.replicates.customers == len(told.customers)
    assert told.replicates.holdout_fingerprint == told.report.protocol.holdout_fingerprint != ""
    recalls = drawn_recalls(told, told.ranks)
    found = told.replicates.metrics["recall_at_10"]
    assert found == pytest.approx(list(recalls), abs=2 / len(told.held_out))
    for name, values in told.replicates.metrics.items():
        interval = told.report.intervals[name]
        assert [interval.low, interval.high] == pytest.approx(
            list(np.percentile(values, [2.5, 97.5])), rel=1e-4, abs=1e-9
        )
        assert interval.low <= told.report.metrics[name] <= interval.high
    assert set(told.report.intervals) == set(told.replicates.metrics)
    assert set(told.report.intervals) == set(told.report.metrics) - {
        "coverage_at_10",
        "identical_top_10",
    }


@pytest.mark.parametrize("name", ["popularity", "own_history"])
def test_differences_are_paired_with_the_baselines_same_draws(told: Told, name: str) -> None:
    baseline = drawn_recalls(told, baseline_ranks(told, name)[0])
    difference = np.array(told.replicates.metrics["recall_at_10"]) - baseline
    found = told.report.differences[name]["recall_at_10"]
    assert [found.low, found.high] == pytest.approx(
        list(np.percentile(difference, [2.5, 97.5])), abs=1e-5
    )
    assert set(told.report.differences[name]) == set(told.report.intervals)


def test_a_report_stays_small(direct_run: TrainerJob) -> None:
    assert (direct_run.output / "bootstrap.json").stat().st_size < 300_000
    assert (direct_run.output / "metrics.json").stat().st_size < 30_000
    assert (direct_run.output / "segments.json").stat().st_size < 60_000
    assert (direct_run.output / "segment_bootstrap.json").stat().st_size < 600_000


def test_segments_are_of_the_same_rows_and_add_up(told: Told, direct_run: TrainerJob) -> None:
    report = SegmentReport.model_validate_json((direct_run.output / "segments.json").read_bytes())
    protocol = told.report.protocol
    assert report.holdout_fingerprint == protocol.holdout_fingerprint
    for split in report.splits:
        assert sum(segment.rows for segment in split.segments) == protocol.holdout_rows
        for name in ("recall_at_10", "mrr"):
            found = sum(one.rows * one.metrics[name] for one in split.segments)
            assert found / protocol.holdout_rows == pytest.approx(told.report.metrics[name])
            for baseline, values in told.report.baselines.items():
                theirs = sum(one.rows * one.baselines[baseline][name] for one in split.segments)
                assert theirs / protocol.holdout_rows == pytest.approx(values[name])
