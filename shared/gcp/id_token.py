"""ID tokens of this function's own account, for servers that let in whom Google vouches for."""

from __future__ import annotations

from typing import Any

from google.auth import exceptions
from google.auth.transport.requests import Request
from google.oauth2 import id_token

from shared.errors import UnavailableError


class IdToken:
    """The token of an account for an audience, fetched anew when it is about to expire.

    https://cloud.google.com/run/docs/authenticating/service-to-service
    """

    def __init__(self, audience: str) -> None:
        self._audience = audience
        self._credentials: Any = None

    def __call__(self) -> str:
        """Raises UnavailableError."""
        try:
            if self._credentials is None:
                self._credentials = id_token.fetch_id_token_credentials(self._audience)
            if not self._credentials.valid:
                self._credentials.refresh(Request())
        except exceptions.GoogleAuthError as error:
            raise UnavailableError(f"No ID token for {self._audience}: {error}") from error
        token: str = self._credentials.token
        return token
