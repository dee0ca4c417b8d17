"""Who may do what: signed tokens, roles, and refusals in the one shape of errors."""

from __future__ import annotations

import base64
import datetime
import json
import re
import time
from http.client import HTTPException
from typing import Any

import pytest
from api_client import error
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from google.auth import crypt, jwt
from scenario import Shop
from starlette.testclient import TestClient

from functions.api import create_app
from functions.api.guard import guard, needed_role
from functions.api.identity import InvokersOnly, Issuer, NotKnown, Roles, Tokens, issuer
from functions.settings import Settings, SettingsError
from shared.ports import Unavailable

AUDIENCE = "/projects/1/global/backendServices/2"
_SETTINGS: dict[str, Any] = {
    "project": "shop-prod",
    "location": "europe-west4",
    "bucket": "shop-recsmith",
    "auth": "iap",
    "auth_audience": AUDIENCE,
}


def _settings(**changed: Any) -> Settings:
    return Settings.model_validate({**_SETTINGS, **changed})


class Signer:
    """An issuer's key; `fetched` counts how often its certificates were asked for."""

    def __init__(self, kind: str = "ec") -> None:
        self.fetched = 0
        self._kind = kind
        self._key: Any = (
            ec.generate_private_key(ec.SECP256R1())
            if kind == "ec"
            else rsa.generate_private_key(65537, 2048)
        )

    def fetch(self, _: str) -> bytes:
        self.fetched += 1
        public = self._key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return json.dumps({"key-1": public.decode()}).encode()

    def certificate(self) -> bytes:
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "recsmith.example")])
        now = datetime.datetime.now(datetime.UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self._key.public_key())
            .serial_number(1)
            .not_valid_before(now)
            .not_valid_after(now + datetime.timedelta(days=1))
            .sign(self._key, hashes.SHA256())
        )
        return made.public_bytes(serialization.Encoding.PEM)

    def token(self, key_id: str = "key-1", **claims: Any) -> str:
        pem = self._key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8
            if self._kind == "ec"
            else serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
        signer: Any = crypt.EsSigner if self._kind == "ec" else crypt.RSASigner
        now = int(time.time())
        payload = {
            "iss": "https://cloud.google.com/iap",
            "aud": AUDIENCE,
            "iat": now,
            "exp": now + 600,
            "email": "Buyer@shop.example",
            **claims,
        }
        return jwt.encode(signer.from_string(pem, key_id), payload).decode()


@pytest.fixture
def signer() -> Signer:
    return Signer()


def _claims(signer: Signer, token: str) -> Any:
    tokens = Tokens(issuer(_settings()), signer.fetch)
    return tokens.claims({"x-goog-iap-jwt-assertion": token})


def test_a_signed_token_names_its_caller(signer: Signer) -> None:
    assert _claims(signer, signer.token())["email"] == "Buyer@shop.example"


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"aud": "/projects/1/global/backendServices/3"}, "does not count"),
        ({"exp": int(time.time()) - 60, "iat": int(time.time()) - 900}, "does not count"),
        ({"iss": "https://accounts.google.com"}, "another issuer"),
    ],
)
def test_a_token_of_another_audience_time_or_issuer_does_not_count(
    signer: Signer, claims: dict[str, Any], reason: str
) -> None:
    with pytest.raises(NotKnown, match=reason):
        _claims(signer, signer.token(**claims))


def test_a_token_that_somebody_else_signed_does_not_count(signer: Signer) -> None:
    forged = Signer().token()
    for token in (forged, signer.token()[:-4] + "AAAA", "nonsense", "a.b.c", ""):
        with pytest.raises(NotKnown):
            _claims(signer, token)


@pytest.mark.parametrize("auth", ["iap", "run"])
def test_no_refusal_repeats_the_token(signer: Signer, auth: str) -> None:
    secret = "hush-" * 8
    part = base64.urlsafe_b64encode(b"hush hush hush").decode()
    body = base64.urlsafe_b64encode(b"{}").decode()
    odd = base64.urlsafe_b64encode(b'{"kid": ["a"], "alg": "ES256"}').decode()
    odd_ones = [f"{odd}.{body}.{secret}"] if auth == "iap" else []
    for token in (secret, f"{secret}.b.c", f"{part}.{part}.{part}", *odd_ones):
        header = "authorization" if auth == "run" else "x-goog-iap-jwt-assertion"
        known = InvokersOnly() if auth == "run" else Tokens(issuer(_settings()), signer.fetch)
        with pytest.raises(NotKnown) as refused:
            known.claims({header: f"Bearer {token}" if auth == "run" else token})
        assert not re.search(f"hush|{part}", str(refused.value))


def test_certificates_are_fetched_once_and_again_for_an_unknown_key_but_not_each_time(
    signer: Signer,
) -> None:
    tokens = Tokens(issuer(_settings()), signer.fetch)
    for key_id in ("key-1", "key-1", "key-2", "key-3"):
        headers = {"x-goog-iap-jwt-assertion": signer.token(key_id)}
        if key_id == "key-1":
            tokens.claims(headers)
        else:
            with pytest.raises(NotKnown):
                tokens.claims(headers)
    assert signer.fetched == 1


