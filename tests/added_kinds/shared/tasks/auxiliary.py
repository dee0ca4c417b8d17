"""Retrieval that learns to rate on the side."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from pydantic import Field

from shared.problems import Problem
from shared.tasks.base import Constant, SettingInWords, Task, TowerSettings
from shared.tasks.multitask import Multitask, MultitaskSettings, weights
from shared.tasks.ranking import check_head
from shared.tasks.rating_head import with_rating_head
from shared.tasks.retrieval import Retrieval

_RETRIEVAL, _BOTH = Retrieval(), Multitask()


class AuxiliarySettings(MultitaskSettings):
    """Attributes:
    auxiliary_weight: what the loss of the rating counts.
    """

    auxiliary_weight: float = Field(default=0.1, gt=0, le=0.5)


class Auxiliary(Task[AuxiliarySettings]):
    key = "auxiliary"
    label = "Retrieval and ratings"
    help = "Finds products, and learns from ratings on the side."
    retrieves = True
    rates = True
    settings: ClassVar[type[TowerSettings]] = AuxiliarySettings
    main_metrics = Retrieval.main_metrics

    def check(self, spec: AuxiliarySettings) -> Iterator[Problem]:
        yield from _RETRIEVAL.check(spec)
        yield from check_head(spec, self.key)
        if spec.auxiliary_weight > 0.3:
            yield Problem(
                path="spec.auxiliary_weight",
                code="much_on_the_side",
                message="Ratings count much for something that is learned on the side.",
                received=spec.auxiliary_weight,
                level="warning",
            )

    def in_words(self, spec: AuxiliarySettings) -> Iterator[SettingInWords]:
        yield from _RETRIEVAL.in_words(spec)
        yield SettingInWords("auxiliary", "Weight of the ratings", f"{spec.auxiliary_weight:g}")

    def constants(self, spec: AuxiliarySettings) -> Iterator[Constant]:
        yield from _RETRIEVAL.constants(spec)
        yield from weights(1.0, spec.auxiliary_weight)

    def given(self, spec: AuxiliarySettings) -> dict[str, bool | str]:
        return _BOTH.given(spec)

    def filled_in(self, raw: dict[str, Any]) -> dict[str, Any]:
        return with_rating_head(raw)
