"""A worker of Dataflow starts in the trainer's image: Beam's boot, step by step, in an environment
that is made as the Dockerfile makes it. The boot itself is a program for containers."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from local.jobs.environment import REPOSITORY
from tests.integration.trainer.support import TRAINER_PYTHON

_DOCKERFILE = (REPOSITORY / "trainer_image" / "Dockerfile").read_text(encoding="utf-8")
_BEAM = Path(__file__).with_name("beam")
_MODULES = ("apache_beam", "tensorflow_transform", "trainer_image.training.beam", "shared.jobs")


@pytest.mark.trainer
def test_beams_boot_finds_its_environment_and_its_worker_what_a_transform_needs(
    tmp_path: Path,
) -> None:
    environment = _environment(tmp_path)
    out = tmp_path / "found.txt"
    boot = f"bash {_BEAM / 'boot.sh'} || kill $PPID"  # the runner would wait for ever

    ended = subprocess.run(
        [TRAINER_PYTHON, _BEAM / "pipeline.py", boot, out, *_MODULES],
        env=_variables(tmp_path, environment),
        capture_output=True,
        text=True,
        timeout=240,
    )

    assert ended.returncode == 0, ended.stderr[-3000:]
    assert sorted(out.read_text().splitlines()) == sorted(
        f"{module} in {environment}" for module in _MODULES
    )


def _environment(folder: Path) -> Path:
    """/opt/venv made by the Dockerfile's own command; what it installs is lent by the trainer's."""
    (command,) = re.findall(r"^ *(?:&& )?(.*\bvenv\b.* /opt/venv) \\$", _DOCKERFILE, re.M)
    made = folder / "venv"
    command = command.replace("/opt/uv/bin/uv", str(REPOSITORY / ".uv" / "bin" / "uv"))
    words = command.replace("/opt/venv", str(made)).split()
    base = Path(TRAINER_PYTHON).resolve()
    path = f"{base.parent}:{os.environ['PATH']}"
    subprocess.run(words, env={**os.environ, "PATH": path}, check=True, capture_output=True)
    (packages,) = made.glob("lib/python*/site-packages")
    (lent,) = Path(TRAINER_PYTHON).parents[1].glob("lib/python*/site-packages")
    (packages / "lent.pth").write_text(f"{lent}\n")
    return made


def _variables(folder: Path, environment: Path) -> dict[str, str]:
    """The image's, with its folders put where they are here."""
    last = _DOCKERFILE.rpartition("\nFROM ")[2].replace("\\\n", " ")
    given = dict(
        pair.partition("=")[::2]
        for line in re.findall(r"^ENV (.+)$", last, re.M)
        for pair in line.split()
    )
    here = {
        name: value.replace("/opt/venv", str(environment))
        .replace("/app", str(REPOSITORY))
        .replace("$PATH", os.environ["PATH"])
        for name, value in given.items()
        if name not in ("LD_LIBRARY_PATH", "RECSMITH_VERSION")
    }
    return {"HOME": str(folder), "BEAM_FOLDER": str(folder / "beam"), **here}
