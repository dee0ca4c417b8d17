"""A token that callers of this machine's server must show: other accounts reach its port too.

A home has one or none, in a file that its user alone may read; where there is one, it is asked for.
"""

from __future__ import annotations

import os
import re
import secrets
import stat
from pathlib import Path
from urllib.parse import urlencode

from local.cli.client import UserError

_FILE = "token"
_FORM = re.compile(r"[\w-]{43,}", re.ASCII)
PARAMETER = "token"


def file_of(home: Path) -> Path:
    return home / _FILE


def token_of(home: Path) -> str | None:
    """The home's token, or None where none is asked for.

    Raises:
        UserError: others may have read it, or the file holds no token.
    """
    path = file_of(home)
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW)) as file:
            found = os.fstat(file.fileno())
            token = file.read(1000).strip()
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise UserError(f"{path} cannot be read: {error}.") from None
    anew = "Delete it and start `recsmith up --token` again, which makes another."
    if found.st_uid != os.getuid() or found.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        mode = stat.S_IMODE(found.st_mode)
        raise UserError(f"{path} may be read by others (mode {mode:o}, not 600). {anew}")
    if not _FORM.fullmatch(token):
        raise UserError(f"{path} holds no token. {anew}")
    return token


def ask_for_token(home: Path, asked: bool | None) -> str | None:
    """Makes the home's token where there is none yet (True), removes it (False), or leaves it as it
    is (None). Returns what is asked for from now on.

    Raises:
        UserError: others may have read it, or the file cannot be written.
    """
    path = file_of(home)
    try:
        if asked is False:
            path.unlink(missing_ok=True)
        elif asked and token_of(home) is None:
            # All at once, so that nobody reads half of it.
            draft = path.with_name(f".{_FILE}.{os.getpid()}.draft")
            draft.unlink(missing_ok=True)
            with os.fdopen(
                os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w"
            ) as file:
                file.write(secrets.token_urlsafe(32))
            draft.replace(path)
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror}.") from None
    return token_of(home)


def with_token(url: str, token: str | None) -> str:
    """The address that lets a browser in."""
    return f"{url}?{urlencode({PARAMETER: token})}" if token else url
