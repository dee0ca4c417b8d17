"""What pages of other sites may do with the API, in the browser of somebody who may use it."""

from __future__ import annotations

from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from functions.api.errors import error_response

_READS = frozenset({"GET", "HEAD"})


class OwnSiteOnly:
    """Answers 403 to requests that a page of another site has a browser make, whatever their
    content type: whatever changes something, and whatever reads but to show it in a window of its
    own. Programs say nothing of a site; they are none of a page's doing.

    Args:
        allowed: origins of consoles that are served from elsewhere.
    """

    def __init__(self, app: ASGIApp, allowed: Collection[str] = ()) -> None:
        self._app = app
        self._allowed = frozenset(allowed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] != "OPTIONS":
            headers = Headers(scope=scope)
            refused = (
                _embedded(headers)
                if scope["method"] in _READS
                else _of_elsewhere(headers, scope["scheme"])
            )
            if refused and headers.get("origin") not in self._allowed:
                response = error_response(
                    403, "cross_origin", "Pages of another origin may not use this server."
                )
                await response(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _of_elsewhere(headers: Headers, scheme: str) -> bool:
    """By what browsers say, which no page can change: whether the page is of the same origin; older
    ones say only of which it is, and the server's own is what the proxy before it was asked for."""
    site = headers.get("sec-fetch-site")
    if site is not None and site != "none":
        return site != "same-origin"
    scheme = headers.get("x-forwarded-proto", scheme).split(",")[0].strip()
    hosts = {headers.get("host"), headers.get("x-forwarded-host")}
    own = {f"{scheme}://{host}" for host in hosts}
    return headers.get("origin") not in (None, *own)


def _embedded(headers: Headers) -> bool:
    """Whether another site's page reads this for itself, and does not lead its reader here."""
    if headers.get("sec-fetch-site") not in ("cross-site", "same-site"):
        return False
    leads = headers.get("sec-fetch-mode") == "navigate"
    return not leads or headers.get("sec-fetch-dest", "document") != "document"
