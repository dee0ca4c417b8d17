"""How large a document may be, in every store."""

from __future__ import annotations

from typing import Any

from shared.errors import TooLargeError

# Source: https://firebase.google.com/docs/firestore/storage-size and /quotas#limits
MAX_BYTES = 1_048_576
_DOCUMENT = 32
_FIXED = 8  # of a number or a time


def size_of(value: Any) -> int:
    """Bytes of a value as Firestore counts them."""
    if isinstance(value, str):
        return len(value.encode(errors="surrogatepass")) + 1
    if isinstance(value, dict):
        return _DOCUMENT + sum(size_of(str(key)) + size_of(item) for key, item in value.items())
    if isinstance(value, list | tuple):
        return sum(map(size_of, value))
    return 1 if value is None or isinstance(value, bool) else _FIXED


def check_size(path: str, data: Any) -> None:
    """Raises TooLargeError."""
    size = size_of(data)
    if size > MAX_BYTES:
        raise TooLargeError(path, size, MAX_BYTES)
