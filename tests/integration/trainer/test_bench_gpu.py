import os
import subprocess
from pathlib import Path

import pytest

from local.jobs.environment import trainer_python
from tests.conftest import WATCH

pytestmark = pytest.mark.trainer
ROOT = Path(__file__).resolve().parents[3]

# A quick test's figures are given, for one takes half a minute: what else there is runs.
PROGRAM = """
from bench import gpu
measured = gpu._part

def part(name, told):
    found = {"stages": {"train": 1.0}, "recall": told["recall"], "interval": [0.4, 0.5]}
    return found if name == "quick test" else measured(name, {"CUDA_VISIBLE_DEVICES": "-1"})

gpu._part = part
for row in gpu.compared("none", {"here": {"recall": 0.51}, "there": {"recall": 0.45}}).rows:
    print(row.bench, row.reached, sep="|")
"""


def run(*command: str) -> subprocess.CompletedProcess[str]:
    told = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(map(str, (WATCH, ROOT))),
        "CUDA_VISIBLE_DEVICES": "-1",
        "RECSMITH_TEST_BENCH_ROWS": "5120",
    }
    command = (trainer_python(), *command)
    return subprocess.run(command, cwd=ROOT, env=told, capture_output=True, text=True)


def test_without_a_card_it_says_what_is_needed() -> None:
    ended = run("-m", "bench.gpu")
    assert ended.returncode == 1
    assert "TensorFlow sees no GPU here" in ended.stderr


def test_trainings_are_timed_and_recalls_held_to_each_other() -> None:
    ended = run("-c", PROGRAM)
    assert ended.returncode == 0, ended.stderr[-2000:]
    assert [line.split("|") for line in ended.stdout.splitlines() if "|" in line] == [
        ["training, batch 512, without history, here", "None"],
        ["training, batch 512, with history, here", "None"],
        ["recall@100 of a quick test, here", "False"],
    ]
