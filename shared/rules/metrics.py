"""What tests are ranked and judged by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from shared.jobs import Interval
from shared.tasks import TASKS
from shared.tasks.ranking import Ranking
from shared.tasks.retrieval import Retrieval

(RANKED_BY,) = Retrieval.main_metrics
(RATED_BY,) = Ranking.main_metrics
# What tests of any task are ranked by.
MAIN_METRICS = tuple(dict.fromkeys(name for task in TASKS.values() for name in task.main_metrics))
# What tells something of few products too.
RANKED_BY_OF_FEW = "mrr"
# What says so of a list's first places.
FIRST_PLACES = "ndcg_at_10"
# What a test is ranked by first; and among how many products it looks for the right one.
RECALLS = {RANKED_BY: 100, "recall_at_50": 50, "recall_at_10": 10}
# All metrics that tests may be judged by.
TELLING = frozenset({*RECALLS, RANKED_BY_OF_FEW, RATED_BY})


class Among(Protocol):
    @property
    def candidates(self) -> int: ...


class Measured(Protocol):
    """The results that a test is judged by: a `MetricsReport`, or this part of one."""

    @property
    def metrics(self) -> Mapping[str, float]: ...
    @property
    def baselines(self) -> Mapping[str, Mapping[str, float]]: ...
    @property
    def differences(self) -> Mapping[str, Mapping[str, Interval]]: ...
    @property
    def protocol(self) -> Among: ...


def main_metrics(metrics: Mapping[str, float]) -> list[str]:
    """One of each task of the model, what it is ranked by first."""
    return [name for name in MAIN_METRICS if name in metrics]


def main_metric(metrics: Mapping[str, float]) -> str | None:
    """What a test is ranked by: recall where it recommends, the error where it only rates."""
    return next(iter(main_metrics(metrics)), None)


def telling_recall(results: Measured) -> str:
    """Recall among so few that not every product is among them; "" of too few products."""
    candidates = results.protocol.candidates
    telling = (name for name, k in RECALLS.items() if k < candidates)
    return next(telling, "") if candidates else RANKED_BY
