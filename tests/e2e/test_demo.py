"""`recsmith demo` on the demo data, from nothing."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.trainer
def test_the_standard_preset_beats_popularity_on_the_demo_data(tmp_path: Path) -> None:
    """Exit status 0 only where the loss fell, recall@100 is above popularity's, and ten products
    were recommended by name from the saved model."""
    ended = subprocess.run(
        [str(Path(sys.executable).with_name("recsmith")), "demo", "--home", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=400,
    )

    assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr[-2000:]
    head = r"^recall +this model +popularity +own history +95 % interval *$"
    assert "leaked" not in ended.stderr
    assert re.search(head, ended.stdout, re.MULTILINE)
    found = re.search(r"^@100" + r" +([\d.]+)" * 4 + r" – ([\d.]+)", ended.stdout, re.MULTILINE)
    assert found is not None
    model, popularity, own_history, low, high = map(float, found.groups())
    assert model > 1.2 * popularity
    assert own_history > popularity, "people buy the same again"
    assert low < model < high
    better = r"Clearly better than recommending what is popular: \+[\d.]+ to \+[\d.]+ points"
    assert re.search(better, ended.stdout)
    assert len(re.findall(r"^\d+ {3,}\S", ended.stdout, re.MULTILINE)) == 10
