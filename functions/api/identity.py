"""Who is calling: Google's signed tokens, verified, and the role that goes with them."""

from __future__ import annotations

import http.client
import json
import logging
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from google.auth import exceptions, jwt

from functions.settings import Role, Settings
from shared.errors import UnavailableError
from shared.ports import DocumentStore

_log = logging.getLogger(__name__)

_CERTIFICATES_SECONDS = 3600.0
_FETCH_AGAIN_SECONDS = 60.0
_TRY_AGAIN_SECONDS = 5.0
_ROLE_SECONDS = 60.0
_CLOCK_SKEW_SECONDS = 10
AUTHORIZATION, SERVERLESS = "authorization", "x-serverless-authorization"
_ROLES = ("viewer", "editor", "admin")
# A token of odd parts is met as whatever they are used for: a key id that is a list, say.
_NO_TOKEN = (exceptions.GoogleAuthError, ValueError, TypeError)


class UnknownCallerError(Exception):
    """A caller without a token, or with one that does not count; the message says which."""


@dataclass(frozen=True)
class Caller:
    """`role` is None for somebody who may not come in."""

    email: str
    role: Role | None


@dataclass(frozen=True)
class Issuer:
    """Who signs the tokens, and for whom.

    Attributes:
        header: of the request, in lower case.
        certificates: address of a JSON object of PEM keys or certificates by key id.
        has_tenants: whether tokens may be of a tenant, each of which has people of its own.
        tenant: the one whose tokens count; None: those of no tenant.
    """

    header: str
    certificates: str
    issuers: tuple[str, ...]
    audience: str
    has_tenants: bool = False
    tenant: str | None = None

    def tenant_of(self, claims: Mapping[str, Any]) -> Any:
        """Of a token; None where it is of none."""
        told = claims.get("firebase")
        return told.get("tenant") if isinstance(told, Mapping) else None


def issuer(settings: Settings) -> Issuer:
    """Whose tokens a deployment takes.

    Sources: https://cloud.google.com/iap/docs/signed-headers-howto,
    https://cloud.google.com/identity-platform/docs/multi-tenancy-authentication,
    https://firebase.google.com/docs/auth/admin/verify-id-tokens and
    https://developers.google.com/identity/openid-connect/openid-connect#validatinganidtoken
    """
    audience = settings.auth_audience or settings.project
    if settings.auth == "iap":
        return Issuer(
            header="x-goog-iap-jwt-assertion",
            certificates="https://www.gstatic.com/iap/verify/public_key",
            issuers=("https://cloud.google.com/iap",),
            audience=audience,
        )
    if settings.auth == "identity_platform":
        return Issuer(
            header=AUTHORIZATION,
            certificates="https://www.googleapis.com/robot/v1/metadata/x509/"
            "securetoken@system.gserviceaccount.com",
            issuers=(f"https://securetoken.google.com/{settings.project}",),
            audience=settings.project,
            has_tenants=True,
            tenant=settings.auth_tenant,
        )
    return Issuer(
        header="authorization",
        certificates="https://www.googleapis.com/oauth2/v1/certs",
        issuers=("https://accounts.google.com", "accounts.google.com"),
        audience=audience,
    )


class Tokens:
    """Verifies tokens of one issuer, with its certificates kept for an hour, or for as long as no
    newer ones can be had.

    Args:
        fetch: gets the body at an address.
    """

    def __init__(self, issuer: Issuer, fetch: Callable[[str], bytes] | None = None) -> None:
        self._issuer = issuer
        self._fetch = fetch or _fetch
        self._lock = threading.Lock()
        self._certificates: dict[str, str] = {}
        self._fetched = self._tried = -_CERTIFICATES_SECONDS
        self._had = False  # by the last try

    def claims(self, headers: Mapping[str, str]) -> Mapping[str, Any]:
        """The claims of the request's token.

        Raises:
            UnknownCallerError: it does not count.
            UnavailableError: the certificates cannot be had.
        """
        token = token_in(headers, self._issuer.header)
        try:
            claims: Mapping[str, Any] = jwt.decode(
                token,
                certs=self._certificates_for(token),
                audience=self._issuer.audience,
                clock_skew_in_seconds=_CLOCK_SKEW_SECONDS,
            )
        except _NO_TOKEN as error:
            raise UnknownCallerError(f"The token does not count: {_why(error)}.") from None
        if claims.get("iss") not in self._issuer.issuers:
            raise UnknownCallerError(f"The token is of another issuer: {claims.get('iss')!r}.")
        tenant = self._issuer.tenant_of(claims)
        if self._issuer.has_tenants and tenant != self._issuer.tenant:
            raise UnknownCallerError(f"The token is of another tenant: {tenant!r}.")
        return claims

    def _certificates_for(self, token: str) -> dict[str, str]:
        """Fetched anew where they are old or lack the token's key, but not with each request."""
        key = jwt.decode_header(token).get("kid")
        with self._lock:
            now = time.monotonic()
            old, known = now - self._fetched > _CERTIFICATES_SECONDS, key in self._certificates
            pause = _FETCH_AGAIN_SECONDS if self._had else _TRY_AGAIN_SECONDS
            if (old or not known) and now - self._tried > pause:
                self._fetch_anew(now)
            if not (self._had or key in self._certificates):
                raise UnavailableError(
                    "Google's keys, which tokens are checked with, cannot be had."
                )
            return self._certificates

    def _fetch_anew(self, now: float) -> None:
        self._tried, self._had = now, False
        try:
            found = json.loads(self._fetch(self._issuer.certificates))
        except (OSError, http.client.HTTPException, ValueError):
            _log.exception("The keys at %s cannot be had", self._issuer.certificates)
            return
        self._certificates, self._fetched, self._had = dict(found), now, True


