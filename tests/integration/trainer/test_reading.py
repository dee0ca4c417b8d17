"""Rows that do not fit into memory: each epoch reads all of them, in another order, by the seed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.integration.trainer.support import TrainerProcess

pytestmark = pytest.mark.trainer

Found = dict[str, Any]
ROWS, FILES, EPOCHS = 1_000, 20, 3


def read(folder: Path) -> Found:
    folder.mkdir()
    module = "tests.integration.trainer.reading"
    ended = TrainerProcess(folder / "process", module, str(folder)).wait()
    assert ended.returncode == 0, ended.stderr[-4000:]
    found: Found = json.loads((folder / "rows.json").read_text())
    return found


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> list[Found]:
    """What two processes read, such as two workers, or one before a kill and one after it."""
    return [read(tmp_path_factory.mktemp("reading") / str(number)) for number in range(2)]


def test_each_epoch_has_all_rows_in_another_order(twice: list[Found]) -> None:
    for name in ("one", "many"):
        epochs = twice[0][name]
        assert len({tuple(rows) for rows in epochs}) == EPOCHS
        assert all(sorted(rows) == list(range(ROWS)) for rows in epochs)
    assert twice[0]["in order"] == [list(range(ROWS))] * EPOCHS


def test_every_process_draws_the_same_orders(twice: list[Found]) -> None:
    assert twice[0] == twice[1]


def test_rows_of_a_file_are_spread_over_the_epoch(twice: list[Found]) -> None:
    for rows in twice[0]["many"]:
        places = np.argsort(rows).reshape(FILES, ROWS // FILES)
        np.testing.assert_allclose(places.mean(axis=1), ROWS / 2, atol=ROWS / 5)


def test_an_epoch_has_no_step_without_a_batch(twice: list[Found]) -> None:
    """Keras tries one where it does not know how many there are, and the optimizer counts it."""
    assert twice[0]["steps"] == twice[0]["batches"]
