"""Which tokens count, and where their keys come from."""

from __future__ import annotations

import base64
import re
import time
from http.client import HTTPException
from typing import Any

import pytest
from signing import Signer, guard_settings

from functions.api.identity import InvokersOnly, Tokens, UnknownCallerError, issuer
from shared.errors import UnavailableError


@pytest.fixture
def signer() -> Signer:
    return Signer()


def _claims(signer: Signer, token: str) -> Any:
    tokens = Tokens(issuer(guard_settings()), signer.fetch)
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
    with pytest.raises(UnknownCallerError, match=reason):
        _claims(signer, signer.token(**claims))


def test_a_token_that_somebody_else_signed_does_not_count(signer: Signer) -> None:
    forged = Signer().token()
    for token in (forged, signer.token()[:-4] + "AAAA", "nonsense", "a.b.c", ""):
        with pytest.raises(UnknownCallerError):
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
        known = InvokersOnly() if auth == "run" else Tokens(issuer(guard_settings()), signer.fetch)
        with pytest.raises(UnknownCallerError) as refused:
            known.claims({header: f"Bearer {token}" if auth == "run" else token})
        assert not re.search(f"hush|{part}", str(refused.value))


def test_certificates_are_fetched_once_and_again_for_an_unknown_key_but_not_each_time(
    signer: Signer,
) -> None:
    tokens = Tokens(issuer(guard_settings()), signer.fetch)
    for key_id in ("key-1", "key-1", "key-2", "key-3"):
        headers = {"x-goog-iap-jwt-assertion": signer.token(key_id)}
        if key_id == "key-1":
            tokens.claims(headers)
        else:
            with pytest.raises(UnknownCallerError):
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

    tokens = Tokens(issuer(guard_settings()), fetch)
    headers = {"x-goog-iap-jwt-assertion": signer.token()}
    for left in (2, 1, 0):
        for _ in range(2):  # the second time too soon after the first to try again
            with pytest.raises(UnavailableError, match="keys"):
                tokens.claims(headers)
            assert len(faults) == left
        clock.now += 6
    assert tokens.claims(headers)["email"] == "Buyer@shop.example"


def test_while_newer_keys_cannot_be_had_the_old_ones_count(signer: Signer, clock: Clock) -> None:
    tokens = Tokens(issuer(guard_settings()), signer.fetch)
    headers = {"x-goog-iap-jwt-assertion": signer.token()}
    tokens.claims(headers)
    tokens._fetch = _fails  # type: ignore[method-assign]
    clock.now += 3700
    assert tokens.claims(headers)["email"] == "Buyer@shop.example"
    with pytest.raises(UnavailableError):  # it may be newer than those
        tokens.claims({"x-goog-iap-jwt-assertion": signer.token("key-2")})


def _fails(_: str) -> bytes:
    raise OSError("no route")
