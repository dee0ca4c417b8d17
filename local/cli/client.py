"""The HTTP API, as the commands use it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from types import TracebackType
from typing import Any

import httpx

_TIMEOUT_SECONDS = 150.0  # longer than a prediction may take that loads its model first
_RECONNECTS = 10


class UserError(Exception):
    """What a command cannot go on from; shown without a traceback.

    Args:
        message: one sentence or more.
        fields: what is wrong with which field, as the API reports it.
    """

    def __init__(self, message: str, fields: list[dict[str, Any]] | None = None) -> None:
        super().__init__(message)
        self.fields = fields or []


class Api:
    """A client of one running system. Every method raises UserError for an answer that is one."""

    def __init__(self, url: str) -> None:
        self.url = url
        # Nothing in the environment may lead a request for this machine elsewhere.
        self._http = httpx.Client(base_url=url, timeout=_TIMEOUT_SECONDS, trust_env=False)

    def __enter__(self) -> Api:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._http.close()

    def get(self, path: str, **query: Any) -> Any:
        return self._call("GET", path, params=query)

    def post(self, path: str, body: Any) -> Any:
        return self._call("POST", path, json=body)

    def put(self, path: str, body: Any, revision: int) -> Any:
        return self._call("PUT", path, json=body, headers={"If-Match": str(revision)})

    def download(self, method: str, path: str, body: Any = None) -> bytes:
        """A file, as it is."""
        return self._request(method, path, json=body).content

    def items(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """Everything in a list, page after page."""
        token: str | None = ""
        while token is not None:
            page = self.get(path, **query, **({"page_token": token} if token else {}))
            yield from page["items"]
            token = page["next_page_token"]

    def follow(self, path: str) -> Iterator[dict[str, Any]]:
        """The documents of an event stream, from the present one to the last. A connection that
        breaks is taken up again where it broke."""
        last_id = ""
        for attempt in range(_RECONNECTS):
            headers = {"Last-Event-ID": last_id} if last_id else {}
            try:
                with self._http.stream("GET", path, headers=headers) as response:
                    if response.is_error:
                        response.read()
                        _check(response)
                    for event_id, data in _events(response.iter_lines()):
                        last_id = event_id or last_id
                        yield json.loads(data)
                return
            except httpx.TransportError:
                time.sleep(min(0.2 * 2**attempt, 3.0))
        raise UserError(f"Lost the connection to {self.url} while waiting for {path}.")

    def _call(self, method: str, path: str, **arguments: Any) -> Any:
        response = self._request(method, path, **arguments)
        return response.json() if response.content else None

    def _request(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        try:
            response = self._http.request(method, path, **arguments)
        except httpx.TransportError as error:
            raise UserError(f"No answer from {self.url}: {error}.") from error
        _check(response)
        return response


def _events(lines: Iterator[str]) -> Iterator[tuple[str, str]]:
    """Id and data of each server-sent event."""
    event_id, data = "", list[str]()
    for line in lines:
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "id":
            event_id = value
        elif field == "data":
            data.append(value)
        elif not line and data:
            yield event_id, "\n".join(data)
            data = []


def _check(response: httpx.Response) -> None:
    if not response.is_error:
        return
    try:
        error = response.json()["error"]
        raise UserError(error["message"], error.get("fields"))
    except (ValueError, KeyError, TypeError):
        raise UserError(
            f"{response.request.url} answered {response.status_code} {response.reason_phrase}."
        ) from None
