"""What Eventarc delivers, read: changes of documents, and Pub/Sub messages."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from google.events.cloud.firestore import DocumentEventData, Value

from shared.gcp.tracing import TRACE_FIELD, TRACEPARENT
from shared.gcp.values import time_text, to_json
from shared.ports import DocumentChange, JsonObject


class UnreadableError(Exception):
    """A message that no further delivery can make readable."""


@dataclass(frozen=True)
class Message:
    """A Pub/Sub message."""

    data: bytes
    attributes: dict[str, str] = field(default_factory=dict)
    message_id: str = ""


def pubsub_message(data: Any) -> Message:
    """The message in `google.cloud.pubsub.topic.v1.messagePublished`. Raises UnreadableError."""
    message = data.get("message") if isinstance(data, dict) else None
    if not isinstance(message, dict):
        raise UnreadableError(f"A Pub/Sub event holds a `message`. Received: {str(data)[:200]!r}.")
    try:
        content = base64.b64decode(message.get("data") or "", validate=True)
    except (binascii.Error, TypeError, ValueError) as error:
        raise UnreadableError(f"The message's data is not valid base64: {error}.") from None
    attributes = message.get("attributes") or {}
    return Message(content, dict(attributes), str(message.get("messageId", "")))


def document_change(data: bytes) -> tuple[DocumentChange, dict[str, str]]:
    """The change in `google.cloud.firestore.document.v1.written`, and the trace that it carries.

    Raises:
        UnreadableError: the data is not a DocumentEventData, or names no document.
    """
    try:
        event = DocumentEventData.deserialize(data)
    except Exception as error:  # protobuf's DecodeError, or what its wrapper makes of it
        raise UnreadableError(f"The data is not a DocumentEventData: {error}") from error
    name = event.value.name or event.old_value.name
    _, found, path = name.partition("/documents/")
    if not found or not path:
        raise UnreadableError(f"The event names no document. Received: {name!r}.")
    before = _fields(event.old_value) if event.old_value.name else None
    after = _fields(event.value) if event.value.name else None
    trace = (after or {}).get(TRACE_FIELD)
    for document in (before, after):
        if document is not None:
            document.pop(TRACE_FIELD, None)
    carrier = {TRACEPARENT: trace} if isinstance(trace, str) else {}
    return DocumentChange(path, before, after), carrier


def _fields(document: Any) -> JsonObject:
    return {key: _json(value) for key, value in document.fields.items()}


def _json(value: Value) -> Any:
    """As `values.to_json` has it for the client's values."""
    kind = Value.pb(value).WhichOneof("value_type")
    if kind is None or kind == "null_value":
        return None
    if kind == "array_value":
        return [_json(item) for item in value.array_value.values]
    if kind == "map_value":
        return {key: _json(item) for key, item in value.map_value.fields.items()}
    if kind == "geo_point_value":
        point = value.geo_point_value
        return {"latitude": point.latitude, "longitude": point.longitude}
    if kind == "reference_value":
        return value.reference_value.partition("/documents/")[2] or value.reference_value
    found = getattr(value, kind)
    return time_text(found) if isinstance(found, datetime) else to_json(found)
