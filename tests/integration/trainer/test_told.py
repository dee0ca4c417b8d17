"""A training tells within its epochs how far it has come."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.integration.trainer.support import TrainerProcess

pytestmark = pytest.mark.trainer


def test_it_tells_of_every_batch_and_of_what_follows(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    module = "tests.integration.trainer.told"
    ended = TrainerProcess(tmp_path / "run", module, str(report)).wait()
    assert ended.returncode == 0, ended.stderr[-4000:]
    found = {
        name: [tuple(one) for one in told] for name, told in json.loads(report.read_text()).items()
    }
    first = [("epoch 1 of 2", share / 8) for share in range(1, 5)]
    second = [("epoch 2 of 2", share / 8) for share in range(5, 9)]
    completing = ("completing the model", 1.0)
    rest = [completing, *[("training on the newest rows", 1.0)] * 4, completing]
    assert found["known"] == [*first, *second, *rest]
    # Of an epoch whose length nobody knows, only its end is told; it is known from then on.
    assert found["unknown"] == [*[("epoch 1 of 2", 0.0)] * 4, *second, *rest]
