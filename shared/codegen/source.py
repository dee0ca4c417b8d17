"""Python source, laid out as the formatter would, in lines of 100 characters where possible."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

WIDTH = 100
INDENT = "    "


def indent(lines: Iterable[str], depth: int = 1) -> list[str]:
    return [INDENT * depth + line if line else line for line in lines]


def call(start: str, arguments: Sequence[str], *, depth: int = 0, end: str = ")") -> list[str]:
    """`start` + arguments + `end` on one line, or on as many as needed.

    Args:
        start: up to and with the opening bracket: `x = f(`.
        arguments: Python expressions.
        depth: indentation of the statement, which the lines come without.
    """
    room = WIDTH - len(INDENT) * depth
    one_line = start + ", ".join(arguments) + end
    if len(one_line) <= room:
        return [one_line]
    inner = INDENT + ", ".join(arguments)
    if len(inner) <= room and not start.endswith(("{", "[")):
        return [start, inner, end]
    return [start, *(f"{INDENT}{argument}," for argument in arguments), end]


def mapping(start: str, items: Sequence[tuple[str, str]], *, depth: int = 0) -> list[str]:
    """A dict display, always one item a line."""
    if not items:
        return [f"{start}{{}}"]
    return [f"{start}{{", *(f"{INDENT}{key}: {value}," for key, value in items), "}"]
