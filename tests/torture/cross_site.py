"""Pages of elsewhere, in the browser of somebody who runs Recsmith on their own machine."""

from __future__ import annotations

import httpx

from tests.torture.api_shop import ApiShop, api_shop
from tests.torture.trial import Tally, trial

ELSEWHERE = [
    "null",
    "https://evil.example",
    "http://localhost.evil.example",
    "http://127.0.0.1.evil.example",
    "http://127.0.0.1:1",
]
TYPES = ["application/json", "text/plain", "application/x-www-form-urlencoded", ""]


@trial("abuse", "DNS rebinding and other sites' requests to the local server", seconds=60)
def cross_site(tally: Tally) -> None:
    with api_shop(tally.folder) as shop, httpx.Client(base_url=shop.url, timeout=20) as client:
        before = len(client.get("/api/model-configs/").json()["items"])
        _rebound(shop, client, tally)
        _forged(shop, client, tally)
        after = len(client.get("/api/model-configs/").json()["items"])
        if after != before:
            tally.lets_in(f"{after - before} model configs were made by another site")


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
                headers = {"Origin": origin, "Content-Type": kind, "Sec-Fetch-Site": "cross-site"}
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
