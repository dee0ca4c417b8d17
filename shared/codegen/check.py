"""The last look at generated source before it is stored."""

from __future__ import annotations

import ast
import threading

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


class UnexpectedSourceError(Exception):
    """Generated source holds something that the generator never writes: a defect of ours."""


def parse(source: str) -> ast.Module:
    """`ast.parse`, of one thread at a time. Raises SyntaxError, ValueError."""
    with _PARSING:
        return ast.parse(source)


def check_source(source: str, entry_point: str) -> str:
    """The source itself, once it has been parsed and found to hold only what it may.

    Raises:
        UnexpectedSourceError: it does not parse, imports or names what it must not, defines
            something twice, or lacks `entry_point`.
    """
    try:
        tree = parse(source)
    except (SyntaxError, ValueError) as error:
        raise UnexpectedSourceError(f"does not parse: {error}") from error
    for node in ast.walk(tree):
        imported: list[str] = []
        if isinstance(node, ast.Import):
            imported = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            imported = [node.module or "."]
        for module in imported:
            if module not in ALLOWED_IMPORTS:
                raise UnexpectedSourceError(f"line {node.lineno} imports {module}")  # type: ignore[attr-defined]
        if isinstance(node, ast.Name) and node.id in _FORBIDDEN_NAMES:
            raise UnexpectedSourceError(f"line {node.lineno} uses {node.id}")
    defined = [n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef)]
    if twice := {name for name in defined if defined.count(name) > 1}:
        raise UnexpectedSourceError(f"defines {', '.join(sorted(twice))} twice")
    if entry_point not in defined:
        raise UnexpectedSourceError(f"has no function {entry_point}")
    return source
