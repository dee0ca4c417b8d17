"""What makes a model config trainable."""

from __future__ import annotations

from collections.abc import Iterator

from shared.documents.model_config import ModelConfigSpec
from shared.optimizers import OPTIMIZERS
from shared.problems import Problem, shorten


def check_model_config(spec: ModelConfigSpec) -> list[Problem]:
    """All problems of a model config, which is independent of any dataset."""
    return [*spec.task.check(spec), *_shared_weights(spec), *_learning_rate(spec), *_reranker(spec)]


def _shared_weights(spec: ModelConfigSpec) -> Iterator[Problem]:
    if spec.share_tower_weights and spec.buyer_tower_layers != spec.product_tower_layers:
        yield Problem(
            path="spec.share_tower_weights",
            code="towers_differ",
            message="Towers that share weights need identical layers. Make "
            "the layers of both towers equal, or share nothing.",
            received=True,
        )


def _reranker(spec: ModelConfigSpec) -> Iterator[Problem]:
    if spec.reranker is not None and not spec.retrieves:
        yield Problem(
            path="spec.reranker",
            code="reranker_without_retrieval",
            message=f"A {spec.model_type} model finds no products that a re-ranker could order. "
            "Leave it out, or make the model one of retrieval or multitask.",
            received=shorten(spec.reranker.model_dump(mode="json")),
        )


def _learning_rate(spec: ModelConfigSpec) -> Iterator[Problem]:
    optimizer = OPTIMIZERS[spec.optimizer]
    highest = optimizer.highest_usual_rate
    if highest is not None and spec.learning_rate > highest:
        yield Problem(
            path="spec.learning_rate",
            code="high_learning_rate",
            message=f"{spec.learning_rate:g} is high for {spec.optimizer}, which usually diverges "
            f"above {highest:g}. {optimizer.learning_rate:g} is a good start.",
            received=spec.learning_rate,
            level="warning",
        )
