"""The API as it is deployed: for known callers only, each by their role."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from functions.api.app import endpoints
from functions.api.asgi import Compressed, SafeHeaders
from functions.api.console import WithConsole
from functions.api.errors import error_response, unavailable
from functions.api.identity import (
    AUTHORIZATION,
    SERVERLESS,
    Caller,
    InvokersOnly,
    Roles,
    Tokens,
    UnknownCallerError,
    issuer,
)
from functions.api.own_site import OwnSiteOnly
from functions.api.rights import may, needed_role
from functions.settings import Role, Settings, SettingsError
from shared.errors import UnavailableError
from shared.gcp.tracing import span
from shared.ports import DocumentStore

_log = logging.getLogger(__name__)


def guard(app: FastAPI, settings: Settings, documents: DocumentStore) -> FastAPI:
    """The same application, behind who may call it, from pages of its own site only, and with the
    console where there is one.

    Raises:
        SettingsError: nothing says how callers are known.
    """
    if settings.auth is None:
        raise SettingsError(
            "RECSMITH_AUTH is not set: say how callers are known (iap, run, google or"
            " identity_platform)."
        )
    if settings.console:
        app.add_middleware(WithConsole, folder=Path(settings.console))
    if settings.auth != "none":
        tokens = InvokersOnly() if settings.auth == "run" else Tokens(issuer(settings))
        roles = Roles(settings, documents)
        app.add_middleware(KnownCallers, tokens=tokens, roles=roles, routes=endpoints().routes)
    app.add_middleware(OwnSiteOnly, allowed=settings.cors_origins)
    app.add_middleware(Traced)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=settings.cors_origins,
        allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
        allow_headers=[
            *("Authorization", "Content-Type", "If-Match", "Idempotency-Key", "Last-Event-ID"),
            *("X-Requested-With", "traceparent"),
        ],
        expose_headers=["ETag"],
    )
    app.add_middleware(Compressed)
    app.add_middleware(SafeHeaders)
    return app


class KnownCallers:
    """Answers 401 to whom it does not know, 403 to whom may not do this, 503 where it cannot tell.

    The caller is then `request.state.caller`.

    Args:
        routes: of the endpoints, which say who may call them.
    """

    def __init__(
        self, app: ASGIApp, tokens: Any, roles: Roles, routes: Sequence[BaseRoute]
    ) -> None:
        self._app = app
        self._routes = routes
        self._tokens = tokens
        self._roles = roles

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            try:
                caller = await run_in_threadpool(self._caller, Headers(scope=scope))
            except UnknownCallerError as error:
                response: Response = error_response(
                    401, "unauthorized", str(error), headers={"WWW-Authenticate": "Bearer"}
                )
                await response(scope, receive, send)
                return
            except UnavailableError as error:
                await unavailable(error)(scope, receive, send)
                return
            wanted = needed_role(self._routes, scope["method"], scope["path"])
            if not may(caller.role, wanted):
                response = error_response(403, "forbidden", _refusal(caller, wanted))
                await response(scope, receive, send)
                return
            scope.setdefault("state", {})["caller"] = caller
        await self._app(scope, receive, send)

    def _caller(self, headers: Headers) -> Caller:
        for name in (AUTHORIZATION, SERVERLESS):
            if len(headers.getlist(name)) > 1:  # whoever verified one may have meant another
                raise UnknownCallerError(f"The request has more than one header {name!r}.")
        return self._roles.caller(self._tokens.claims(headers))


def _refusal(caller: Caller, wanted: Role) -> str:
    role = f"is {caller.role}" if caller.role else "has no role"
    return f"{caller.email} {role}; this takes {wanted}. An admin can give that role."


class Traced:
    """A span for each request of the API: what it sets off, and the log of its fault, belong to
    it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/api/"):
            await self._app(scope, receive, send)
            return
        asked = f"{scope['method']} {scope['path']}"
        with span(asked, Headers(scope=scope)):
            try:
                await self._app(scope, receive, send)
            except Exception:
                _log.exception("%s failed", asked)
                raise
