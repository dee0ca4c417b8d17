"""The file of a home's token, and the guard that asks for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from local.cli.client import UserError
from local.cli.token import ask_for_token, file_of, token_of
from local.cli.token_guard import TokenOnly


def test_a_home_has_no_token_until_it_is_asked_for_and_keeps_it(tmp_path: Path) -> None:
    assert ask_for_token(tmp_path, None) is None
    token = ask_for_token(tmp_path, True)
    assert token is not None
    assert file_of(tmp_path).stat().st_mode & 0o777 == 0o600
    assert ask_for_token(tmp_path, True) == ask_for_token(tmp_path, None) == token
    assert ask_for_token(tmp_path, False) is None
    assert list(tmp_path.iterdir()) == []
    assert ask_for_token(tmp_path, True) != token


@pytest.mark.parametrize("asked", [True, None])
@pytest.mark.parametrize(
    ("content", "mode", "said"),
    [
        ("x" * 43, 0o644, r"may be read by others \(mode 644, not 600\)\. Delete it"),
        ("x" * 43, 0o620, "may be read by others"),
        ("", 0o600, "holds no token"),
        ("short", 0o600, "holds no token"),
    ],
)
def test_a_token_that_is_none_or_no_secret_is_refused(
    tmp_path: Path, asked: bool | None, content: str, mode: int, said: str
) -> None:
    file_of(tmp_path).write_text(content)
    file_of(tmp_path).chmod(mode)
    with pytest.raises(UserError, match=said):
        ask_for_token(tmp_path, asked)


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("x" * 43)
    file_of(tmp_path).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UserError, match="cannot be read"):
        token_of(tmp_path)


def test_a_browser_is_told_in_words_and_let_in_by_the_address() -> None:
    client = TestClient(TokenOnly(PlainTextResponse("within"), "x" * 43, 8700))
    page = client.get("/quick-tests", headers={"Accept": "text/html,*/*"})
    assert (page.status_code, "recsmith up" in page.text) == (401, True)
    program = client.get("/api/datasets/")
    assert program.json()["error"]["code"] == "unauthorized"
    assert program.headers["www-authenticate"].startswith("Bearer")
    assert client.get("/quick-tests?token=" + "x" * 43).text == "within"
    assert client.get("/quick-tests").text == "within"
