"""Other accounts of the machine, which reach the port of whoever runs Recsmith, and other files."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import httpx

from tests.torture.authorisation import operations
from tests.torture.load_shop import System, features, model, running
from tests.torture.trial import Tally, trial
from tests.waiting import happens

_PAGES = ["/", "/quick-tests", "/api/docs", "/api/docs/static/swagger-ui.css", "/api/openapi.json"]


@trial("abuse", "other accounts at the port of a laptop that asks for a token", seconds=120)
def port_token(tally: Tally) -> None:
    with running(tally.folder, RECSMITH_TOKEN="on") as system:
        token = (system.home / "token").read_text()
        for path, wanted in ((system.home, 0o700), (system.home / "token", 0o600)):
            tally.tried()
            if (mode := stat.S_IMODE(path.stat().st_mode)) != wanted:
                tally.lets_in(f"{path.name} has the mode {mode:o}")
        _strangers(tally, system, token)
        _addresses(tally, system, token)
        _user(tally, system, token)
        for name in ("recsmith.log", "home/server.json"):
            tally.tried()
            if token in (tally.folder / name).read_text():
                tally.lets_in(f"the token stands in {name}")
    with running(tally.folder) as system:  # once asked for, always: until told otherwise
        tally.tried()
        if (status := system.http.get("/api/datasets/").status_code) != 401:
            tally.lets_in(f"after a restart without the option: {status}")
    with running(tally.folder, RECSMITH_TOKEN="off") as system:
        tally.tried()
        if (status := system.http.get("/api/datasets/").status_code) != 200:
            tally.loses(f"without a token, as its user chose: {status}")


def _strangers(tally: Tally, system: System, token: str) -> None:
    """Whatever they show, no operation and no page says anything to them but 401."""
    port = system.http.base_url.port
    shown: list[dict[str, str]] = [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer x"},
        {"Authorization": f"Bearer {token[:-1]}"},
        {"Authorization": f"Bearer {token}x"},
        {"Authorization": f"Bearer {token.swapcase()}"},
        {"Authorization": "Bearer \xe4\xf6"},
        {"Authorization": f"Basic {token}"},
        {"X-Token": token, "Forwarded": "for=127.0.0.1"},
        {"Cookie": f"recsmith-{port}="},
        {"Cookie": f"recsmith-{(port or 0) + 1}={token}"},
        {"Cookie": f"recsmith-{port}={token[1:]}; token={token}"},
    ]
    bearer = {"Authorization": f"Bearer {token}"}
    described = system.http.get("/api/openapi.json", headers=bearer).json()
    asked = [(method, path) for _, method, path in operations(described)]
    asked += [("GET", path) for path in _PAGES] + [("HEAD", "/"), ("OPTIONS", "/api/datasets/")]
    for method, path in asked:
        for number, headers in enumerate(shown):
            tally.tried()
            raw = {name.encode(): value.encode("latin-1") for name, value in headers.items()}
            answer = system.http.request(method, path, headers=raw)
            if answer.status_code != 401 or token in f"{answer.headers}{answer.text}":
                tally.lets_in(f"{method} {path} by {number}: {answer.status_code}")
    for method, path in (("POST", "/api/model-configs/"), ("HEAD", "/"), ("PUT", "/")):
        tally.tried()
        status = system.http.request(method, path, params={"token": token}).status_code
        if status != 401:
            tally.lets_in(f"{method} {path} by its address: {status}")


def _addresses(tally: Tally, system: System, token: str) -> None:
    """The token leaves the address for a cookie that no script reads and no other site sends; and
    the way leads nowhere else."""
    led = {
        "/": "/",
        "/quick-tests/qt-1?tab=code": "/quick-tests/qt-1?tab=code",
        "//evil.example/x": "/evil.example/x",
        "/\\evil.example": "/%5Cevil.example",
        "/%0d%0aX-Evil: 1": "/%0D%0AX-Evil%3A%201",
    }
    for path, wanted in led.items():
        tally.tried()
        with httpx.Client(trust_env=False) as client:
            url = httpx.URL(str(system.http.base_url).rstrip("/") + path)
            answer = client.get(url.copy_merge_params({"token": token}))
        if (answer.status_code, answer.headers.get("location")) != (303, wanted):
            tally.lets_in(f"{path} leads to {answer.headers.get('location')}")
        cookie = answer.headers.get("set-cookie", "").lower()
        if "httponly" not in cookie or "samesite=strict" not in cookie or "path=/" not in cookie:
            tally.lets_in(f"the cookie is {cookie.replace(token.lower(), '…')}")


def _user(tally: Tally, system: System, token: str) -> None:
    """With the cookie: pages, changes, event streams, files. With the header: programs. With the
    file: the command."""
    system.http.get("/", params={"token": token})
    if "authorization" in system.http.headers or not system.http.cookies:
        tally.loses("a browser got no cookie")
    dataset = system.dataset()
    spec = {
        "feature_config_id": system.post("/api/feature-configs/", features(dataset, 1))["id"],
        "model_config_id": system.post("/api/model-configs/", model(1))["id"],
    }
    test = system.post("/api/quick-tests/", {"name": "Mine", "spec": spec})["id"]
    with system.http.stream("GET", f"/api/quick-tests/{test}/events/") as stream:
        states = re.findall(r'"state":\s*"(\w+)"', "".join(stream.iter_text()))
    ended = happens(lambda: system.get(f"/api/quick-tests/{test}/")["status"]["state"])
    if not ended or "completed" not in states:
        tally.loses(f"the event stream told of {states}")
    for path in ("/", "/api/docs", f"/api/quick-tests/{test}/report/"):
        tally.tried()
        if (status := system.http.get(path).status_code) != 200:
            tally.loses(f"GET {path} with the cookie: {status}")
    for headers in ({"Authorization": f"Bearer {token}"}, {"authorization": f"bearer {token}"}):
        tally.tried()
        with httpx.Client(base_url=system.http.base_url, trust_env=False) as client:
            status = client.get("/api/datasets/", headers=headers).status_code
        if status != 200:
            tally.loses(f"a program with the header: {status}")
    tally.tried()
    listed = subprocess.run(
        [Path(sys.executable).with_name("recsmith"), "dataset", "list", "--home", system.home],
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode or "Shop" not in listed.stdout:
        tally.loses(f"the command says {listed.stdout}{listed.stderr}")
    if json.loads((system.home / "server.json").read_text())["pid"] != system.pid:
        tally.loses("the command ran a system of its own")
