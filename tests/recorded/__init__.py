"""CloudEvents and log entries as they were delivered."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from cloudevents.http import CloudEvent, from_http

_FOLDER = Path(__file__).parent


def request(name: str) -> tuple[dict[str, str], bytes]:
    """Headers and body of the HTTP request that delivers a recorded event."""
    recorded = json.loads((_FOLDER / f"{name}.json").read_text())
    return recorded["headers"], base64.b64decode(recorded["body"])


def event(name: str) -> CloudEvent:
    """A recorded event as functions-framework hands it to an entry point."""
    return from_http(*request(name))


def log_entries() -> list[dict[str, Any]]:
    """What Vertex AI logs of a job: an entry for each state of the job and of a task."""
    lines = (_FOLDER / "vertex_log_entries.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]
