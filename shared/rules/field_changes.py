"""Which fields differ, and how."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Change:
    """`was` and `now` are None where a field is missing."""

    path: str
    was: Any
    now: Any


def changes(path: str, was: Any, now: Any) -> Iterator[Change]:
    """Down to where one is a value or a list of another length."""
    if was == now:
        return
    if isinstance(was, dict) and isinstance(now, dict):
        pairs = [(key, was.get(key), now.get(key)) for key in {**was, **now}]
    elif isinstance(was, list) and isinstance(now, list) and len(was) == len(now):
        pairs = [(str(place), *pair) for place, pair in enumerate(zip(was, now, strict=True))]
    else:
        yield Change(path, was, now)
        return
    for key, before, after in pairs:
        yield from changes(f"{path}.{key}".lstrip("."), before, after)
