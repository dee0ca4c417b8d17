"""Jobs that are killed in the middle of their training, and taken up again."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from shared.documents.quick_test import QuickTestSpec
from tests.integration.trainer.support import Documents, TrainerJob, TrainerProcess, make_job

_LIMIT_SECONDS = 600
# All that is random in a step, an early end, a re-ranker and a second pass.
EARLY_STOPPING: dict[str, Any] = {"early_stopping_patience": 1}
Positions = list[dict[str, Any]]


def job_to_kill(folder: Path, recommended: Documents, source: Path, **test: Any) -> TrainerJob:
    """A job with a history, a re-ranker, dropout and early stopping."""
    dataset, features, model = recommended
    spec = model.spec.model_dump(mode="json")
    spec["buyer_tower_layers"].insert(-1, {"type": "dropout", "rate": 0.2})
    changed = model.model_copy(update={"spec": type(model.spec).model_validate(spec)})
    assert "early_stopping_patience" in QuickTestSpec.model_fields
    return make_job(folder, (dataset, features, changed), source, **{**EARLY_STOPPING, **test})


def kill_once(
    job: TrainerJob, ready: Callable[[Positions], bool], *, seconds: float = 0.0
) -> Positions | None:
    """Runs a job, and kills it so many seconds after its checkpoints are as they are waited for.

    Returns:
        where those stood; None where the job had ended before.
    """
    process = job.start()
    try:
        began = time.monotonic()
        while time.monotonic() - began < _LIMIT_SECONDS:
            if process.process.poll() is not None:
                assert process.wait().returncode == 0, process.wait().stderr[-4000:]
                return None
            if ready(found := positions(job)):
                time.sleep(seconds)
                return found if _killed(process) else None
            time.sleep(0.01)
        raise TimeoutError(f"the job's checkpoints did not come so far: {positions(job)}")
    finally:
        process.kill()


def _killed(process: TrainerProcess) -> bool:
    process.kill()
    return process.process.returncode == -signal.SIGKILL


def positions(job: TrainerJob) -> Positions:
    """Where the checkpoints of a job stand that count, the oldest first."""
    found = []
    for note in sorted(job.folder.glob("checkpoints/*/checkpoint.json")):
        with suppress(FileNotFoundError):  # it has just been pruned
            found.append(json.loads(note.read_bytes())["position"])
    return found


def results(job: TrainerJob) -> dict[str, Any]:
    """What must be the same to the last bit, killed or not."""
    progress = json.loads((job.output / "progress.json").read_bytes())
    return {
        "epochs": [{**epoch, "seconds": 0} for epoch in progress],
        "metrics": json.loads((job.output / "metrics.json").read_bytes()),
        "bootstrap": json.loads((job.output / "bootstrap.json").read_bytes()),
        "tensors": json.loads((job.output / "sample_tensors.json").read_bytes()),
    }
