"""`recsmith demo` on the demo data, from nothing."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.waiting import PATIENCE


@pytest.mark.trainer
def test_the_recommended_model_beats_every_baseline_and_goes_into_use(tmp_path: Path) -> None:
    """Exit status 0 only where the loss fell, recall@100 is above popularity's, ten products were
    recommended by name from the saved model, and a server answered under rules by the version that
    was promoted, by the challenger, and by the first one again."""
    recsmith = str(Path(sys.executable).with_name("recsmith"))
    ended = subprocess.run(
        [recsmith, "demo", "--serve", "--home", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=6 * PATIENCE,
    )

    assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr[-2000:]
    assert "leaked" not in ended.stderr
    found = re.search(r"^@100" + r" +([\d.]+)" * 5 + r" – ([\d.]+)", ended.stdout, re.MULTILINE)
    assert found is not None
    model, *strongest, low, high = map(float, found.groups())
    assert low < model < high
    assert all(model > baseline for baseline in strongest)
    verdict = r"^(\S) .*: [+-][\d.]+ to [+-][\d.]+ points$"
    assert re.findall(verdict, ended.stdout, re.MULTILINE) == ["✓"] * 8, "one for each baseline"
    assert len(re.findall(r"^\d+ {3,}\S", ended.stdout, re.MULTILINE)) == 10 + 5 + 5
    followed = re.findall(r"The server answers by version (\d)", ended.stdout)
    assert followed == ["2", "1"]
    assert list((tmp_path / "recommendations" / "data").glob("*.parquet"))
