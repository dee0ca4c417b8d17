"""Multitask: retrieval and ranking at once, each by its loss."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from pydantic import Field

from shared.problems import Problem
from shared.tasks.base import Constant, SettingInWords, Task, TowerSettings
from shared.tasks.ranking import Ranking, RankingSettings, check_head
from shared.tasks.rating_head import with_rating_head
from shared.tasks.retrieval import Retrieval, RetrievalSettings

_RETRIEVAL, _RANKING = Retrieval(), Ranking()


class MultitaskSettings(RankingSettings, RetrievalSettings):
    """Attributes:
    retrieval_weight, ranking_weight: what each task's loss counts in multitask; not normalised.
    """

    retrieval_weight: float = Field(
        default=1.0,
        ge=0,
        le=1,
        title="Retrieval weight",
        description="A higher weight finds more of what is bought next: better recall@k.",
        json_schema_extra={"x-step": 0.05},
    )
    ranking_weight: float = Field(
        default=1.0,
        ge=0,
        le=1,
        title="Rating weight",
        description="A higher weight predicts ratings more closely: lower RMSE.",
        json_schema_extra={"x-step": 0.05},
    )


class Multitask(Task[MultitaskSettings]):
    key = "multitask"
    label = "Multitask"
    help = "Does both with the same towers: finds products and rates them."
    when_to_use = (
        "For sparse data: each task learns from the other",
        "Needs a column with ratings, too",
        "You weigh the two tasks against each other",
    )
    position = 3
    retrieves = True
    rates = True
    settings: ClassVar[type[TowerSettings]] = MultitaskSettings
    main_metrics = (*Retrieval.main_metrics, *Ranking.main_metrics)
    preset = "recommended"

    def check(self, spec: MultitaskSettings) -> Iterator[Problem]:
        yield from _RETRIEVAL.check(spec)
        yield from check_head(spec, self.key)
        if spec.retrieval_weight == 0 and spec.ranking_weight == 0:
            yield Problem(
                path="spec.retrieval_weight",
                code="no_loss_weight",
                message="With both weights 0 nothing is learned. Raise one of them above 0.",
                received=0.0,
            )

    def in_words(self, spec: MultitaskSettings) -> Iterator[SettingInWords]:
        yield from _RETRIEVAL.in_words(spec)
        yield from _RANKING.in_words(spec)
        text = f"retrieval {spec.retrieval_weight:g}, ranking {spec.ranking_weight:g}"
        yield SettingInWords("weights", "Weights of the tasks", text)

    def constants(self, spec: MultitaskSettings) -> Iterator[Constant]:
        yield from _RETRIEVAL.constants(spec)
        yield from _RANKING.constants(spec)
        yield from weights(spec.retrieval_weight, spec.ranking_weight)

    def given(self, spec: MultitaskSettings) -> dict[str, bool | str]:
        return {**_RETRIEVAL.given(spec), **_RANKING.given(spec), **super().given(spec)}

    def filled_in(self, raw: dict[str, Any]) -> dict[str, Any]:
        return with_rating_head(raw)


def weights(retrieval: float, ranking: float) -> Iterator[Constant]:
    """Of a model that learns both."""
    counts = "What the loss of {} counts; the weights need not add up to 1."
    yield Constant("RETRIEVAL_WEIGHT", retrieval, counts.format("retrieval"))
    yield Constant("RANKING_WEIGHT", ranking, counts.format("the rating"))
