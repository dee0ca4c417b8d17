"""The HTTP API, as the commands use it."""

from __future__ import annotations

import json
import os
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx

from shared.wording import sentence

_TIMEOUT_SECONDS = 150.0  # longer than a prediction may take that loads its model first
_RECONNECTS = 10
_LASTED_SECONDS = 30.0  # a connection that held so long did not fail
_ENDED = ("completed", "failed", "cancelled")


class UserError(Exception):
    """What a command cannot go on from; shown without a traceback.

    Args:
        message: one sentence or more.
        fields: what is wrong with which field, as the API reports it.
        code: the API's name of the error: `stale`; None where it is none of the API's.
    """

    def __init__(
        self, message: str, fields: list[dict[str, Any]] | None = None, code: str | None = None
    ) -> None:
        super().__init__(message)
        self.fields = fields or []
        self.code = code


class Api:
    """A client of one running system, on this machine or deployed. Every method raises UserError
    for an answer that is an error."""

    def __init__(
        self, url: str, auth: httpx.Auth | None = None, *, token: str | None = None
    ) -> None:
        """
        Args:
            auth: how somebody is known to a deployment; None: to a server of this machine.
            token: of this machine's server, where it asks for one.
        """
        self.url = url
        self.deployed = auth is not None
        # Nothing in the environment may lead a request for this machine elsewhere.
        self._http = httpx.Client(
            base_url=url,
            auth=auth,
            timeout=_TIMEOUT_SECONDS,
            trust_env=self.deployed,
            headers=bearing(token),
        )

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

    def put(self, path: str, body: Any, revision: int | str) -> Any:
        """Replaces a document that is still at a revision, or has an ETag."""
        return self._call("PUT", path, json=body, headers={"If-Match": str(revision)})

    def patch(self, path: str, body: Any) -> Any:
        return self._call("PATCH", path, json=body)

    def delete(self, path: str, revision: int) -> None:
        self._call("DELETE", path, headers={"If-Match": str(revision)})

    def download(self, method: str, path: str, body: Any = None) -> bytes:
        """A file, as it is."""
        return self._request(method, path, json=body).content

    @contextmanager
    def answer(self, method: str, path: str, **arguments: Any) -> Iterator[httpx.Response]:
        """What is answered, to be read as it comes; arguments are those of httpx."""
        try:
            with self._http.stream(method, path, **arguments) as response:
                self._check(response)
                yield response
        except httpx.TransportError as error:
            raise UserError(sentence(f"{self.url} does not answer: {error}")) from error

    def save(self, path: str, file: Path) -> None:
        """Writes an archive of the API's, piece by piece; it has its name once it is whole.

        Raises UserError: an answer that is an error, a connection that breaks off, checksums that
        differ, a place that cannot be written to.
        """
        draft = file.with_name(f".{file.name}.{os.getpid()}.part")
        try:
            with self.answer("GET", path) as response, draft.open("wb") as written:
                for piece in response.iter_bytes():
                    written.write(piece)
            with zipfile.ZipFile(draft) as archive:
                if (damaged := archive.testzip()) is not None:
                    raise UserError(f"{damaged} was damaged on its way. Download it again.")
            draft.replace(file)
        except zipfile.BadZipFile:
            raise UserError("What came is no whole archive. Download it again.") from None
        except OSError as error:
            raise UserError(f"{file} cannot be written: {error.strerror or error}.") from None
        finally:
            with suppress(OSError):
                draft.unlink(missing_ok=True)

    def items(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """Everything in a list, page after page, once."""
        token: str | None = ""
        seen = set()
        while token is not None:
            page = self.get(path, **query, **({"page_token": token} if token else {}))
            for one in page["items"]:
                if one["id"] not in seen:  # else it has changed meanwhile, and comes again
                    seen.add(one["id"])
                    yield one
            token = page["next_page_token"]

    def follow(self, path: str) -> Iterator[dict[str, Any]]:
        """The documents of an event stream, from the present one to the last. A connection that
        breaks, or that a deployment ends after its minutes, is taken up again where it broke."""
        last_id, failed = "", 0
        while failed < _RECONNECTS:
            headers = {"Last-Event-ID": last_id} if last_id else {}
            began = time.monotonic()
            try:
                with self._http.stream("GET", path, headers=headers) as response:
                    self._check(response)
                    for event_id, data in _events(response.iter_lines()):
                        last_id, failed = event_id or last_id, 0
                        document = json.loads(data)
                        yield document
                        if document["status"]["state"] in _ENDED:
                            return
            except httpx.TransportError:
                pass
            failed = 0 if time.monotonic() - began > _LASTED_SECONDS else failed + 1
            time.sleep(min(0.1 * 2**failed, 3.0))
        raise UserError(f"Lost the connection to {self.url} while waiting for {path}.")

    def _call(self, method: str, path: str, **arguments: Any) -> Any:
        response = self._request(method, path, **arguments)
        return response.json() if response.content else None

    def _request(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        try:
            response = self._http.request(method, path, **arguments)
        except httpx.TransportError as error:
            raise UserError(sentence(f"No answer from {self.url}: {error}")) from error
        self._check(response)
        return response

    def _check(self, response: httpx.Response) -> None:
        """Raises UserError for an answer that is an error, or a page to sign in with."""
        if response.is_success:
            return
        response.read()  # of a stream nothing has been read yet
        try:
            error = response.json()["error"]
            message, fields = str(error["message"]), error.get("fields")
            code = error.get("code")
        except (ValueError, KeyError, TypeError):
            answered = f"{response.status_code} {response.reason_phrase}"
            message, fields, code = f"{response.request.url} answered {answered}.", None, None
        told = fields is not None  # in the API's own words, not those of what stands before it
        unknown = response.status_code == httpx.codes.UNAUTHORIZED
        refused = response.status_code == httpx.codes.FORBIDDEN and not told
        if self.deployed and (unknown or refused or response.is_redirect):
            message += f" Sign in again: recsmith --url {self.url} login"
        raise UserError(message, fields, code)


def bearing(token: str | None) -> dict[str, str]:
    """The header that shows a token, if there is one."""
    return {"Authorization": f"Bearer {token}"} if token else {}


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
