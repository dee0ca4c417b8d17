"""How many workers train, and what each is told."""

from __future__ import annotations

import json

import pytest

from trainer_image.job.status import JobFailedError
from trainer_image.training.train import workers
from trainer_image.training.workers import environments


@pytest.mark.parametrize(("given", "expected"), [(None, 1), ("", 1), ("1", 1), ("16", 16)])
def test_one_worker_trains_unless_the_template_says_otherwise(
    monkeypatch: pytest.MonkeyPatch, given: str | None, expected: int
) -> None:
    monkeypatch.delenv("RECSMITH_TRAINING_WORKERS", raising=False)
    if given is not None:
        monkeypatch.setenv("RECSMITH_TRAINING_WORKERS", given)
    assert workers() == expected


@pytest.mark.parametrize("given", ["0", "17", "-1", "2.0", "two"])
def test_other_numbers_of_workers_are_refused(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("RECSMITH_TRAINING_WORKERS", given)
    said = f"RECSMITH_TRAINING_WORKERS is '{given}'; expected a whole number from 1 to 16."
    with pytest.raises(JobFailedError) as error:
        workers()
    assert str(error.value) == said


def test_workers_find_each_other_on_this_machine_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RECSMITH_TRAINING_GPU", raising=False)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    told = environments(3)
    configs = [json.loads(one["TF_CONFIG"]) for one in told]
    assert [one["task"] for one in configs] == [
        {"type": "worker", "index": place} for place in range(3)
    ]
    (addresses,) = {tuple(one["cluster"]["worker"]) for one in configs}
    assert len(set(addresses)) == 3
    assert {address.partition(":")[0] for address in addresses} == {"127.0.0.1"}
    assert {one["CUDA_VISIBLE_DEVICES"] for one in told} == {"-1"}


@pytest.mark.parametrize(
    ("visible", "expected"), [(None, ["0", "1"]), ("GPU-a,GPU-b,GPU-c", ["GPU-a", "GPU-b"])]
)
def test_each_worker_has_a_gpu_of_its_own(
    monkeypatch: pytest.MonkeyPatch, visible: str | None, expected: list[str]
) -> None:
    monkeypatch.setenv("RECSMITH_TRAINING_GPU", "NVIDIA_TESLA_T4")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if visible is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert [one["CUDA_VISIBLE_DEVICES"] for one in environments(2)] == expected
