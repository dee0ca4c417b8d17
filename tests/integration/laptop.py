"""The `recsmith` command over a folder of its own, with a stand-in for training."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import chdir, contextmanager
from pathlib import Path

import httpx
from typer.testing import CliRunner

from local.cli import app
from local.jobs.environment import REPOSITORY
from tests.integration.forked_commands import forked
from tests.integration.stand_in import stand_in
from tests.waiting import PATIENCE, eventually

RECSMITH = [sys.executable, "-c", "from local.cli import app; app()"]
CSV = "CustomerId,sku,bought_on,city,Mood\n" + "".join(
    f"c{n % 50:03},p{n % 17},2024-01-{n % 28 + 1:02}T10:00:00Z,Ulm,ok\n" for n in range(2000)
)


class Laptop:
    """A home folder, a file of purchases, and the command."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.home = folder, folder / "home"
        self.csv = folder / "purchases.csv"
        self.csv.write_text(CSV)
        self.environment = {
            **{key: value for key, value in os.environ.items() if key != "RECSMITH_HOME"},
            "RECSMITH_HOME": str(self.home),
            "XDG_CONFIG_HOME": str(folder / "config"),  # where nobody is signed in
            "RECSMITH_TRAINER_PYTHON": str(stand_in(folder)),
            "RECSMITH_MLFLOW_TRACKING_URI": "off",  # it takes seconds to be imported
            "PYTHONPATH": str(REPOSITORY),
            "PYTHONUNBUFFERED": "1",  # what is said can be read at once
        }

    def start(self, *arguments: str, before: Sequence[str] = ()) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*before, *RECSMITH, *arguments],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, status: int = 0) -> str:
        """Everything that the command said."""
        ended, said, complained = forked(arguments, self.folder, self.environment)
        assert ended == status, said + complained
        assert "Traceback" not in complained
        return said + complained

    @contextmanager
    def up(self, end: signal.Signals = signal.SIGTERM, before: Sequence[str] = ()) -> Iterator[str]:
        """A running system's URL. By the end, the signal must have ended it and all it started."""
        process = self.start("up", "--port", "0", before=before)
        note = self.home / "server.json"

        def announced() -> bool:
            assert process.poll() is None, process.communicate()
            return note.exists()

        try:
            eventually(announced)
            yield json.loads(note.read_text())["url"]
            process.send_signal(end)
            assert process.wait(timeout=PATIENCE) == 130
        finally:
            process.kill()
            process.communicate()
        assert not note.exists()


@contextmanager
def in_process(laptop: Laptop) -> Iterator[Callable[..., str]]:
    """What runs commands in this process, as `Laptop.run` does in processes of their own, which
    load everything anew; for commands that talk to a system that is up."""

    def run(*arguments: str, status: int = 0) -> str:
        result = CliRunner().invoke(app, [*arguments], env=laptop.environment)
        assert result.exit_code == status, result.output
        return result.output

    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        with chdir(laptop.folder):
            yield run
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)


def configs(url: str) -> None:
    """A feature config `Features` and a model config `Model` over the only dataset."""
    dataset = httpx.get(f"{url}/api/datasets/").json()["items"][0]
    defaults = httpx.get(f"{url}/api/datasets/{dataset['id']}/smart-defaults/").json()
    preset = httpx.get(f"{url}/api/model-configs/presets/minimal/").json()
    for path, name, spec in (
        ("feature-configs", "Features", defaults),
        ("model-configs", "Model", preset["spec"]),
    ):
        made = httpx.post(f"{url}/api/{path}/", json={"name": name, "spec": spec})
        assert made.status_code == 201, made.text
