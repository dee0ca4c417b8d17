"""How a trained model is used, step by step: the one place of these words and commands."""

from __future__ import annotations

import json
import shlex
from pathlib import PurePosixPath
from typing import Literal
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel

from shared.columns import RawType
from shared.documents.quick_test import Registration
from shared.documents.registered_model import is_registered_model_id
from shared.jobs import JobRequest

_PREDICT = "http://127.0.0.1:8080/predict"
_EXAMPLES = {RawType.TEXT: "", RawType.NUMBER: 0.0, RawType.TIMESTAMP: 1_767_225_600}


class UseStep(BaseModel):
    """Attributes:
    text: what to know of it, in a sentence or two.
    code: to copy and run.
    """

    title: str
    text: str
    code: str
    language: Literal["text", "python", "shell"]


class UseOfModel(BaseModel):
    """Attributes:
    model_uri: of the SavedModel's folder.
    registered: which version of which registered model it is; None where it is none.
    """

    model_uri: str
    registered: Registration | None
    steps: list[UseStep]


def how_to_use(
    artifacts_uri: str, request: JobRequest | None, registered: Registration | None
) -> UseOfModel:
    """
    Args:
        artifacts_uri: of the job that trained the model.
        request: what the job was asked; None where that cannot be read any more, and with it how
            the model is fed.
    """
    model_uri = f"{artifacts_uri}/model"
    place = _place(model_uri)
    where = "A TensorFlow SavedModel that takes raw values; where ScaNN searches, it needs the "
    where += "package scann besides TensorFlow."
    steps = [UseStep(title="Where it lies", text=where, code=place, language="text")]
    if request is not None:
        steps.append(_in_python(place, request))
    if registered is not None and is_registered_model_id(registered.model_id):
        steps += _in_production(registered)
    return UseOfModel(model_uri=model_uri, registered=registered, steps=steps)


def load_in_python(place: str, request: JobRequest) -> str:
    """Four lines that ask a SavedModel for one row of raw values. What a row leaves out, such as a
    history, is given as nothing, of which the model has its own."""
    examples = request.examples
    rates = examples.label_key is not None
    keys = examples.query_keys + (examples.candidate_keys if rates else [])
    types = {feature.key: feature.type for feature in examples.features}
    row: dict[str, object] = {key: _EXAMPLES[types[key]] for key in dict.fromkeys(keys)}
    if examples.customer_key in row:
        row[examples.customer_key] = "CUSTOMER"
    return "\n".join(
        [
            "import tensorflow as tf",
            f'ask = tf.saved_model.load({json.dumps(place)}).signatures["serving_default"]',
            f"row = {row!r}",
            "print(ask(**{name: tf.constant([row.get(name, [])], spec.dtype) for name, spec in "
            "ask.structured_input_signature[1].items()}))",
        ]
    )


def _in_python(place: str, request: JobRequest) -> UseStep:
    names = {feature.key: feature.column for feature in request.examples.features}
    called = [f"`{key}` is {column!r}" for key, column in names.items() if key != column]
    also = f" Here {', '.join(called[:5])}." if called else ""
    return UseStep(
        title="Load it in Python",
        text="Give raw values of your own. Times are seconds since 1970, and a customer that the "
        f"model does not know is answered too.{also}",
        code=load_in_python(place, request),
        language="python",
    )


def _in_production(registered: Registration) -> list[UseStep]:
    model = registered.model_id  # of plain letters, whatever its name is
    body = json.dumps({"instances": [{"customer_id": "CUSTOMER", "k": 10}]}, separators=(",", ":"))
    return [
        UseStep(
            title="Bring it into production",
            text="Servers load the version in production, and follow when another one is promoted.",
            code=f"recsmith models promote {model} {registered.version}",
            language="shell",
        ),
        UseStep(
            title="Serve it",
            text="Over HTTP on this machine, under the contract of Vertex AI's containers.",
            code=f"recsmith serve {model}",
            language="shell",
        ),
        UseStep(
            title="Ask it over HTTP",
            text="Up to hundreds of customers in one request.",
            code=f"curl -s {_PREDICT} -H 'Content-Type: application/json' -d {shlex.quote(body)}",
            language="shell",
        ),
        UseStep(
            title="Recommend to everybody",
            text="Into files or a BigQuery table; stopped, the same command goes on.",
            code=f"recsmith batch {model} --out recommendations",
            language="shell",
        ),
        UseStep(
            title="Deploy it on Google Cloud",
            text="Cloud Run, which the first line is for, in terraform.tfvars, costs nothing while "
            "nobody asks; the replicas of an endpoint of Vertex AI cost day and night.",
            code=f'served_models = ["{model}"]\n'
            f"recsmith cloud endpoint deploy {model} --project PROJECT --image IMAGE",
            language="text",
        ),
        UseStep(
            title="Go back",
            text="To the version that was in production before; it needs no reason.",
            code=f"recsmith models rollback {model}",
            language="shell",
        ),
    ]


def _place(uri: str) -> str:
    """A path for `file://`, else the URI, which TensorFlow reads too."""
    parts = urlsplit(uri)
    return str(PurePosixPath(unquote(parts.path))) if parts.scheme == "file" else uri
