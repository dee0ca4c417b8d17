"""Warnings of a model that does not beat what needs no model."""

from __future__ import annotations

from collections.abc import Iterator

from shared.jobs import MetricsReport
from shared.problems import Problem
from shared.rules.differences import against_baseline
from shared.rules.metrics import RANKED_BY, RATED_BY
from shared.rules.metrics import metric as metric_of

# What a test is ranked by first; and among how many products it looks for the right one.
_RECALLS = {RANKED_BY: 100, "recall_at_50": 50, "recall_at_10": 10}


def not_above_baselines(results: MetricsReport) -> Iterator[Problem]:
    """Worse than, or not clearly better than, what needs no model: in what is recommended, and in
    how it is rated."""
    for name in (_telling_recall(results), RATED_BY):
        if name not in results.metrics:
            continue
        for baseline, (called, means, helps) in _BASELINES[metric_of(name).rating].items():
            plain = results.baselines.get(baseline, {}).get(name)
            if plain is None:
                continue
            found = _against(name, results.metrics[name], plain, baseline, results)
            if found is not None:
                yield warning(
                    f"status.results.metrics.{name}",
                    f"not_above_{baseline}",
                    f"{found} {called} ({metric_of(name).said(plain)}). {means} {helps}",
                    results.metrics[name],
                )


def _telling_recall(results: MetricsReport) -> str:
    """Recall among so few that not every product is among them; "" of too few products."""
    candidates = results.protocol.candidates
    telling = (name for name, k in _RECALLS.items() if k < candidates)
    return next(telling, "") if candidates else RANKED_BY


def too_few_products(results: MetricsReport) -> Iterator[Problem]:
    """All of them are among the best 100, whatever the model does."""
    candidates = results.protocol.candidates
    if RANKED_BY in results.metrics and 0 < candidates <= _RECALLS[RANKED_BY]:
        telling = _telling_recall(results) or "mrr"
        yield warning(
            f"status.results.metrics.{RANKED_BY}",
            "too_few_products_for_recall",
            f"With {candidates} products to choose from, every one is among the best 100: any "
            f"model has a recall of 100 %, which tells nothing. Compare by {telling}.",
            candidates,
        )


_LEARN_MORE = "Train more epochs, sample more customers, or try another learning rate."
_BASELINES: dict[bool, dict[str, tuple[str, str, str]]] = {
    False: {
        "popularity": (
            "recommending everybody the most popular products",
            "The model has not learned yet who wants what.",
            _LEARN_MORE,
        ),
        "own_history": (
            "recommending customers what they bought before",
            "A list of past purchases is as good or better; the recall of products that are new to "
            "the customer shows what the model adds to it.",
            "See that both towers have their ids; wider embeddings of them and more epochs help to "
            "remember.",
        ),
        "random": (
            "recommending at random",
            "The model knows nothing of what customers want.",
            _LEARN_MORE,
        ),
    },
    True: {
        "global_mean": (
            "predicting the mean rating for everything",
            "The model has not learned yet what is rated how.",
            _LEARN_MORE,
        ),
        "customer_product_means": (
            "predicting from each customer's and each product's mean",
            "The model adds nothing to these means.",
            "Give the towers attributes beyond the two ids, or cross them, and train more epochs.",
        ),
    },
}


def _against(
    name: str, value: float, plain: float, baseline: str, results: MetricsReport
) -> str | None:
    """How a metric fares against a baseline; None where it is clearly better, or where all we
    have is a better number."""
    metric = metric_of(name)
    said = f"{metric.label} of {metric.said(value)}"
    match against_baseline(name, baseline, results):
        case "better":
            return None
        case "worse":
            return f"{said} is worse than"
        case "no_clear_difference":
            return f"{said} shows no clear difference from"
        case None:
            return None if metric.better(value, plain) else f"{said} does not beat"


def only_reminds(results: MetricsReport) -> Iterator[Problem]:
    """Worse than popularity where there is something to discover."""
    name = f"{RANKED_BY}_new"
    plain = results.baselines.get("popularity", {}).get(name)
    if plain is None or name not in results.metrics:
        return
    if against_baseline(name, "popularity", results) == "worse":
        said = metric_of(name).said
        yield warning(
            f"status.results.metrics.{name}",
            "discovers_less_than_popularity",
            f"Where the product is new to the customer, recall is {said(results.metrics[name])}, "
            f"worse than recommending everybody the most popular products ({said(plain)}): the "
            "model reminds, but does not discover. Give the product tower attributes that "
            "products share, such as a category, or make the embeddings of the ids narrower.",
            results.metrics[name],
        )


def warning(path: str, code: str, message: str, received: object) -> Problem:
    return Problem(path=path, code=code, message=message, received=received, level="warning")
