"""The console's files, served beside the API; and its client, which follows the API."""

from __future__ import annotations

import asyncio
import runpy
from pathlib import Path
from typing import Any

import httpx
import pytest
from api_client import Client, error
from fastapi.sse import EventSourceResponse
from scenario import Shop
from starlette.types import ASGIApp

from functions.api import create_app
from functions.api.asgi import Compressed
from functions.api.console import WithConsole
from functions.api.guard import guard
from functions.settings import Settings

ROOT = Path(__file__).resolve().parents[4]


class Browser:
    def __init__(self, app: ASGIApp) -> None:
        self._transport = httpx.ASGITransport(app, raise_app_exceptions=False)

    def __call__(
        self, path: str, method: str = "GET", headers: dict[str, str] | None = None
    ) -> httpx.Response:
        async def send() -> httpx.Response:
            async with httpx.AsyncClient(transport=self._transport, base_url="http://t") as client:
                return await client.request(method, path, headers=headers)

        return asyncio.run(send())


def deployed(folder: Path) -> ASGIApp:
    settings = Settings(
        project="a-shop",
        location="europe-west4",
        bucket="shop",
        auth="none",
        emulated=True,
        console=str(folder),
    )
    shop = Shop()
    return guard(create_app(shop.ports), settings, shop.ports.documents)


def local(folder: Path) -> ASGIApp:
    return Compressed(WithConsole(Client(Shop()).app, folder))


@pytest.fixture(params=[local, deployed])
def browser(request: pytest.FixtureRequest, tmp_path: Path) -> Browser:
    built = tmp_path / "dist"
    (built / "assets").mkdir(parents=True)
    (built / "index.html").write_text("<p>the console</p>")
    (built / "favicon.svg").write_text("<svg/>")
    (built / ".vite").mkdir()
    (built / ".vite" / "manifest.json").write_text("{}")
    (built / "assets" / "main-1a2b.js").write_text("console")
    (tmp_path / "secret.txt").write_text("hush")
    return Browser(request.param(built))


@pytest.mark.parametrize("path", ["/", "/features/fc-1/edit", "/tests/new?features=fc-1"])
def test_every_address_of_the_console_is_its_one_page(browser: Browser, path: str) -> None:
    answer = browser(path)
    assert answer.status_code == 200
    assert answer.text == "<p>the console</p>"
    assert answer.headers["cache-control"] == "no-cache"
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy


def test_built_files_are_kept_for_ever_and_others_asked_for_anew(browser: Browser) -> None:
    script = browser("/assets/main-1a2b.js")
    assert script.headers["content-type"].startswith("text/javascript")
    assert "immutable" in script.headers["cache-control"]
    assert browser("/favicon.svg").headers["cache-control"] == "no-cache"


def test_scripts_and_json_go_compressed_and_what_gains_nothing_as_it_is(
    browser: Browser, tmp_path: Path
) -> None:
    assets = tmp_path / "dist" / "assets"
    (assets / "main-1a2b.js").write_text("console.log(1);" * 1000)
    (assets / "inter-3c4d.woff2").write_bytes(b"wOF2" * 1000)
    script = browser("/assets/main-1a2b.js")
    assert script.headers["content-encoding"] == "gzip"
    assert "Accept-Encoding" in script.headers["vary"]
    assert script.num_bytes_downloaded < 1000 < len(script.text)
    assert browser("/api/catalogue/").headers["content-encoding"] == "gzip"
    for path in ("/assets/inter-3c4d.woff2", "/favicon.svg"):
        assert "content-encoding" not in browser(path).headers
    plain = browser("/assets/main-1a2b.js", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.text == script.text


def test_events_of_a_stream_are_sent_as_they_come() -> None:
    events = EventSourceResponse(iter([b"data: " + b"x" * 5000 + b"\n\n"]))
    answer = Browser(Compressed(events))("/")
    assert "content-encoding" not in answer.headers
    assert answer.num_bytes_downloaded == len(answer.content) > 5000


def test_a_file_of_an_older_build_is_not_found(browser: Browser) -> None:
    error(browser("/assets/main-old.js"), 404, "not_found")


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/assets/..%2f..%2fsecret.txt",
        "/%00",
        f"/{'x' * 300}",
    ],
)
def test_nothing_outside_the_folder_is_served(browser: Browser, path: str) -> None:
    answer = browser(path)
    assert answer.status_code in (200, 404)
    assert "hush" not in answer.text


def test_hidden_files_are_not_served(browser: Browser) -> None:
    assert browser("/.vite/manifest.json").text == "<p>the console</p>"


def test_the_api_is_left_alone(browser: Browser) -> None:
    assert browser("/api/health/").json()["status"] == "ok"
    error(browser("/api/nothing"), 404, "not_found")
    error(browser("/api/nothing", "POST"), 404, "not_found")
    error(browser("/datasets", "POST"), 405, "method_not_allowed")
    assert browser("/apiary").text == "<p>the console</p>"


def test_without_a_build_the_page_says_how_to_make_one(tmp_path: Path) -> None:
    answer = Browser(local(tmp_path))("/datasets")
    assert answer.status_code == 200
    assert "make console" in answer.text
    assert "/api/docs" in answer.text


def test_the_client_is_made_from_the_present_api() -> None:
    """If not: `make console-client`."""
    script: dict[str, Any] = runpy.run_path(str(ROOT / "console/scripts/write_openapi.py"))
    assert script["DESCRIPTION"].read_text() == script["described"]()
    assert script["CATALOGUE"].read_text() == script["kinds"]()
