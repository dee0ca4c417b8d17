"""ID tokens for a server that lets in whom Google vouches for."""

from __future__ import annotations

from typing import Any

import pytest
from google.auth import exceptions
from google.oauth2 import id_token

from shared.errors import UnavailableError
from shared.gcp.id_token import IdToken


class Credentials:
    def __init__(self) -> None:
        self.refreshed = 0
        self.valid = False

    @property
    def token(self) -> str:
        return f"token {self.refreshed}"

    def refresh(self, request: Any) -> None:
        self.refreshed += 1
        self.valid = True


def test_a_token_is_kept_until_it_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    made, asked = Credentials(), []
    monkeypatch.setattr(
        id_token, "fetch_id_token_credentials", lambda audience: asked.append(audience) or made
    )
    token = IdToken("https://mlflow.example.com")
    assert [token(), token()] == ["token 1", "token 1"]
    made.valid = False
    assert token() == "token 2"
    assert asked == ["https://mlflow.example.com"]


def test_an_account_without_tokens_is_said_to_be_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(_: str) -> Any:
        raise exceptions.DefaultCredentialsError("no metadata server")

    monkeypatch.setattr(id_token, "fetch_id_token_credentials", none)
    with pytest.raises(UnavailableError, match=r"mlflow\.example\.com: no metadata server"):
        IdToken("https://mlflow.example.com")()
