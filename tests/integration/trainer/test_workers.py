"""Several workers train one model: what one would have come to, left once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.integration.trainer.killed import job_to_kill
from tests.integration.trainer.loaded import Forked
from tests.integration.trainer.support import Documents, make_job, stored
from tests.integration.trainer.test_template_runs import parameters_of
from tests.integration.trainer.vertex import VertexJob

pytestmark = pytest.mark.trainer

_LIMIT_SECONDS = 300
TEST: dict[str, Any] = {
    "epochs": 3,
    "batch_size_override": 64,
    "rating_column": "sales_value",
}


def changed(documents: Documents, **changes: Any) -> Documents:
    dataset, features, model = documents
    spec = {**model.spec.model_dump(mode="json"), **changes}
    spec = type(model.spec).model_validate(spec)
    return dataset, features, model.model_copy(update={"spec": spec})


@pytest.fixture(scope="module")
def rated(recommended: Documents) -> Documents:
    """What is recommended, with ratings besides."""
    head = [{"type": "dense", "units": 8}, {"type": "dense", "units": 1, "activation": None}]
    return changed(recommended, model_type="multitask", rating_head_layers=head)


@pytest.fixture(scope="module")
def prepared(
    tmp_path_factory: pytest.TempPathFactory,
    rated: Documents,
    source: Path,
    templates: dict[str, Any],
) -> VertexJob:
    """A full training up to its Trainer; its model has a history, a re-ranker, a rating head,
    dropout, batch normalization, rows for unknown customers and early stopping."""
    layers = rated[2].spec.model_dump(mode="json")["buyer_tower_layers"]
    normalized = changed(rated, buyer_tower_layers=[{"type": "batch_norm"}, *layers])
    folder = tmp_path_factory.mktemp("workers")
    job = job_to_kill(folder / "job", normalized, source, **TEST)
    job.request = job.request.model_copy(update={"purpose": "full_training"})
    run = VertexJob(
        folder / "root", templates["full_training"], parameters_of(job), job.request.job_id
    )
    for task in ("SampledExampleGen", "Transform"):
        ended = run.run(task)
        assert ended.returncode == 0, ended.stderr[-4000:]
    return run


def training(
    prepared: VertexJob, folder: Path, name: str, *, workers: int, **changes: str
) -> tuple[VertexJob, Path]:
    """A job whose Trainer has so many workers, and the folder of its files."""
    output = folder / "output"
    output.mkdir(parents=True, exist_ok=True)
    request = Path(prepared.parameters["job_request"].removeprefix("file://"))
    (output / "request.json").write_bytes(request.read_bytes())
    config = json.dumps({"progress_file": str(output / "progress.json")})
    run = prepared.again({**prepared.parameters, "trainer_config": config, **changes}, name)
    if workers > 1:
        run.container("Trainer")["command"] += ["--training_workers", str(workers)]
    return run, output


def trained(run: VertexJob, **environment: str) -> None:
    ended = run.run("Trainer", **environment)
    assert ended.returncode == 0, ended.stderr[-6000:]


def model_of(run: VertexJob) -> Path:
    artifact = run.invocation("Trainer")["outputs"]["artifacts"]["model"]["artifacts"][0]
    return Path(artifact["uri"])


def without_draws(folder: Path, rated: Documents, source: Path) -> str:
    """A trainer's source in which nothing is random but the order of the rows, with penalties."""
    dataset, features, model = rated
    spec = features.spec.model_copy(deep=True)
    spec.buyer_model_features = [one for one in spec.buyer_model_features if one.type == "history"]
    plain = dataset, features.model_copy(update={"spec": spec}), model
    layers = [
        {**layer, "l2_reg": 0.01}
        for layer in model.spec.model_dump(mode="json")["buyer_tower_layers"]
    ]
    make_job(folder / "plain", changed(plain, buyer_tower_layers=layers), source, **TEST)
    code = (folder / "plain-trainer.py").read_text()
    assert "UNKNOWN_SHARE" not in code
    assert "Dropout" not in code
    artifact = stored(folder, "given", code)
    module = folder / f"{artifact.sha256}.py"
    module.write_text(code)
    return module.as_uri()


def test_two_workers_come_to_what_one_comes_to(
    prepared: VertexJob, rated: Documents, source: Path, tmp_path: Path
) -> None:
    module = without_draws(tmp_path, rated, source)
    one, alone = training(prepared, tmp_path / "one", "one", workers=1, trainer_module_uri=module)
    two, together = training(
        prepared, tmp_path / "two", "two", workers=2, trainer_module_uri=module
    )
    trained(one)
    trained(two)
    expected, chief, other = (
        one.training("Trainer"),
        *(two.training("Trainer", worker) for worker in (0, 1)),
    )
    # Each worker has drawn every batch, in the same order as one alone.
    assert chief.batches == other.batches == expected.batches
    for begun, same in zip(chief.weights, expected.weights, strict=True):
        np.testing.assert_array_equal(begun, same)
    # Every row was held against all products of the batch: half of them would be another loss.
    # After an epoch, rounding has grown.
    assert chief.losses[:60] == pytest.approx(expected.losses[:60], rel=1e-5)
    assert chief.losses == pytest.approx(expected.losses, rel=0.05)
    assert len(chief.ended) == len(expected.ended) > 0
    for ended, same in zip(chief.ended, other.ended, strict=True):
        np.testing.assert_array_equal(ended, same)
    # What is left, is left once, by the chief.
    epochs, of_one = (
        json.loads((output / "progress.json").read_bytes()) for output in (together, alone)
    )
    assert len(epochs) == len(of_one)
    for key in ("loss", "validation_loss"):
        assert [epoch[key] for epoch in epochs[:3]] == pytest.approx(
            [epoch[key] for epoch in of_one[:3]], rel=1e-3
        )

    def files(run: VertexJob, output: Path) -> list[list[str]]:
        return [
            sorted(str(path.relative_to(of)) for path in of.rglob("*"))
            for of in (model_of(run), output)
        ]

    assert files(two, together) == files(one, alone)
    assert any(path.endswith("saved_model.pb") for path in files(two, together)[0])


