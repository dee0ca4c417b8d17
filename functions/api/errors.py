"""One shape for every error: `{error: {code, message, fields: [{path, message, received}]}}`."""

from __future__ import annotations

import math
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from shared import editing
from shared.as_code.applying import StalePlanError
from shared.errors import (
    AlreadyExistsError,
    ConflictError,
    NotFoundError,
    RefusedError,
    TooLargeError,
    UnavailableError,
)
from shared.problems import InvalidError, path_of, said, shorten
from shared.rules_of_lists import FILTER_TAGS
from shared.wording import plural, sentence


class NoModelError(Exception):
    """A test that has no model to ask, or none yet; the message says why."""


class FieldError(BaseModel):
    """What is wrong with one field. `path` is from the body's root: `spec.split.strategy`."""

    path: str
    message: str
    received: Any = None


class ErrorDetail(BaseModel):
    """`code` is stable and in snake_case; `message` is for people.

    A 409 for a stale update carries both versions of the document.
    """

    code: str
    message: str
    fields: list[FieldError] = []
    current: dict[str, Any] | None = None
    yours: dict[str, Any] | None = None


class ErrorResponse(BaseModel):
    error: ErrorDetail


def install(app: FastAPI) -> None:
    """Answers every exception of an endpoint, and the framework's own, in the one shape."""
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _request)
    app.add_exception_handler(RecursionError, _too_deep)
    app.add_exception_handler(InvalidError, _invalid)
    app.add_exception_handler(NotFoundError, _not_found)
    app.add_exception_handler(AlreadyExistsError, _already_exists)
    app.add_exception_handler(ConflictError, _conflict)
    app.add_exception_handler(TooLargeError, _too_large)
    app.add_exception_handler(RefusedError, _refused)
    app.add_exception_handler(UnavailableError, lambda _, error: unavailable(error))
    app.add_exception_handler(NoModelError, _no_model)
    app.add_exception_handler(editing.StaleError, _stale)
    app.add_exception_handler(StalePlanError, _stale_plan)
    app.add_exception_handler(editing.RepeatedRequestError, _repeated)
    app.add_exception_handler(editing.KeyReusedError, _key_reused)
    app.add_exception_handler(editing.InUseError, _in_use)
    app.add_exception_handler(editing.LockedError, _locked)
    app.add_exception_handler(Exception, _unexpected)


def error_response(
    status: int,
    code: str,
    message: str,
    fields: list[FieldError] | None = None,
    *,
    headers: dict[str, str] | None = None,
    **versions: Any,
) -> JSONResponse:
    shown = [
        {"path": field.path, "message": field.message, "received": json_safe(field.received)}
        for field in fields or []
    ]
    body = {"error": {"code": code, "message": message, "fields": shown, **versions}}
    return JSONResponse(body, status_code=status, headers=headers)


def json_safe(value: Any) -> Any:
    """A received value in a form that JSON has: no NaN, no lone surrogate."""
    value = shorten(value)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


_UNREADABLE = (
    "The body cannot be read as JSON: it is not UTF-8, is nested too deeply, or holds a number of "
    "too many digits."
)


def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    if status is HTTPStatus.BAD_REQUEST:  # the only reason that FastAPI has for one
        return error_response(status, "malformed_json", _UNREADABLE)
    message = {
        404: f"There is nothing at {request.url.path}. The API is described at /api/docs.",
        405: f"{request.url.path} does not take {request.method}.",
    }.get(error.status_code, str(error.detail))
    code = status.phrase.lower().replace(" ", "_").replace("-", "_")
    return error_response(status, code, message, headers=dict(error.headers or {}))


def _too_deep(_: Request, __: Exception) -> JSONResponse:
    return error_response(400, "malformed_json", _UNREADABLE)


def _request(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    if any(finding["type"] == "json_invalid" for finding in found):
        return error_response(
            400, "malformed_json", sentence(f"The body is not valid JSON: {_why(found[0])}")
        )
    if any(isinstance(finding.get("input"), bytes) for finding in found):
        return error_response(
            415, "unsupported_media_type", "Send JSON, with Content-Type: application/json."
        )
    fields = [
        FieldError(
            # What kind a filter is, is no field of the body.
            path=path_of("", [part for part in finding["loc"][1:] if part not in FILTER_TAGS]),
            message=said(finding["msg"]),
            received=None if finding["type"] == "missing" else finding["input"],
        )
        for finding in found
    ]
    return error_response(422, "invalid", _count(len(fields)), fields)


def _why(finding: Any) -> str:
    return f"{finding.get('ctx', {}).get('error', 'it cannot be read')} at {finding['loc'][-1]}"


def _count(problems: int) -> str:
    return "One field is wrong." if problems == 1 else f"{plural(problems, 'field')} are wrong."


def _invalid(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, InvalidError)
    fields = [
        FieldError(path=problem.path, message=problem.message, received=problem.received)
        for problem in error.problems
    ]
    return error_response(422, "invalid", _count(len(fields)), fields)


def _not_found(_: Request, error: Exception) -> JSONResponse:
    return error_response(404, "not_found", str(error))


def _already_exists(_: Request, error: Exception) -> JSONResponse:
    return error_response(409, "already_exists", str(error))


def _too_large(_: Request, error: Exception) -> JSONResponse:
    return error_response(413, "too_large", str(error))


def _refused(_: Request, error: Exception) -> JSONResponse:
    return error_response(409, "refused", str(error))


def _conflict(_: Request, __: Exception) -> JSONResponse:
    return error_response(
        503, "busy", "Others changed the same document. Try again.", headers={"Retry-After": "1"}
    )


def unavailable(error: Exception) -> JSONResponse:
    return error_response(503, "unavailable", str(error), headers={"Retry-After": "5"})


def _no_model(_: Request, error: Exception) -> JSONResponse:
    return error_response(409, "no_model", str(error))


def _stale(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, editing.StaleError)
    return error_response(409, "stale", str(error), current=error.current, yours=error.yours)


def _stale_plan(_: Request, error: Exception) -> JSONResponse:
    return error_response(409, "stale_plan", str(error))


def _repeated(_: Request, error: Exception) -> JSONResponse:
    """The answer that the request got first."""
    assert isinstance(error, editing.RepeatedRequestError)
    answer = error.answer
    words = editing.words_of(answer.get("name"), answer.get("description"))
    tag = f'"{answer.get("revision")}-{words}"'
    return JSONResponse(answer, status_code=201, headers={"ETag": tag})


def _key_reused(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, editing.KeyReusedError)
    field = FieldError(path="Idempotency-Key", message=str(error), received=error.key)
    return error_response(422, "idempotency_key_reused", str(error), [field])


def _in_use(_: Request, error: Exception) -> JSONResponse:
    return error_response(409, "in_use", str(error))


def _locked(_: Request, error: Exception) -> JSONResponse:
    return error_response(409, "locked", str(error))


def _unexpected(_: Request, __: Exception) -> JSONResponse:
    return error_response(500, "internal", "Something went wrong here. The log says what.")
