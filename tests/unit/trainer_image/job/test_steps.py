"""A running stage tells how far it has come, but not all the time."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from shared.jobs import Stage
from trainer_image.job import status
from trainer_image.job.status import StatusLog


def _told(folder: Path) -> list[tuple[str, float]]:
    path = folder / status.STATUS_FILE
    lines = path.read_text().splitlines() if path.exists() else []
    return [(line["doing"], line["done"]) for line in map(json.loads, lines)]


def test_little_news_is_kept_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(status.time, "monotonic", lambda: now)
    tell = StatusLog(tmp_path).steps(Stage.TRAIN)
    for batch in range(1, 1001):  # in ten seconds
        now = batch / 100
        tell("epoch 1 of 1", batch / 1000)
    assert _told(tmp_path) == [("epoch 1 of 1", share) for share in (0.2, 0.4, 0.6, 0.8, 1.0)]
    now = 60.0
    tell("epoch 1 of 1", 1.0)
    assert len(_told(tmp_path)) == 5
    tell("completing the model", 1.0)
    assert _told(tmp_path)[5:] == [("completing the model", 1.0)]
