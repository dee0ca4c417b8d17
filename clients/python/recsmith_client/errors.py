"""What can go wrong, each with what the API says of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import httpx

from recsmith_client.models import AppliedDocument, FieldError, FileFinding


class RecsmithError(Exception):
    """Everything that this client raises of its own."""


class NoSystemError(RecsmithError):
    """No address was given, and no system runs on this machine."""


class NoTokenError(RecsmithError):
    """No token can be had for a deployment."""


class NoAnswerError(RecsmithError):
    """The server was not reached, or the connection broke, as often as it was tried."""


class UnexpectedAnswerError(RecsmithError):
    """An answer that this client cannot read: of a server of another version, or of another one."""


class ApiError(RecsmithError):
    """An answer that is an error.

    Attributes:
        status: of HTTP, such as 409.
        code: the API's stable name of it, such as `stale`; None where another server answered.
        message: for people.
        fields: what is wrong with which field of the request.
        current: the document as it is, where an update was refused because it had changed.
        yours: the document as the refused update would have made it.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        fields: list[FieldError] | None = None,
        current: dict[str, Any] | None = None,
        yours: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.fields = fields or []
        self.current = current
        self.yours = yours

    def __str__(self) -> str:
        lines = [f"{field.path}: {field.message}" for field in self.fields]
        return "\n  ".join([self.message, *lines])


class FilesError(RecsmithError):
    """Files that cannot be applied.

    Attributes:
        findings: what is wrong, each with its file, line and column.
        applied: documents that were written before one was refused; most often none.
    """

    def __init__(
        self, findings: Sequence[FileFinding], applied: Sequence[AppliedDocument] = ()
    ) -> None:
        self.findings = [one for one in findings if one.level == "error"]
        self.applied = list(applied)
        lines = [f"{one.file}:{one.line}:{one.column}: {one.message}" for one in self.findings]
        super().__init__("\n  ".join([f"{len(lines)} wrong in the files.", *lines]))


class RunFailedError(RecsmithError):
    """A test, a sweep or a tuning that ended otherwise than completed.

    Attributes:
        document: as it ended.
    """

    def __init__(self, document: Any) -> None:
        error = getattr(document.status, "error", None)
        because = f": {error.message}" if error is not None else "."
        super().__init__(f"{document.name!r} ({document.id}) is {document.status.state}{because}")
        self.document = document


def error_of(response: httpx.Response) -> ApiError:
    """The error that a response is; it must have been read."""
    try:
        told = response.json()["error"]
        return ApiError(
            response.status_code,
            str(told["message"]),
            code=told["code"],
            fields=[FieldError.model_validate(one) for one in told.get("fields", [])],
            current=told.get("current"),
            yours=told.get("yours"),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        answered = f"{response.status_code} {response.reason_phrase}"
        return ApiError(response.status_code, f"{response.request.url} answered {answered}.")
