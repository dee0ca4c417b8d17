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
        "json",
        "math",
        "os",
        "time",
        "scann",
        "typing",
        "tensorflow",
        "tensorflow_recommenders",
        "tensorflow_transform",
    }
)
_FORBIDDEN_NAMES = frozenset(
    {"__import__", "compile", "eval", "exec", "open", "globals", "locals", "vars", "breakpoint"}
)


class UnexpectedSource(Exception):  # noqa: N818
    """Generated source holds something that the generator never writes: a defect of ours."""


def check_source(source: str, entry_point: str) -> str:
    """The source itself, once it has been parsed and found to hold only what it may.

    Raises:
        UnexpectedSource: it does not parse, imports or names what it must not, or lacks
            `entry_point`.
    """
    try:
        with _PARSING:
            tree = ast.parse(source)
    except (SyntaxError, ValueError) as error:
        raise UnexpectedSource(f"does not parse: {error}") from error
    for node in ast.walk(tree):
        imported: list[str] = []
        if isinstance(node, ast.Import):
            imported = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            imported = [node.module or "."]
        for module in imported:
            if module not in ALLOWED_IMPORTS:
                raise UnexpectedSource(f"line {node.lineno} imports {module}")  # type: ignore[attr-defined]
        if isinstance(node, ast.Name) and node.id in _FORBIDDEN_NAMES:
            raise UnexpectedSource(f"line {node.lineno} uses {node.id}")
    if not any(isinstance(n, ast.FunctionDef) and n.name == entry_point for n in tree.body):
        raise UnexpectedSource(f"has no function {entry_point}")
    return source
