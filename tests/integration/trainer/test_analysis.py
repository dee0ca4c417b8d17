"""What Recsmith's own analysis finds is what TensorFlow Transform's pipeline does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from strategies import datasets, feature_configs

from shared.codegen import generate_preprocessing, plan_features
from tests.integration.trainer.support import TrainerProcess

pytestmark = pytest.mark.trainer
DRAWN = 3


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("analyses")
    made: list[int] = []

    @settings(
        max_examples=DRAWN,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def draw(data: st.DataObject) -> None:
        dataset = data.draw(datasets())
        plan = plan_features(data.draw(feature_configs(dataset)), dataset)
        path = folder / f"drawn{len(made)}.py"
        made.append(len(plan.raw))
        path.write_text(generate_preprocessing(plan), encoding="utf-8")
        features = [feature.model_dump(mode="json") for feature in plan.raw]
        path.with_suffix(".json").write_text(json.dumps(features))

    draw()
    module = "tests.integration.trainer.analyses"
    ended = TrainerProcess(folder / "run", module, str(folder)).wait()
    assert ended.returncode == 0, ended.stderr[-4000:]
    return folder


@pytest.fixture(scope="module")
def report(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "report.json").read_text())
    return found


def test_vocabularies_schemas_and_outputs_are_the_same_to_the_last_bit(
    report: dict[str, Any],
) -> None:
    assert len(report) == DRAWN + 4
    for name, case in report.items():
        ours, theirs = case["both"]
        assert ours == theirs, name
    edited, _ = report["edited"]["both"]
    assert len([file for file in edited if file.startswith("transform_fn/assets/")]) == 5


def test_apache_beam_finds_what_is_not_known_here(report: dict[str, Any]) -> None:
    assert [name for name, case in report.items() if case["by_beam"]] == ["others"]


def test_a_function_without_features_is_refused(folder: Path) -> None:
    refused = json.loads((folder / "refused.json").read_text())
    assert list(refused) == ["nothing", "one_tensor"]
    assert all("returns a dict of one tensor or more" in said for said in refused.values())


def test_it_says_how_far_it_is(report: dict[str, Any]) -> None:
    for name in ("drawn0", "edited", "deep"):
        told = report[name]["told"]
        assert told == sorted(told), name
        assert 0 < told[0] < 1
        assert told[-1] == 1
