"""The train stage: the generated trainer module, called as TFX's Trainer calls it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from shared.jobs import JobRequest
from trainer_image.job.locations import FURTHER_SPLITS, Locations
from trainer_image.job.status import JobFailedError, Tell

# The type of the GPU that the template asks for, to train on.
GPU = "RECSMITH_TRAINING_GPU"


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


def require_gpu() -> None:
    """Raises JobFailedError where a GPU is asked for and TensorFlow sees none: it would train
    without a word on the processors, more slowly, beside a GPU that costs."""
    import tensorflow as tf

    wanted = os.environ.get(GPU)
    if wanted and not tf.config.list_physical_devices("GPU"):
        raise JobFailedError(
            f"The template asks for a GPU ({wanted}), but TensorFlow sees none. Build the image "
            "with _LOCK=trainer-gpu, or compile the templates without --gpu."
        )


def train(
    run_fn: Callable[[Any], None],
    arguments: TrainArguments,
    module: Path,
    checkpoints: str,
    request: JobRequest,
    output: Locations,
    tell: Tell,
) -> None:
    """Trains and saves a model, from the last checkpoint on, where there is one. Raises what the
    module raises, and if it saved nothing.

    Args:
        module: file that `run_fn` is of.
        checkpoints: folder for them, which is gone afterwards.
        request: whose training it is, with what it begins with.
        output: where its files belong.
        tell: is told how far it has come.
    """
    import tensorflow as tf

    from trainer_image.training.resume import ResumableFit
    from trainer_image.training.telling import TellingFit
    from trainer_image.training.warm_start import WarmFit

    fit = ResumableFit.from_environment(checkpoints, module, arguments, request.warm_start)
    warm = WarmFit(fit, request, arguments.transform_output, output)
    config = {**arguments.custom_config, "fit": TellingFit(warm, tell)}
    run_fn(replace(arguments, custom_config=config))
    if not tf.saved_model.contains_saved_model(arguments.serving_model_dir):
        raise RuntimeError(f"The trainer saved no model in {arguments.serving_model_dir}.")
    fit.clear()
