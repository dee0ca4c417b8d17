"""The HTTP API as one application over the ports."""

from __future__ import annotations

import base64
import hashlib
import pkgutil
import re
from collections.abc import Iterator
from importlib import import_module

from fastapi import APIRouter, FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute
from starlette.staticfiles import StaticFiles

from functions import api
from functions.api import errors
from functions.api.asgi import NO_FRAMES, BodyLimit, OnePathForm, SafeHeaders
from functions.api.files import Browse
from functions.api.pages import Pages
from functions.api.predictions import KnownModels
from functions.api.rights import declared_role, needs
from shared.ports import Ports
from shared.version import version

_OPENAPI = "/api/openapi.json"
_DOCS = "/api/docs"
_DESCRIPTION = """\
Configure, test and compare two-tower recommendation models.

Every path works with and without its trailing slash. Every error is
`{"error": {"code", "message", "fields": [{"path", "message", "received"}]}}`.
"""
# They have no routes, and a laptop need not wait for the libraries that they load.
_DEPLOYED_ONLY = frozenset({"guard", "identity"})


def create_app(ports: Ports, browse: Browse | None = None) -> FastAPI:
    """The whole API. Endpoints block on the ports in FastAPI's thread pool.

    Args:
        browse: lists folders of the machine that reads datasets' files, if it is one's own.

    Raises:
        UndeclaredRightError: an endpoint does not say who may call it.
    """
    app = FastAPI(
        title="Recsmith",
        version=version(),
        description=_DESCRIPTION,
        openapi_url=_OPENAPI,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        separate_input_output_schemas=False,
        generate_unique_id_function=_operation_id,
    )
    app.state.ports = ports
    app.state.pages = Pages(ports)
    app.state.known_models = KnownModels(ports)
    app.state.browse = browse
    errors.install(app)
    app.add_middleware(OnePathForm)
    app.add_middleware(BodyLimit)
    app.add_middleware(SafeHeaders)
    app.include_router(endpoints())
    _add_docs(app)
    return app


def endpoints() -> APIRouter:
    """The routes of every module here that has a `router`, by path: a fixed segment comes before
    an id in its place, which would take it too.

    Raises:
        UndeclaredRightError: one does not say who may call it.
    """
    routes = [route for router in _routers() for route in router.routes]
    found = APIRouter()
    for route in sorted(routes, key=_by_path):
        assert isinstance(route, APIRoute)
        declared_role(route)
        found.routes.append(route)
    return found


def _routers() -> Iterator[APIRouter]:
    for module in pkgutil.iter_modules(api.__path__):
        if module.name not in _DEPLOYED_ONLY:
            router = getattr(import_module(f"{api.__name__}.{module.name}"), "router", None)
            if router is not None:
                yield router


def _by_path(route: BaseRoute) -> list[tuple[bool, str]]:
    assert isinstance(route, APIRoute)
    segments = route.path.split("/")
    return [(True, "") if "{" in segment else (False, segment) for segment in segments]


def _operation_id(route: APIRoute) -> str:
    """`list_quick_tests` → `listQuickTests`: the name of a method in a generated client."""
    return re.sub(r"_([a-z])", lambda found: found[1].upper(), route.name)


def _add_docs(app: FastAPI) -> None:
    """The API's pages, with their scripts from this machine: they work without a network."""
    app.mount(f"{_DOCS}/static", StaticFiles(packages=[("fastapi_offline", "static")]))
    page = get_swagger_ui_html(
        openapi_url=_OPENAPI,
        title="Recsmith API",
        swagger_js_url=f"{_DOCS}/static/swagger-ui-bundle.js",
        swagger_css_url=f"{_DOCS}/static/swagger-ui.css",
        swagger_favicon_url=f"{_DOCS}/static/favicon.png",
    )
    page.headers["Content-Security-Policy"] = _policy_of(bytes(page.body))

    @app.get(_DOCS, include_in_schema=False)
    @app.get(f"{_DOCS}/", include_in_schema=False)
    @needs("viewer")
    def docs() -> HTMLResponse:
        return page

    @app.get("/", include_in_schema=False)
    @app.get("/api/", include_in_schema=False)
    @needs("viewer")
    def to_docs() -> RedirectResponse:
        return RedirectResponse(_DOCS)


def _policy_of(page: bytes) -> str:
    """Scripts from here, and those that stand in the page as it was made; nothing else."""
    inline = re.findall(rb"<script>(.*?)</script>", page, re.DOTALL)
    hashes = (base64.b64encode(hashlib.sha256(script).digest()).decode() for script in inline)
    scripts = " ".join(["'self'", *(f"'sha256-{found}'" for found in hashes)])
    own = "style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'"
    return f"default-src 'none'; script-src {scripts}; {own}; base-uri 'none'; {NO_FRAMES}"
