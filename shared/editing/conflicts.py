"""Why a sound change cannot be made now."""

from __future__ import annotations

from collections.abc import Sequence

from shared.documents.quick_test import QuickTest
from shared.documents.sweep import Sweep
from shared.ports import JsonObject


class Stale(Exception):  # noqa: N818
    """The document has changed since the caller read it.

    Attributes:
        current: what it is now, as JSON, with its id.
        yours: what the caller wanted it to be, and the revision that the caller knew.
    """

    def __init__(self, current: JsonObject, yours: JsonObject) -> None:
        self.current = current
        self.yours = yours
        super().__init__(
            f"{current['id']!r} is at revision {current.get('revision')}, not "
            f"{yours['revision']}. Read it again and repeat the change."
        )


class InUse(Exception):  # noqa: N818
    """The document is named by others, whose paths are `users`."""

    def __init__(self, path: str, users: Sequence[str]) -> None:
        self.path = path
        self.users = list(users)
        shown = ", ".join(self.users[:5])
        more = f" and {len(self.users) - 5} more" if len(self.users) > 5 else ""
        super().__init__(f"{path} is used by {shown}{more}. Delete or change those first.")


class Locked(Exception):  # noqa: N818
    """The quick test or sweep is past the point where this can be done."""

    def __init__(self, current: QuickTest | Sweep, message: str) -> None:
        self.current = current
        super().__init__(message)
