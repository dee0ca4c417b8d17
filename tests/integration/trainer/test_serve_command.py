"""`recsmith serve`, over a model that is a file."""

from __future__ import annotations

import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.jobs.environment import trainer_python
from tests.integration.http_server import MODEL, STAND_IN, point, write_pointer
from tests.integration.laptop import Laptop
from tests.waiting import PATIENCE, eventually, signalled

pytestmark = [pytest.mark.trainer, pytest.mark.xdist_group("http server")]


@pytest.fixture
def laptop(tmp_path: Path) -> Laptop:
    """A home whose model `shop` is called Shop and has version 1 in production, and whose trainer
    serves stand-ins."""
    laptop = Laptop(tmp_path)
    program = tmp_path / "python"
    real = shlex.quote(trainer_python())
    program.write_text(f'#!/bin/sh\nshift 2\nexec {real} -m {STAND_IN} --poll-seconds 0.05 "$@"\n')
    program.chmod(0o755)
    laptop.environment["RECSMITH_TRAINER_PYTHON"] = str(program)
    point(store_of(laptop), 1, 1, version(laptop, 1))
    return laptop


def store_of(laptop: Laptop) -> Path:
    return laptop.home / "artifacts"


def version(laptop: Laptop, number: int) -> Path:
    folder = store_of(laptop) / "models" / f"v{number}"
    folder.mkdir(parents=True)
    (folder / "model").write_text(f"model {number}")
    (folder / "request.json").write_text("{}")
    return folder


@contextmanager
def served(laptop: Laptop, *arguments: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The address that the command says, while it runs."""
    process = laptop.start("serve", *arguments, "--port", "0", before=signalled())
    try:
        assert process.stdout is not None
        said = ""
        while "Ctrl-C stops it" not in said:
            line = process.stdout.readline()
            assert line, process.communicate()
            said += line
        found = re.search(r"curl -s (http://127\.0\.0\.1:\d+)/predict", said)
        assert found, said
        yield found[1], process
    finally:
        process.kill()
        process.communicate()


def asked(url: str) -> dict[str, Any]:
    answer = httpx.post(
        f"{url}/predict", json={"instances": [{"customer_id": "a"}]}, trust_env=False
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize("name", [MODEL, "Shop", "shop"])
def test_a_registered_model_is_served_by_id_or_name_until_ctrl_c(laptop: Laptop, name: str) -> None:
    with served(laptop, name) as (url, process):
        assert asked(url)["metadata"]["version"] == 1
        point(store_of(laptop), 2, 2, version(laptop, 2))
        eventually(lambda: asked(url)["metadata"]["version"] == 2)
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 130
        with pytest.raises(httpx.ConnectError):
            asked(url)


def test_nothing_is_left_of_a_command_that_was_killed(laptop: Laptop) -> None:
    def gone(url: str) -> bool:
        try:
            asked(url)
        except httpx.HTTPError:
            return True
        return False

    with served(laptop, MODEL) as (url, process):
        process.kill()
        eventually(lambda: gone(url))


def test_what_cannot_be_served_is_said(laptop: Laptop) -> None:
    store = store_of(laptop)
    (store / "models" / "v1" / "request.json").unlink()
    assert "Version 1 of model 'Shop' has been deleted" in laptop.run("serve", "Shop", status=1)
    point(store, 1, 1, Path("/another/home/artifacts/models/v1"))
    said = " ".join(laptop.run("serve", "Shop", status=1).split())
    assert "names a folder outside of this home" in said
    said = laptop.run("serve", "Shop", "--alias", "previous", status=1)
    assert "has no previous version: one alone has been in production" in " ".join(said.split())
    point(store, 2, 1, store, aliases={})
    said = " ".join(laptop.run("serve", "Shop", status=1).split())
    assert f"no production version yet: `recsmith models promote {MODEL} VERSION`" in said
    write_pointer(store, "{")
    said = " ".join(laptop.run("serve", "Shop", status=1).split())
    assert "no quick test with the id or name 'Shop'" in said
    assert "recsmith models list" in said
    laptop.environment["RECSMITH_TRAINER_PYTHON"] = "/nowhere/python"
    point(store, 3, 2, version(laptop, 2))
    assert "There is no /nowhere/python" in laptop.run("serve", "Shop", status=1)


# Stands before the trainer's Python: somebody else, who says that all is well, is quicker to take a
# port that was found free.
QUICKER = """
import http.server, os, sys

class Well(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()

port = int(sys.argv[sys.argv.index("--port") + 1])
if port:
    http.server.HTTPServer(("127.0.0.1", port), Well).serve_forever()
os.execv({real!r}, [{real!r}, *sys.argv[1:]])
"""


def test_a_free_port_is_not_lost_to_somebody_who_is_quicker(laptop: Laptop) -> None:
    program = laptop.folder / "quicker"
    real = laptop.environment["RECSMITH_TRAINER_PYTHON"]
    program.write_text(f"#!{sys.executable} -S\n{QUICKER.format(real=real)}")
    program.chmod(0o755)
    laptop.environment["RECSMITH_TRAINER_PYTHON"] = str(program)
    with served(laptop, MODEL) as (url, _):
        assert asked(url)["metadata"]["version"] == 1


def test_a_port_that_is_taken_is_said(laptop: Laptop) -> None:
    with served(laptop, MODEL) as (url, _):
        port = url.rpartition(":")[2]
        assert f"Port {port} cannot be used" in laptop.run(
            "serve", "Shop", "--port", port, status=1
        )
