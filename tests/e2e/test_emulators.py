"""A whole quick test through the functions as they are deployed, over Google's emulators, and a
Firestore that refuses a query without an index."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.emulated.emulators import EmulatorsMissingError, check_installed
from tests.e2e.conftest import Laptop
from tests.waiting import eventually

pytestmark = pytest.mark.trainer


@pytest.fixture
def emulated(tmp_path: Path) -> Iterator[Laptop]:
    try:
        check_installed()
    except EmulatorsMissingError as missing:
        if os.environ.get("CI"):
            pytest.fail(f"CI runs everything. {missing}")
        pytest.skip(str(missing))
    strict = (sys.executable, "-m", "tests.e2e.strict_recsmith")
    laptop = Laptop(tmp_path, "--backend", "emulators", system=strict)
    try:
        yield laptop
    finally:
        laptop.clean_up()


def test_two_configs_become_a_tested_model_through_the_deployed_functions(
    emulated: Laptop,
) -> None:
    emulated.up()
    test_id = emulated.quick_test(emulated.configs())
    status = emulated.ended(test_id)
    assert (status["state"], status["error"]) == ("completed", None)
    assert status["artifacts_uri"] == f"gs://recsmith/jobs/quick-test-{test_id}-1"
    assert status["code"]["trainer"]["uri"].startswith("gs://recsmith/code/")
    assert [task["state"] for task in status["stages"]] == ["succeeded"] * 4
    assert len(status["epochs"]) == 2
    assert 0 < status["results"]["metrics"]["recall_at_100"] <= 1
    told = [entry["what"] for entry in status["timeline"]]
    assert told[-1] == "completed"
    code = emulated.get(f"/api/quick-tests/{test_id}/generated-code/")
    assert "def run_fn(" in code["trainer_code"]

    def tracked() -> bool:
        return bool(emulated.status(test_id)["tracking"]["run_id"])

    eventually(tracked)
    before = emulated.status(test_id)
    assert emulated.interrupt() in (0, 130, -signal.SIGINT)
    emulated.up()
    assert emulated.status(test_id) == before
