"""Where the system of a home is served: a note that other commands find it by."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from local.cli.client import bearing
from local.cli.token import token_of

_PROBE_SECONDS = 3.0


@contextmanager
def announced(home: Path, url: str) -> Iterator[None]:
    """While the block runs, `server.json` says where the system is."""
    note = home / "server.json"
    draft = home / f"server.json.{os.getpid()}"
    draft.write_text(json.dumps({"pid": os.getpid(), "url": url, "folder": home.stat().st_ino}))
    draft.replace(note)
    try:
        yield
    finally:
        if _note(home) == (os.getpid(), url):
            note.unlink(missing_ok=True)


def running(home: Path, *, busy: bool = True) -> str | None:
    """The URL of the system that is being served from this home, or None.

    Args:
        busy: also one that lives but is too busy to answer soon.

    Raises:
        UserError: its token cannot be used.
    """
    noted = _note(home)
    if noted is None:
        return None
    pid, url = noted
    try:
        os.kill(pid, 0)
        answer = httpx.get(
            f"{url}/api/health/",
            timeout=_PROBE_SECONDS,
            trust_env=False,
            headers=bearing(token_of(home)),
        )
        return url if answer.is_success else None
    except httpx.TimeoutException:
        # Something listens there. It is that system where a process still holds the home.
        return url if busy and _held(home) else None
    except (httpx.HTTPError, OSError):
        return None


def _held(home: Path) -> bool:
    from local.runtime import HomeLock

    return HomeLock(home).held()


def _note(home: Path) -> tuple[int, str] | None:
    try:
        note, inode = json.loads((home / "server.json").read_text()), home.stat().st_ino
        if note.get("folder", inode) != inode:  # of the folder that this one was copied from
            return None
        return int(note["pid"]), str(note["url"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
