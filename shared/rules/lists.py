"""The lists that a re-ranker serves beside that of all products: what each is judged by, and
against what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from shared.baselines import baseline as baseline_of
from shared.documents.quick_test import ListVerdict
from shared.jobs import MetricsReport
from shared.metrics import metric as metric_of
from shared.rules.differences import Verdict, against_baseline
from shared.rules.metrics import RANKED_BY_OF_FEW, RECALLS

# What a random order of a list finds as well tells nothing: of a few products all are among ten.
_FOUND_BY_CHANCE = 0.9


@dataclass(frozen=True)
class ServedList:
    """A list of its own.

    Attributes:
        name: as predictions ask for it, and metrics of it end in.
        finds: of what, after "it finds 12% ".
        judged_by: metrics, the first of which that says something is taken.
        baselines: what recommends such products without a model; the first that was measured.
    """

    name: str
    label: str
    finds: str
    judged_by: tuple[str, ...]
    baselines: tuple[str, ...]

    def metric(self, results: MetricsReport) -> str | None:
        """What it is judged by; None where it was not measured."""
        named = [f"{name}_{self.name}" for name in self.judged_by]
        measured = [name for name in named if name in results.metrics]
        by_chance = results.baselines.get("random", {})
        telling = (name for name in measured if by_chance.get(name, 0.0) < _FOUND_BY_CHANCE)
        return next(telling, measured[-1] if measured else None)

    def rival(self, results: MetricsReport, metric: str) -> str | None:
        """The baseline that it is held against; None where there is none."""
        return next(
            (one for one in self.baselines if metric in results.baselines.get(one, {})), None
        )


# Of a customer's own products ten are many; a hundred are all that most of them have.
BUY_AGAIN = ServedList(
    name="buy_again",
    label="Buy again",
    finds="of the held-out purchases of products that the customer had bought before",
    judged_by=("recall_at_10", RANKED_BY_OF_FEW),
    baselines=("decayed_history", "own_history"),
)
DISCOVER = ServedList(
    name="discover",
    label="Discover",
    finds="of the held-out purchases of products that were new to the customer",
    judged_by=(*RECALLS, RANKED_BY_OF_FEW),
    baselines=("recent_popularity", "popularity"),
)
SERVED_LISTS = (BUY_AGAIN, DISCOVER)

_WORDS: dict[Verdict, str] = {
    "better": "clearly better than",
    "worse": "clearly worse than",
    "no_clear_difference": "not clearly different from",
}


def judge_lists(results: MetricsReport) -> Iterator[ListVerdict]:
    """How each list that was measured stands against its own baseline."""
    for served in SERVED_LISTS:
        if (name := served.metric(results)) is None:
            continue
        metric, value = metric_of(name), results.metrics[name]
        rival = served.rival(results, name)
        verdict = against_baseline(name, rival, results) if rival else None
        if metric.share:
            k = name.split("_")[2]
            found = f"It finds {metric.said(value)} {served.finds} among the first {k}"
        else:
            found = f"{metric.label} is {metric.said(value)}"
        against = ""
        if rival is not None:
            plain = results.baselines[rival][name]
            words = _WORDS[verdict] if verdict else "beside"
            against = f", {words} {baseline_of(rival).doing} ({metric.said(plain)})"
        yield ListVerdict(
            list=served.name,
            label=served.label,
            metric=name,
            baseline=rival,
            verdict=verdict,
            sentence=f"{found}{against}.",
        )
