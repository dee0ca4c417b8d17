"""What may go wrong behind a port. An error says what it is about in parts, and makes its words of
them."""

from __future__ import annotations

import re
from typing import Self

from shared.wording import sentence

_INTERNAL = re.compile(r"(?:file|gs|memory)://.*?([^/]*)")


class _ThingError(Exception):
    """Attributes:
    kind: of what, as people call it: `feature config`, `saved model of quick test`.
    id: which one; None where there is but one.
    detail: what is said behind it: `any more`, `; give an absolute path`.
    """

    def __init__(self, kind: str, id: str | int | None = None, detail: str = "") -> None:  # noqa: A002
        super().__init__(kind, id, detail)
        self.kind, self.id, self.detail = kind, id, detail

    @classmethod
    def document(cls, path: str) -> Self:
        """Of a document of any collection: `feature_configs/fc-1` is `feature config 'fc-1'`."""
        collection, _, document_id = path.partition("/")
        return cls(noun(collection), document_id)

    @property
    def thing(self) -> str:
        """A noun phrase without internal addresses.

        >>> NotFoundError("artifact", "file:///home/code/trainer-ab12.py").thing
        "artifact 'trainer-ab12.py'"
        """
        parts = [self.kind]
        if isinstance(self.id, str):
            address = _INTERNAL.fullmatch(self.id)
            parts.append(repr(address[1] if address else self.id))
        elif self.id is not None:
            parts.append(str(self.id))
        separator = "" if self.detail.startswith((",", ";", ":")) else " "
        return f"{' '.join(parts)}{separator}{self.detail}".rstrip()


class NotFoundError(_ThingError):
    """What was asked for does not exist."""

    def __str__(self) -> str:
        return sentence(f"There is no {self.thing}")


class AlreadyExistsError(_ThingError):
    """What was to be created is there already."""

    def __str__(self) -> str:
        return sentence(f"{self.thing} exists already")


class ConflictError(Exception):
    """A transaction lost against others too often; try again later."""


class RefusedError(Exception):
    """A service will not do it, however often it is asked; the message says why."""


class TooLargeError(RefusedError):
    """A document that no store takes.

    Attributes:
        size: its bytes, if they are known.
        limit: the most bytes that one has.
    """

    def __init__(self, path: str, size: int | None, limit: int) -> None:
        self.size, self.limit = size, limit
        thing = NotFoundError.document(path).thing
        would = "more" if size is None else f"{size:,} bytes"
        super().__init__(f"The {thing} would have {would}; a document has at most {limit:,} bytes.")


class UnavailableError(Exception):
    """A service cannot be had at the moment; the message says why. Try again later."""


class StillWorkingError(Exception):
    """What was asked for goes on, and is not done yet; ask for the same again."""


def noun(collection: str) -> str:
    """What a document of a collection is called: `feature_configs` → `feature config`."""
    return collection.removesuffix("s").replace("_", " ")
