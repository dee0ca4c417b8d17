"""How a command finds the system that runs over its home."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.cli import note
from local.cli.note import announced, running
from local.runtime import HomeLock

HOLD = """\
import sys
from pathlib import Path
from local.runtime import HomeLock
lock = HomeLock(Path(sys.argv[1]))
lock.acquire()
print(flush=True)
sys.stdin.read()
"""


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The URL of a server that takes connections and answers none."""
    monkeypatch.setattr(note, "_PROBE_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_a_system_too_busy_to_answer_is_found_while_it_holds_the_home(
    tmp_path: Path, silent: str
) -> None:
    with announced(tmp_path, silent):
        assert running(tmp_path) is None
        lock = HomeLock(tmp_path)
        lock.acquire()
        assert running(tmp_path) == silent
        assert running(tmp_path, busy=False) is None
        lock.release()
        assert running(tmp_path) is None
    assert running(tmp_path) is None


def test_where_nobody_listens_nothing_runs(tmp_path: Path) -> None:
    lock = HomeLock(tmp_path)
    lock.acquire()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with announced(tmp_path, url):
        assert running(tmp_path) is None
    lock.release()


def test_a_lock_is_held_by_a_process_and_ends_with_it(tmp_path: Path) -> None:
    assert not HomeLock(tmp_path).held()
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        assert HomeLock(tmp_path).held()
        holder.kill()
    assert not HomeLock(tmp_path).held()
