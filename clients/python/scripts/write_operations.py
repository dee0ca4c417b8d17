"""Writes `recsmith_client/operations.py`: a function for each operation of the API."""

from __future__ import annotations

import keyword
import re
from typing import Any

from simplified import PACKAGE, described, name_of
from styled import styled

FILE = PACKAGE / "operations.py"
_TYPES = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}
_KEY, _IF_MATCH, _LAST_EVENT = "Idempotency-Key", "If-Match", "Last-Event-ID"
_HEAD = '''\
"""Every operation of the API, as a call that a client carries out: `client.call(...)`,
`client.stream(...)`.

Written by clients/python/scripts/write_operations.py; `make client` writes it anew.
"""

from __future__ import annotations

from typing import Literal

from recsmith_client import models
from recsmith_client.calls import Call, Events, Json, new_key, segment

VERSION = "{version}"
"""Of the API that this was made of."""
'''


_DESCRIPTION = described()
_SCHEMAS, _PATHS = _DESCRIPTION["components"]["schemas"], _DESCRIPTION["paths"]


def operations() -> str:
    """The module, formatted."""
    functions = [
        _function(method, path, operation)
        for path, methods in _PATHS.items()
        for method, operation in methods.items()
    ]
    head = _HEAD.format(version=_DESCRIPTION["info"]["version"])
    return styled("\n\n".join([head, *functions]), FILE)


def snake(name: str) -> str:
    """`listDatasets` is `list_datasets`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _function(method: str, path: str, operation: dict[str, Any]) -> str:
    name = snake(operation["operationId"])
    parameters = operation.get("parameters", [])
    required = [
        f"{one['name']}: {_type(one['schema'])}" for one in parameters if one["in"] == "path"
    ]
    optional = [
        f"{one['name']}: {_optional(one['schema'])} = None"
        for one in parameters
        if one["in"] == "query"
    ]
    headers = {one["name"] for one in parameters if one["in"] == "header"}
    assert headers <= {_KEY, _IF_MATCH, _LAST_EVENT}, headers
    target = "f" + repr(re.sub(r"{(\w+)}", r"{segment(\1)}", path)) if "{" in path else repr(path)
    summary = f"{operation.get('summary', name)}.".replace("..", ".")
    answer = _answer(operation)
    if answer is None:  # a stream of what the resource is
        of = _answer(_PATHS[path.removesuffix("events/")]["get"])
        given = [*required, "*", "last_event_id: str | None = None"]
        returned = f"Events({target}, {of}, last_event_id)"
        return _defined(name, given, f"Events[{of}]", summary, returned)
    arguments = [repr(method.upper()), target, answer]
    body = operation.get("requestBody")
    if body is not None:
        schema = body["content"]["application/json"]["schema"]
        told = _type(schema).removesuffix(" | None")
        if body.get("required"):
            required.append(f"body: {told} | Json")
        else:
            optional.append(f"body: {told} | Json | None = None")
        arguments.append("body=body")
    if queries := [one["name"] for one in parameters if one["in"] == "query"]:
        arguments.append("query={" + ", ".join(f"{one!r}: {one}" for one in queries) + "}")
    if _KEY in headers:
        optional.append("idempotency_key: str | None = None")
        arguments.append(f"headers={{{_KEY!r}: idempotency_key or new_key()}}")
    if _IF_MATCH in headers:
        optional.append("if_match: str | None = None")
        arguments.append(f"headers={{{_IF_MATCH!r}: if_match}}")
    given = [*required, *(["*", *optional] if optional else [])]
    return _defined(name, given, f"Call[{answer}]", summary, f"Call({', '.join(arguments)})")


def _defined(name: str, given: list[str], returns: str, summary: str, returned: str) -> str:
    assert not keyword.iskeyword(name)
    signature = f"def {name}({', '.join(given)}) -> {returns}:"
    return f'{signature}\n    """{summary}"""\n    return {returned}\n'


def _answer(operation: dict[str, Any]) -> str | None:
    """The type of a success; None for a stream."""
    (success,) = [one for status, one in operation["responses"].items() if status.startswith("2")]
    content = success.get("content")
    if not content:
        return "None"
    ((media, told),) = content.items()
    if media == "application/json":
        return _type(told["schema"])
    return None if media == "text/event-stream" else "bytes"


def _type(schema: dict[str, Any]) -> str:
    if (name := name_of(schema)) is not None:
        values = _SCHEMAS[name].get("enum")
        return _type({"enum": values}) if values else f"models.{name}"
    if "anyOf" in schema:
        return " | ".join(_type(one) for one in schema["anyOf"])
    if "enum" in schema:
        return f"Literal[{', '.join(map(repr, schema['enum']))}]"
    kind = schema["type"]
    if kind == "array":
        return f"list[{_type(schema['items'])}]"
    return "None" if kind == "null" else _TYPES[kind]


def _optional(schema: dict[str, Any]) -> str:
    told = _type(schema)
    return told if told.endswith("None") else f"{told} | None"


if __name__ == "__main__":
    FILE.write_text(operations(), encoding="utf-8")
