"""The HTTP API over the fakes, without a network."""

from __future__ import annotations

import asyncio
import json
from functools import cache
from typing import Any

import httpx
from fastapi import FastAPI
from granted import granted
from scenario import Shop

from functions.api import create_app
from functions.api.pages import Pages
from functions.api.predictions import KnownModels
from shared.ports import Ports


@cache
def application() -> FastAPI:
    """Made once, for that takes longer than most tests."""
    return create_app(Shop().ports)


def over(app: FastAPI, ports: Ports) -> FastAPI:
    """The same application over these ports, and no others."""
    app.state.ports, app.state.pages = ports, Pages(ports)
    app.state.known_models = KnownModels(ports)
    return app


class Client:
    """Requests run one after another, each to its end: that of an event stream too."""

    def __init__(self, shop: Shop) -> None:
        self.app = over(application(), granted("api", shop.ports))
        self._transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)

    def __call__(self, method: str, path: str, body: Any = None, **options: Any) -> httpx.Response:
        return asyncio.run(self.send(method, path, body, **options))

    async def send(
        self, method: str, path: str, body: Any = None, **options: Any
    ) -> httpx.Response:
        if body is not None:
            options["json"] = body
        async with httpx.AsyncClient(transport=self._transport, base_url="http://test") as client:
            return await client.request(method, path, **options)


def error(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The error that a response carries, which has this status and code, and the one shape."""
    assert response.status_code == status, response.text
    body = response.json()
    assert set(body) == {"error"}
    found: dict[str, Any] = body["error"]
    versions = {"current", "yours"} if code == "stale" else set()
    assert set(found) == {"code", "message", "fields", *versions}
    assert all(set(field) == {"path", "message", "received"} for field in found["fields"])
    assert found["code"] == code
    assert found["message"].endswith(".")
    return found


def events(response: httpx.Response) -> list[tuple[str, Any]]:
    """Id and document of each server-sent event."""
    assert response.headers["content-type"].startswith("text/event-stream")
    found = []
    for block in response.text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line[1:])
        if "data" in fields:
            found.append((fields["id"], json.loads(fields["data"])))
    return found
