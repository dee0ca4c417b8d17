"""The last look at generated source before it is stored."""

from __future__ import annotations

import ast
import threading
from collections.abc import Iterator
from functools import lru_cache

# CPython 3.11 counts the depth of a tree once for all threads: two that parse while the garbage is
# collected fail with a SystemError.
_PARSING = threading.Lock()
ALLOWED_IMPORTS = frozenset(
    {
        "__future__",
        "collections.abc",
        "concurrent.futures",
        "dataclasses",
        "json",
        "math",
        "os",
        "time",
        "numpy",
        "scann",
        "scipy",
        "typing",
        "tensorflow",
        "tensorflow_recommenders",
        "tensorflow_transform",
    }
)
_FORBIDDEN_NAMES = frozenset(
    {"__import__", "compile", "eval", "exec", "open", "globals", "locals", "vars", "breakpoint"}
)
_BETWEEN = "\n\n\n"  # what the generator puts between definitions


class UnexpectedSourceError(Exception):
    """Generated source holds something that the generator never writes: a defect of ours."""


def parse(source: str) -> ast.Module:
    """`ast.parse`, of one thread at a time. Raises SyntaxError, ValueError."""
    with _PARSING:
        return ast.parse(source)


def walk(tree: ast.AST) -> Iterator[ast.AST]:
    """As `ast.walk`, in a third of its time."""
    found = [tree]
    for node in found:
        yield node
        for field in node._fields:
            value = getattr(node, field, None)
            if isinstance(value, list):
                found += [item for item in value if isinstance(item, ast.AST)]
            elif isinstance(value, ast.AST):
                found.append(value)


def check_source(source: str, entry_point: str) -> str:
    """The source itself, once it has been parsed and found to hold only what it may.

    Most of a module is the same in many, so that its parts, between two blank lines each, are
    looked at one by one, and once in a process. Where each part is a module by itself, the whole
    parses to their statements one after another: a part that leaves a bracket, a string or a block
    open does not parse alone.

    Raises:
        UnexpectedSourceError: it does not parse, imports or names what it must not, defines
            something twice, or lacks `entry_point`.
    """
    try:
        defined = [name for part in source.split(_BETWEEN) for name in _definitions(part)]
    except UnexpectedSourceError:
        # Cut at the wrong place, or at fault: of the whole, lines are counted right.
        defined = list(_definitions.__wrapped__(source))
    if twice := {name for name in defined if defined.count(name) > 1}:
        raise UnexpectedSourceError(f"defines {', '.join(sorted(twice))} twice")
    if entry_point not in defined:
        raise UnexpectedSourceError(f"has no function {entry_point}")
    return source


@lru_cache(maxsize=1024)
def _definitions(source: str) -> tuple[str, ...]:
    """The names of the functions and classes that source defines, in their order.

    Raises:
        UnexpectedSourceError: it does not parse, or imports or names what it must not.
    """
    try:
        tree = parse(source)
    except (SyntaxError, ValueError) as error:
        raise UnexpectedSourceError(f"does not parse: {error}") from error
    for node in walk(tree):
        imported: list[str] = []
        if isinstance(node, ast.Import):
            imported = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            imported = [node.module or "."]
        elif isinstance(node, ast.Name) and node.id in _FORBIDDEN_NAMES:
            raise UnexpectedSourceError(f"line {node.lineno} uses {node.id}")
        for module in imported:
            if module not in ALLOWED_IMPORTS:
                raise UnexpectedSourceError(f"line {node.lineno} imports {module}")  # type: ignore[attr-defined]
    return tuple(n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef))
