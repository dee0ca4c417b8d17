"""What comes to the topic `pipeline-status`: that there is news of some job.

Two senders write to it: Vertex AI through a sink of its logs `pipeline_job_events` and
`pipeline_job_task_events`, and Cloud Storage whenever a job replaces its `progress.json` (after
each epoch) or its `stages.json` (at each stage's start and end). Neither is believed for more than
which job it is: the handler asks the pipeline service. An event of Recsmith's own is understood,
too: older versions sent some.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from shared.events import SCHEMA_VERSION, Event
from shared.gcp.cloud_events import Message, UnreadableError
from shared.jobs import PROGRESS_FILE, STAGES_FILE

JOB_EVENTS = "pipeline_job_events"
TASK_EVENTS = "pipeline_job_task_events"
JOB_ENTRY = "type.googleapis.com/google.cloud.aiplatform.logging.PipelineJobLogEntry"
TASK_ENTRY = "type.googleapis.com/google.cloud.aiplatform.logging.PipelineJobTaskLogEntry"
RESOURCE_TYPE = "aiplatform.googleapis.com/PipelineJob"
_TELLING = "|".join(map(re.escape, (PROGRESS_FILE, STAGES_FILE)))
_PROGRESS = re.compile(rf"(?:jobs|models)/([a-z][-a-z0-9]{{0,127}})/(?:{_TELLING})")


def read_event(message: Message) -> Event:
    """One of Recsmith's own events. Raises UnreadableError."""
    body = _body(message)
    version = body.get("schema_version")
    if version != SCHEMA_VERSION:
        raise UnreadableError(
            f"schema_version: received {version!r}; this program understands {SCHEMA_VERSION}"
        )
    try:
        return Event.model_validate(body)
    except ValidationError as error:
        raise UnreadableError(f"The message is not a valid event: {error}") from None


def read_status(message: Message) -> Event | str | None:
    """An event that names the quick test, or the id of a job that has news; None where the message
    is about neither. Raises UnreadableError."""
    if "objectId" in message.attributes:
        return _progressed(message.attributes)
    body = _body(message)
    return _logged(body) if "logName" in body or "resource" in body else read_event(message)


def _progressed(attributes: Mapping[str, str]) -> str | None:
    found = _PROGRESS.fullmatch(attributes["objectId"])
    written = attributes.get("eventType") == "OBJECT_FINALIZE"
    return found[1] if found and written else None


def _logged(entry: Mapping[str, Any]) -> str | None:
    resource = entry.get("resource")
    if not isinstance(resource, dict) or resource.get("type") != RESOURCE_TYPE:
        return None
    labels = resource.get("labels")
    job_id = labels.get("pipeline_job_id") if isinstance(labels, dict) else None
    return job_id if isinstance(job_id, str) and job_id else None


def _body(message: Message) -> dict[str, Any]:
    try:
        body = json.loads(message.data)
    except ValueError as error:
        raise UnreadableError(f"The message is not valid JSON: {error}") from None
    if not isinstance(body, dict):
        raise UnreadableError(f"The message is not a JSON object. Received: {body!r}")
    return body
