"""What each deployed function may come to do: the names that its source leads to."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from shared.handlers import STEPS

_REPOSITORY = Path(__file__).parents[2]
_PACKAGES = ("shared/handlers", "shared/services", "shared/editing", "functions/api")
_PORTS = frozenset({"artifacts", "pipelines", "data"})

Place = tuple[str, str]  # a module, and a function or class of it


def deployed() -> dict[str, set[str]]:
    """What each deployed function reaches: `Topic.CODE_GENERATED`, `artifacts.read`, `tracker`…"""
    starts = {
        step.name.replace("_", "-"): [(f"shared.handlers.{step.name}", step.name)] for step in STEPS
    }
    starts["api"] = [place for place in _bodies() if place[0].startswith("functions.api")]
    return {function: _reached(places) for function, places in starts.items()}


def _reached(places: list[Place]) -> set[str]:
    found: set[str] = set()
    seen: set[Place] = set()
    waiting = list(places)
    while waiting:
        place = waiting.pop()
        if place in seen:
            continue
        seen.add(place)
        for node in ast.walk(_bodies()[place]):
            found |= set(_uses(node))
            waiting += _named(place[0], node)
    return found


def _uses(node: ast.AST) -> Iterator[str]:
    if not isinstance(node, ast.Attribute):
        return
    if node.attr == "tracker":  # what is done to it is MLflow's to allow
        yield "tracker"
    match node.value:
        case ast.Name(id="Topic"):
            yield f"Topic.{node.attr}"
        case ast.Attribute(attr=port) if port in _PORTS:
            yield f"{port}.{node.attr}"


def _named(module: str, node: ast.AST) -> Iterator[Place]:
    """The functions and classes here that a name or `module.name` stands for."""
    match node:
        case ast.Name(id=name):
            place = _resolved((module, name))
        case ast.Attribute(value=ast.Name(id=name), attr=attribute):
            of, inner = _scopes()[module].get(name, ("", ""))
            place = _resolved((f"{of}.{inner}" if inner else of, attribute))
        case _:
            return
    if place in _bodies():
        yield place


def _resolved(place: Place) -> Place:
    """Where a name that modules import from each other is defined."""
    seen = set()
    while place not in _bodies() and place not in seen:
        seen.add(place)
        place = _scopes().get(place[0], {}).get(place[1], place)
    return place


@cache
def _modules() -> Mapping[str, ast.Module]:
    return {
        ".".join(path.relative_to(_REPOSITORY).with_suffix("").parts).removesuffix(
            ".__init__"
        ): ast.parse(path.read_text(encoding="utf-8"))
        for package in _PACKAGES
        for path in (_REPOSITORY / package).rglob("*.py")
    }


@cache
def _bodies() -> Mapping[Place, ast.AST]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    found: dict[Place, ast.AST] = {}
    for module, tree in _modules().items():
        found |= {(module, node.name): node for node in tree.body if isinstance(node, kinds)}
        # What is done as the module is imported, such as adding operations to a router.
        rest = [node for node in tree.body if not isinstance(node, kinds)]
        found[module, ""] = ast.Module(rest, [])
    return found


@cache
def _scopes() -> Mapping[str, Mapping[str, Place]]:
    """By module, what its imports bind."""
    return {
        module: {
            alias.asname or alias.name: (node.module, alias.name)
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module
            for alias in node.names
        }
        for module, tree in _modules().items()
    }
