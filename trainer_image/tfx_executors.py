"""TFX's own executors, over generated modules that are verified before they are imported."""

from __future__ import annotations

import json
import posixpath
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tfx.components.trainer import executor as trainer_executor
from tfx.components.transform import executor as transform_executor
from tfx.types import artifact_utils

from trainer_image.beam import beam_arguments
from trainer_image.modules import artifact_of, fetch_module
from trainer_image.train import custom_config, require_gpu

# Of an Examples artifact: how many rows it has, as text.
ROWS_PROPERTY = "rows"

Artifacts = dict[str, list[Any]]


class VerifiedTransformExecutor(transform_executor.Executor):
    """TFX's Transform; Beam runs where the number of rows belongs."""

    def Do(  # noqa: N802 - TFX's name
        self, input_dict: Artifacts, output_dict: Artifacts, exec_properties: dict[str, Any]
    ) -> None:
        examples = artifact_utils.get_single_instance(input_dict["examples"])
        rows = int(examples.get_string_custom_property(ROWS_PROPERTY))
        self._beam_pipeline_args = beam_arguments(self._beam_pipeline_args, rows)
        with _verified("preprocessing", exec_properties) as properties:
            super().Do(input_dict, output_dict, properties)


class VerifiedTrainerExecutor(trainer_executor.GenericExecutor):
    """TFX's Trainer; the candidates are a split of the examples that it is given."""

    def Do(  # noqa: N802
        self, input_dict: Artifacts, output_dict: Artifacts, exec_properties: dict[str, Any]
    ) -> None:
        require_gpu()
        folder = artifact_utils.get_split_uri(input_dict["examples"], "candidates")
        given = json.loads(exec_properties["custom_config"])
        config = custom_config(posixpath.join(folder, "*"), given["progress_file"])
        with _verified("trainer", exec_properties) as properties:
            properties["custom_config"] = json.dumps({**given, **config})
            super().Do(input_dict, output_dict, properties)


@contextmanager
def _verified(name: str, exec_properties: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The properties with a verified copy as `module_file`, which names its own SHA-256."""
    with tempfile.TemporaryDirectory(prefix="recsmith-") as folder:
        artifact = artifact_of(exec_properties["module_file"])
        module = fetch_module(artifact, Path(folder), name)
        yield {**exec_properties, "module_file": str(module)}
