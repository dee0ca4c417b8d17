"""A program forked from loaded libraries behaves like one in a Python of its own."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.integration.trainer.support import TrainerProcess

pytestmark = pytest.mark.trainer


@pytest.mark.parametrize(
    ("module", "arguments", "status"),
    [
        ("trainer_image.run", (), 1),  # it says how it is used, by `sys.exit`
        ("trainer_image.compile", ("--gpus", "3"), 2),
        ("trainer_image.run", ("nowhere",), 1),
        ("tests.integration.trainer.probe", ("nowhere.json",), 1),  # a traceback
    ],
)
def test_it_ends_and_says_the_same(
    tmp_path: Path, module: str, arguments: tuple[str, ...], status: int
) -> None:
    forked, fresh = (
        TrainerProcess(tmp_path / name, module, *arguments, fresh=name == "fresh").wait()
        for name in ("forked", "fresh")
    )
    assert (forked.returncode, forked.stdout) == (fresh.returncode, fresh.stdout)
    assert forked.returncode == status
    assert forked.last_line == fresh.last_line != ""


def test_it_is_waited_for_no_longer_than_is_said_and_can_be_killed(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "calls.json")  # nobody writes into it
    process = TrainerProcess(
        tmp_path, "tests.integration.trainer.probe", str(tmp_path / "calls.json")
    ).process
    assert process.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.01)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    assert process.poll() == -signal.SIGKILL
