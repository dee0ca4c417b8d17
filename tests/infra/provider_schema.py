"""The Google provider's schema, as the package `cdktf-cdktf-provider-google` carries it.

Its generated classes have one keyword for each argument and each nested block. They are read,
not imported, for importing them starts Node.js.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

_META = frozenset(
    {"connection", "count", "depends_on", "for_each", "lifecycle", "provider", "provisioners"}
)


@dataclass(frozen=True)
class Argument:
    """An argument or a nested block.

    Attributes:
        block: the class of the nested block; None for an argument.
        repeated: a block that may be there several times.
        mapping: an argument that is a map.
    """

    required: bool
    block: str | None
    repeated: bool
    mapping: bool


@dataclass(frozen=True)
class Schema:
    """What a resource, a data source or one of its nested blocks takes."""

    module: str
    arguments: dict[str, Argument]
    attributes: frozenset[str]

    def block(self, name: str) -> Schema:
        nested = self.arguments[name].block
        assert nested is not None
        return _schema(self.module, nested)


def resource(kind: str) -> Schema:
    """Raises KeyError for a resource that the provider does not know."""
    return _top(kind.removeprefix("google_"))


def data_source(kind: str) -> Schema:
    return _top(f"data_{kind}")


def provider() -> Schema:
    return _top("provider")


def _top(module: str) -> Schema:
    for name, node in _classes(module).items():
        if any(
            "TerraformResource" in base or "DataSource" in base or "Provider" in base
            for base in map(ast.unparse, node.bases)
        ):
            return _schema(module, name)
    raise KeyError(module)


@cache
def _schema(module: str, name: str) -> Schema:
    node = _classes(module)[name]
    functions = [part for part in node.body if isinstance(part, ast.FunctionDef)]
    (init,) = [part for part in functions if part.name == "__init__"]
    arguments = {}
    for argument, default in zip(init.args.kwonlyargs, init.args.kw_defaults, strict=True):
        if argument.arg in _META:
            continue
        text = ast.unparse(argument.annotation) if argument.annotation else ""
        nested = re.search(r"'(\w+)'", text)
        arguments[argument.arg.removesuffix("_")] = Argument(
            required=default is None,
            block=nested[1] if nested else None,
            repeated="Sequence" in text,
            mapping="Mapping" in text,
        )
    attributes = frozenset(
        part.name
        for part in functions
        if any(ast.unparse(decorator) == "builtins.property" for decorator in part.decorator_list)
    )
    return Schema(module, arguments, attributes)


@cache
def _classes(module: str) -> dict[str, ast.ClassDef]:
    path = _package() / module / "__init__.py"
    if not path.is_file():
        raise KeyError(module)
    return {
        node.name: node
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef)
    }


@cache
def _package() -> Path:
    spec = find_spec("cdktf_cdktf_provider_google")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent
