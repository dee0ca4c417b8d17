"""Pages of other sites have no say, locally and deployed."""

from __future__ import annotations

from functools import cache

import pytest
from api_client import application, error, over
from fastapi import FastAPI
from scenario import MODEL_SPEC, Shop
from starlette.testclient import TestClient

from functions.api import create_app
from functions.api.guard import guard
from functions.api.own_site import OwnSiteOnly
from functions.settings import Settings

ELSEWHERE = "https://console.example"
_BODY = {"name": "Small", "spec": MODEL_SPEC}


@cache
def deployed() -> FastAPI:
    settings = Settings(
        project="a-shop",
        location="europe-west4",
        bucket="shop",
        auth="none",
        emulated=True,
        cors_origins=ELSEWHERE,
    )
    ports = Shop().ports
    return guard(create_app(ports), settings, ports.documents)


@pytest.fixture(params=["local", "deployed"])
def client(request: pytest.FixtureRequest) -> TestClient:
    app = over(application() if request.param == "local" else deployed(), Shop().ports)
    return TestClient(
        OwnSiteOnly(app, {ELSEWHERE}) if request.param == "local" else app,
        base_url="https://shop.example",
    )


@pytest.mark.parametrize(
    "said",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://other.shop.example", "Sec-Fetch-Site": "same-site"},
        {"Origin": "http://shop.example"},
        {"Origin": "https://shop.example.evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://shop.example", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "none"},
    ],
)
@pytest.mark.parametrize("kind", ["application/json", "text/plain"])
def test_a_page_of_another_site_changes_nothing(
    client: TestClient, said: dict[str, str], kind: str
) -> None:
    headers = {**said, "Content-Type": kind}
    for method in ("POST", "PUT", "DELETE"):
        answer = client.request(method, "/api/model-configs/", json=_BODY, headers=headers)
        error(answer, 403, "cross_origin")
    assert client.get("/api/model-configs/").json()["items"] == []


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"Origin": "https://shop.example"},
        {"Origin": "https://shop.example", "Sec-Fetch-Site": "same-origin"},
        {"Origin": ELSEWHERE, "Sec-Fetch-Site": "cross-site"},
        # The proxy before the server was asked for another host.
        {"Origin": "https://recs.example", "X-Forwarded-Host": "recs.example"},
        {"Origin": "https://recs.example", "Sec-Fetch-Site": "same-origin"},
        {"Origin": "http://shop.example", "X-Forwarded-Proto": "http"},
    ],
)
def test_the_console_and_programs_may(client: TestClient, said: dict[str, str]) -> None:
    assert client.post("/api/model-configs/", json=_BODY, headers=said).status_code == 201


def _fetched(site: str, mode: str, dest: str) -> dict[str, str]:
    return {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": dest}


def test_another_site_may_lead_here_and_not_read(client: TestClient) -> None:
    path = "/api/model-configs/"
    for mode, dest in (("no-cors", "script"), ("cors", "empty"), ("navigate", "iframe")):
        assert client.get(path, headers=_fetched("cross-site", mode, dest)).status_code == 403
    followed = _fetched("cross-site", "navigate", "document")
    assert client.get(path, headers=followed).status_code == 200
    assert client.get(path, headers=_fetched("same-origin", "cors", "empty")).status_code == 200
    consoles = {"Origin": ELSEWHERE, **_fetched("cross-site", "cors", "empty")}
    assert client.get(path, headers=consoles).status_code == 200
