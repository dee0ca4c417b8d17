"""The compiled pipeline, and what a launch tells it.

`recsmith compile` makes one template per purpose; a launch reads it and adds the values of its
runtime parameters. Vertex AI accepts a job that lacks a required one, or has one that nobody knows,
and fails it minutes later: `fit` finds that before.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from shared.errors import AlreadyExistsError
from shared.jobs import PROGRESS_FILE, JobRequest, Stage
from shared.ports import ArtifactStore, JsonObject

# Values longer than this are stored, and their URI is sent: Kubeflow refuses 10,000 characters.
LONGEST_VALUE = 8_000

STAGE_OF: Mapping[str, Stage] = {
    "SampledExampleGen": Stage.EXAMPLES,
    "ImportSchemaGen": Stage.EXAMPLES,
    "Transform": Stage.TRANSFORM,
    "Trainer": Stage.TRAIN,
    "HeldOutEvaluator": Stage.EVALUATE,
}
# The task that is all stages; it tells of them in the job's `stages.json`.
WHOLE_JOB = "QuickTest"


class TemplateError(Exception):
    """A template that cannot be launched with what the launcher has to say."""


# What a launch can say.
PARAMETERS = (
    *("job_request", "preprocessing_module_uri", "trainer_module_uri"),
    *("examples_config", "trainer_config"),
)


def check(content: bytes) -> None:
    """Raises TemplateError where this version could not launch the template."""
    fit(pipeline_spec(content), dict.fromkeys(PARAMETERS, ""))


def parameters(request: JobRequest) -> dict[str, str]:
    """The runtime parameters of a job, all of them text."""
    return {
        "job_request": request.model_dump_json(),
        "preprocessing_module_uri": request.preprocessing.uri,
        "trainer_module_uri": request.trainer.uri,
        "examples_config": request.examples.model_dump_json(),
        "trainer_config": json.dumps({"progress_file": f"{request.output_uri}/{PROGRESS_FILE}"}),
    }


def short(values: Mapping[str, str], folder: str, artifacts: ArtifactStore) -> dict[str, str]:
    """The same values, the long ones replaced by URIs of files that hold them.

    Args:
        folder: key of the folder that they are stored in, under their SHA-256.
    """
    sent = {}
    for name, value in values.items():
        if len(value) > LONGEST_VALUE:
            content = value.encode()
            key = f"{folder}/{name}-{hashlib.sha256(content).hexdigest()}.json"
            try:
                value = artifacts.create(key, content)
            except AlreadyExistsError:
                value = artifacts.uri(key)
        sent[name] = value
    return sent


def pipeline_spec(content: bytes) -> JsonObject:
    """The `pipelineSpec` in a template's bytes. Raises TemplateError."""
    try:
        template = json.loads(content)
    except ValueError as error:
        raise TemplateError(f"The template is not valid JSON: {error}.") from None
    spec = template.get("pipelineSpec", template) if isinstance(template, dict) else None
    if not isinstance(spec, dict) or "root" not in spec:
        raise TemplateError(
            "The template holds no pipelineSpec: make it anew with `recsmith compile`."
        )
    return spec


def fit(spec: JsonObject, available: Mapping[str, str]) -> dict[str, str]:
    """The values of those that the template declares.

    Raises:
        TemplateError: it declares none, requires one that is not available, or takes other than
            text.
    """
    declared: dict[str, Any] = spec["root"].get("inputDefinitions", {}).get("parameters", {})
    for name, definition in declared.items():
        kind = definition.get("parameterType", definition.get("type"))
        if name in available and kind != "STRING":
            raise TemplateError(
                f"The template's parameter {name!r} is {kind}; only text can be sent."
            )
        optional = definition.get("isOptional") or "defaultValue" in definition
        if name not in available and not optional:
            known = ", ".join(sorted(available))
            raise TemplateError(f"The template requires {name!r}. What can be sent is: {known}.")
    values = {name: available[name] for name in declared if name in available}
    if "job_request" not in values:
        raise TemplateError(
            "The template declares no parameter 'job_request': it knows no job to run."
        )
    return values


def task_names(spec: Any) -> list[str]:
    """The tasks of a pipeline; none where the spec is not what it should be."""
    for part in ("root", "dag", "tasks"):
        spec = spec.get(part) if isinstance(spec, Mapping) or hasattr(spec, "get") else None
    return list(spec or ())
