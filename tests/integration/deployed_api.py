"""The API as it is deployed, with callers known by their tokens, served on this machine."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import uvicorn
from signing import Signer, guard_settings

from functions.api import create_app
from functions.api.guard import guard
from shared.ports import Ports
from tests.waiting import eventually

AUDIENCE = "https://recsmith.example"


class Google:
    """Who signs people in: tokens for whoever asks, and a `gcloud` that hands them out."""

    def __init__(self, folder: Path) -> None:
        self.signer = Signer("rsa")
        self._folder = folder

    def token(self, email: str = "ada@shop.example", **claims: Any) -> str:
        return self.signer.token(
            **{
                "iss": "https://accounts.google.com",
                "aud": AUDIENCE,
                "email": email,
                "email_verified": True,
                **claims,
            }
        )

    def gcloud(self, token: str | None, account: str | None = None) -> Path:
        """The folder of a `gcloud` that gives this token, or nobody's; as the real one it gives
        people none for an audience of their choice, and knows no account but the one."""
        refusal = (
            "ERROR: (gcloud.auth.print-identity-token) You do not currently have an active account "
            "selected."
        )
        of_choice = (
            "ERROR: (gcloud.auth.print-identity-token) Invalid account Type for `--audiences`. "
            "Requires valid service account."
        )
        program = self._folder / "gcloud"
        program.write_text(
            "#!/usr/bin/env python3\n"
            "import json, sys\n"
            f"token, account = {token!r}, {account!r}\n"
            "given = sys.argv[1:]\n"
            "assert given[:2] == ['auth', 'print-identity-token'], given\n"
            "options = dict(one.partition('=')[::2] for one in given[2:])\n"
            "assert set(options) <= {'--quiet', '--audiences', '--include-email',"
            " '--impersonate-service-account'}, given\n"
            "as_ = options.get('--impersonate-service-account')\n"
            f"if token is None: sys.exit({refusal!r})\n"
            f"if '--audiences' in options and as_ is None: sys.exit({of_choice!r})\n"
            "if as_ != account: sys.exit('ERROR: gaia: no such account')\n"
            f"with open({str(self._folder / 'asked')!r}, 'a') as log: print(json.dumps(options),"
            " file=log)\n"
            "print(token)\n"
        )
        program.chmod(0o755)
        return self._folder

    def asked(self) -> list[dict[str, str]]:
        """The options of each call that got a token."""
        log = self._folder / "asked"
        return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


@contextmanager
def deployed(ports: Ports, google: Google, **settings: Any) -> Iterator[str]:
    """The URL of the guarded API over these ports."""
    with patch("functions.api.identity._fetch", google.signer.fetch):
        said = {"auth": "google", "auth_audience": AUDIENCE, "default_role": "viewer", **settings}
        app = guard(create_app(ports), guard_settings(**said), ports.documents)
        with served(app) as url:
            yield url


@contextmanager
def served(app: Any) -> Iterator[str]:
    """An application's URL on this machine."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    try:
        eventually(lambda: server.started)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
