"""The deployments that this user is signed in to, and the ID tokens that they ask for.

All is kept in one file of the user's own. A token lives for an hour and is fetched anew from
whatever it came from: `gcloud`, or application-default credentials. A pasted one cannot be.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from local.cli.client import UserError

By = Literal["gcloud", "adc", "token"]

_EARLY_SECONDS = 300.0
_GCLOUD_SECONDS = 60.0
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class SignIn(BaseModel):
    """How somebody is known to a deployment.

    Attributes:
        by: where tokens come from.
        audience: that they name, where it is not the deployment's address.
        account: of a service, which tokens are fetched as (`gcloud`).
        token: the last one.
    """

    model_config = ConfigDict(frozen=True)

    by: By
    audience: str | None = None
    account: str | None = None
    token: str


class _Known(BaseModel):
    """The file. `current` is the deployment that commands talk to."""

    current: str | None = None
    deployments: dict[str, SignIn] = {}


def file() -> Path:
    folder = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(folder) / "recsmith" / "sign-in.json"


def address(url: str) -> str:
    """The origin of a deployment, of which pages or the API's address may be given too. Raises
    UserError."""
    parts = urlsplit(url.strip())
    try:
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    plain = parts.username is None and not parts.query and not parts.fragment
    if not host or not plain or parts.path.rstrip("/") not in ("", "/api", "/api/docs"):
        raise UserError(
            f"--url is a deployment's address, such as https://recsmith.example.com. Received: "
            f"{url!r}."
        )
    if parts.scheme != "https" and not (parts.scheme == "http" and host in _LOOPBACK):
        raise UserError(f"--url begins with https://: a token is sent there. Received: {url!r}.")
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + ("" if port is None else f":{port}")


def current() -> str | None:
    """The deployment that was last signed in to; None after signing out."""
    return _read().current


def remember(url: str, sign_in: SignIn) -> None:
    """Keeps it; commands talk to this deployment from now on."""
    known = _read()
    _write(_Known(current=url, deployments={**known.deployments, url: sign_in}))


def forget(url: str) -> bool:
    """Whether anything was known of it."""
    known = _read()
    rest = {one: how for one, how in known.deployments.items() if one != url}
    _write(_Known(current=None if known.current == url else known.current, deployments=rest))
    return rest != known.deployments


def fetched(url: str, by: By, audience: str | None = None, account: str | None = None) -> SignIn:
    """A sign-in with a new token of `gcloud` or application-default credentials. Raises
    UserError."""
    token = _from_gcloud(url, audience, account) if by == "gcloud" else _from_adc(audience or url)
    return SignIn(by=by, audience=audience, account=account, token=token)


class Fixed(httpx.Auth):
    """Sends this token."""

    def __init__(self, token: str) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request


class Bearer(httpx.Auth):
    """Sends a deployment's token; a new one shortly before it expires, and once where the server
    takes it no more."""

    def __init__(self, url: str, fetch: Callable[..., SignIn] = fetched) -> None:
        self._url = url
        self._fetch = fetch

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        sign_in = _read().deployments.get(self._url)
        if sign_in is None:
            raise UserError(f"You are not signed in to {self._url}. {how(self._url)}")
        ends = claims(sign_in.token).get("exp")
        late = isinstance(ends, int | float) and ends - time.time() < _EARLY_SECONDS
        if late and sign_in.by != "token":
            sign_in = self._renewed(sign_in)
        request.headers["Authorization"] = f"Bearer {sign_in.token}"
        response = yield request
        if response.status_code == httpx.codes.UNAUTHORIZED and sign_in.by != "token" and not late:
            request.headers["Authorization"] = f"Bearer {self._renewed(sign_in).token}"
            yield request

    def _renewed(self, sign_in: SignIn) -> SignIn:
        """Kept for the next command; which deployment is the current one stays."""
        new = self._fetch(self._url, sign_in.by, sign_in.audience, sign_in.account)
        known = _read()
        _write(known.model_copy(update={"deployments": {**known.deployments, self._url: new}}))
        return new


def how(url: str) -> str:
    return f"Sign in again: recsmith --url {url} login"


def claims(token: str) -> dict[str, Any]:
    """What a token says, unverified, for it is ours; {} where it cannot be read."""
    try:
        part = token.split(".")[1]
        found = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (IndexError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _from_gcloud(url: str, audience: str | None, account: str | None) -> str:
    command = ["gcloud", "auth", "print-identity-token", "--quiet"]
    if account is not None:
        command += [f"--impersonate-service-account={account}", "--include-email"]
    if account is not None or audience is not None:
        command.append(f"--audiences={audience or url}")
    try:
        ended = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=_GCLOUD_SECONDS
        )
    except FileNotFoundError:
        raise UserError(
            "There is no `gcloud`: install the Google Cloud CLI, or sign in --with adc or token."
        ) from None
    except subprocess.TimeoutExpired:
        raise UserError(f"gcloud gave no token within {_GCLOUD_SECONDS:.0f} seconds.") from None
    token = ended.stdout.strip()
    if ended.returncode or not token:
        said = [line for line in ended.stderr.splitlines() if line.startswith("ERROR")]
        raise UserError(f"gcloud gave no token: {said[0] if said else 'run gcloud auth login'}")
    return token


def _from_adc(audience: str) -> str:
    """https://google.aip.dev/auth/4110; people's credentials bring an ID token of their own
    audience."""
    try:
        import google.auth
        from google.auth import exceptions
        from google.auth.transport.requests import Request
        from google.oauth2 import credentials, id_token
    except ImportError:
        raise UserError(
            "Application-default credentials need the libraries of Google Cloud: install recsmith "
            "with its extra `gcp`, or sign in --with gcloud."
        ) from None
    try:
        found, _ = google.auth.default()
        if isinstance(found, credentials.Credentials):
            found.refresh(Request())
            token = found.id_token
        else:
            token = id_token.fetch_id_token(Request(), audience)
    except exceptions.GoogleAuthError as error:
        raise UserError(f"No token by application-default credentials: {error}") from None
    if not token:
        raise UserError("These credentials give no ID token: sign in --with gcloud.")
    return str(token)


def _read() -> _Known:
    """Raises UserError where others may read the file, or it cannot be read."""
    try:
        with file().open() as kept:
            mode = os.fstat(kept.fileno()).st_mode & 0o777
            if mode & 0o077:
                raise UserError(
                    f"{file()} holds tokens, and others may read it: chmod 600 {file()}"
                )
            return _Known.model_validate_json(kept.read())
    except FileNotFoundError:
        return _Known()
    except (OSError, ValidationError):
        raise UserError(f"{file()} cannot be read: delete it, and sign in again.") from None


def _write(known: _Known) -> None:
    path = file()
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as kept:
            kept.write(known.model_dump_json(indent=2))
        draft.replace(path)
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror}.") from None
