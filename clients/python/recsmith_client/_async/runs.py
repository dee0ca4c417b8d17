"""What runs for a while: quick tests, full trainings, sweeps, tunings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from recsmith_client import kinds
from recsmith_client._async.connection import AsyncConnection
from recsmith_client._async.documents import AsyncKept, Document, id_of
from recsmith_client.errors import RunFailedError

R = TypeVar("R", bound=Document)
ENDED = frozenset({"completed", "failed", "cancelled"})


class AsyncRuns(AsyncKept[R]):
    """Documents that are run once they are created."""

    def __init__(self, connection: AsyncConnection, kind: kinds.Run[R]) -> None:
        super().__init__(connection, kind)
        self._run = kind

    async def cancel(self, run: R | str) -> R:
        """Ends it; one that has ended stays as it is."""
        return await self._connection.call(self._run.cancel(id_of(run)))

    async def wait(
        self,
        run: R | str,
        *,
        progress: Callable[[R], None] | None = None,
        timeout: float | None = None,
        check: bool = True,
    ) -> R:
        """Returns it as it ended.

        Args:
            progress: is given each new state; `recsmith_client.show_progress` writes a line of it.
            timeout: seconds; None waits for ever. It runs on, whatever becomes of the wait.
            check: raise where it ends otherwise than completed.

        Raises:
            RunFailedError: it failed or was cancelled; it has the document.
            TimeoutError: it runs longer.
        """
        latest: R | None = None
        stream = self._connection.stream(
            self._run.events(id_of(run)), until=_ended, timeout=timeout
        )
        async for state in stream:
            latest = state
            if progress is not None:
                progress(state)
        assert latest is not None, "a stream begins with the present state"
        if check and _state(latest) != "completed":
            raise RunFailedError(latest)
        return latest


def _state(run: Any) -> str:
    return str(run.status.state)


def _ended(run: Any) -> bool:
    return _state(run) in ENDED
