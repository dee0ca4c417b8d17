"""Generated source that does not depend on columns: real functions and classes, joined.

They stand in `fragments/`, and in the files of the kinds that they belong to, where they are read,
linted and typed as they are. What the generator writes itself, fragments import from
`fragments/given.py`. On the way into a generated module

- only functions and classes come along: the module has imports of its own;
- an `if`, or `x if … else y`, whose condition is made of switches gives way to the branch taken;
- a name for which there is text is replaced by that text;
- what the module does not need is left out.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import FunctionType
from typing import Any

from shared.codegen.check import parse, walk
from shared.codegen.source import INDENT

Given = Mapping[str, bool | str]

_FOLDER = Path(__file__).with_name("fragments")


@dataclass(frozen=True)
class Definition:
    """A function or a class, and the names that it uses."""

    name: str
    source: str
    uses: frozenset[str]


def fragment(name: str, given: Given) -> tuple[Definition, ...]:
    """A fragment's definitions as a module may have them.

    Args:
        given: switches, and text to put in the place of names.
    """
    source = _source(_FOLDER / f"{name}.py")
    return _definitions(source, tuple(item for item in sorted(given.items()) if item[0] in source))


def switches() -> list[str]:
    """The names of `given.py` that decide which branches are taken."""
    return [
        target.id
        for node in parse(_source(_FOLDER / "given.py")).body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Constant)
        and node.value.value is True
        for target in node.targets
        if isinstance(target, ast.Name)
    ]


def functions(wanted: Iterable[Callable[..., Any]]) -> list[Definition]:
    """Functions of kinds' files, each once, and after those that it calls."""
    found: dict[Callable[..., Any], Definition] = {}

    def add(function: FunctionType) -> None:
        if function in found:
            return
        source = _source(Path(function.__code__.co_filename))
        own = next(one for one in _definitions(source, ()) if one.name == function.__name__)
        for name in sorted(own.uses):
            if isinstance(used := function.__globals__.get(name), FunctionType):
                add(used)
        found[function] = own

    for function in wanted:
        assert isinstance(function, FunctionType)
        add(function)
    return list(found.values())


def needed(definitions: Sequence[Definition], wanted: Set[str]) -> list[Definition]:
    """Those that have a wanted name, and those that these use, in their order."""
    known: set[str] = set()
    names = set(wanted)
    while new := [one for one in definitions if one.name in names - known]:
        known |= {one.name for one in new}
        names.update(*(one.uses for one in new))
    return [one for one in definitions if one.name in known]


@cache
def _source(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def _definitions(source: str, given: tuple[tuple[str, bool | str], ...]) -> tuple[Definition, ...]:
    lines = source.splitlines()
    while (edited := _edited(lines, dict(given))) is not None:
        lines = edited
    return tuple(
        Definition(
            node.name,
            # A method that is left out leaves the blank lines on both sides of it.
            re.sub(r"\n{3,}", "\n\n", "\n".join(lines[_start(node) : node.end_lineno])),
            frozenset(names(node)),
        )
        for node in parse("\n".join(lines)).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    )


def names(tree: ast.AST) -> set[str]:
    """The names that a piece of source uses."""
    return {node.id for node in walk(tree) if isinstance(node, ast.Name)}


def _start(node: ast.FunctionDef | ast.ClassDef) -> int:
    """The index of a definition's first line, decorators among them."""
    return min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)]) - 1


def _edited(lines: list[str], given: Given) -> list[str] | None:
    """The lines with the outermost choices made, and names replaced; None where none is left."""
    found = sorted(
        _undecided(parse("\n".join(lines)), given),
        key=lambda node: (node.lineno, node.col_offset),
        reverse=True,  # what comes before stays where it is
    )
    for node in found:
        if isinstance(node, ast.If):
            branch = _taken(lines, node) if _decided(node.test, given) else _else(lines, node)
            lines = [*lines[: node.lineno - 1], *branch, *lines[node.end_lineno :]]
        elif isinstance(node, ast.IfExp):
            chosen = node.body if _decided(node.test, given) else node.orelse
            lines = _replaced(lines, node, str(ast.get_source_segment("\n".join(lines), chosen)))
        else:
            lines = _replaced(lines, node, str(given[node.id]))
    return lines if found else None


def _undecided(node: ast.AST, given: Given) -> Iterator[ast.If | ast.IfExp | ast.Name]:
    """The outermost nodes below this one that give way to something else."""
    for child in ast.iter_child_nodes(node):
        if (isinstance(child, ast.If | ast.IfExp) and _decided(child.test, given) is not None) or (
            isinstance(child, ast.Name) and isinstance(given.get(child.id), str)
        ):
            yield child
        else:
            yield from _undecided(child, given)


def _decided(test: ast.expr, given: Given) -> bool | None:
    """What a condition of switches comes to; None where it is not made of them."""
    match test:
        case ast.Name():
            value = given.get(test.id)
            return value if isinstance(value, bool) else None
        case ast.UnaryOp(op=ast.Not()):
            value = _decided(test.operand, given)
            return None if value is None else not value
        case ast.BoolOp():
            values = [_decided(value, given) for value in test.values]
            if None in values:
                return None
            return all(values) if isinstance(test.op, ast.And) else any(values)
    return None


def _taken(lines: list[str], node: ast.If) -> list[str]:
    return list(_dedented(lines[node.lineno : node.body[-1].end_lineno]))


def _else(lines: list[str], node: ast.If) -> list[str]:
    if not node.orelse:
        return []
    rest = lines[node.body[-1].end_lineno : node.end_lineno]
    while not rest[0].strip():
        rest = rest[1:]
    if rest[0].lstrip().startswith("elif "):
        return [rest[0].replace("elif ", "if ", 1), *rest[1:]]
    return list(_dedented(rest[1:]))


def _dedented(lines: list[str]) -> Iterator[str]:
    """A block's lines in the place of its statement."""
    return (line.removeprefix(INDENT) for line in lines)


def _replaced(lines: list[str], node: ast.expr, text: str) -> list[str]:
    """The lines with an expression on one line replaced."""
    number = node.lineno - 1
    line = lines[number].encode()
    line = line[: node.col_offset] + text.encode() + line[node.end_col_offset :]
    return [*lines[:number], line.decode(), *lines[number + 1 :]]
