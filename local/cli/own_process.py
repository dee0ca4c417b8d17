"""Programs that a command runs until Ctrl-C, on a port of this machine."""

from __future__ import annotations

import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import httpx

from local.cli.client import UserError

HOST = "127.0.0.1"
_LOOK_SECONDS = 0.2


def until_ended(process: subprocess.Popen[bytes]) -> None:
    """Waits for a program that only Ctrl-C or a fault of its own ends. It looks now and then: a
    library that handles SIGINT too, as Polars does, may have the kernel go on with a wait, of which
    Python then never hears."""
    while process.poll() is None:
        time.sleep(_LOOK_SECONDS)


def announced(process: subprocess.Popen[bytes], file: Path, seconds: float) -> str | None:
    """The line that it writes into a file; None where it ends before, or does not in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(FileNotFoundError):
            if (line := file.read_text()).endswith("\n"):
                return line.strip()
        time.sleep(0.1)
    return None


def until_healthy(process: subprocess.Popen[bytes], url: str, seconds: float) -> bool:
    """Whether it answers at an address in time; False where it ends before."""

    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(httpx.HTTPError):
            if httpx.get(url, timeout=5.0, trust_env=False).is_success:
                return True
        time.sleep(0.2)
    return False


def free_port(port: int) -> int:
    """The port, or any free one for 0. Raises UserError where it is taken."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise UserError(
                f"Port {port} cannot be used: {error.strerror}. Give another one with --port."
            ) from None
        return int(probe.getsockname()[1])
