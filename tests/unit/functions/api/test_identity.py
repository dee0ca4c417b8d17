"""Who may call what."""

from __future__ import annotations

import base64
import json
import pkgutil
import re
import sys
from importlib.machinery import FileFinder
from types import ModuleType
from typing import Any

import pytest
from api_client import error
from fastapi import APIRouter
from fastapi.routing import APIRoute
from scenario import Shop
from signing import Signer, guard_settings
from starlette.testclient import TestClient

from functions.api import create_app
from functions.api.app import endpoints
from functions.api.guard import guard
from functions.api.identity import Issuer, Roles, Tokens, UnknownCallerError, issuer
from functions.api.rights import UndeclaredRightError, declared_role, needed_role, needs
from functions.settings import SettingsError


@pytest.fixture
def signer() -> Signer:
    return Signer()


def _fails(_: str) -> bytes:
    raise OSError("no route")


def test_an_api_without_keys_answers_that_it_is_not_available(
    signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("functions.api.identity._fetch", _fails)
    shop = Shop()
    client = TestClient(guard(create_app(shop.ports), guard_settings(), shop.ports.documents))
    answer = client.get("/api/datasets/", headers={"X-Goog-IAP-JWT-Assertion": signer.token()})
    assert error(answer, 503, "unavailable")
    assert answer.headers["retry-after"] == "5"


def test_of_two_tokens_only_the_one_that_cloud_run_verifies_is_believed() -> None:
    """Cloud Run checks `X-Serverless-Authorization` where it is there, and passes the other on."""

    def bearer(email: str) -> str:
        claims = {"email": email, "email_verified": True}
        parts = [{"alg": "RS256"}, claims, "SIGNATURE_REMOVED_BY_GOOGLE"]
        encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()) for part in parts]
        return f"Bearer {b'.'.join(encoded).decode()}"

    settings = guard_settings(auth="run", auth_audience=None, admins="head@shop.example")
    shop = Shop()
    client = TestClient(guard(create_app(shop.ports), settings, shop.ports.documents))
    shop.documents.write("datasets/ds-1", {"name": "Shop", "spec": {}})
    posed = {
        "Authorization": bearer("head@shop.example"),
        "X-Serverless-Authorization": bearer("analyst@shop.example"),
    }
    refused = error(client.delete("/api/datasets/ds-1/", headers=posed), 403, "forbidden")
    assert refused["message"].startswith("analyst@shop.example is viewer")
    empty = {**posed, "X-Serverless-Authorization": ""}
    assert error(client.delete("/api/datasets/ds-1/", headers=empty), 401, "unauthorized")
    twice = [("Authorization", bearer(f"{name}@shop.example")) for name in ("analyst", "head")]
    assert error(client.delete("/api/datasets/ds-1/", headers=twice), 401, "unauthorized")
    alone = {"Authorization": bearer("head@shop.example")}
    assert client.delete("/api/datasets/ds-1/", headers=alone).status_code != 403


def test_an_id_token_of_identity_platform_comes_as_a_bearer() -> None:
    signer = Signer("rsa")
    platform = issuer(guard_settings(auth="identity_platform", auth_audience=None))
    assert platform.audience == "shop-prod"
    token = signer.token(iss=platform.issuers[0], aud="shop-prod", role="editor")
    certificates = json.dumps({"key-1": signer.certificate().decode()}).encode()
    claims = Tokens(platform, lambda _: certificates).claims({"authorization": f"Bearer {token}"})
    caller = Roles(guard_settings(roles_from="claims"), Shop().documents).caller(claims)
    assert (caller.email, caller.role) == ("buyer@shop.example", "editor")


@pytest.mark.parametrize("told", [None, "shop-a1", "shop-b2", {"odd": 1}])
@pytest.mark.parametrize("ours", [None, "shop-a1"])
def test_only_people_of_our_own_tenant_come_in(ours: str | None, told: Any) -> None:
    signer = Signer("rsa")
    settings = guard_settings(auth="identity_platform", auth_audience=None, auth_tenant=ours)
    platform = issuer(settings)
    firebase = {"sign_in_provider": "password"} | ({} if told is None else {"tenant": told})
    token = signer.token(iss=platform.issuers[0], aud="shop-prod", firebase=firebase)
    certificates = json.dumps({"key-1": signer.certificate().decode()}).encode()
    headers = {"authorization": f"Bearer {token}"}
    if told == ours:
        Tokens(platform, lambda _: certificates).claims(headers)
    else:
        with pytest.raises(UnknownCallerError, match="of another tenant"):
            Tokens(platform, lambda _: certificates).claims(headers)


@pytest.mark.parametrize(
    ("stored", "settings", "role"),
    [
        ({"role": "admin"}, {}, "admin"),
        ({"role": "owner"}, {}, None),
        ({}, {}, "viewer"),
        (None, {}, "viewer"),
        (None, {"default_role": None}, None),
        (None, {"editors": "buyer@Shop.example"}, "editor"),
        ({}, {"editors": "@shop.example"}, "editor"),
        (None, {"editors": "@example,@other.shop.example,ada@shop.example"}, "viewer"),
        ({"role": "viewer"}, {"editors": "@shop.example"}, "viewer"),
        ({"role": "owner"}, {"editors": "@shop.example"}, None),
        ({"role": "viewer"}, {"admins": "BUYER@shop.example"}, "admin"),
    ],
)
def test_a_role_is_in_the_persons_document(stored: Any, settings: Any, role: str | None) -> None:
    shop = Shop()
    if stored is not None:
        shop.documents.write("people/buyer@shop.example", stored)
    caller = Roles(guard_settings(**settings), shop.documents).caller(
        {"email": "Buyer@shop.example"}
    )
    assert caller.role == role


