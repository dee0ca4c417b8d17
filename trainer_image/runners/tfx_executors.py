"""TFX's own executors, over generated modules that are verified before they are imported."""

from __future__ import annotations

import json
import posixpath
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from operator import attrgetter
from pathlib import Path
from typing import Any

from apache_beam.io.filesystem import FileMetadata
from apache_beam.io.localfilesystem import LocalFileSystem
from tfx.components.trainer import executor as trainer_executor
from tfx.components.transform import executor as transform_executor
from tfx.types import artifact_utils

from shared.jobs import REQUEST_FILE, JobRequest
from trainer_image.job.locations import CHECKPOINTS_FOLDER, FURTHER_SPLITS, Locations, open_file
from trainer_image.job.modules import artifact_of, fetch_module
from trainer_image.job.store import check_places
from trainer_image.training.beam import beam_arguments
from trainer_image.training.resume import ResumableFit
from trainer_image.training.train import (
    TrainArguments,
    custom_config,
    require_gpus,
    workers,
)
from trainer_image.training.transform import BATCH_ROWS
from trainer_image.training.warm_start import WarmFit
from trainer_image.training.worker import Task
from trainer_image.training.workers import train_together

# Of an Examples artifact: how many rows it has, as text.
ROWS_PROPERTY = "rows"

# In the trainer's `custom_config`: folder for checkpoints; else one beside the progress file.
CHECKPOINTS = "checkpoints"

Artifacts = dict[str, list[Any]]


class _FixedBatches(transform_executor.TransformProcessor):
    """Transforms in batches as large as the direct runner's. By itself, Beam tries out sizes by the
    clock, and each run comes to other last digits."""

    def _GetDesiredBatchSize(self, data_format: int, schema: Any) -> int:  # noqa: N802
        return BATCH_ROWS


# TFX's Executor takes whatever has this name.
transform_executor.TransformProcessor = _FixedBatches


_listed = LocalFileSystem._list


def _list_in_order(system: LocalFileSystem, prefix: str) -> Iterator[FileMetadata]:
    """Local files in the order of their names, as the direct runner reads shards; Beam by itself
    takes them in whatever order the disk has them."""
    yield from sorted(_listed(system, prefix), key=attrgetter("path"))


LocalFileSystem._list = _list_in_order


class VerifiedTransformExecutor(transform_executor.Executor):
    """TFX's Transform; Beam runs where the number of rows belongs."""

    _beam_pipeline_args: list[str]

    def Do(  # noqa: N802 - TFX's name
        self, input_dict: Artifacts, output_dict: Artifacts, exec_properties: dict[str, Any]
    ) -> None:
        examples = artifact_utils.get_single_instance(input_dict["examples"])
        rows = int(examples.get_string_custom_property(ROWS_PROPERTY))
        self._beam_pipeline_args = beam_arguments(self._beam_pipeline_args, rows)
        with _verified("preprocessing", exec_properties) as properties:
            super().Do(input_dict, output_dict, properties)


class VerifiedTrainerExecutor(trainer_executor.GenericExecutor):
    """TFX's Trainer; what it is told besides are splits of the examples, and how to fit."""

    _fit: ResumableFit

    def Do(  # noqa: N802
        self, input_dict: Artifacts, output_dict: Artifacts, exec_properties: dict[str, Any]
    ) -> None:
        require_gpus()
        given = json.loads(exec_properties["custom_config"])
        files = {
            split: posixpath.join(artifact_utils.get_split_uri(input_dict["examples"], split), "*")
            for split in FURTHER_SPLITS
        }
        config = custom_config(files, given["progress_file"])
        with _verified("trainer", exec_properties) as properties:
            properties["custom_config"] = json.dumps({**given, **config})
            if (number := workers()) > 1:
                found = super()._GetFnArgs(input_dict, output_dict, properties)
                train_together(number, _task(found, properties))
                return
            super().Do(input_dict, output_dict, properties)
        self._fit.clear()

    def _GetFnArgs(  # noqa: N802
        self, input_dict: Artifacts, output_dict: Artifacts, exec_properties: dict[str, Any]
    ) -> Any:
        arguments = super()._GetFnArgs(input_dict, output_dict, exec_properties)
        task = _task(arguments, exec_properties)
        request, output = task.request, Locations(task.output)
        self._fit = ResumableFit.from_environment(
            task.checkpoints, Path(task.module), arguments, request.warm_start
        )
        fit = WarmFit(self._fit, request, arguments.transform_graph_path, output)
        arguments.custom_config["fit"] = fit
        return arguments


def _task(arguments: Any, exec_properties: dict[str, Any]) -> Task:
    """A training as TFX tells of it; where checkpoints go is not the generated trainer's affair."""
    config = arguments.custom_config
    root = posixpath.dirname(config["progress_file"])
    output = Locations(root)
    return Task(
        module=exec_properties["module_file"],
        checkpoints=config.pop(CHECKPOINTS, output[CHECKPOINTS_FOLDER]),
        arguments=TrainArguments(
            train_files=arguments.train_files,
            eval_files=arguments.eval_files,
            transform_output=arguments.transform_output,
            serving_model_dir=arguments.serving_model_dir,
            model_run_dir=arguments.model_run_dir,
            custom_config=config,
        ),
        request=_request(output),
        output=root,
    )


def _request(output: Locations) -> JobRequest:
    """That of the job whose files lie there, as the launcher has left it."""
    with open_file(output[REQUEST_FILE], "r") as file:
        request = JobRequest.model_validate_json(file.read())
    check_places(request)
    return request


@contextmanager
def _verified(name: str, exec_properties: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The properties with a verified copy as `module_file`, which names its own SHA-256."""
    with tempfile.TemporaryDirectory(prefix="recsmith-") as folder:
        artifact = artifact_of(exec_properties["module_file"])
        module = fetch_module(artifact, Path(folder), name)
        yield {**exec_properties, "module_file": str(module)}
