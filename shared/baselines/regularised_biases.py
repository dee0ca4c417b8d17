"""How high each product is rated and how each customer rates, fitted together."""

from __future__ import annotations

from itertools import product as pairs_of

from shared.arrays import Booleans, Codes, Integers, Reals, np
from shared.baselines.base import SummedBaseline
from shared.measuring import HeldOut

# On both sides of the 10 and 25 of the damped means.
_PENALTIES = (1.0, 3.0, 10.0, 30.0, 100.0)
# Sweeps to choose the penalties, and to fit with them: predictions then move by less than 0.001.
_ROUGH, _SWEEPS = 10, 50
# Rows by which the penalties are chosen, every n-th of more: 2 seconds.
_MOST_ROWS = 500_000
_JUDGED_SHARE = 0.1


class RegularisedBiases(SummedBaseline):
    """Each held-out row's rating as mean + b(customer) + b(product), the least squares with a
    penalty on each bias (Koren 2010, "Factor in the Neighbors", section 2.1, equation 2; Koren,
    Bell and Volinsky 2009, "Matrix factorization techniques for recommender systems").

    Both penalties are those that predict the latest tenth of the training rows best, or, where no
    times are known, the last tenth of them in the examples' shuffled order.
    """

    name = "regularised_biases"
    label = "Regularised biases"
    help = (
        "The mean, and how far each customer's and each product's ratings lie from it, fitted "
        "together and pulled towards 0."
    )
    term = "regularised biases"
    short = "biases"
    doing = "predicting from biases of customers and products"
    means = "The model adds nothing to how each customer rates and how each product is rated."
    helps = "Give the towers attributes beyond the two ids, or cross them, and train more epochs."
    remedy = "features"
    position = 60

    def predict(self, labels: Reals, held_out: HeldOut) -> Reals:
        fitted = _Biases(held_out.train_buyer, held_out.train_product, labels)
        fitted.fit(*_chosen(fitted, held_out), _SWEEPS)
        return fitted.of(held_out.customer, held_out.product)


class _Biases:
    """Args: customer, product, labels: [rows]."""

    def __init__(self, customer: Codes, product: Codes, labels: Reals) -> None:
        self.customer, self.product, self.labels = customer, product, labels
        self.mean = labels.mean()
        self._of_customer = np.zeros(int(customer.max()) + 1)
        self._of_product = np.zeros(int(product.max()) + 1)
        self._rows_of_customer, self._rows_of_product = np.bincount(customer), np.bincount(product)

    def fit(self, of_customer: float, of_product: float, sweeps: int) -> None:
        """Each side in turn: given the other, its least squares have a closed form."""
        rest = self.labels - self.mean
        self._of_customer[:] = 0
        for _ in range(sweeps):
            sums = np.bincount(self.product, rest - self._of_customer[self.customer])
            self._of_product = sums / (self._rows_of_product + of_product)
            sums = np.bincount(self.customer, rest - self._of_product[self.product])
            self._of_customer = sums / (self._rows_of_customer + of_customer)

    def of(self, customer: Codes, product: Codes) -> Reals:
        """0 for the bias of whom or what has no rows."""
        biases = _at(self._of_customer, customer) + _at(self._of_product, product)
        found: Reals = self.mean + biases
        return found

    def only(self, rows: Booleans | Integers) -> _Biases:
        return _Biases(self.customer[rows], self.product[rows], self.labels[rows])


def _at(biases: Reals, places: Codes) -> Reals:
    return np.where(places < len(biases), biases[np.minimum(places, len(biases) - 1)], 0.0)


def _chosen(rows: _Biases, held_out: HeldOut) -> tuple[float, float]:
    """Penalties of customers' and of products' biases."""
    order = np.argsort(held_out.train_time, kind="stable")
    order = order[:: -(-len(order) // _MOST_ROWS)]
    judged = max(1, int(len(order) * _JUDGED_SHARE))
    if len(order) <= judged:
        return 10.0, 25.0  # those of the damped means
    fitted, late = rows.only(order[:-judged]), rows.only(order[-judged:])

    def error(penalties: tuple[float, float]) -> float:
        fitted.fit(*penalties, _ROUGH)
        rest: Reals = fitted.of(late.customer, late.product) - late.labels
        return float((rest**2).mean())

    return min(pairs_of(_PENALTIES, _PENALTIES), key=error)
