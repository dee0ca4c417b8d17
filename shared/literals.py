"""The only way from a document's value into generated source: as a Python literal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_SHORT_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def literal(value: Any) -> str:
    """A Python expression that evaluates to `value`, on one line, in printable characters.

    Raises:
        TypeError: for anything but None, booleans, numbers, strings, and mappings or sequences
            of them.
    """
    if isinstance(value, str):
        quote = "'" if value.count('"') > value.count("'") else '"'
        return quote + "".join(_character(character, quote) for character in value) + quote
    if value is None or type(value) in (bool, int, float):
        return repr(value)
    if isinstance(value, Mapping):
        items = (f"{literal(key)}: {literal(item)}" for key, item in value.items())
        return "{" + ", ".join(items) + "}"
    if isinstance(value, Sequence):
        return "[" + ", ".join(literal(item) for item in value) + "]"
    raise TypeError(f"no Python literal for {type(value).__name__}")


def _character(character: str, quote: str) -> str:
    if character == quote:
        return "\\" + quote
    if character in _SHORT_ESCAPES:
        return _SHORT_ESCAPES[character]
    if character.isprintable():
        return character
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
