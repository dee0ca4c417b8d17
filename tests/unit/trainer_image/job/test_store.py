"""A trainer that is told of a store reads code from there and writes there, and nowhere else."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from shared.documents.base import CodeArtifact
from shared.documents.dataset import FileSource
from shared.examples import ExamplesSpec
from shared.jobs import ChampionModel, JobRequest, WarmStart
from shared.places import placed
from trainer_image.job.modules import fetch_module
from trainer_image.job.status import JobFailedError
from trainer_image.job.store import STORE, check_places
from trainer_image.serve import Models

SOURCE = b"def run_fn(fn_args): pass\n"
SHA256 = hashlib.sha256(SOURCE).hexdigest()


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (folder := tmp_path / "store" / "code").mkdir(parents=True)
    (folder / f"{SHA256}.py").write_bytes(SOURCE)
    monkeypatch.setenv(STORE, folder.parent.as_uri())
    return folder.parent


def request(store: Path, output: str = "jobs/job-1", code: Path | None = None) -> JobRequest:
    module = CodeArtifact(uri=(code or store / "code" / f"{SHA256}.py").as_uri(), sha256=SHA256)
    return JobRequest(
        job_id="job-1",
        quick_test_id="qt",
        preprocessing=module,
        trainer=module,
        examples=ExamplesSpec(
            source=FileSource(kind="csv", uri="data.csv"),
            features=[],
            query_keys=[],
            candidate_keys=[],
            customer_key="c",
            product_key="p",
        ),
        vocabularies=[],
        epochs=1,
        output_uri=f"{store.as_uri()}/{output}",
    )


def test_a_job_in_its_place_is_run(store: Path, tmp_path: Path) -> None:
    wanted = request(store)
    check_places(wanted)
    assert fetch_module(wanted.trainer, tmp_path / "job", "trainer").read_bytes() == SOURCE


@pytest.mark.parametrize(
    "output", ["jobs/job-2", "models/job-1", "jobs/job-1/../../../x", "../jobs/job-1", ""]
)
def test_output_elsewhere_is_refused(store: Path, output: str) -> None:
    with pytest.raises(JobFailedError, match="output_uri is "):
        check_places(request(store, output))


@pytest.mark.parametrize("folder", ["models/quick-test-other-1", "jobs/quick-test-qt-9-1", "x"])
def test_a_model_to_compare_with_lies_where_its_training_left_it(store: Path, folder: str) -> None:
    champion = ChampionModel(
        quick_test_id="qt-9", artifacts_uri=f"{store.as_uri()}/models/quick-test-qt-9-1"
    )
    check_places(request(store).model_copy(update={"champion": champion}))
    elsewhere = champion.model_copy(update={"artifacts_uri": f"{store.as_uri()}/{folder}"})
    wanted = request(store).model_copy(update={"champion": elsewhere})
    with pytest.raises(JobFailedError, match="the champion's folder is "):
        check_places(wanted)
    assert placed(wanted, store.as_uri()).champion == champion


@pytest.mark.parametrize("folder", ["models/quick-test-other-1", "jobs/quick-test-qt-9-1", "x"])
def test_weights_to_begin_with_lie_where_their_training_left_them(store: Path, folder: str) -> None:
    start = WarmStart(
        quick_test_id="qt-9", artifacts_uri=f"{store.as_uri()}/models/quick-test-qt-9-1"
    )
    check_places(request(store).model_copy(update={"warm_start": start}))
    elsewhere = start.model_copy(update={"artifacts_uri": f"{store.as_uri()}/{folder}"})
    wanted = request(store).model_copy(update={"warm_start": elsewhere})
    with pytest.raises(JobFailedError, match="the folder of the weights to begin with is "):
        check_places(wanted)
    assert placed(wanted, store.as_uri()).warm_start == start


def test_a_folder_that_leads_out_through_a_link_is_refused(store: Path, tmp_path: Path) -> None:
    (store / "jobs").mkdir()
    (store / "jobs" / "job-1").symlink_to(tmp_path)
    with pytest.raises(JobFailedError, match="outside of the store"):
        check_places(request(store))


def test_code_elsewhere_is_refused_although_its_hash_is_right(store: Path, tmp_path: Path) -> None:
    (evil := tmp_path / f"{SHA256}.py").write_bytes(SOURCE)
    wanted = request(store, code=evil)
    with pytest.raises(JobFailedError, match="the preprocessing module is "):
        check_places(wanted)
    with pytest.raises(JobFailedError, match="the trainer module is "):
        fetch_module(wanted.trainer, tmp_path / "job", "trainer")


def test_a_model_elsewhere_is_not_loaded(store: Path, tmp_path: Path) -> None:
    with pytest.raises(JobFailedError, match="outside of the store"):
        Models().of(tmp_path.as_uri())
