"""How well ratings are predicted, and what predicts them without a model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trainer_image.bootstrap import Metric, Rows, area_under_curve
from trainer_image.held_out import HeldOut
from trainer_image.ranking import Booleans, Integers, Reals

GLOBAL_MEAN = "global_mean"
CUSTOMER_PRODUCT_MEANS = "customer_product_means"
# Koren (2010), "Factor in the Neighbors", section 2.1: typical values on the Netflix data.
_PRODUCT_DAMPING = 25
_CUSTOMER_DAMPING = 10
# A probability of exactly 0 or 1 is one that was rounded to float32.
_LEAST_PROBABILITY = 1e-7
# Sums of deviations are no probabilities, and leave no doubt where there is some.
_LEAST_SUMMED_PROBABILITY = 0.01


@dataclass(frozen=True)
class RatingResults:
    model: dict[str, Metric]
    baselines: dict[str, dict[str, Metric]]


def rating_results(
    predicted: Reals, train_labels: Reals, labels: Reals, held_out: HeldOut
) -> RatingResults:
    """What was predicted, beside the mean and beside the means of customers and products.

    Args:
        predicted, labels: [held-out rows].
        train_labels: [training rows].
    """
    rows = held_out.rows
    mean = np.full(len(labels), train_labels.mean())
    means = customer_product_means(train_labels, held_out)
    results = RatingResults(
        model=error_metrics(predicted, labels, rows),
        baselines={
            GLOBAL_MEAN: error_metrics(mean, labels, rows),
            CUSTOMER_PRODUCT_MEANS: error_metrics(means, labels, rows),
        },
    )
    if all(np.isin(part, (0, 1)).all() for part in (train_labels, labels)):
        results.model.update(binary_metrics(predicted, predicted, labels, rows))
        results.baselines[GLOBAL_MEAN].update(binary_metrics(mean, mean, labels, rows))
        results.baselines[CUSTOMER_PRODUCT_MEANS].update(
            binary_metrics(means, _as_probabilities(means), labels, rows)
        )
    return results


def error_metrics(ratings: Reals, labels: Reals, rows: Rows) -> dict[str, Metric]:
    """Root mean squared and mean absolute error, in the label's unit.

    Args:
        ratings, labels: [rows].
    """
    errors = ratings - labels
    return {"rmse": rows.mean(errors**2, root=True), "mae": rows.mean(np.abs(errors))}


def binary_metrics(
    scores: Reals, probabilities: Reals, labels: Reals, rows: Rows
) -> dict[str, Metric]:
    """Of labels that are 0 or 1: the area under the ROC curve of the scores, if there are both
    labels, and the log loss in nats, if the probabilities are some.

    Args:
        scores, probabilities, labels: [rows].
    """
    metrics: dict[str, Metric] = {}
    positive = labels == 1
    if positive.any() and not positive.all():
        metrics["auc"] = area_under_curve(scores, positive, rows.customer)
    if probabilities.min() >= 0 and probabilities.max() <= 1:
        metrics["log_loss"] = rows.mean(_log_losses(probabilities, positive))
    return metrics


def _log_losses(probabilities: Reals, positive: Booleans) -> Reals:
    p = np.clip(probabilities, _LEAST_PROBABILITY, 1 - _LEAST_PROBABILITY)
    return -np.where(positive, np.log(p), np.log1p(-p))


def customer_product_means(labels: Reals, held_out: HeldOut) -> Reals:
    """Each held-out row's rating as the mean, plus how far the product's training rows lie from it,
    plus how far the customer's lie from both, each pulled towards 0 the fewer they are.

    These are the baseline estimates of Koren (2010), "Factor in the Neighbors", section 2.1.

    Args:
        labels: [training rows].

    Returns:
        [held-out rows].
    """
    mean = labels.mean()
    product = _damped(labels - mean, held_out.train_product, held_out.candidates, _PRODUCT_DAMPING)
    known = held_out.train_customer >= 0
    rest = (labels - mean - product[held_out.train_product])[known]
    customer = _damped(rest, held_out.train_customer[known], held_out.customers, _CUSTOMER_DAMPING)
    found: Reals = mean + product[held_out.product] + customer[held_out.customer]
    return found


def _as_probabilities(ratings: Reals) -> Reals:
    return np.clip(ratings, _LEAST_SUMMED_PROBABILITY, 1 - _LEAST_SUMMED_PROBABILITY)


def _damped(deviations: Reals, group: Integers, groups: int, damping: int) -> Reals:
    sums = np.bincount(group, deviations, groups)
    return sums / (damping + np.bincount(group, minlength=groups))
