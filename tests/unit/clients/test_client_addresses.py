"""Where the client finds a system: as the command line does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from recsmith_client import NoSystemError, NoTokenError
from recsmith_client.addresses import address

from local.cli.note import announced
from local.cli.token import ask_for_token

HERE = "http://127.0.0.1:8765"


@pytest.fixture(autouse=True)
def _nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("RECSMITH_URL", "RECSMITH_HOME", "RECSMITH_ID_TOKEN"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / ".recsmith"
    home.mkdir(mode=0o700)
    return home


def test_what_runs_here_is_found_with_its_token(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the note and the token that the command line writes and reads."""
    with announced(home, HERE):
        assert (address().url, address().local, address().token) == (HERE, True, None)
        token = ask_for_token(home, True)
        assert token is not None
        assert address().token == token
        assert address(HERE).token == token
        assert address("http://127.0.0.1:1").token is None  # another server is told nothing
        monkeypatch.setenv("RECSMITH_HOME", str(home))
        monkeypatch.chdir("/")
        assert address().url == HERE
        (home / "token").chmod(0o644)
        with pytest.raises(NoTokenError, match="may be read by others"):
            address()
    with pytest.raises(NoSystemError, match="No system runs over"):
        address(home=home)


def test_a_note_that_was_left_or_copied_is_none(home: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-S", "-c", ""])
    ended.wait()
    (home / "server.json").write_text(json.dumps({"pid": ended.pid, "url": HERE}))
    with pytest.raises(NoSystemError):
        address()
    (home / "server.json").write_text(json.dumps({"pid": os.getpid(), "url": HERE, "folder": 1}))
    with pytest.raises(NoSystemError):
        address()
    (home / "server.json").write_text("[]")
    with pytest.raises(NoSystemError):
        address()


def test_a_deployment_is_told_a_token(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    found = address("https://shop.example/api/", "mine")
    assert (found.url, found.local, found.token) == ("https://shop.example", False, "mine")
    monkeypatch.setenv("RECSMITH_URL", "https://shop.example:8443")
    assert address(token="mine").url == "https://shop.example:8443"
    with announced(home, HERE):
        assert address(home=home).url == HERE  # which is named
        monkeypatch.setenv("RECSMITH_URL", "here")
        assert address().url == HERE
    monkeypatch.setenv("RECSMITH_ID_TOKEN", "of the environment")
    source = address("https://shop.example").token
    assert callable(source)
    assert source() == "of the environment"


@pytest.mark.parametrize(
    "url",
    [
        "shop.example",
        "http://shop.example",
        "https://u:p@shop.example",
        "https://shop.example/other",
        "ftp://shop.example",
    ],
)
def test_what_is_no_address_or_in_the_clear_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="Received"):
        address(url, "secret")


def test_two_places_are_refused(home: Path) -> None:
    with pytest.raises(ValueError, match="not both"):
        address(HERE, home=home)
