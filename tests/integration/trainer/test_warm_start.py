"""Full trainings that begin with the weights of an earlier one, on fewer rows and values."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from shared.codegen import make_plan
from shared.documents.quick_test import QuickTestSpec
from shared.jobs import MetricsReport, WarmStart
from shared.services.warm_starts import agreement
from tests.integration.trainer.killed import EARLY_STOPPING, job_to_kill, kill_once, results
from tests.integration.trainer.support import Documents, TrainerJob, finished, make_job, purchases

pytestmark = [pytest.mark.trainer, pytest.mark.xdist_group("trainer")]

# So small a step that weights stay what they began as.
STANDS_STILL = {"learning_rate_override": 1e-12}
TABLES = {
    "query_tower/embeddings/buyer_household_id": "buyer_household_id",
    "candidate_tower/embeddings/product_product_id": "product_product_id",
}


def earlier_rows() -> pd.DataFrame:
    """Those of the first 420 days, without some customers and products that come later."""
    rows = purchases()
    first = rows["purchased_at"].min() + pd.Timedelta(days=420)
    late = (rows["household_id"] >= 1200) | (rows["product_id"] % 15 == 3)
    return rows[((rows["purchased_at"] < first) | rows["purchased_at"].isna()) & ~late]


def in_full(job: TrainerJob, documents: Documents, earlier: TrainerJob | None) -> TrainerJob:
    """The job as a full training, which begins with the weights of an earlier one."""
    change: dict[str, Any] = {"purpose": "full_training"}
    if earlier is not None:
        dataset, features, model = documents
        test = QuickTestSpec(feature_config_id=features.id, model_config_id=model.id)
        plan = make_plan(features, model, dataset, test)
        common = agreement(plan, plan)
        change["warm_start"] = WarmStart(
            quick_test_id=earlier.request.quick_test_id,
            artifacts_uri=earlier.request.output_uri,
            tables=common.tables,
            parts=common.parts,
        )
    job.request = job.request.model_copy(update=change)
    (job.folder / "request.json").write_text(job.request.model_dump_json())
    return job


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory, recommended: Documents) -> TrainerJob:
    folder = tmp_path_factory.mktemp("warm")
    source = folder / "earlier.parquet"
    earlier_rows().to_parquet(source)
    job = make_job(folder / "first", recommended, source, epochs=1, **EARLY_STOPPING)
    return finished(in_full(job, recommended, None))


@pytest.fixture(scope="module")
def still(
    tmp_path_factory: pytest.TempPathFactory,
    recommended: Documents,
    source: Path,
    first: TrainerJob,
) -> list[TrainerJob]:
    """A training on all rows that begins so and hardly moves, by both runners; and one that begins
    with weights that are drawn."""
    folder = tmp_path_factory.mktemp("still")
    return [
        finished(
            in_full(
                make_job(
                    folder / name,
                    recommended,
                    source,
                    epochs=1,
                    runner=runner,
                    **EARLY_STOPPING,
                    **STANDS_STILL,
                ),
                recommended,
                earlier,
            )
        )
        for name, runner, earlier in (
            ("direct", "direct", first),
            ("tfx", "tfx", first),
            ("scratch", "direct", None),
        )
    ]


def weights(job: TrainerJob) -> dict[str, np.ndarray]:
    with np.load(job.output / "weights.npz") as kept:
        return {name: kept[name] for name in kept.files}


def vocabulary(job: TrainerJob, key: str) -> list[str]:
    file = job.output / "transform_graph" / "transform_fn" / "assets" / key
    return file.read_text().split("\n")[:-1]


@pytest.mark.parametrize("runner", [0, 1], ids=["direct", "tfx"])
def test_rows_go_by_their_values_and_new_values_begin_afresh(
    first: TrainerJob, still: list[TrainerJob], runner: int
) -> None:
    before, now, drawn = weights(first), weights(still[runner]), weights(still[2])
    assert now.keys() == before.keys() == drawn.keys()
    for name, key in TABLES.items():
        old, new = vocabulary(first, key), vocabulary(still[runner], key)
        known = [value for value in new if value in old]
        assert 0 < len(known) < len(new)
        assert [new.index(value) for value in known] != [old.index(value) for value in known]
        for place, value in enumerate(new):
            expected = before[name][old.index(value)] if value in old else drawn[name][place]
            np.testing.assert_allclose(now[name][place], expected, atol=1e-6, err_msg=value)
        np.testing.assert_allclose(now[name][len(new) :], before[name][len(old) :], atol=1e-6)
    for name in now.keys() - TABLES.keys():
        if now[name].shape == before[name].shape:
            np.testing.assert_allclose(now[name], before[name], atol=1e-5, err_msg=name)


def test_it_says_what_it_has_taken_over(first: TrainerJob, still: list[TrainerJob]) -> None:
    for job in still[:2]:
        report = MetricsReport.model_validate_json((job.output / "metrics.json").read_bytes())
        began = report.warm_start
        assert began is not None
        assert began.quick_test_id == first.request.quick_test_id
        assert began.parts == ["the buyer tower's layers", "the product tower's layers"]
        assert began.fresh == []
        products = next(one for one in began.tables if one.column == "product_id")
        key = "product_product_id"
        old, new = vocabulary(first, key), vocabulary(job, key)
        oov = len(weights(job)[f"candidate_tower/embeddings/{key}"]) - len(new)
        assert products.rows == len(new) + oov
        assert products.taken == len(set(old) & set(new)) + oov
    plain = MetricsReport.model_validate_json((still[2].output / "metrics.json").read_bytes())
    assert plain.warm_start is None


def test_what_was_learned_is_kept(still: list[TrainerJob]) -> None:
    """Without a step of training, it finds far more than weights that are drawn."""
    warm, drawn = (
        json.loads((job.output / "progress.json").read_text())[0]["validation_loss"]
        for job in (still[0], still[2])
    )
    assert warm < drawn - 0.1


def test_a_killed_one_ends_with_the_same_numbers(
    tmp_path: Path,
    recommended: Documents,
    source: Path,
    first: TrainerJob,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("RECSMITH_CHECKPOINT_SECONDS", "0")
    jobs = [
        in_full(job_to_kill(tmp_path / name, recommended, source, epochs=2), recommended, first)
        for name in ("whole", "killed")
    ]
    ended = finished(jobs[0])
    assert kill_once(jobs[1], lambda found: bool(found) and found[-1]["epoch"] == 1) is not None
    finished(jobs[1])
    assert results(jobs[1]) == results(ended)
    kept, other = (weights(job) for job in jobs[::-1])
    for name, values in kept.items():
        np.testing.assert_array_equal(values, other[name], err_msg=name)


def test_weights_that_know_the_rows_held_out_are_refused(
    tmp_path: Path, recommended: Documents, source: Path, first: TrainerJob, still: list[TrainerJob]
) -> None:
    earlier = tmp_path / "earlier.parquet"
    earlier_rows().to_parquet(earlier)
    cases = {
        "they were trained on some of the rows that judge it now": still[0],
        "are gone or damaged": damaged(first, tmp_path / "damaged"),
    }
    for number, (message, begun) in enumerate(cases.items()):
        job = make_job(tmp_path / f"job{number}", recommended, earlier, epochs=1, **EARLY_STOPPING)
        ended = in_full(job, recommended, begun).start().wait()
        assert ended.returncode == 1
        assert message in ended.last_line, ended.stderr[-2000:]


def damaged(job: TrainerJob, folder: Path) -> TrainerJob:
    """A copy whose weights are cut short."""
    for name in ("times", "examples", "transform_graph"):
        target = folder / name
        target.parent.mkdir(exist_ok=True)
        target.symlink_to(job.output / name)
    content = (job.output / "weights.npz").read_bytes()
    (folder / "weights.npz").write_bytes(content[: len(content) // 2])
    copy = object.__new__(TrainerJob)
    copy.request = job.request.model_copy(update={"output_uri": folder.as_uri()})
    return copy
