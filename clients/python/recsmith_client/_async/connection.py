"""Calls carried out over HTTP."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar, cast

import httpx
from pydantic import TypeAdapter, ValidationError

from recsmith_client.addresses import address
from recsmith_client.base import Model
from recsmith_client.calls import Call, Events, written
from recsmith_client.errors import NoAnswerError, UnexpectedAnswerError, error_of
from recsmith_client.operations import VERSION, get_health
from recsmith_client.retries import passing, pause_seconds
from recsmith_client.server_events import Reader
from recsmith_client.tokens import Bearer, Source

T = TypeVar("T")

_TIMEOUT_SECONDS = 150.0  # longer than a prediction may take that loads its model first
_SILENCE_SECONDS = 60.0  # a stream is heard of more often
_LASTED_SECONDS = 30.0  # a connection that held so long did not fail


class AsyncConnection:
    """One system, on this machine or deployed.

    Args:
        url: of a deployment, or of this machine; by default `RECSMITH_URL`, else what runs over
            the home.
        token: of a deployment: one, or what gives one, as those of `recsmith_client.tokens`; by
            default that of `RECSMITH_ID_TOKEN`, of gcloud, or of application-default credentials.
        home: the folder of the state of a system on this machine, by default `RECSMITH_HOME`, else
            `.recsmith`.
        timeout: seconds to wait for an answer.
        attempts: how often a request is made that meets a passing fault and may be made again.
        transport: instead of the network, as httpx has it.

    Raises:
        NoSystemError: no address is given, and no system runs over the home.
        ValueError: the URL is no address, or would have a token sent in the clear.
    """

    def __init__(
        self,
        url: str | None = None,
        *,
        token: str | Source | None = None,
        home: str | Path | None = None,
        timeout: float = _TIMEOUT_SECONDS,
        attempts: int = 5,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        found = address(url, token, home)
        self.url = found.url
        self.local = found.local
        self._attempts = attempts
        # Nothing in the environment may lead a request for this machine elsewhere.
        self._http = httpx.AsyncClient(
            base_url=found.url,
            auth=Bearer(found.token, found.host) if found.token is not None else None,
            timeout=timeout,
            trust_env=not found.local,
            transport=transport,
            headers={"User-Agent": f"recsmith-client/{VERSION}"},
        )

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def call(self, call: Call[T]) -> T:
        """Carries out an operation of the API: `client.call(operations.get_catalogue())`.

        Raises:
            ApiError: the answer is an error.
            NoAnswerError: there was none, as often as it was tried.
            UnexpectedAnswerError: this client cannot read it.
        """
        response = await self._response(call)
        if call.answer is None or call.answer is bytes:
            return cast("T", response.content if call.answer is bytes else None)
        try:
            read: Any = TypeAdapter(call.answer).validate_json(response.content)
        except ValidationError as error:
            raise await self._unexpected(call, error) from error
        if isinstance(read, Model):
            read._etag = response.headers.get("ETag")
        return cast("T", read)

    async def save(
        self,
        call: Call[Any],
        path: str | Path,
        *,
        check: Callable[[Path], None] | None = None,
    ) -> Path:
        """Writes a file of the API's, such as `operations.get_model_card(ID, 1)`, piece by piece.
        It has its name only once it is whole; what was there is replaced then.

        Args:
            path: of the file; its folder must be there.
            check: of the file before it has its name; what it raises is raised.

        Raises:
            ApiError: the answer is an error.
            NoAnswerError: there was none, or it broke off, as often as it was tried.
            OSError: it cannot be written.
        """
        target, attempt = Path(path), 0
        draft = target.with_name(f".{target.name}.{uuid.uuid4().hex}.part")
        try:
            while True:
                attempt += 1
                outcome = await self._written(call, draft)
                if outcome is None:
                    if check is not None:
                        check(draft)
                    draft.replace(target)
                    return target
                if attempt >= self._attempts or not passing(call, outcome):
                    break
                await asyncio.sleep(pause_seconds(attempt, outcome))
        finally:
            draft.unlink(missing_ok=True)
        if isinstance(outcome, httpx.Response):
            raise error_of(outcome)
        raise NoAnswerError(f"No answer from {self.url}: {outcome}") from outcome

    async def stream(
        self, events: Events[T], *, until: Callable[[T], bool], timeout: float | None = None
    ) -> AsyncIterator[T]:
        """A document whenever it changes, from its present state to the first that `until` holds
        of: `client.stream(operations.stream_sweep_events(ID), until=…)`. A connection that breaks,
        or that a deployment ends after its minutes, is taken up where it broke.

        Args:
            timeout: seconds for all of it; None waits for ever.

        Raises:
            ApiError: the answer is an error.
            NoAnswerError: the connection broke too often in a row.
            TimeoutError: it takes longer.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        last_id, failed = events.last_event_id, 0
        while failed < 2 * self._attempts:
            began = time.monotonic()
            left = _SILENCE_SECONDS if deadline is None else max(0.0, deadline - began)
            headers = {"Last-Event-ID": last_id} if last_id else {}
            try:
                async with self._http.stream(
                    "GET", events.path, headers=headers, timeout=min(left, _SILENCE_SECONDS)
                ) as response:
                    if not response.is_success:
                        await response.aread()
                        if not passing(Call("GET", events.path, None), response):
                            raise error_of(response)
                    reader = Reader()
                    async for line in response.aiter_lines():
                        if (event := reader.take(line)) is not None:
                            last_id, failed = event[0] or last_id, 0
                            state = TypeAdapter(events.of).validate_json(event[1])
                            yield state
                            if until(state):
                                return
                        if deadline is not None and time.monotonic() > deadline:
                            break
            except httpx.TransportError:
                pass
            if deadline is not None and time.monotonic() > deadline:
                raise TimeoutError(f"{events.path} has not ended within {timeout:g} s.")
            failed = 0 if time.monotonic() - began > _LASTED_SECONDS else failed + 1
            await asyncio.sleep(pause_seconds(failed or 1))
        raise NoAnswerError(f"Lost the connection to {self.url} while waiting for {events.path}.")

    async def _response(self, call: Call[Any]) -> httpx.Response:
        """A success."""
        attempt = 0
        while True:
            attempt += 1
            outcome = await self._outcome(call)
            if isinstance(outcome, httpx.Response) and outcome.is_success:
                return outcome
            if attempt >= self._attempts or not passing(call, outcome):
                break
            await asyncio.sleep(pause_seconds(attempt, outcome))
        if isinstance(outcome, httpx.Response):
            raise error_of(outcome)
        raise NoAnswerError(f"No answer from {self.url}: {outcome}") from outcome

    async def _written(
        self, call: Call[Any], draft: Path
    ) -> httpx.Response | httpx.TransportError | None:
        """None once all of the answer is in the file; else why it is not."""
        try:
            async with self._http.stream(call.method, call.path) as response:
                if not response.is_success:
                    await response.aread()
                    return response
                with draft.open("wb") as file:
                    async for piece in response.aiter_bytes():
                        file.write(piece)
        except httpx.TransportError as error:
            return error
        return None

    async def _outcome(self, call: Call[Any]) -> httpx.Response | httpx.TransportError:
        try:
            return await self._http.request(
                call.method,
                call.path,
                params={name: one for name, one in call.query.items() if one is not None},
                headers={name: one for name, one in call.headers.items() if one is not None},
                json=written(call.body),
            )
        except httpx.TransportError as error:
            return error

    async def _unexpected(self, call: Call[Any], error: ValidationError) -> UnexpectedAnswerError:
        """Names the server's version, which is the likely reason."""
        outcome = await self._outcome(get_health())
        server = "of an unknown version"
        if isinstance(outcome, httpx.Response) and outcome.is_success:
            try:
                server = f"of version {outcome.json()['version']}"
            except (ValueError, KeyError, TypeError):
                server = "no Recsmith"
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        return UnexpectedAnswerError(
            f"The answer to {call.method} {call.path} cannot be read: {where}: {first['msg']}. "
            f"This client was made of version {VERSION}; the server is {server}."
        )

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        await self.aclose()
