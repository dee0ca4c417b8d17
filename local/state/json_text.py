"""Documents as the text that SQLite keeps."""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Callable
from typing import Any

from pydantic_core import from_json

from shared.ports import JsonObject

# SQLite takes JSON that is nested a thousand deep. Whatever anybody has stored must be read, and
# judged, and kept: that recursion takes more than Python's thousand frames.
sys.setrecursionlimit(max(sys.getrecursionlimit(), 8000))


def dump(data: Any) -> str:
    if not isinstance(data, dict):
        raise TypeError(f"A document is a JSON object. Received: {data!r}.")
    # Not escaped to ASCII: SQLite compares the names of fields as they are written.
    text = json.dumps(data, ensure_ascii=False, allow_nan=False)
    try:
        text.encode()
    except UnicodeEncodeError:  # a lone surrogate: JSON can escape it, no text can hold it
        text = json.dumps(data, allow_nan=False)
    return text


def load(text: str, of: Callable[[Any], Any] = lambda document: document) -> JsonObject:
    """Numbers that Python's cannot hold are left as they were written, as strings. A status is sent
    as it is read: what no text can hold is `?` there.

    Args:
        of: makes the document of what the text holds.
    """
    data: JsonObject = of(_parsed(text))
    if "\\u" in text and _SURROGATE.search(text) and isinstance(data, dict) and "status" in data:
        try:
            data["status"] = _printable(data["status"])
        except RecursionError:  # nobody wrote such a one to be read
            data["status"] = None
    return data


def _parsed(text: str) -> Any:
    """By the fast parser wherever it comes to the same."""
    try:
        plain = text.encode().translate(_DIGITS_ALIKE)
        if _LONGEST_PLAIN not in plain and not _has_large_exponent(plain):
            return from_json(text)
    except ValueError:  # too deep for it, half of a surrogate pair, very many digits
        pass
    return _DECODER.decode(text)


def _has_large_exponent(plain: bytes) -> bool:
    """Looked for by its first digits, which takes a tenth of the time of one pattern for all."""
    for head in (b"e000", b"e+000"):
        at = plain.find(head)
        while at >= 0:
            if _END_OF_NUMBER.match(plain, at + len(head)):
                return True
            at = plain.find(head, at + 1)
    return False


def _printable(value: Any) -> Any:
    """JSON without lone surrogates."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_printable(key): _printable(item) for key, item in value.items()}
    return [_printable(item) for item in value] if isinstance(value, list) else value


def _integer(text: str) -> int | str:
    return int(text) if len(text) <= sys.int_info.default_max_str_digits else text


def _float(text: str) -> float | str:
    number = float(text)
    return number if math.isfinite(number) else text


_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_DECODER = json.JSONDecoder(parse_int=_integer, parse_float=_float)
# A number of fewer digits whose exponent has at most two is no larger than a float can be.
_DIGITS_ALIKE = bytes.maketrans(b"123456789E", b"000000000e")
_LONGEST_PLAIN = b"0" * 200
_END_OF_NUMBER = re.compile(rb"0*\s*[,\]}]")
