"""Documents as the text that SQLite keeps."""

from __future__ import annotations

import json
import math
import re
import sys
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


def load(text: str) -> JsonObject:
    """Numbers that Python's cannot hold are left as they were written, as strings. A status is sent
    as it is read: what no text can hold is `?` there."""
    data = _parsed(text)
    if _SURROGATE.search(text) and isinstance(data, dict) and "status" in data:
        try:
            data["status"] = _printable(data["status"])
        except RecursionError:  # nobody wrote such a one to be read
            data["status"] = None
    return data


def _parsed(text: str) -> JsonObject:
    """By the fast parser wherever it comes to the same."""
    try:
        plain = text.encode().translate(_DIGITS_ALIKE)
        if _LONGEST_PLAIN not in plain and not _LARGE_EXPONENT.search(plain):
            data: JsonObject = from_json(text)
            return data
    except ValueError:  # too deep for it, half of a surrogate pair, very many digits
        pass
    slow: JsonObject = _DECODER.decode(text)
    return slow


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
_LARGE_EXPONENT = re.compile(rb"e\+?000+\s*[,\]}]")
