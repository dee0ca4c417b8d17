"""What happens to a request before it is routed: paths in one form, bodies of bounded size."""

from __future__ import annotations

import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from functions.api.errors import error_response

MAX_BODY_BYTES = 1024 * 1024
# Where files are sent, all of a folder's together.
MAX_FILES_BYTES = 4 * MAX_BODY_BYTES
_FILES = "/api/as-code/"
# A smaller answer is one packet as it is.
_WORTH_COMPRESSING = 1024
# zlib's own default: within 1% of the best that it can do to scripts, in a third of the time.
_COMPRESSION = 6

NO_FRAMES = "frame-ancestors 'none'"
_SAFE = {
    "Content-Security-Policy": f"default-src 'none'; form-action 'none'; {NO_FRAMES}",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
}
_AS_THEY_ARE = ("/api/docs", "/api/openapi.json")
_RESOURCES = "datasets|feature-configs|model-configs|quick-tests|sweeps|tunings|rule-sets"
_VERBS = re.compile(rf"^(/api/(?:{_RESOURCES})/)(?:create|([^/]+/)(?:update|delete))/$")


class OnePathForm:
    """Routes end in a slash; requests need not. Older verb paths (`…/create/`, `…/{id}/update/`,
    `…/{id}/delete/`) mean the resource that the method acts on."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            path = one_form(scope["path"])
            if path != scope["path"]:
                scope = {**scope, "path": path, "raw_path": path.encode()}
        await self._app(scope, receive, send)


def one_form(path: str) -> str:
    """The path as it is routed."""
    slashed = path.rstrip("/") + "/"
    if not slashed.startswith("/api/") or slashed.startswith(_AS_THEY_ARE):
        return path
    return _VERBS.sub(lambda found: found[1] + (found[2] or ""), slashed)


class SafeHeaders:
    """Has every answer say what a browser may do with it, where the answer does not say so itself:
    run nothing, load nothing, be shown in nobody's frame, and be taken for nothing else."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _SAFE.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, sent if scope["type"] == "http" else send)


class Compressed(GZipMiddleware):
    """Sends what is worth it compressed, to whom takes that: scripts, styles and JSON become a
    third to a tenth. Events of a stream go at once and as they are, and so does what is
    compressed already, such as images and fonts."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(app, minimum_size=_WORTH_COMPRESSING, compresslevel=_COMPRESSION)


class BodyLimit:
    """Answers 413 where a body is larger than it may be: at once where it says so, else after
    reading so much of it. Whatever is behind this gets whole bodies."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        files = scope["path"].startswith(_FILES)
        most = MAX_FILES_BYTES if files else MAX_BODY_BYTES
        messages: list[Message] = []
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdecimal() and (len(declared) > 18 or int(declared) > most):
            await _too_large(most, scope, receive, send)
            return
        size = 0
        more = True
        while more:
            message = await receive()
            messages.append(message)
            size += len(message.get("body", b""))
            more = message["type"] == "http.request" and message.get("more_body", False)
            if size > most:
                await _too_large(most, scope, receive, send)
                return

        async def replayed() -> Message:
            return messages.pop(0) if messages else await receive()

        await self._app(scope, replayed, send)


async def _too_large(most: int, scope: Scope, receive: Receive, send: Send) -> None:
    response = error_response(413, "too_large", f"A body has at most {most:,} bytes.")
    await response(scope, receive, send)