class Clock:
    def __init__(self) -> None:
        self.now = 1e6

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return time.time()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr("functions.api.identity.time", made)
    return made


def test_where_the_keys_cannot_be_had_the_caller_is_to_come_again(
    signer: Signer, clock: Clock
) -> None:
    faults: list[Exception | bytes] = [OSError("no route"), HTTPException(), b"<html>"]

    def fetch(address: str) -> bytes:
        if not faults:
            return signer.fetch(address)
        fault = faults.pop(0)
        if isinstance(fault, bytes):
            return fault
        raise fault

    tokens = Tokens(issuer(_settings()), fetch)
    headers = {"x-goog-iap-jwt-assertion": signer.token()}
    for left in (2, 1, 0):
        for _ in range(2):  # the second time too soon after the first to try again
            with pytest.raises(Unavailable, match="keys"):
                tokens.claims(headers)
            assert len(faults) == left
        clock.now += 6
    assert tokens.claims(headers)["email"] == "Buyer@shop.example"


def test_while_newer_keys_cannot_be_had_the_old_ones_count(signer: Signer, clock: Clock) -> None:
    tokens = Tokens(issuer(_settings()), signer.fetch)
    headers = {"x-goog-iap-jwt-assertion": signer.token()}
    tokens.claims(headers)
    tokens._fetch = _fails  # type: ignore[method-assign]
    clock.now += 3700
    assert tokens.claims(headers)["email"] == "Buyer@shop.example"
    with pytest.raises(Unavailable):  # it may be newer than those
        tokens.claims({"x-goog-iap-jwt-assertion": signer.token("key-2")})


def _fails(_: str) -> bytes:
    raise OSError("no route")


def test_an_api_without_keys_answers_that_it_is_not_available(
    signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("functions.api.identity._fetch", _fails)
    shop = Shop()
    client = TestClient(guard(create_app(shop.ports), _settings(), shop.ports.documents))
    answer = client.get("/api/datasets/", headers={"X-Goog-IAP-JWT-Assertion": signer.token()})
    assert error(answer, 503, "unavailable")
    assert answer.headers["retry-after"] == "5"


def test_of_two_tokens_only_the_one_that_cloud_run_verifies_is_believed() -> None:
    """Cloud Run checks `X-Serverless-Authorization` where it is there, and passes the other on."""

    def bearer(email: str) -> str:
        parts = [{"alg": "RS256"}, {"email": email}, "SIGNATURE_REMOVED_BY_GOOGLE"]
        encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()) for part in parts]
        return f"Bearer {b'.'.join(encoded).decode()}"

    settings = _settings(auth="run", auth_audience=None, admins="head@shop.example")
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
    platform = issuer(_settings(auth="identity_platform", auth_audience=None))
    assert platform.audience == "shop-prod"
    token = signer.token(iss=platform.issuers[0], aud="shop-prod", role="editor")
    certificates = json.dumps({"key-1": signer.certificate().decode()}).encode()
    claims = Tokens(platform, lambda _: certificates).claims({"authorization": f"Bearer {token}"})
    caller = Roles(_settings(roles_from="claims"), Shop().documents).caller(claims)
    assert (caller.email, caller.role) == ("buyer@shop.example", "editor")


@pytest.mark.parametrize(
    ("stored", "settings", "role"),
    [
        ({"role": "admin"}, {}, "admin"),
        ({"role": "owner"}, {}, None),
        ({}, {}, "viewer"),
        (None, {}, "viewer"),
        (None, {"default_role": None}, None),
        ({"role": "viewer"}, {"admins": "BUYER@shop.example"}, "admin"),
    ],
)
def test_a_role_is_in_the_persons_document(stored: Any, settings: Any, role: str | None) -> None:
    shop = Shop()
    if stored is not None:
        shop.documents.write("people/buyer@shop.example", stored)
    caller = Roles(_settings(**settings), shop.documents).caller({"email": "Buyer@shop.example"})
    assert caller.role == role


@pytest.mark.parametrize("email", [None, "", 7, "a/b"])
def test_a_token_without_an_address_names_nobody(email: Any) -> None:
    with pytest.raises(NotKnown):
        Roles(_settings(), Shop().documents).caller({"email": email})


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
    assert needed_role(method, path) == role


def test_the_api_answers_whom_it_knows_and_refuses_others_in_the_shape_of_errors(
    signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("functions.api.identity._fetch", signer.fetch)
    shop = Shop()
    settings = _settings(cors_origins="https://console.shop.example")
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
        guard(create_app(shop.ports), _settings(auth=None), shop.ports.documents)


def test_issuers_are_three() -> None:
    kinds = [_settings(auth=auth) for auth in ("iap", "google", "identity_platform")]
    found: list[Issuer] = [issuer(settings) for settings in kinds]
    assert len({one.certificates for one in found}) == 3
