"""The JSON Schema of files, from the models of the documents: editors complete and check by it."""

from __future__ import annotations

from typing import Any

from shared.as_code.kinds import BY_COLLECTION, KINDS, FileKind
from shared.documents.base import Document

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema(kinds: list[FileKind] | None = None) -> dict[str, Any]:
    """Of files of one kind or several; None: of all."""
    definitions: dict[str, Any] = {}
    documents = [_document(kind, definitions) for kind in kinds or list(KINDS.values())]
    top = documents[0] if len(documents) == 1 else {"oneOf": documents}
    return {
        "$schema": _DIALECT,
        "title": "A document of Recsmith",
        **top,
        "$defs": dict(sorted(definitions.items())),
    }


def _document(kind: FileKind, definitions: dict[str, Any]) -> dict[str, Any]:
    spec = kind.spec.model_json_schema(ref_template="#/$defs/{model}")
    definitions.update(spec.pop("$defs", {}))
    properties: dict[str, Any] = {}
    named = {reference.field: reference for reference in kind.references}
    for field, shape in spec["properties"].items():
        if (reference := named.get(field)) is None:
            properties[field] = shape
            continue
        noun = BY_COLLECTION[reference.to].noun
        one = {"type": "string", "minLength": 1, "description": f"The name of a {noun}."}
        kept = {key: shape[key] for key in ("minItems", "maxItems") if key in shape}
        properties[reference.name] = (
            {"type": "array", "items": one, **kept} if reference.many else one
        )
    required = [
        named[field].name if field in named else field for field in spec.get("required", [])
    ]
    spec |= {"properties": properties, "required": required}
    whole = Document.model_json_schema()["properties"]
    return {
        "type": "object",
        "description": f"A {kind.noun}.",
        "properties": {
            "$schema": {"type": "string"},
            "kind": {"const": kind.key},
            "name": {**whole["name"], "description": "Other files name it by this."},
            "description": whole["description"],
            "spec": spec,
        },
        "required": ["kind", "name", "spec"],
        "additionalProperties": False,
    }
