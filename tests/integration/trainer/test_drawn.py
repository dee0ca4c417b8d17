"""Models drawn by hypothesis: built by Keras, they are what the rules say of them."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from strategies import datasets, feature_configs, model_configs

from shared.codegen import generate_trainer, make_plan
from shared.documents.quick_test import QuickTestSpec
from shared.rules.parameters import ParameterSummary, count_parameters
from tests.integration.trainer.support import TrainerProcess

pytestmark = pytest.mark.trainer
MODELS = 12
VOCABULARY = 37  # as in drawn.py


@pytest.fixture(scope="module")
def drawn(
    tmp_path_factory: pytest.TempPathFactory,
) -> list[tuple[ParameterSummary, list[int], dict[str, Any]]]:
    """For each drawn model: the rules' parameter counts, the plan's widths, and Keras' report."""
    folder = tmp_path_factory.mktemp("drawn")
    expected: list[tuple[ParameterSummary, list[int]]] = []

    @settings(
        max_examples=MODELS,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def draw(data: st.DataObject) -> None:
        dataset = data.draw(datasets())
        features = data.draw(feature_configs(dataset))
        model = data.draw(model_configs())
        test = QuickTestSpec(
            feature_config_id=features.id,
            model_config_id=model.id,
            rating_column=dataset.status.columns[-1].name,
            batch_size_override=64,
            learning_rate_override=1e-4,
            seed=1,
        )
        plan = make_plan(features, model, dataset, test)
        widths = [tower.width for tower in plan.towers]
        assume(not model.spec.share_tower_weights or widths[0] == widths[1])
        number = len(expected)
        source = generate_trainer(plan)
        (folder / f"{number:03}.py").write_text(source, encoding="utf-8")
        outputs = [asdict(output) for tower in plan.towers for output in tower.outputs]
        (folder / f"{number:03}.json").write_text(json.dumps(outputs))
        sizes = {
            (tower.tower, feature.raw.column): VOCABULARY
            for tower in plan.towers
            for feature in tower.features
        }
        expected.append((count_parameters(model.spec, features.spec, sizes), widths))

    draw()
    ended = TrainerProcess(folder, "tests.integration.trainer.drawn", str(folder)).wait()
    assert ended.returncode == 0, ended.stderr[-4000:]
    report = json.loads((folder / "report.json").read_text())
    assert len(report) == len(expected) >= MODELS
    return [(*told, said) for told, (_, said) in zip(expected, sorted(report.items()), strict=True)]


def test_a_towers_width_is_that_of_the_tensor_it_concatenates(drawn: list[Any]) -> None:
    assert [widths for _, widths, _ in drawn] == [said["widths"] for *_, said in drawn]


def test_parameter_counts_are_those_of_keras(drawn: list[Any]) -> None:
    for counted, _, said in drawn:
        towers = [counted.buyer_tower.total, counted.product_tower.total]
        assert towers == said["towers"]
        # Of the re-ranker, which is no part of this model, test_second_stage.py tells.
        second = counted.reranker
        total, trainable = (second.total, second.trainable) if second else (0, 0)
        assert counted.total - total == said["total"]
        assert counted.trainable - trainable == said["trainable"]


def test_some_models_look_back_and_some_re_rank(drawn: list[Any]) -> None:
    assert any(counted.buyer_tower.mixes for counted, *_ in drawn)
    assert any(counted.reranker for counted, *_ in drawn)


def test_one_step_of_training_has_a_finite_loss(drawn: list[Any]) -> None:
    assert all(math.isfinite(said["loss"]) for *_, said in drawn)