@pytest.mark.parametrize("auth", ["google", "identity_platform", "run"])
@pytest.mark.parametrize("told", [{}, {"email_verified": False}, {"email_verified": "true"}])
def test_an_address_counts_only_where_the_token_says_that_it_is_verified(
    auth: str, told: dict[str, Any]
) -> None:
    roles = Roles(guard_settings(auth=auth), Shop().documents)
    with pytest.raises(UnknownCallerError, match="is not verified"):
        roles.caller({"email": "head@shop.example", **told})
    roles.caller({"email": "head@shop.example", "email_verified": True})


@pytest.mark.parametrize(
    ("auth", "role"),
    [("google", None), ("identity_platform", None), ("run", "viewer"), ("iap", "viewer")],
)
def test_where_anybody_can_get_a_token_nobody_has_a_role_by_default(auth: str, role: Any) -> None:
    settings = guard_settings(auth=auth)
    claims = {"email": "somebody@else.example", "email_verified": True}
    assert Roles(settings, Shop().documents).caller(claims).role == role


@pytest.mark.parametrize("email", [None, "", 7, "a/b"])
def test_a_token_without_an_address_names_nobody(email: Any) -> None:
    with pytest.raises(UnknownCallerError):
        Roles(guard_settings(), Shop().documents).caller({"email": email})


@pytest.mark.parametrize(
    ("method", "path", "role"),
    [
        ("GET", "/api/quick-tests/", "viewer"),
        ("POST", "/api/quick-tests/", "editor"),
        ("POST", "/api/quick-tests/qt-1/cancel", "editor"),
        ("POST", "/api/feature-configs/validate/", "viewer"),
        ("POST", "/api/generate-trainer-code", "viewer"),
        ("POST", "/api/quick-tests/heatmap/", "viewer"),
        ("POST", "/api/quick-tests/compare.csv/", "viewer"),
        ("POST", "/api/quick-tests/qt-1/predictions/", "viewer"),
        ("PUT", "/api/datasets/ds-1/", "editor"),
        ("DELETE", "/api/datasets/ds-1/", "admin"),
        ("POST", "/api/datasets/ds-1/delete/", "admin"),
        ("PATCH", "/api/anything/", "editor"),
        ("PUT", "/api/datasets/validate/", "editor"),
    ],
)
def test_each_request_takes_a_role(method: str, path: str, role: str) -> None:
    assert needed_role(endpoints().routes, method, path) == role


def test_every_endpoint_says_who_may_call_it() -> None:
    declared = {
        (method, route.path): declared_role(route)
        for route in endpoints().routes
        if isinstance(route, APIRoute)
        for method in route.methods or ()
    }
    assert len(declared) > 60
    for (method, path), role in declared.items():
        if method in ("GET", "DELETE"):
            assert role == {"GET": "viewer", "DELETE": "admin"}[method], path
        asked = re.sub(r"{\w+}", "some-id", path)
        assert needed_role(endpoints().routes, method, asked) == role
        assert needed_role(endpoints().routes, method, asked.rstrip("/")) == role


def test_an_endpoint_that_does_not_say_who_may_call_it_keeps_the_api_from_starting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    router = APIRouter(prefix="/api/odd")

    @router.post("/{odd_id}/paint/")
    def paint(odd_id: str) -> None: ...

    module = ModuleType("functions.api.odd")
    vars(module)["router"] = router
    monkeypatch.setitem(sys.modules, module.__name__, module)
    real = pkgutil.iter_modules
    monkeypatch.setattr(
        "functions.api.app.pkgutil.iter_modules",
        lambda path: [*real(path), pkgutil.ModuleInfo(FileFinder(""), "odd", False)],
    )
    with pytest.raises(UndeclaredRightError, match=r"POST /api/odd/\{odd_id\}/paint/ .* @needs"):
        create_app(Shop().ports)
    needs("admin")(paint)
    create_app(Shop().ports)
    assert needed_role(endpoints().routes, "POST", "/api/odd/7/paint") == "admin"


def test_the_api_answers_whom_it_knows_and_refuses_others_in_the_shape_of_errors(
    signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("functions.api.identity._fetch", signer.fetch)
    shop = Shop()
    settings = guard_settings(cors_origins="https://console.shop.example")
    client = TestClient(guard(create_app(shop.ports), settings, shop.ports.documents))
    token = {"X-Goog-IAP-JWT-Assertion": signer.token()}
    assert error(client.get("/api/datasets/"), 401, "unauthorized")
    assert client.get("/api/datasets/", headers=token).status_code == 200
    refused = error(client.post("/api/datasets/", headers=token, json={}), 403, "forbidden")
    assert "is viewer; this takes editor" in refused["message"]
    origin = {"Origin": "https://console.shop.example"}
    assert (
        client.get("/api/datasets/", headers={**token, **origin}).headers[
            "access-control-allow-origin"
        ]
        == (origin["Origin"])
    )
    stranger = client.get(
        "/api/datasets/", headers={**token, "Origin": "https://elsewhere.example"}
    )
    assert "access-control-allow-origin" not in stranger.headers


def test_an_api_that_knows_nobody_does_not_start() -> None:
    shop = Shop()
    with pytest.raises(SettingsError, match="RECSMITH_AUTH is not set"):
        guard(create_app(shop.ports), guard_settings(auth=None), shop.ports.documents)


def test_issuers_are_three() -> None:
    kinds = [guard_settings(auth=auth) for auth in ("iap", "google", "identity_platform")]
    found: list[Issuer] = [issuer(settings) for settings in kinds]
    assert len({one.certificates for one in found}) == 3
