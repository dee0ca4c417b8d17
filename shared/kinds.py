"""Kinds: of layers, of losses, of features… Each is one file, found in the package that it is in.

Everything that is to be known of a kind stands in its file; who needs to know of all of them reads
the package's registry. To add a kind is to add a file.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import ClassVar, TypeVar

from pydantic import BaseModel


class Described:
    """What people read of a kind.

    Attributes:
        label: its name for people; documents have its `type` or key.
        help: what it is, or when to take it, in one line.
        position: where lists show it; kinds that leave it out come last, by name.
    """

    label: ClassVar[str]
    help: ClassVar[str]
    position: ClassVar[int] = 1_000


KindT = TypeVar("KindT", bound=Described)


def registry(
    package: str, base: type[KindT], name: Callable[[type[KindT]], str]
) -> dict[str, type[KindT]]:
    """By name, the kinds that a package's files define, in the order of lists.

    A kind is a class of `base` with a `label`; what kinds share has none.

    Raises:
        TypeError: two of them have one name.
    """
    found = [
        value
        for module in _modules(package)
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, base)
        and value.__module__ == module.__name__
        and "label" in vars(value)
    ]
    kinds: dict[str, type[KindT]] = {}
    for kind in sorted(found, key=lambda kind: (kind.position, kind.__module__)):
        other = kinds.setdefault(name(kind), kind)
        if other is not kind:
            raise TypeError(f"{kind.__module__} and {other.__module__} both define {name(kind)!r}")
    return kinds


def tag(kind: type[BaseModel]) -> str:
    """What documents call a kind in their field `type`."""
    return str(kind.model_fields["type"].default)


def _modules(package: str) -> Iterator[ModuleType]:
    for found in pkgutil.iter_modules(sys.modules[package].__path__):
        yield importlib.import_module(f"{package}.{found.name}")