def test_workers_that_are_killed_leave_none_behind_and_go_on_from_the_last_epoch(
    prepared: VertexJob, tmp_path: Path
) -> None:
    whole, never_killed = training(prepared, tmp_path / "whole", "whole", workers=2)
    trained(whole, RECSMITH_CHECKPOINT_SECONDS="never")
    run, output = training(prepared, tmp_path / "killed", "killed", workers=2)

    process = run.start("Trainer", RECSMITH_CHECKPOINT_SECONDS="0")
    try:
        wait_for(lambda: stands_at(output, epoch=1), process)
        workers = children_of(process.pid)
        assert len(workers) == 2
        process.kill()
        process.communicate()
        wait_for(lambda: not any(map(is_alive, workers)))

        process = run.start("Trainer", RECSMITH_CHECKPOINT_SECONDS="0")
        wait_for(lambda: stands_at(output, epoch=2), process)
        workers = children_of(process.pid)
        os.kill(workers[1], signal.SIGKILL)
        process.communicate(timeout=_LIMIT_SECONDS)
        assert process.returncode == 1
        assert not any(map(is_alive, workers))
        error = json.loads((run.job_folder / "error.json").read_bytes())
        assert error["message"] == (
            "Worker 2 of 2 ended with exit status -9 and said nothing: it was killed, such as for "
            "memory, or crashed."
        )
    finally:
        process.kill()
        process.communicate()

    again, _ = training(prepared, tmp_path / "killed", "again", workers=2)
    trained(again)
    assert not (output / "checkpoints").exists()
    *first_pass, newest = epochs_of(output)
    *expected_pass, expected_newest = epochs_of(never_killed)
    assert first_pass == expected_pass
    # What comes after the first pass is the same but for rounding.
    assert newest.pop("loss") == pytest.approx(expected_newest.pop("loss"), rel=1e-5)
    assert newest == expected_newest
    with (
        np.load(output / "weights.npz") as found,
        np.load(never_killed / "weights.npz") as expected,
    ):
        assert set(found.files) == set(expected.files)
        for name in expected.files:
            np.testing.assert_array_equal(found[name], expected[name], err_msg=name)


@pytest.mark.parametrize(
    ("batch_size", "said"),
    [
        (64, "ValueError: nothing to learn from"),
        (
            1,
            "The batch size is 1, and 2 workers train, of which each takes its part of every "
            "batch: choose a larger batch size, or compile the templates with fewer --gpus.",
        ),
    ],
)
def test_what_fails_in_a_worker_is_told_as_of_one(
    prepared: VertexJob, tmp_path: Path, batch_size: int, said: str
) -> None:
    code = f"BATCH_SIZE = {batch_size}\n"
    code += "def run_fn(_):\n    raise ValueError('nothing to learn from')\n"
    artifact = stored(tmp_path, "given", code)
    module = tmp_path / f"{artifact.sha256}.py"
    module.write_text(code)
    run, _ = training(
        prepared, tmp_path, f"failing-{batch_size}", workers=2, trainer_module_uri=module.as_uri()
    )
    assert run.run("Trainer").returncode == 1
    error = json.loads((run.job_folder / "error.json").read_bytes())
    assert error == {"task": "Trainer", "message": said}


def epochs_of(output: Path) -> list[dict[str, Any]]:
    found = json.loads((output / "progress.json").read_bytes())
    return [{**epoch, "seconds": 0} for epoch in found]


def stands_at(output: Path, *, epoch: int) -> bool:
    notes = output.glob("checkpoints/*/checkpoint.json")
    found = [json.loads(note.read_bytes())["position"] for note in notes if note.exists()]
    return any(position["fit"] == 1 and position["epoch"] >= epoch for position in found)


def wait_for(
    ready: Callable[[], bool], process: subprocess.Popen[str] | Forked | None = None
) -> None:
    began = time.monotonic()
    while not ready():
        assert process is None or process.poll() is None, process.communicate()[1][-4000:]
        assert time.monotonic() - began < _LIMIT_SECONDS
        time.sleep(0.01)


def children_of(process: int) -> list[int]:
    """In the order in which they were started."""
    return sorted(map(int, Path(f"/proc/{process}/task/{process}/children").read_text().split()))


def is_alive(process: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{process}/status").read_text()
    except FileNotFoundError:
        return False
