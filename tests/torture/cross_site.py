"""Pages of elsewhere, in the browser of somebody who runs Recsmith on their own machine, or may use
one that is deployed."""

from __future__ import annotations

import httpx

from functions.api import create_app
from functions.api.guard import guard
from functions.settings import Settings
from tests.torture.api_shop import ApiShop, api_shop
from tests.torture.traversal import Served
from tests.torture.trial import Tally, trial

ELSEWHERE = [
    "null",
    "https://evil.example",
    "http://localhost.evil.example",
    "http://127.0.0.1.evil.example",
    "http://127.0.0.1:1",
]
TYPES = ["application/json", "text/plain", "application/x-www-form-urlencoded", ""]


@trial("abuse", "DNS rebinding and other sites' requests, local and deployed", seconds=60)
def cross_site(tally: Tally) -> None:
    settings = Settings(
        project="a-shop", location="europe-west4", bucket="shop", auth="none", emulated=True
    )
    with api_shop(tally.folder) as shop:
        ports = shop.system.ports
        with httpx.Client(base_url=shop.url, timeout=20) as client:
            _rebound(shop, client, tally)
            _sent_by_others(shop, client, tally)
        with Served(guard(create_app(ports), settings, ports.documents)) as port:
            url = f"http://127.0.0.1:{port}"
            with httpx.Client(base_url=url, timeout=20) as client:
                _sent_by_others(shop, client, tally)


def _sent_by_others(shop: ApiShop, client: httpx.Client, tally: Tally) -> None:
    before = len(client.get("/api/model-configs/").json()["items"])
    _forged(shop, client, tally)
    _read(shop, client, tally)
    after = len(client.get("/api/model-configs/").json()["items"])
    if after != before:
        tally.lets_in(f"{after - before} model configs were made by another site")
    own = client.post(
        f"/api/model-configs/{shop.ids['model_configs'][0]}/clone/",
        headers={"Origin": str(client.base_url).rstrip("/"), "Sec-Fetch-Site": "same-origin"},
    )
    tally.tried()
    if own.status_code != 201:
        tally.loses(f"the console's own request answers {own.status_code}")


def _read(shop: ApiShop, client: httpx.Client, tally: Tally) -> None:
    """What a page of elsewhere would have its browser fetch, if only to see how long it takes."""
    test = shop.ids["quick_tests"][0]
    for site in ("cross-site", "same-site"):
        for mode, dest in (("no-cors", "image"), ("cors", "empty"), ("navigate", "iframe")):
            for path in ("/api/datasets/", f"/api/quick-tests/{test}/events/", "/api/docs"):
                headers = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": dest}
                tally.tried()
                answer = client.get(path, headers=headers)
                if answer.status_code != 403:
                    tally.lets_in(f"GET {path} as {dest} of a {site}: {answer.status_code}")


def _rebound(shop: ApiShop, client: httpx.Client, tally: Tally) -> None:
    test = shop.ids["quick_tests"][0]
    names = ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1", "["]
    for host in [*names, *(f"{name}:80" for name in names), "evil.example@localhost@", ""]:
        for path in ("/", "/api/datasets/", f"/api/quick-tests/{test}/events/", "/api/files/"):
            answer = client.get(path, headers={"Host": host})
            tally.tried()
            if answer.status_code < 400:
                tally.lets_in(f"GET {path} for the host {host!r}: {answer.status_code}")


def _forged(shop: ApiShop, client: httpx.Client, tally: Tally) -> None:
    model = shop.ids["model_configs"][0]
    clone = f"/api/model-configs/{model}/clone/"
    for origin in ELSEWHERE:
        for kind in TYPES:
            for method, path in (("POST", clone), ("DELETE", f"/api/model-configs/{model}/")):
                for said in ({}, {"Sec-Fetch-Site": "cross-site"}):  # by browsers old and new
                    headers = {"Origin": origin, "Content-Type": kind, **said}
                    answer = client.request(method, path, headers=headers)
                    tally.tried()
                    if answer.status_code != 403:
                        tally.lets_in(f"{method} of {origin} as {kind!r}: {answer.status_code}")
        asked = client.get("/api/datasets/", headers={"Origin": origin})
        asks = {"Origin": origin, "Access-Control-Request-Method": "PUT"}
        preflight = client.options("/api/datasets/", headers=asks)
        tally.tried(2)
        for answer in (asked, preflight):
            if "access-control-allow-origin" in answer.headers:
                tally.lets_in(f"{origin} may read")
    for site in ("cross-site", "same-site"):
        answer = client.post(clone, headers={"Sec-Fetch-Site": site})
        tally.tried()
        if answer.status_code != 403:
            tally.lets_in(f"a {site} POST without an Origin: {answer.status_code}")
