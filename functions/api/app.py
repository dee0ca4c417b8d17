"""The HTTP API as one application over the ports."""

from __future__ import annotations

import re
from importlib.metadata import version

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.staticfiles import StaticFiles

from functions.api import (
    comparing,
    config_tests,
    datasets,
    errors,
    feature_configs,
    files,
    generated_code,
    model_choices,
    model_configs,
    predictions,
    quick_tests,
    recommendations,
    reports,
    sample_tensors,
    sources,
    sweeps,
    validation,
)
from functions.api.asgi import BodyLimit, OnePathForm
from functions.api.files import Browse
from functions.api.resource import ERRORS, PortsOf
from shared.ports import Ports

_OPENAPI = "/api/openapi.json"
_DOCS = "/api/docs"
_DESCRIPTION = """\
Configure, test and compare two-tower recommendation models.

Every path works with and without its trailing slash. Every error is
`{"error": {"code", "message", "fields": [{"path", "message", "received"}]}}`.
"""


class Health(BaseModel):
    status: str
    version: str


def create_app(ports: Ports, browse: Browse | None = None) -> FastAPI:
    """The whole API. Endpoints block on the ports in FastAPI's thread pool.

    Args:
        browse: lists folders of the machine that reads datasets' files, if it is one's own.
    """
    app = FastAPI(
        title="Recsmith",
        version=version("recsmith"),
        description=_DESCRIPTION,
        openapi_url=_OPENAPI,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        separate_input_output_schemas=False,
        generate_unique_id_function=_operation_id,
    )
    app.state.ports = ports
    app.state.browse = browse
    errors.install(app)
    app.add_middleware(OnePathForm)
    app.add_middleware(BodyLimit)
    for part in (
        *(recommendations, model_choices, validation, sources),  # before what takes any id
        *(datasets, feature_configs, model_configs, config_tests, generated_code),
        *(quick_tests, sample_tensors, predictions, sweeps, comparing, reports, files),
    ):
        app.include_router(part.router)

    @app.get("/api/health/", tags=["system"], responses=ERRORS)
    def get_health(ports: PortsOf) -> Health:
        """Whether the API and its document store answer."""
        ports.documents.query("datasets", limit=1)
        return Health(status="ok", version=app.version)

    _add_docs(app)
    return app


def _operation_id(route: APIRoute) -> str:
    """`list_quick_tests` → `listQuickTests`: the name of a method in a generated client."""
    return re.sub(r"_([a-z])", lambda found: found[1].upper(), route.name)


def _add_docs(app: FastAPI) -> None:
    """The API's pages, with their scripts from this machine: they work without a network."""
    app.mount(f"{_DOCS}/static", StaticFiles(packages=[("fastapi_offline", "static")]))

    @app.get(_DOCS, include_in_schema=False)
    @app.get(f"{_DOCS}/", include_in_schema=False)
    def docs() -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url=_OPENAPI,
            title="Recsmith API",
            swagger_js_url=f"{_DOCS}/static/swagger-ui-bundle.js",
            swagger_css_url=f"{_DOCS}/static/swagger-ui.css",
            swagger_favicon_url=f"{_DOCS}/static/favicon.png",
        )

    @app.get("/", include_in_schema=False)
    @app.get("/api/", include_in_schema=False)
    def to_docs() -> RedirectResponse:
        return RedirectResponse(_DOCS)
