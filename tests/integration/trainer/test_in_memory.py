"""The runner in memory gives what Beam's own gives, of every sort of step."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.trainer.support import TrainerProcess

pytestmark = pytest.mark.trainer


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("pipelines")
    path = folder / "report.json"
    ended = TrainerProcess(folder / "run", "tests.integration.trainer.pipelines", str(path)).wait()
    assert ended.returncode == 0, ended.stderr[-4000:]
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def test_every_sort_of_step_gives_what_it_gives_in_beam(report: dict[str, Any]) -> None:
    for name, (beams, ours) in report["outcomes"].items():
        assert beams, name
        assert ours == beams, name


def test_functions_are_ended_and_faults_are_raised(report: dict[str, Any]) -> None:
    assert report["ended"] == ["4", "4"], "by either runner"
    kind, message = report["outcomes"]["fails"][1]
    assert kind == "ZeroDivisionError"
    assert "by zero" in message


def test_windows_are_refused(report: dict[str, Any]) -> None:
    kind, message = report["refused"]
    assert kind == "NotImplementedError"
    assert message.endswith("makes windows.")
