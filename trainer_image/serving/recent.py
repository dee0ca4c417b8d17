"""What was made of the objects that came last."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Recent(Generic[T]):
    """Known by what objects they are, not by what they hold, which would take long to compare.

    Args:
        most: of which what was made is kept.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        # With the objects themselves, so that their identities are given to no others.
        self._made: OrderedDict[tuple[int, ...], tuple[tuple[object, ...], T]] = OrderedDict()

    def of(self, given: tuple[object, ...], make: Callable[[], T]) -> T:
        key = tuple(map(id, given))
        found = self._made.pop(key, None) or (given, make())
        self._made[key] = found
        if len(self._made) > self._most:
            self._made.popitem(last=False)
        return found[1]
