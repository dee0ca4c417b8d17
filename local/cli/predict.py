"""Recommendations from a quick test's saved model, made by a fresh process."""

from __future__ import annotations

import json
import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from local.bootstrap import default_trainer_command
from local.cli.client import UserError
from local.job_folder import JobFolder
from local.pipelines import REPOSITORY
from shared.documents.quick_test import QuickTest, TestState
from shared.examples import RawFeature, RawType
from shared.jobs import JobRequest

_TIMEOUT_SECONDS = 300


def job_request(home: Path, test: QuickTest) -> JobRequest:
    """What the test's job was asked to do. Raises UserError where it left no model."""
    if test.status.state is not TestState.COMPLETED or test.status.job is None:
        raise UserError(f"Quick test {test.id!r} is {test.status.state}: it has no model.")
    try:
        return JobFolder(home.resolve() / "jobs" / test.status.job.job_id).request()
    except OSError as error:
        raise UserError(f"The job's folder cannot be read: {error}.") from None


def path_of(uri: str) -> Path:
    """The path of a `file://` URI."""
    return Path(unquote(urlsplit(uri).path))


def query_features(request: JobRequest) -> list[RawFeature]:
    """The columns that describe a query to the model."""
    keys = request.examples.query_keys
    return [feature for feature in request.examples.features if feature.key in keys]


def query_from_text(request: JobRequest, values: dict[str, str]) -> dict[str, Any]:
    """Raw values by feature, from text by column. Raises UserError."""
    features = {feature.column: feature for feature in query_features(request)}
    query: dict[str, Any] = {}
    for column, text in values.items():
        if column not in features:
            known = ", ".join(features)
            raise UserError(f"The model's queries have no column {column!r}. They have {known}.")
        feature = features[column]
        try:
            query[feature.key] = _parse(feature.type, text)
        except ValueError:
            expected = "ISO 8601" if feature.type is RawType.TIMESTAMP else "a number"
            raise UserError(f"{column}: expected {expected}. Received: {text!r}.") from None
    return query


def _parse(kind: RawType, text: str) -> str | float | int:
    if kind is RawType.TEXT:
        return text
    if kind is RawType.NUMBER:
        return float(text)
    if text.lstrip("-").isdigit():
        return int(text)
    moment = datetime.fromisoformat(text)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def recommend(request: JobRequest, query: dict[str, Any], k: int) -> list[dict[str, Any]]:
    """The best products for one query, best first: `product_id`, `name` (or None), `score`.

    Raises:
        UserError: the process failed; with the end of what it said.
    """
    candidates = str(path_of(request.output_uri) / "candidates.parquet")
    values = {key: [value] for key, value in query.items()}
    answer = _predict(request, values, "--candidates", candidates, "--k", str(k))
    best: list[dict[str, Any]] = answer[0]
    return best


def rate(request: JobRequest, rows: dict[str, list[Any]]) -> list[float]:
    """Ratings of raw values of both sides, a value for each row. Raises UserError."""
    ratings: list[float] = _predict(request, rows)["rating"]
    return ratings


def _predict(request: JobRequest, values: dict[str, list[Any]], *options: str) -> Any:
    """What the model's main signature answers, as JSON, from a fresh process."""
    command = [
        *(default_trainer_command()[0], "-m", "trainer_image.predict"),
        *("--model", str(path_of(request.output_uri) / "model")),
        *("--input", json.dumps(values)),
        *options,
    ]
    try:
        ended = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_SECONDS,
            cwd=REPOSITORY,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        )
    except OSError as error:
        raise UserError(
            f"Cannot start {command[0]}: {error.strerror}. `make demo` sets up the trainer's "
            "environment; RECSMITH_TRAINER_PYTHON names another one's Python."
        ) from None
    except subprocess.TimeoutExpired:
        raise UserError(f"No answer within {_TIMEOUT_SECONDS} seconds.") from None
    if ended.returncode != 0:
        last = ended.stderr.strip().splitlines()[-1:] or ["it says nothing"]
        raise UserError(f"The model gave no answer: {last[0]}")
    return json.loads(ended.stdout)
