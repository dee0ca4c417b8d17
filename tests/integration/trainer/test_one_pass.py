"""What is done in one pass gives the numbers of what it replaces: the generated module's own
optimizer and gradient."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.integration.trainer.support import TrainerProcess

pytestmark = pytest.mark.trainer


def test_they_give_the_usual_numbers(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    module = "tests.integration.trainer.one_pass"
    ended = TrainerProcess(tmp_path / "run", module, str(report)).wait()
    assert ended.returncode == 0, ended.stderr[-4000:]
    found = json.loads(report.read_text())
    assert found.keys() == {"optimizer", "history"}
    for ours, usual in found.values():
        for mine, theirs in zip(ours, usual, strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=1e-4, atol=1e-5)
