"""The API's description without what a client should not repeat.

Bounds and patterns are the server's to judge, whose next version may allow more; unknown fields
are let through, so that a client goes on with a newer server.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
PACKAGE = ROOT / "clients" / "python" / "recsmith_client"
_DESCRIPTION = ROOT / "console" / "src" / "api" / "openapi.json"
_BOUNDS = {
    *("minLength", "maxLength", "pattern", "minItems", "maxItems", "uniqueItems"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}
_REFERENCE = "#/components/schemas/"


def described() -> dict[str, Any]:
    """The description that the repository keeps, simplified."""
    return simplified(json.loads(_DESCRIPTION.read_text(encoding="utf-8")))


def simplified(description: dict[str, Any]) -> dict[str, Any]:
    schemas: dict[str, Any] = description["components"]["schemas"]
    _share_specs(schemas)
    names = {name: _plain(name) for name in schemas}
    assert len(set(names.values())) == len(names), "two schemas would have one name"
    components = {"schemas": {names[name]: _simple(schemas[name], names) for name in schemas}}
    return {
        "openapi": description["openapi"],
        "info": {"title": "Recsmith", "version": description["info"]["version"]},
        "paths": _simple(description["paths"], names),
        "components": components,
    }


def name_of(schema: dict[str, Any]) -> str | None:
    """The schema that a reference means; None where it is none."""
    return str(schema["$ref"]).removeprefix(_REFERENCE) if "$ref" in schema else None


def _share_specs(schemas: dict[str, Any]) -> None:
    """What users write repeats the spec of its document, field by field."""
    for name, schema in schemas.items():
        inline = schema.get("properties", {}).get("spec", {})
        if (kind := re.fullmatch(r"(\w+)(Write|Trial|Create)", name)) and "properties" in inline:
            spec = f"{kind[1]}Spec"
            if (
                spec in schemas
                and inline["properties"].keys() <= schemas[spec]["properties"].keys()
            ):
                schema["properties"]["spec"] = {"$ref": _REFERENCE + spec}


def _plain(name: str) -> str:
    """`shared__comparing__loading__LeftOut` is `LoadingLeftOut`."""
    *modules, last = name.removesuffix("-Output").split("__")
    return (
        "".join(part.capitalize() for part in modules[-1:][0].split("_")) + last
        if modules
        else last
    )


def _simple(value: Any, names: dict[str, str], *, fields: bool = False) -> Any:
    """Args: fields: the keys are names of fields, not words of JSON Schema."""
    if isinstance(value, list):
        return [_simple(one, names) for one in value]
    if not isinstance(value, dict):
        return value
    if fields:
        return {name: _simple(one, names) for name, one in value.items()}
    kept = {
        key: one
        if key in ("default", "enum", "const")
        else _simple(one, names, fields=key == "properties")
        for key, one in value.items()
        if key not in _BOUNDS
        and not (key == "title" and isinstance(one, str))
        and not (key == "additionalProperties" and one is False)
        and key != "examples"
    }
    if "$ref" in kept:
        kept["$ref"] = _REFERENCE + names[kept["$ref"].removeprefix(_REFERENCE)]
    if isinstance(mapping := kept.get("mapping"), dict):
        kept["mapping"] = {
            tag: _REFERENCE + names[one.removeprefix(_REFERENCE)] for tag, one in mapping.items()
        }
    return kept
