"""Where the tokens come from that a deployment asks for."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import shutil
import subprocess
import time
from collections.abc import AsyncGenerator, Callable, Generator

import httpx

from recsmith_client.errors import NoTokenError

Source = Callable[[], str]

VARIABLE = "RECSMITH_ID_TOKEN"
_EARLY_SECONDS = 300.0
_GCLOUD_SECONDS = 60.0


def environment() -> str:
    """The token in `RECSMITH_ID_TOKEN`.

    Raises:
        NoTokenError: it is not set.
    """
    token = os.environ.get(VARIABLE, "").strip()
    if not token:
        raise NoTokenError(f"{VARIABLE} is not set.")
    return token


def gcloud(audience: str | None = None, account: str | None = None) -> Source:
    """Tokens of `gcloud auth print-identity-token`, as whoever is signed in there.

    Args:
        audience: that tokens name, for a service account; people's name none of their choice.
        account: a service account to be, for which the caller may make tokens.

    Raises:
        NoTokenError: by the source: there is no gcloud, or it gives none.
    """
    command = ["gcloud", "auth", "print-identity-token", "--quiet"]
    if account is not None:
        command += [f"--impersonate-service-account={account}", "--include-email"]
    if audience is not None:
        command.append(f"--audiences={audience}")

    def fetch() -> str:
        try:
            ended = subprocess.run(
                command, capture_output=True, text=True, check=False, timeout=_GCLOUD_SECONDS
            )
        except FileNotFoundError:
            raise NoTokenError("There is no `gcloud`: install the Google Cloud CLI.") from None
        except subprocess.TimeoutExpired:
            raise NoTokenError(f"gcloud gave no token in {_GCLOUD_SECONDS:.0f} s.") from None
        token = ended.stdout.strip()
        if ended.returncode or not token:
            said = [line for line in ended.stderr.splitlines() if line.startswith("ERROR")]
            raise NoTokenError(f"gcloud gave no token: {said[0] if said else ended.stderr.strip()}")
        return token

    return fetch


def google(audience: str) -> Source:
    """ID tokens of application-default credentials (https://google.aip.dev/auth/4110), for service
    accounts; needs the package google-auth.

    Args:
        audience: the deployment's address, or the OAuth client of Identity-Aware Proxy.

    Raises:
        NoTokenError: by the source: google-auth is not installed, or finds no credentials.
    """

    def fetch() -> str:
        try:
            from google.auth import exceptions
            from google.auth.transport.requests import Request
            from google.oauth2 import id_token
        except ImportError:
            raise NoTokenError(
                "Application-default credentials need google-auth: install recsmith-client[google]."
            ) from None
        try:
            return str(id_token.fetch_id_token(Request(), audience))
        except exceptions.GoogleAuthError as error:
            raise NoTokenError(f"No token by application-default credentials: {error}") from None

    return fetch


def found(audience: str) -> Source:
    """The first that there is: the environment's, gcloud's, that of application-default
    credentials."""
    if os.environ.get(VARIABLE):
        return environment
    return gcloud() if shutil.which("gcloud") else google(audience)


class Bearer(httpx.Auth):
    """Sends a source's token; a new one shortly before it expires, and once where the server takes
    it no more. Only to the host that it is for."""

    def __init__(self, source: str | Source, host: str) -> None:
        self._fixed = source if isinstance(source, str) else None
        self._source: Source = (lambda: source) if isinstance(source, str) else source
        self._host = host
        self._token: str | None = None

    def sync_auth_flow(
        self, request: httpx.Request
    ) -> Generator[httpx.Request, httpx.Response, None]:
        if request.url.host != self._host:
            yield request
            return
        if self._late():
            self._token = self._source()
        response = yield self._signed(request)
        if self._refused(response):
            self._token = self._source()
            yield self._signed(request)

    async def async_auth_flow(
        self, request: httpx.Request
    ) -> AsyncGenerator[httpx.Request, httpx.Response]:
        if request.url.host != self._host:
            yield request
            return
        if self._late():
            self._token = await asyncio.to_thread(self._source)
        response = yield self._signed(request)
        if self._refused(response):
            self._token = await asyncio.to_thread(self._source)
            yield self._signed(request)

    def _signed(self, request: httpx.Request) -> httpx.Request:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request

    def _late(self) -> bool:
        if self._token is None:
            return True
        ends = _expiry(self._token)
        return ends is not None and ends - time.time() < _EARLY_SECONDS

    def _refused(self, response: httpx.Response) -> bool:
        return response.status_code == httpx.codes.UNAUTHORIZED and self._fixed is None


def _expiry(token: str) -> float | None:
    """When a JSON Web Token says that it ends, in seconds since 1970; None where it does not."""
    try:
        part = token.split(".")[1]
        ends = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))["exp"]
    except (IndexError, ValueError, KeyError, TypeError):
        return None
    return float(ends) if isinstance(ends, int | float) else None
