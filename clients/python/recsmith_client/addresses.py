"""Which system a client talks to, found as the command line finds it."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from recsmith_client import tokens
from recsmith_client.errors import NoSystemError, NoTokenError

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_HERE = "here"  # as `recsmith --url here`


@dataclass(frozen=True)
class Address:
    """
    Attributes:
        local: of this machine: its answers may name files here, and no proxy is asked.
        token: what the server is shown; None: nothing.
    """

    url: str
    local: bool
    token: str | tokens.Source | None

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""


def address(
    url: str | None = None,
    token: str | tokens.Source | None = None,
    home: str | Path | None = None,
) -> Address:
    """The system at a URL, by default at `RECSMITH_URL`, else the one of this machine that runs
    over a home.

    Args:
        home: the folder of a system's state, by default `RECSMITH_HOME` or `.recsmith`.

    Raises:
        NoSystemError: none is named, and none runs over the home.
        NoTokenError: others may read the home's token.
        ValueError: the URL is no origin, or would have a token sent in the clear.
    """
    if url is not None and home is not None:
        raise ValueError("Give `url` for a deployment, or `home` for this machine, not both.")
    if url is None and home is None:
        url = os.environ.get("RECSMITH_URL") or None
    folder = Path(home or os.environ.get("RECSMITH_HOME") or ".recsmith")
    if url in (None, _HERE):
        return Address(_running(folder), local=True, token=token or _home_token(folder))
    assert url is not None
    origin, host = _origin(url)
    if host in _LOOPBACK:
        own = _noted(folder)
        mine = own is not None and own[1] == origin
        return Address(origin, local=True, token=token or (_home_token(folder) if mine else None))
    return Address(origin, local=False, token=token or tokens.found(origin))


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url.strip())
    host = parts.hostname
    plain = parts.username is None and not parts.query and not parts.fragment
    if not host or not plain or parts.path.rstrip("/") not in ("", "/api", "/api/docs"):
        raise ValueError(
            f"url is an address, such as https://recsmith.example.com. Received: {url!r}."
        )
    if parts.scheme != "https" and not (parts.scheme == "http" and host in _LOOPBACK):
        raise ValueError(f"url begins with https://: a token is sent there. Received: {url!r}.")
    return f"{parts.scheme}://{parts.netloc}", host


def _running(home: Path) -> str:
    noted = _noted(home)
    if noted is not None:
        try:
            os.kill(noted[0], 0)
            return noted[1]
        except PermissionError:  # it lives, and is another user's
            return noted[1]
        except OSError:
            pass
    raise NoSystemError(
        f"No system runs over {home}. Start one with `recsmith up`, or give the address of a "
        "deployment: Client('https://…')."
    )


def _noted(home: Path) -> tuple[int, str] | None:
    """Process and address of the system that was started last over a home."""
    try:
        note, inode = json.loads((home / "server.json").read_text()), home.stat().st_ino
        if note.get("folder", inode) != inode:  # of the folder that this one was copied from
            return None
        return int(note["pid"]), str(note["url"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _home_token(home: Path) -> str | None:
    """The token that `recsmith up --token` keeps in the home; None where none is asked for."""
    path = home / "token"
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW)) as file:
            found = os.fstat(file.fileno())
            token = file.read(1000).strip()
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise NoTokenError(f"{path} cannot be read: {error}.") from None
    if found.st_uid != os.getuid() or found.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise NoTokenError(f"{path} may be read by others: it is no secret any more.")
    return token or None
