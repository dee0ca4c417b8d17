"""The guard that asks for the token of a home (`token.py`)."""

from __future__ import annotations

import hmac
from urllib.parse import quote, urlencode

from starlette.datastructures import Headers, QueryParams
from starlette.requests import cookie_parser
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from functions.api.errors import error_response
from local.cli.token import PARAMETER

_MESSAGE = "This server asks for the token of its user: `Authorization: Bearer …`."
_PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Recsmith</title>
<h1>This Recsmith asks for a token</h1>
<p>It answers to one account of this machine. Open the address that
<code>recsmith up</code> printed, or add <code>?token=</code> and what is in the file
<code>token</code> of its folder (<code>.recsmith</code> unless you chose another).</p>
<p>If this browser has been let in before, <a href="">go on</a>.</p>
"""


class TokenOnly:
    """Answers 401 to whoever does not show the token: programs in `Authorization: Bearer`, browsers
    in a cookie, which they get in exchange for the token in an address. It then leaves the address.

    Cookies are kept by host, not by port; this one's name has the port, so that two systems do not
    take each other's.
    """

    def __init__(self, app: ASGIApp, token: str, port: int) -> None:
        self._app = app
        self._token = token.encode()
        self._cookie = f"recsmith-{port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        query = QueryParams(scope["query_string"])
        if scope["method"] == "GET" and self._is(query.get(PARAMETER)):
            await self._let_in(scope, query)(scope, receive, send)
        elif self._shown(Headers(scope=scope)):
            await self._app(scope, receive, send)
        else:
            await _refused(scope)(scope, receive, send)

    def _is(self, given: str | None) -> bool:
        return given is not None and hmac.compare_digest(given.encode(), self._token)

    def _shown(self, headers: Headers) -> bool:
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and self._is(given.strip()):
            return True
        return self._is(cookie_parser(headers.get("cookie", "")).get(self._cookie))

    def _let_in(self, scope: Scope, query: QueryParams) -> Response:
        others = urlencode(
            [(name, value) for name, value in query.multi_items() if name != PARAMETER]
        )
        path = "/" + quote(scope["path"].lstrip("/"))
        response = RedirectResponse(f"{path}?{others}" if others else path, 303)
        response.set_cookie(self._cookie, self._token.decode(), httponly=True, samesite="strict")
        response.headers["Cache-Control"] = "no-store"
        return response


def _refused(scope: Scope) -> Response:
    asks = {"WWW-Authenticate": 'Bearer realm="Recsmith"', "Cache-Control": "no-store"}
    if scope["method"] == "GET" and "text/html" in Headers(scope=scope).get("accept", ""):
        return HTMLResponse(_PAGE, 401, headers=asks)
    return error_response(401, "unauthorized", _MESSAGE, headers=asks)