class InvokersOnly:
    """Believes the token's claims, for Cloud Run has verified it: it lets in none but those who may
    invoke the service, and cuts the signature off.

    Of two tokens it verifies the one in `X-Serverless-Authorization` only, and hands both on: the
    other may say anything.
    """

    def claims(self, headers: Mapping[str, str]) -> Mapping[str, Any]:
        """Raises UnknownCallerError."""
        verified = SERVERLESS if SERVERLESS in headers else AUTHORIZATION
        try:
            claims: Mapping[str, Any] = jwt.decode(token_in(headers, verified), verify=False)
        except _NO_TOKEN as error:
            raise UnknownCallerError(f"The token cannot be read: {_why(error)}.") from None
        return claims


def _why(error: Exception) -> str:
    """What the library says of claims. Of what is malformed it repeats the token, or a part."""
    if isinstance(error, exceptions.InvalidValue):
        return str(error).rstrip(".")
    return "it is malformed, or signed by another"


def token_in(headers: Mapping[str, str], name: str) -> str:
    """Raises UnknownCallerError."""
    value = headers.get(name, "")
    if name in (AUTHORIZATION, SERVERLESS):
        scheme, _, value = value.partition(" ")
        value = value if scheme.lower() == "bearer" else ""
    if not value.strip():
        raise UnknownCallerError(f"The request has no token: send one in the header {name!r}.")
    return value.strip()


class Roles:
    """A caller's role, from the token's claims or from `people/{email}`, kept for a minute."""

    def __init__(self, settings: Settings, documents: DocumentStore) -> None:
        self._settings = settings
        self._documents = documents
        self._vouched = settings.auth == "iap"  # its tokens have no such claim: Google's accounts
        self._known: dict[str, tuple[float, Role | None]] = {}

    def caller(self, claims: Mapping[str, Any]) -> Caller:
        """Raises UnknownCallerError for a token without a verified e-mail address."""
        email = claims.get("email")
        if not isinstance(email, str) or not email or "/" in email:
            raise UnknownCallerError("The token names no e-mail address.")
        if claims.get("email_verified") is not True and not self._vouched:
            raise UnknownCallerError(f"The address {email} is not verified.")
        email = email.lower()
        if email in map(str.lower, self._settings.admins):
            return Caller(email, "admin")
        if self._settings.roles_from == "claims":
            return Caller(email, self._role(claims.get("role"), email))
        return Caller(email, self._of_document(email))

    def _of_document(self, email: str) -> Role | None:
        found = self._known.get(email)
        now = time.monotonic()
        if found is None or now - found[0] > _ROLE_SECONDS:
            snapshot = self._documents.get(f"people/{email}")
            found = now, self._role(snapshot.data.get("role") if snapshot else None, email)
            self._known[email] = found
        return found[1]

    def _role(self, stated: Any, email: str) -> Role | None:
        """A role that is none gives no access; none stated, that of the address or its domain, or
        the default."""
        if stated is None:
            editors = {one.lower() for one in self._settings.editors}
            domain = f"@{email.rpartition('@')[2]}"
            return "editor" if editors & {email, domain} else self._settings.default_role
        return stated if stated in _ROLES else None


def _fetch(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=10) as response:  # noqa: S310 - our constants
        content: bytes = response.read()
        return content
