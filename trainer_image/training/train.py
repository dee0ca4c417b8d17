"""The train stage: the generated trainer module, called as TFX's Trainer calls it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shared.jobs import JobRequest
from trainer_image.job.locations import FURTHER_SPLITS, Locations
from trainer_image.job.status import JobFailedError, Tell

if TYPE_CHECKING:
    from trainer_image.training.together import Together

# The type of the GPUs that the template asks for, to train on.
GPU = "RECSMITH_TRAINING_GPU"
# How many workers train one model, with such a GPU each.
WORKERS = "RECSMITH_TRAINING_WORKERS"
_MOST_WORKERS = 16  # the GPUs of the largest machine that Vertex AI has


@dataclass(frozen=True)
class TrainArguments:
    """The part of TFX's FnArgs that generated trainers use.

    Attributes:
        train_files, eval_files: glob patterns of TFRecords with transformed examples.
        transform_output: folder of the transform graph; `transform_graph_path` is the same.
        serving_model_dir: where the SavedModel goes.
        model_run_dir: where logs of the training go.
        custom_config: as of `custom_config`.
    """

    train_files: list[str]
    eval_files: list[str]
    transform_output: str
    serving_model_dir: str
    model_run_dir: str
    custom_config: dict[str, Any] = field(default_factory=dict)

    @property
    def transform_graph_path(self) -> str:
        return self.transform_output


def custom_config(files: Mapping[str, str], progress_file: str) -> dict[str, Any]:
    """`candidate_files`, `fitting_files`, `history_files` and `unavailable_files`, patterns like
    those of `TrainArguments`, and `progress_file`.

    Args:
        files: a pattern for each of FURTHER_SPLITS.
    """
    named = {f"{split.removesuffix('s')}_files": [files[split]] for split in FURTHER_SPLITS}
    return {**named, "progress_file": progress_file}


def workers() -> int:
    """How many train one model, by RECSMITH_TRAINING_WORKERS. Raises JobFailedError."""
    given = os.environ.get(WORKERS) or "1"
    if not (given.isdecimal() and 1 <= int(given) <= _MOST_WORKERS):
        raise JobFailedError(
            f"{WORKERS} is {given!r}; expected a whole number from 1 to {_MOST_WORKERS}."
        )
    return int(given)


def require_gpus() -> None:
    """Raises JobFailedError where a GPU is asked for, for each worker, and TensorFlow sees fewer:
    it would train without a word on the processors, more slowly, beside GPUs that cost."""
    import tensorflow as tf

    wanted, number = os.environ.get(GPU), workers()
    if not wanted:
        return
    found = len(tf.config.list_physical_devices("GPU"))
    if found < number:
        asked = f"a GPU ({wanted})" if number == 1 else f"{number} GPUs ({wanted})"
        raise JobFailedError(
            f"The template asks for {asked}, but TensorFlow sees {found or 'none'}. Build the "
            "image with _LOCK=trainer-gpu, or compile the templates without --gpu."
        )


def train(
    run_fn: Callable[[Any], None],
    arguments: TrainArguments,
    module: Path,
    checkpoints: str,
    request: JobRequest,
    output: Locations,
    tell: Tell,
    together: Together | None = None,
) -> None:
    """Trains and saves a model, from the last checkpoint on, where there is one. Raises what the
    module raises, and if it saved nothing.

    Args:
        module: file that `run_fn` is of.
        checkpoints: folder for them, which is gone afterwards.
        request: whose training it is, with what it begins with.
        output: where its files belong.
        tell: is told how far it has come.
        together: with the other workers, if there are any.
    """
    import tensorflow as tf

    from trainer_image.training.resume import ResumableFit
    from trainer_image.training.telling import TellingFit
    from trainer_image.training.warm_start import WarmFit

    fit = ResumableFit.from_environment(
        checkpoints, module, arguments, request.warm_start, together
    )
    warm = WarmFit(fit, request, arguments.transform_output, output)
    config = {**arguments.custom_config, "fit": TellingFit(warm, tell)}
    run_fn(replace(arguments, custom_config=config))
    if not tf.saved_model.contains_saved_model(arguments.serving_model_dir):
        raise RuntimeError(f"The trainer saved no model in {arguments.serving_model_dir}.")
    fit.clear()
