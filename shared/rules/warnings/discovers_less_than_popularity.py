"""Discovers less than popularity."""

from __future__ import annotations

from collections.abc import Iterator

from shared.metrics import metric as metric_of
from shared.problems import Problem
from shared.rules.differences import against_baseline
from shared.rules.fixes import Fix, Tried, describe_products, order_more
from shared.rules.lists import DISCOVER
from shared.rules.metrics import RANKED_BY
from shared.rules.warnings.base import Finished, ResultWarning, worse_list

_ADVICE = "Give the product tower attributes that products share, such as a category"


class DiscoversLessThanPopularity(ResultWarning):
    """Worse than popularity where there is something to discover: in the list of it, by models
    that serve one, else among the products of the one list that are new to the customer."""

    name = "discovers_less_than_popularity"
    label = "Discovers less than popularity"
    help = "Recall of products that are new to the customer is clearly worse than popularity's."
    remedy = "features"
    position = 40

    def check(self, finished: Finished) -> Iterator[Problem]:
        results = finished.results
        if (lost := worse_list(DISCOVER, results)) is not None:
            yield self.problem(
                lost.path,
                f"{lost.said}: the model reminds, but does not discover. {_ADVICE}, or have the "
                "re-ranker order more candidates.",
                lost.value,
            )
        if DISCOVER.metric(results) is not None:
            return
        name = f"{RANKED_BY}_new"
        plain = results.baselines.get("popularity", {}).get(name)
        if plain is None or name not in results.metrics:
            return
        if against_baseline(name, "popularity", results) == "worse":
            said = metric_of(name).said
            value = results.metrics[name]
            yield self.problem(
                f"status.results.metrics.{name}",
                f"Where the product is new to the customer, recall is {said(value)}, worse than "
                f"recommending everybody the most popular products ({said(plain)}): the model "
                f"reminds, but does not discover. {_ADVICE}, or make the embeddings of the ids "
                "narrower.",
                value,
            )

    def fixes(self, problem: Problem, tried: Tried) -> Iterator[Fix]:
        yield from describe_products(tried)
        yield from order_more(tried)
