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
    found = re.search(r"@100\s+([\d.]+)\s+([\d.]+)", ended.stdout)
    assert found is not None
    model, popularity = map(float, found.groups())
    assert model > 1.2 * popularity
    assert len(re.findall(r"^\d+ {3,}\S", ended.stdout, re.MULTILINE)) == 10
