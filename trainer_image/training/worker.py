"""A worker of several that train one model: `python -m trainer_image.training.worker TASK FAULT`.

TF_CONFIG says which one it is. The chief leaves what a training leaves; what the others make on
their way is thrown away. It ends with whoever started it, whose end of its standard input closes.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import threading
import traceback
import warnings
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from shared import code_version  # noqa: F401 - first: it notes which code is loaded
from shared.jobs import JobRequest
from shared.tables.faults import without_values
from trainer_image.job.leave import leave
from trainer_image.job.locations import Locations
from trainer_image.job.modules import import_module
from trainer_image.job.status import JobFailedError, describe
from trainer_image.training.train import TrainArguments, train


@dataclass(frozen=True)
class Task:
    """What all workers are told.

    Attributes:
        module: verified file of the trainer.
        arguments: that its `run_fn` is called with.
        checkpoints: folder for them.
        output: where the job's files belong.
    """

    module: str
    arguments: TrainArguments
    checkpoints: str
    request: JobRequest
    output: str

    def to_json(self) -> str:
        request = self.request.model_dump(mode="json")
        arguments = asdict(self.arguments)
        return json.dumps({**vars(self), "arguments": arguments, "request": request})

    @staticmethod
    def from_json(text: str) -> Task:
        given = json.loads(text)
        given["arguments"] = TrainArguments(**given["arguments"])
        given["request"] = JobRequest.model_validate(given["request"])
        return Task(**given)

    def elsewhere(self, folder: str) -> Task:
        """The same, but what is made goes into a folder."""
        places = Locations(folder)
        arguments = replace(
            self.arguments,
            serving_model_dir=places.model,
            model_run_dir=places["model_run"],
            custom_config={**self.arguments.custom_config, "progress_file": places.progress},
        )
        return replace(self, arguments=arguments, output=folder)


def main(task_file: Path, fault_file: Path) -> int:
    """Trains, and returns the exit status. Where it fails, the other file says why."""
    os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    warnings.simplefilter("ignore", FutureWarning)
    threading.Thread(target=_end_with_starter, daemon=True).start()
    try:
        _train(Task.from_json(task_file.read_text()), task_file.parent)
    except Exception as error:
        if not isinstance(error, JobFailedError):
            sys.stderr.write(without_values(traceback.format_exc()))
        fault_file.write_text(describe(error))
        return 1
    return 0


def _train(task: Task, scratch: Path) -> None:
    from trainer_image.training.together import Together

    together = Together()
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        mine = task if together.is_chief else task.elsewhere(folder)
        module = Path(mine.module)
        trainer = import_module(module)
        if together.workers > trainer.BATCH_SIZE:
            raise JobFailedError(
                f"The batch size is {trainer.BATCH_SIZE}, and {together.workers} workers train, "
                "of which each takes its part of every batch: choose a larger batch size, or "
                "compile the templates with fewer --gpus."
            )
        train(
            trainer.run_fn,
            mine.arguments,
            module,
            mine.checkpoints,
            mine.request,
            Locations(mine.output),
            _untold,
            together,
        )


def _untold(*_: object) -> None:
    """Where stages are tasks of their own, the log of the epochs says how far a training is."""


def _end_with_starter() -> None:
    sys.stdin.buffer.read()
    os._exit(1)


if __name__ == "__main__":
    leave(main(Path(sys.argv[1]), Path(sys.argv[2])))
