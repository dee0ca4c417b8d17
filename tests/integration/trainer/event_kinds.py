"""Pasts of events of several kinds, by a generated trainer, in the trainer's environment.

python -m tests.integration.trainer.event_kinds MODULE FOLDER

calls the parts of a generated trainer and writes what they give into `FOLDER/parts.npz`, which
`test_event_kinds.py` holds against loops by hand.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from shared.arrays import Booleans, Floats, Integers
from shared.examples import MISSING_TIMESTAMP

CUSTOMERS, PRODUCTS, WIDTH, DAY = 6, 12, 3, 86_400
# Settings of the module.
LENGTH, HALF_LIVES, MIX = 5, (2.0, 30.0), (0.4, -1.0)
FIRST = 1_600_000_000
KINDS = ("view", "purchase", "", "nonsense")


@dataclass(frozen=True)
class Drawn:
    """Events; of some the customer or the product has no number, which is -1."""

    customers: Integers
    products: Integers
    times: Integers
    weights: Floats
    bought: Booleans


def drawn() -> Drawn:
    """Many at one moment, some of unknown times, views after the last purchase."""
    random = np.random.default_rng(3)
    customers = random.integers(-1, CUSTOMERS, 200)
    products = random.integers(-1, PRODUCTS, 200)
    times = FIRST + random.integers(0, 60, 200) * (DAY // 2)
    bought = random.random(200) < 0.3
    customers[bought], products[bought] = abs(customers[bought]), abs(products[bought])
    times[bought] = np.minimum(times[bought], FIRST + 20 * DAY)
    times[::13] = MISSING_TIMESTAMP
    weights = np.where(bought, 2.0, np.where(products % 2, 0.25, 1.0)).astype(np.float32)
    return Drawn(customers, products, times, weights, bought)


def asked() -> tuple[Integers, Integers]:
    """Customers and moments, each with each."""
    moments = [MISSING_TIMESTAMP, FIRST, FIRST + DAY, FIRST + 9 * DAY + 7, FIRST + 99 * DAY]
    both = [(customer, moment) for customer in range(-1, CUSTOMERS) for moment in moments]
    customers, when = zip(*both, strict=True)
    return np.array(customers), np.array(when)


def table() -> Floats:
    return np.random.default_rng(1).normal(0, 0.3, (PRODUCTS, WIDTH)).astype(np.float32)


def main() -> None:
    from trainer_image.job.modules import import_module

    module = import_module(Path(sys.argv[1]))
    module.HISTORY_LENGTH = LENGTH
    tf = module.tf
    events = drawn()
    purchases = module.Purchases(*vars(events).values())
    customers, when = map(tf.constant, asked())
    history, ages, weights = purchases.newest(customers, when)
    past = purchases.past(customers, when)
    own = module.own_products(past, PRODUCTS)
    given = module.with_history({}, past)

    embeddings = tf.keras.layers.Embedding(PRODUCTS, WIDTH)
    embeddings.build(None)
    embeddings.embeddings.assign(table())
    pool = module.HistoryPool(embeddings, tf.range(PRODUCTS), list(HALF_LIVES), LENGTH)
    pool.mix.assign(MIX)
    features = {"history": history, "history_ages": ages, "history_weights": weights}
    alone = module.Purchases(*(values[events.bought] for values in vars(events).values()))
    kinds = tf.constant(KINDS)
    np.savez(
        Path(sys.argv[2]) / "parts.npz",
        newest=history,
        ages=ages,
        weights=weights,
        given=given["history"],
        given_ages=given["history_ages"],
        given_weights=given["history_weights"],
        end=purchases.end,
        pooled=pool(features),
        shares=pool.parts(features),
        own_keys=own.keys,
        own_features=own.features,
        facts=module.ProductFacts(purchases, purchases.end, PRODUCTS).features,
        facts_alone=module.ProductFacts(alone, alone.end, PRODUCTS).features,
        pairs=module.ItemItem(purchases, purchases.end, PRODUCTS).weights,
        pairs_alone=module.ItemItem(alone, alone.end, PRODUCTS).weights,
        kind_weights=module.kind_weights(kinds),
        are_purchases=module.are_purchases(kinds),
    )


if __name__ == "__main__":
    main()
