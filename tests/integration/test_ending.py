"""How a command ends while a thread of its system is deep in DuckDB."""

from __future__ import annotations

import os
import subprocess
import sys

from local.jobs.environment import REPOSITORY
from tests.waiting import PATIENCE

PROGRAM = """
import threading, duckdb, typer
from local import runtime
from local.cli.output import user_errors
connection = duckdb.connect()
def profile():
    connection.execute("SELECT sum(a.i * b.i) FROM range(100000000) a(i), range(100000) b(i)")
thread = threading.Thread(target=profile, daemon=True)
thread.start()
while connection.query_progress() < 0:  # until it is under way
    pass
runtime.LEFT_BEHIND.append(thread)
def main():
    with user_errors():
        raise KeyboardInterrupt
app = typer.Typer()
app.command()(main)
app()
"""


def test_ctrl_c_in_the_middle_of_a_profile_does_not_abort() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (130, "")
    assert ended.stderr == "Stopped.\n"
