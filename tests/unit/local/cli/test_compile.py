"""`recsmith compile` hands its options to the trainer's environment, and says what came of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from local.cli import app


@pytest.fixture
def trainer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stands in for the trainer's Python: says its arguments as the templates' paths, or fails."""
    program = tmp_path / "python"
    program.write_text(
        "#!/bin/sh\n"
        'case "$*" in *--machine=3*)\n'
        '  echo "usage: …" >&2\n'
        '  echo "python -m trainer_image.compile: error: argument --machine: expected CPUs" >&2\n'
        "  exit 2;;\n"
        "esac\n"
        'printf "%s\\n" "$@"\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("RECSMITH_TRAINER_PYTHON", str(program))
    return program


def test_only_what_was_given_is_handed_on(trainer: Path) -> None:
    ended = CliRunner().invoke(
        app,
        [
            *("compile", "--image", "repository/trainer@sha256:1", "--out", "templates"),
            *(
                "--cached",
                "--training-machine",
                "16x64",
                "--gpu",
                "NVIDIA_L4",
                "--dataflow-above-rows",
                "5000",
            ),
        ],
    )
    assert ended.exit_code == 0, ended.output
    shown = [line.strip() for line in ended.output.splitlines()]
    assert shown[-8:] == [
        *("-m", "trainer_image.compile"),
        *("--image=repository/trainer@sha256:1", "--out=templates"),
        *("--training-machine=16x64", "--gpu=NVIDIA_L4", "--dataflow-above-rows=5000"),
        "--cached",
    ]


def test_what_the_compiler_says_is_shown_without_its_program(trainer: Path) -> None:
    ended = CliRunner().invoke(app, ["compile", "--image", "i", "--out", "o", "--machine", "3"])
    assert ended.exit_code == 1
    assert "cannot be compiled: argument --machine: expected CPUs" in ended.output
    assert "trainer_image" not in ended.output


def test_an_environment_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECSMITH_TRAINER_PYTHON", "/gone/python")
    ended = CliRunner().invoke(app, ["compile", "--image", "i", "--out", "o"])
    assert ended.exit_code == 1
    assert "Cannot start /gone/python" in ended.output
