"""Between JSON documents and Firestore's values.

What the system writes is JSON. What it reads may have been written by a console or a script, and
hold any value that Firestore knows; all of them have a JSON form here.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from shared.ports import JsonObject
from shared.problems import Invalid, Problem

# Firestore's limit is 1 MiB for the document with its name and what it needs for each field.
LARGEST_BYTES = 1_000_000
_INT64 = 2**63


def to_firestore(path: str, data: JsonObject) -> JsonObject:
    """A JSON object as Firestore takes it. An integer beyond 64 bits becomes a float.

    Raises:
        TypeError, ValueError: it is no JSON object.
        Invalid: Firestore cannot hold it.
    """
    if not isinstance(data, dict):
        raise TypeError(f"A document is a JSON object. Received: {data!r}.")
    size = len(json.dumps(data, ensure_ascii=False, allow_nan=False).encode())
    if size > LARGEST_BYTES:
        raise _invalid(
            "too_large",
            f"{path} would take {size:,} bytes; a document has at most {LARGEST_BYTES:,}.",
        )
    return {str(key): _stored(path, str(key), value) for key, value in data.items()}


def _stored(path: str, field: str, value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _stored(path, f"{field}.{key}", item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        if any(isinstance(item, list | tuple) for item in value):
            raise _invalid(
                "nested_list", f"{path}: {field} is a list of lists, which Firestore cannot hold."
            )
        return [_stored(path, field, item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and not -_INT64 <= value < _INT64:
        return float(value)
    return value


def _invalid(code: str, message: str) -> Invalid:
    return Invalid([Problem(path="", code=code, message=message)])


def to_json(value: Any) -> Any:
    """A value of the Firestore client as JSON.

    A time becomes ISO 8601 in UTC, bytes base64, a reference its path, a geographical point
    `{"latitude", "longitude"}`, NaN and the infinities text.
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, datetime):
        return time_text(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, Mapping):
        return {key: to_json(item) for key, item in value.items()}
    if hasattr(value, "latitude"):
        return {"latitude": value.latitude, "longitude": value.longitude}
    if hasattr(value, "_document_path"):
        return value.path
    return [to_json(item) for item in value]  # an array, or a vector


def time_text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
