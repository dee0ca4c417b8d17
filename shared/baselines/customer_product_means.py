"""How high each product is rated, and how each customer rates."""

from __future__ import annotations

from shared.arrays import Codes, Reals, np
from shared.baselines.base import SummedBaseline
from shared.measuring import HeldOut

# Koren (2010), "Factor in the Neighbors", section 2.1: typical values on the Netflix data.
_PRODUCT_DAMPING = 25
_CUSTOMER_DAMPING = 10


class CustomerProductMeans(SummedBaseline):
    """Each held-out row's rating as the mean, plus how far the product's training rows lie from it,
    plus how far the customer's lie from both, each pulled towards 0 the fewer they are.

    These are the baseline estimates of Koren (2010), "Factor in the Neighbors", section 2.1.
    """

    name = "customer_product_means"
    label = "Their own means"
    help = "The mean, and how far each customer's and each product's ratings lie from it."
    term = "customer and product means"
    short = "customer, product means"
    doing = "predicting from each customer's and each product's mean"
    means = "The model adds nothing to these means."
    helps = "Give the towers attributes beyond the two ids, or cross them, and train more epochs."
    remedy = "features"
    position = 50

    def predict(self, labels: Reals, held_out: HeldOut) -> Reals:
        mean = labels.mean()
        product = _damped(
            labels - mean, held_out.train_product, held_out.candidates, _PRODUCT_DAMPING
        )
        known = held_out.train_customer >= 0
        rest = (labels - mean - product[held_out.train_product])[known]
        customer = _damped(
            rest, held_out.train_customer[known], held_out.customers, _CUSTOMER_DAMPING
        )
        found: Reals = mean + product[held_out.product] + customer[held_out.customer]
        return found


def _damped(deviations: Reals, group: Codes, groups: int, damping: int) -> Reals:
    sums = np.bincount(group, deviations, groups)
    return sums / (damping + np.bincount(group, minlength=groups))
