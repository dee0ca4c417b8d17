"""The web console, served by the API where it has been built (`make console`)."""

from __future__ import annotations

import re
from pathlib import Path

from fastapi.responses import FileResponse, HTMLResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

from functions.api.errors import error_response

# Script comes from here only, and none is inline. Styles may be: the component library sets
# theme variables in a <style> element.
SECURITY_HEADERS = {
    "Content-Security-Policy": "; ".join(
        (
            *("default-src 'self'", "script-src 'self'", "style-src 'self' 'unsafe-inline'"),
            *("img-src 'self' data: blob:", "font-src 'self'", "connect-src 'self'"),
            *("object-src 'none'", "base-uri 'none'", "form-action 'self'"),
            "frame-ancestors 'none'",
        )
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
}
# Built files carry a hash of their content in their name; pages and the rest are asked for anew.
_FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}
_ASK_AGAIN = {"Cache-Control": "no-cache"}

_NOT_BUILT = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Recsmith</title>
<style>
body { font: 16px/1.6 system-ui, sans-serif; max-width: 36rem; margin: 15vh auto; padding: 0 1rem }
h1 { font-size: 1.4rem }
</style>
<h1>Recsmith runs; its console has not been built yet</h1>
<p>With Node.js 20.19 or newer on this machine, run <code>make console</code> in Recsmith's folder,
then load this page again.</p>
<p>Without it, everything but the console works: the <a href="/api/docs">HTTP API</a> and the
<code>recsmith</code> command.</p>
"""


class WithConsole:
    """An application whose every path outside `/api` is the console's.

    The folder may come into being, or change, while it runs.
    """

    def __init__(self, app: ASGIApp, folder: Path) -> None:
        self._app = app
        self._folder = folder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or re.match("/api(/|$)", scope["path"]):
            await self._app(scope, receive, send)
            return
        if scope["method"] in ("GET", "HEAD"):
            response = await run_in_threadpool(_answer, self._folder, scope["path"].lstrip("/"))
        else:
            response = error_response(
                405, "method_not_allowed", f"{scope['path']} does not take {scope['method']}."
            )
        await response(scope, receive, send)


def built(folder: Path) -> bool:
    return (folder / "index.html").is_file()


def _answer(folder: Path, path: str) -> Response:
    """The file of this path; for every other path the one page, which knows what it means."""
    if not built(folder):
        return HTMLResponse(_NOT_BUILT, headers={**SECURITY_HEADERS, **_ASK_AGAIN})
    file = _file(folder, path)
    if file is not None:
        caching = _FOREVER if path.startswith("assets/") else _ASK_AGAIN
        return FileResponse(file, headers={**SECURITY_HEADERS, **caching})
    if path.startswith("assets/"):  # of an older build: a page in its place would mislead
        return error_response(404, "not_found", f"There is nothing at /{path}.")
    return FileResponse(folder / "index.html", headers={**SECURITY_HEADERS, **_ASK_AGAIN})


def _file(folder: Path, path: str) -> Path | None:
    """The file of the folder at a path; None where there is none, or it lies outside."""
    if not path or "\0" in path or any(part.startswith(".") for part in path.split("/")):
        return None
    file = (folder / path).resolve()
    try:
        return file if file.is_relative_to(folder.resolve()) and file.is_file() else None
    except OSError:  # a name that no file system takes
        return None
