"""Between JSON documents and Firestore's values.

What the system writes is JSON. What it reads may have been written by a console or a script, and
hold any value that Firestore knows; all of them have a JSON form here.
"""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from shared.ports import JsonObject
from shared.problems import InvalidError, Problem

# Firestore's limit is 1 MiB for the document with its name and what it needs for each field.
LARGEST_BYTES = 1_000_000
# Source: https://firebase.google.com/docs/firestore/quotas#collections_documents_and_fields
_LONGEST_NAME = 1500  # bytes
_DEEPEST = 20
_RESERVED = re.compile("__.*__", re.DOTALL)
_INT64 = 2**63


def to_firestore(path: str, data: JsonObject) -> JsonObject:
    """A JSON object as Firestore takes it. An integer beyond 64 bits becomes a float.

    Raises:
        TypeError, ValueError: it is not valid JSON object.
        InvalidError: Firestore cannot hold it.
    """
    if not isinstance(data, dict):
        raise TypeError(f"A document is a JSON object. Received: {data!r}.")
    try:
        size = len(json.dumps(data, ensure_ascii=False, allow_nan=False).encode())
    except UnicodeEncodeError as error:
        half = error.object[error.start]
        raise _invalid(
            "not_unicode", "", f"{path}: a text holds {half!r}, half of a surrogate pair."
        ) from None
    if size > LARGEST_BYTES:
        raise _invalid(
            "too_large",
            "",
            f"{path} would take {size:,} bytes; a document has at most {LARGEST_BYTES:,}.",
        )
    stored: JsonObject = _stored(path, [], data)
    return stored


def operand(value: Any) -> Any:
    """A value to compare with, as `to_firestore` stores it."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    return float(value) if whole and not -_INT64 <= value < _INT64 else value


def _stored(path: str, names: list[str], value: Any) -> Any:
    """`names` lead from the document's top to the value."""
    field = ".".join(names)
    if isinstance(value, dict | list | tuple) and len(names) > _DEEPEST:
        raise _invalid(
            "too_deep",
            field,
            f"{path}: {field[:100]} lies more than {_DEEPEST} deep, which Firestore cannot hold.",
        )
    if isinstance(value, dict):
        for name in map(str, value):
            if not name or _RESERVED.fullmatch(name) or len(name.encode()) > _LONGEST_NAME:
                raise _invalid(
                    "bad_field_name",
                    field,
                    f"{path}: {name[:100]!r} cannot name a field of {field or 'a document'}:"
                    f" Firestore takes 1 to {_LONGEST_NAME} bytes, and none like __name__.",
                )
        return {str(name): _stored(path, [*names, str(name)], item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        if any(isinstance(item, list | tuple) for item in value):
            raise _invalid(
                "nested_list",
                field,
                f"{path}: {field} is a list of lists, which Firestore cannot hold.",
            )
        return [_stored(path, [*names, str(place)], item) for place, item in enumerate(value)]
    return operand(value)


def _invalid(code: str, field: str, message: str) -> InvalidError:
    return InvalidError([Problem(path=field, code=code, message=message)])


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
