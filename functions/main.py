"""The entry points that are deployed."""

from __future__ import annotations

import functions_framework.aio
from starlette.requests import Request
from starlette.types import ASGIApp

from functions.deployed import app


@functions_framework.aio.http
async def api(request: Request) -> ASGIApp:
    """The whole HTTP API: functions-framework runs a returned ASGI application."""
    return app()
