"""A model that was trained before, over the rows of another job."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from shared.jobs import ChampionReport, MetricsReport, Replicates
from tests.integration.trainer.support import TrainerJob, probe

pytestmark = [pytest.mark.trainer, pytest.mark.xdist_group("trainer")]

JOBS = ("towers alone", "with a re-ranker")


@pytest.fixture(scope="module")
def jobs(looking_back: list[TrainerJob], direct_run: TrainerJob) -> dict[str, TrainerJob]:
    return dict(zip(JOBS, (direct_run, looking_back[0]), strict=True))


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory, jobs: dict[str, TrainerJob]) -> Path:
    folder = tmp_path_factory.mktemp("champions")
    outputs = {name: str(job.output) for name, job in jobs.items()}
    return probe(folder, ("champions", {"jobs": outputs, "out": str(folder)}))


def report(measured: Path, name: str, case: str) -> ChampionReport:
    content = (measured / name / case / "champion.json").read_bytes()
    found = ChampionReport.model_validate_json(content)
    assert found.quick_test_id == "qt-champion"
    return found


@pytest.mark.parametrize("name", JOBS)
def test_over_its_own_rows_a_model_is_worth_what_its_own_job_found(
    measured: Path, jobs: dict[str, TrainerJob], name: str
) -> None:
    own = MetricsReport.model_validate_json((jobs[name].output / "metrics.json").read_bytes())
    draws = Replicates.model_validate_json((jobs[name].output / "bootstrap.json").read_bytes())
    found = report(measured, name, "same")
    assert found.report is not None, found.problem
    assert found.replicates is not None
    assert found.report.protocol == own.protocol
    paired = {metric: own.metrics[metric] for metric in draws.metrics}
    # Rounding may swap two products of nearly equal scores.
    assert found.report.metrics == pytest.approx(paired, abs=0.02)
    assert found.replicates.holdout_fingerprint == draws.holdout_fingerprint
    assert found.replicates.metrics["mrr"] == pytest.approx(draws.metrics["mrr"], abs=0.02)


@pytest.mark.parametrize("name", JOBS)
def test_a_product_that_it_does_not_know_is_never_found(measured: Path, name: str) -> None:
    same, other = (report(measured, name, case).report for case in ("same", "renamed"))
    assert same is not None
    assert other is not None
    rows, known = json.loads((measured / f"{name}.json").read_bytes())
    assert known < rows
    assert other.metrics["recall_at_100"] <= known / rows + 1e-9
    assert 0 < other.metrics["mrr"] < same.metrics["mrr"]
    assert other.protocol.candidates_fingerprint != same.protocol.candidates_fingerprint


@pytest.mark.parametrize("name", JOBS)
def test_what_cannot_be_measured_says_why(measured: Path, name: str) -> None:
    older, gone = (report(measured, name, case) for case in ("older", "gone"))
    assert older.report is None
    assert older.problem is not None
    assert older.problem.startswith("it was trained on some of them")
    assert gone.problem == "its files are gone or cannot be read"
