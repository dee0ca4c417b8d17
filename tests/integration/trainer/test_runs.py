"""A job by either runner: what it says, what it leaves, and that both come to the same."""

from __future__ import annotations

import json
import math
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from pydantic import TypeAdapter

from shared.jobs import EpochProgress, MetricsReport, Replicates, VocabularyReport
from tests.integration.trainer.support import (
    CUSTOMERS,
    EPOCHS,
    GROUPS,
    PRODUCTS_PER_GROUP,
    ROWS,
    Documents,
    TrainerJob,
    assert_measured_alike,
    assert_trained_alike,
    finished,
    make_job,
)

pytestmark = [pytest.mark.trainer, pytest.mark.xdist_group("trainer")]

PRODUCTS = GROUPS * PRODUCTS_PER_GROUP
SPLITS = {"train": ROWS * 9 // 10, "eval": ROWS // 10, "candidates": PRODUCTS}


@pytest.fixture(params=["direct_run", "tfx_run"])
def job(request: pytest.FixtureRequest) -> TrainerJob:
    found: TrainerJob = request.getfixturevalue(request.param)
    return found


def metrics(job: TrainerJob) -> MetricsReport:
    return MetricsReport.model_validate_json((job.output / "metrics.json").read_bytes())


def replicates(job: TrainerJob) -> Replicates:
    return Replicates.model_validate_json((job.output / "bootstrap.json").read_bytes())


def epochs(job: TrainerJob) -> list[EpochProgress]:
    content = (job.output / "progress.json").read_bytes()
    return TypeAdapter(list[EpochProgress]).validate_json(content)


def vocabularies(job: TrainerJob) -> list[VocabularyReport]:
    content = (job.output / "vocabulary.json").read_bytes()
    return TypeAdapter(list[VocabularyReport]).validate_json(content)


def test_stages_are_told_in_order_and_the_end_is_noted(job: TrainerJob) -> None:
    lines = job.status()
    assert [(line["task"], line["state"]) for line in lines if "task" in line] == [
        (stage, state)
        for stage in ("examples", "transform", "train", "evaluate")
        for state in ("running", "succeeded")
    ]
    told = [line.get("task", "progress") for line in lines if "step" not in line]
    assert "progress" in told, "no epoch was told"
    assert set(told[told.index("progress") : -1]) <= {"progress", "train", "evaluate"}
    times = [datetime.fromisoformat(line["at"]) for line in lines]
    assert times == sorted(times)
    assert all(time.tzinfo is not None for time in times)
    assert job.exit() == {"returncode": 0}


def test_the_artifacts_lie_under_the_output_uri(job: TrainerJob) -> None:
    output = job.output
    for split, rows in SPLITS.items():
        assert pq.read_table(output / "examples" / split / "part-00000.parquet").num_rows == rows
        assert [path.stat().st_size > 0 for path in (output / "transformed" / split).iterdir()] == [
            True
        ]
    candidates = pq.read_table(output / "candidates.parquet")
    assert candidates.column_names == ["product_id", "name", "attributes", "category"]
    assert candidates.num_rows == PRODUCTS
    assert candidates["name"][0].as_py() == "Product №0"
    assert (output / "model" / "saved_model.pb").is_file()
    assert (output / "transform_graph" / "transform_fn" / "saved_model.pb").is_file()
    assert (output / "transform_graph" / "transformed_metadata" / "schema.pbtxt").is_file()


def test_the_loss_falls_with_every_epoch(job: TrainerJob) -> None:
    found = epochs(job)
    assert [one.epoch for one in found] == list(range(1, EPOCHS + 1))
    losses = [one.loss for one in found]
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < 0.8 * losses[0]
    held_out = [one.validation_loss for one in found]
    assert None not in held_out
    assert held_out[-1] < held_out[0]


def test_the_planted_groups_are_found(job: TrainerJob) -> None:
    """Whoever knows a customer's group, and nothing else, finds 10 of its 15 products."""
    report = metrics(job)
    popular = report.baselines["popularity"]
    assert report.metrics["recall_at_10"] > popular["recall_at_10"] + 0.25
    assert report.metrics["recall_at_50"] > 0.97
    assert report.metrics["mrr"] > 2 * popular["mrr"]
    assert popular["recall_at_10"] > report.baselines["random"]["recall_at_10"]
    protocol = report.protocol
    assert (protocol.split, protocol.holdout_fraction) == ("temporal", 0.1)
    assert (protocol.train_rows, protocol.holdout_rows) == (SPLITS["train"], SPLITS["eval"])
    assert protocol.candidates == PRODUCTS
    held_out = pq.read_table(job.output / "examples" / "eval" / "part-00000.parquet")
    assert protocol.holdout_customers == len(set(held_out["household_id"].to_pylist()))


def test_vocabularies_are_reported_with_what_they_miss(job: TrainerJob) -> None:
    found = vocabularies(job)
    assert [(one.tower, one.column, one.vocabulary_size) for one in found] == [
        ("buyer", "household_id", CUSTOMERS),
        ("product", "product_id", PRODUCTS),
        ("product", "category", GROUPS),
        ("product", "brand", 7),
    ]
    assert not any(one.truncated for one in found)
    held_out = pq.read_table(job.output / "examples" / "eval" / "part-00000.parquet")
    for one in found:
        missing = held_out[one.column].to_pylist().count("")
        assert one.oov_rate == one.missing_rate == pytest.approx(missing / SPLITS["eval"])
        assert one.unseen_rate == one.rare_rate == one.cut_rate == 0
    assert found[2].oov_rate > 0


def test_the_reported_misses_are_those_of_the_transform(job: TrainerJob, compared: Path) -> None:
    """A value without a row of its own gets a number from the vocabulary's size on."""
    name = "tfx" if job.request.runner == "tfx" else "direct"
    transformed = pq.read_table(compared / f"{name}-eval.parquet")
    for one in vocabularies(job):
        numbers = transformed[one.key].to_numpy()
        assert one.oov_rate == pytest.approx(np.mean(numbers >= one.vocabulary_size))


def test_both_runners_transform_every_row_alike(compared: Path) -> None:
    for split, rows in SPLITS.items():
        direct, tfx = (
            pq.read_table(compared / f"{name}-{split}.parquet") for name in ("direct", "tfx")
        )
        assert direct.column_names == tfx.column_names
        assert len(direct) == len(tfx) == rows
        for name in direct.column_names:
            one, other = direct[name].to_numpy(), tfx[name].to_numpy()
            np.testing.assert_array_equal(one, other, err_msg=f"{split} {name}")


def test_both_runners_learn_the_same_vocabularies(
    direct_run: TrainerJob, tfx_run: TrainerJob
) -> None:
    assert vocabularies(direct_run) == vocabularies(tfx_run)
    contents = [
        {
            path.name: path.read_bytes()
            for path in (job.output / "transform_graph" / "transform_fn" / "assets").iterdir()
        }
        for job in (direct_run, tfx_run)
    ]
    assert set(contents[0]) > {"buyer_household_id", "product_product_id", "candidate_index"}
    assert contents[0] == contents[1]


def test_both_runners_train_on_the_same_batches_from_the_same_weights(
    direct_run: TrainerJob, tfx_run: TrainerJob
) -> None:
    direct, tfx = direct_run.training, tfx_run.training
    assert len(direct.batches) == len(direct.losses) == EPOCHS * math.ceil(SPLITS["train"] / 128)
    assert len(set(direct.batches)) == len(direct.batches), "each epoch is shuffled anew"
    assert_trained_alike(direct, tfx)


def test_both_runners_measure_the_same(direct_run: TrainerJob, tfx_run: TrainerJob) -> None:
    direct, tfx = metrics(direct_run), metrics(tfx_run)
    assert_measured_alike(direct, tfx)
    assert direct.rows == tfx.rows
    assert direct.rows is not None
    assert (direct.rows.read, direct.rows.dropped) == (ROWS, 0)
    assert direct.rows.without_time == direct.protocol.rows_without_time
    assert direct.rows.without_time
    assert direct.index == tfx.index
    assert direct.varying_attributes == tfx.varying_attributes
    assert set(direct.varying_attributes) == {"category", "brand"}
    one, other = replicates(direct_run), replicates(tfx_run)
    assert one.holdout_fingerprint == other.holdout_fingerprint
    # Of the same customers in each draw: what is left is what the models differ by.
    drawn = [np.array(found.metrics["mrr"]) for found in (one, other)]
    assert np.corrcoef(*drawn)[0, 1] > 0.5


def test_both_runners_come_to_the_same_with_a_history_and_a_reranker(
    looking_back: list[TrainerJob],
) -> None:
    direct, tfx = looking_back
    assert_trained_alike(direct.training, tfx.training)
    first = SPLITS["train"] * 9 // 10
    assert len(direct.training.batches) == math.ceil(first / 128)
    assert_measured_alike(metrics(direct), metrics(tfx))
    one, other = (metrics(job) for job in looking_back)
    assert one.index == other.index
    assert one.protocol.train_rows == SPLITS["train"]
    assert [epoch.validation_loss is None for epoch in epochs(direct)] == [False, True]
    assert one.metrics["recall_at_10"] > one.baselines["popularity"]["recall_at_10"] + 0.25


def test_both_runners_leave_the_same_shards(looking_back: list[TrainerJob]) -> None:
    direct, tfx = looking_back
    read = sorted(path.name for path in tfx.folder.glob("pipeline/*/examples/*/*train/*.gz"))
    assert read == [f"data_tfrecord-{number:05}-of-00011.gz" for number in range(11)]
    for split, shards in {"train": 11, "fitting": 2, "eval": 2}.items():
        names = [f"part-{number:05}-of-{shards:05}" for number in range(shards)]
        for one, other in zip(
            *((job.output / "examples" / split).iterdir() for job in looking_back), strict=True
        ):
            assert pq.read_table(one).equals(pq.read_table(other.with_name(one.name)))
        found = sorted(path.stem for path in (direct.output / "examples" / split).iterdir())
        assert found == names
        assert sorted(path.stem for path in (direct.output / "transformed" / split).iterdir()) == (
            names
        )


def test_shards_come_to_what_one_file_comes_to(
    looking_back: list[TrainerJob], recommended: Documents, source: Path, tmp_path: Path
) -> None:
    """Rows that are shuffled otherwise make another training of the same rows."""
    whole = finished(make_job(tmp_path / "whole", recommended, source, epochs=1))
    one, other = metrics(whole), metrics(looking_back[0])
    assert_measured_alike(one, other)
    assert one.rows == other.rows
    assert one.baselines["popularity"] == other.baselines["popularity"]
    for split in ("train", "fitting", "eval"):
        names, others = (
            pq.read_table(job.output / "examples" / split).to_pandas()
            for job in (whole, looking_back[0])
        )
        columns = [*names.columns]
        assert names.sort_values(columns).to_csv(index=False) == others.sort_values(columns).to_csv(
            index=False
        )
    customers = [(job.output / "customers.sha256").read_bytes() for job in (whole, looking_back[0])]
    assert customers[0] == customers[1]


def test_the_tfx_run_is_kept_in_ml_metadata(tfx_run: TrainerJob) -> None:
    assert (tfx_run.folder / "metadata.sqlite").stat().st_size > 0
    made = {path.name for path in (tfx_run.folder / "pipeline").iterdir()}
    assert {"SampledExampleGen", "Transform", "Trainer"} <= made
    request = json.loads((tfx_run.folder / "request.json").read_text())
    assert request["runner"] == "tfx"
