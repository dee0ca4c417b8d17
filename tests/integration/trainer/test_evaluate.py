"""What a job reports, against a full sort of its embeddings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from shared.jobs import MetricsReport
from tests.integration.trainer.oracle import metrics_by_hand, sorted_ranks
from tests.integration.trainer.support import TrainerJob

pytestmark = [pytest.mark.trainer, pytest.mark.xdist_group("trainer")]


def test_a_job_reports_what_a_full_sort_of_its_embeddings_gives(
    direct_run: TrainerJob, probed: Path
) -> None:
    embeddings = np.load(probed / "held_out.npz")
    examples = direct_run.output / "examples"
    train, held_out, candidates = (
        pd.read_parquet(examples / split / "part-00000.parquet")["product_id"]
        for split in ("train", "eval", "candidates")
    )
    assert len(embeddings["query"]) == len(held_out)
    truth = pd.Index(candidates).get_indexer(held_out)
    report = MetricsReport.model_validate_json((direct_run.output / "metrics.json").read_bytes())
    expected = metrics_by_hand(sorted_ranks(embeddings["query"], embeddings["candidate"], truth))
    assert report.metrics == pytest.approx(expected, abs=1 / len(held_out))

    counts = train.value_counts()
    order = sorted(candidates, key=lambda product: (-counts.get(product, 0), product))
    place = {product: rank for rank, product in enumerate(order, start=1)}
    popular = metrics_by_hand([place[product] for product in held_out])
    assert report.baselines["popularity"] == pytest.approx(popular)
    assert report.baselines["random"]["recall_at_50"] == pytest.approx(50 / len(candidates))
