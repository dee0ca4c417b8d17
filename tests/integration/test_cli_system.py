"""Starting, stopping and finding the system by the command."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from local.jobs.environment import REPOSITORY
from tests.integration.laptop import Laptop
from tests.waiting import PATIENCE, eventually, signalled


@pytest.fixture
def laptop(tmp_path: Path) -> Laptop:
    return Laptop(tmp_path)


def test_a_system_in_the_background_outlives_ctrl_c_and_a_closed_terminal(laptop: Laptop) -> None:
    with laptop.up(before=["nohup", *signalled(ignored=True)]) as url:
        pid = json.loads((laptop.home / "server.json").read_text())["pid"]
        for ignored in (signal.SIGINT, signal.SIGHUP):
            os.kill(pid, ignored)
        time.sleep(0.5)
        assert httpx.get(f"{url}/api/health/").is_success


def test_a_second_system_over_the_same_home_is_refused(laptop: Laptop) -> None:
    with laptop.up() as url:
        said = laptop.run("up", "--port", "0", status=1)
        assert url in said
        assert "in use by process" in said


def test_a_taken_port_is_said(laptop: Laptop, tmp_path: Path) -> None:
    with laptop.up() as url:
        port = url.rsplit(":", 1)[1]
        said = laptop.run("up", "--port", port, "--home", str(tmp_path / "other"), status=1)
        assert "--port" in said


def test_a_note_of_a_dead_system_is_not_believed(laptop: Laptop) -> None:
    laptop.home.mkdir()
    dead = {"pid": 2**22 - 1, "url": "http://127.0.0.1:9"}
    (laptop.home / "server.json").write_text(json.dumps(dead))
    assert "no dataset yet" in laptop.run("dataset", "list")


def test_only_this_machine_is_answered(laptop: Laptop) -> None:
    body = {"name": "a", "spec": {}}
    with laptop.up() as url:
        port = url.rsplit(":", 1)[1]
        for host, status in (
            (f"127.0.0.1:{port}", 200),
            (f"localhost:{port}", 200),
            (f"[::1]:{port}", 200),
            ("evil.example", 421),
            (f"127.0.0.1.evil.example:{port}", 421),
            ("", 421),
        ):
            answer = httpx.get(f"{url}/api/health/", headers={"Host": host})
            assert answer.status_code == status, host
        for origin, status in (
            (url, 422),
            ("https://evil.example", 403),
            ("null", 403),
            ("http://127.0.0.1:1", 403),
        ):
            answer = httpx.post(f"{url}/api/datasets/", json=body, headers={"Origin": origin})
            assert answer.status_code == status, origin
        assert httpx.get(f"{url}/api/docs").status_code == 200


def test_functions_framework_serves_the_same_api(laptop: Laptop) -> None:
    environment = {
        **laptop.environment,
        **{"RECSMITH_PROJECT": "shop-test", "RECSMITH_LOCATION": "europe-west4"},
        **{"RECSMITH_BUCKET": "shop", "RECSMITH_AUTH": "none"},
        "FIRESTORE_EMULATOR_HOST": "127.0.0.1:9",  # is not called; allows RECSMITH_AUTH=none
    }
    framework = (
        "import os, sys; sys.path.insert(0, sys.argv[1])\n"
        "from functions_framework.aio import create_asgi_app\n"
        "import asyncio, httpx, pathlib\n"
        "from functions import deployed\n"
        "from local.wiring import embedded\n"
        "deployed.install(embedded(pathlib.Path(os.environ['RECSMITH_HOME'])).ports)\n"
        "app = create_asgi_app('api', sys.argv[1] + '/functions/main.py', 'http')\n"
        "async def main():\n"
        "    transport = httpx.ASGITransport(app)\n"
        "    async with httpx.AsyncClient(transport=transport, base_url='http://x') as client:\n"
        "        print((await client.get('/api/health')).text)\n"
        "        made = await client.post('/api/datasets/', json={'name': 'a'})\n"
        "        print(made.status_code, made.text)\n"
        "asyncio.run(main())\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", framework, str(REPOSITORY)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert '"status":"ok"' in said.stdout, said.stderr
    assert "422" in said.stdout


def test_answers_leave_at_once(laptop: Laptop) -> None:
    """A socket that gathers what it sends makes each answer wait 40 ms for an acknowledgement."""
    with laptop.up() as url, httpx.Client(base_url=url) as client:
        seconds = []
        for _ in range(100):
            began = time.perf_counter()
            assert client.get("/api/health/").is_success
            seconds.append(time.perf_counter() - began)
    assert min(seconds) < 0.03  # of one hundred, one at least, on however busy a machine


def test_dead_letters_are_listed_and_delivered_again(laptop: Laptop) -> None:
    assert "holds no system yet" in laptop.run("dead-letters", "list", status=1)
    with laptop.up():
        with sqlite3.connect(laptop.home / "state.db") as foreign:
            foreign.execute(
                "INSERT INTO messages (topic, subscription, document, body)"
                " VALUES ('config-changed', 'validate_config', 'datasets/x', '[poison]')"
            )
        foreign.close()
        listing = ("dead-letters", "list", "--full")
        eventually(lambda: "validate_config" in laptop.run(*listing))
        listed = laptop.run(*listing)
    assert "the message is not valid JSON" in listed
    assert "[poison]" in listed
    laptop.run("dead-letters", "retry", status=1)
    assert "There is no dead letter 7." in laptop.run("dead-letters", "retry", "7", status=1)
    assert "Nothing runs over this folder" in laptop.run("dead-letters", "retry", "1")
    assert "There are no dead letters" in laptop.run("dead-letters", "list")
    with laptop.up():
        eventually(lambda: "validate_config" in laptop.run("dead-letters", "list"))
        assert "Nothing runs" not in laptop.run("dead-letters", "retry", "--all")


def test_a_folder_of_a_newer_program_is_refused_in_one_message(laptop: Laptop) -> None:
    laptop.home.mkdir()
    with sqlite3.connect(laptop.home / "state.db") as newer:
        newer.execute("PRAGMA user_version = 99")
    newer.close()
    assert "written by a newer Recsmith" in laptop.run("up", "--port", "0", status=1)
    assert "written by a newer Recsmith" in laptop.run("dead-letters", "list", status=1)
