"""A whole job as one component of a pipeline: one container to start instead of four.

Without postponed annotations: TFX reads them as types.
"""

import posixpath
import tempfile
import threading
from datetime import UTC, datetime
from pathlib import Path

from pydantic import TypeAdapter
from tfx.dsl.component.experimental.annotations import Parameter
from tfx.dsl.component.experimental.decorators import component

from shared.jobs import PROGRESS_FILE, STAGES_FILE, JobRequest, Stage, State, Task
from trainer_image.job.locations import CHECKPOINTS_FOLDER, open_file, path_of
from trainer_image.job.remote import copy_tree, given
from trainer_image.job.status import StatusLog
from trainer_image.job.store import check_places
from trainer_image.run import run_job

_TASKS = TypeAdapter(list[Task])


@component
def QuickTest(request: Parameter[str]) -> None:  # noqa: N802 - named like TFX's own components
    """Runs a job in a folder of this machine, tells of its stages and epochs where its files
    belong, and puts what it made there at the end.

    Args:
        request: a JobRequest as JSON, or the URI of a file that holds it.
    """
    job = JobRequest.model_validate_json(given(request))
    check_places(job)
    target = path_of(job.output_uri)
    with tempfile.TemporaryDirectory(prefix="job-") as folder:
        output = Path(folder) / "output"
        output.mkdir()
        status = ToldAfar(Path(folder), output, target)
        run_job(
            job.model_copy(update={"output_uri": output.as_uri()}),
            Path(folder),
            status,
            posixpath.join(target, CHECKPOINTS_FOLDER),
        )
        copy_tree(str(output), target)


class ToldAfar(StatusLog):
    """Tells of stages in `stages.json`, and copies `progress.json`, under `target`."""

    def __init__(self, job_dir: Path, output: Path, target: str) -> None:
        super().__init__(job_dir)
        self._progress = output / PROGRESS_FILE
        self._target = target
        self._telling = threading.Lock()
        self._tasks = {stage: Task(name=stage) for stage in Stage}

    def _append(self, entry: dict[str, object]) -> None:
        super()._append(entry)
        with self._telling:
            if "step" in entry:
                task = self._tasks[Stage(str(entry["step"]))]
                task.doing, task.done = str(entry["doing"]), entry["done"]  # type: ignore[assignment]
                self._put(STAGES_FILE, _TASKS.dump_json(list(self._tasks.values())))
            elif "task" in entry:
                task = self._tasks[Stage(str(entry["task"]))]
                task.state = State(str(entry["state"]))
                task.doing, task.done = None, 0.0
                now = datetime.now(UTC)
                if task.state.ended:
                    task.ended_at, task.error = now, entry["error"]  # type: ignore[assignment]
                else:
                    task.started_at = now
                self._put(STAGES_FILE, _TASKS.dump_json(list(self._tasks.values())))
            else:
                self._put(PROGRESS_FILE, self._progress.read_bytes())

    def _put(self, name: str, content: bytes) -> None:
        with open_file(posixpath.join(self._target, name), "wb") as file:
            file.write(content)
