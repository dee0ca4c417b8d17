"""Parts of generated second stages on drawn purchases, in the trainer's environment.

python -m tests.integration.trainer.second_stage MODULE FOLDER

calls the parts of a generated trainer and writes what they give into `FOLDER/parts.npz`, which
`test_second_stage.py` holds against loops by hand.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from shared.arrays import Floats, Integers
from shared.examples import MISSING_TIMESTAMP

CUSTOMERS, PRODUCTS, WIDTH, DAY = 7, 30, 4, 86_400
# Settings of the module.
LENGTH, CANDIDATES, POPULAR, ITEM_ITEM, TOP_K = 4, 10, 3, 5, 6
NEIGHBOURS = 4
HALF_LIVES = (2.0, 30.0)
# Of ScaNN's part. It scores 200 finds again exactly: all products of the small catalogue, so that
# what its hashing, which is learned at random, passes over is chance in the other alone.
SMALL, MANY, LEAVES = 200, 1_200, 20
FIRST = 1_600_000_000
CUT = FIRST + 40 * DAY
# Customers without purchases, and nobody.
STRANGER, NOBODY = CUSTOMERS - 1, -1


@dataclass(frozen=True)
class Bought:
    """Purchases: customers, products and times, each [purchases]."""

    customers: Integers
    products: Integers
    times: Integers

    def __getitem__(self, rows: Any) -> Bought:
        return Bought(self.customers[rows], self.products[rows], self.times[rows])

    def __len__(self) -> int:
        return len(self.times)


def bought() -> Bought:
    """Half of all days, so that many are of one moment; baskets of two; times that nobody knows."""
    random = np.random.default_rng(5)
    customers = random.integers(0, CUSTOMERS - 1, 150)
    products = random.integers(0, 13, 150)
    times = FIRST + random.integers(0, 110, 150) * (DAY // 2)
    customers[1::10], times[1::10] = customers[::10], times[::10]
    times[::17] = MISSING_TIMESTAMP
    return Bought(customers, products, times)


def moments() -> tuple[Integers, Integers]:
    """Customers and moments that are asked for, each with each."""
    times = bought().times
    known = times[times > MISSING_TIMESTAMP]
    end = int(known.max()) + 1
    asked = [MISSING_TIMESTAMP, FIRST - 9, int(known.min()), int(known.min()) + 1]
    asked += [*map(int, known[:5]), CUT, end - 1, end, end + 90 * DAY]
    both = [(c, moment) for c in range(-1, CUSTOMERS) for moment in asked]
    customers, when = zip(*both, strict=True)
    return np.array(customers), np.array(when)


def embeddings(rows: int, seed: int) -> Floats:
    return np.random.default_rng(seed).normal(0, 0.3, (rows, WIDTH)).astype(np.float32)


def slices() -> dict[str, tuple[Bought, Bought]]:
    """Earlier purchases and the fitting slice, as each split may cut them."""
    rows = bought()
    random = np.random.default_rng(11)
    late = rows.times >= CUT
    at_cut = np.flatnonzero(rows.times == np.sort(rows.times[late])[0])
    tied = late.copy()
    tied[at_cut[:1]] = False  # the moment itself is torn
    by_hash = random.random(len(rows)) < 0.3
    one = late & (rows.customers == 2)
    return {
        "temporal": (rows[~late], rows[late]),
        "hash": (rows[~tied], rows[tied]),
        "random": (rows[~by_hash], rows[by_hash]),
        "one customer": (rows[~late], rows[one]),
        "nobody": (rows, rows[:0]),
        "no moment": (rows, Bought(np.array([1]), np.array([3]), np.array([MISSING_TIMESTAMP]))),
    }


def planted() -> Bought:
    """What somebody buys after the first moment of the slice."""
    return Bought(np.array([3]), np.array([29]), np.array([CUT + 20 * DAY]))


def main() -> None:
    from trainer_image.job.modules import import_module

    module = import_module(Path(sys.argv[1]))
    module.TOP_K, module.NEIGHBOURS = TOP_K, NEIGHBOURS
    found: dict[str, Any] = {
        **pasts(module),
        **pooled(module),
        **ordered(module),
        **losses(module),
        **standardized(module),
        **approximate(module),
    }
    for name, (earlier, fitting) in slices().items():
        found |= lists(module, name, earlier, fitting)
    earlier, fitting = slices()["temporal"]
    late = planted()
    more = Bought(
        *(np.append(getattr(fitting, name), getattr(late, name)) for name in vars(fitting))
    )
    found |= lists(module, "planted", earlier, more)
    np.savez(Path(sys.argv[2]) / "parts.npz", **found)


def purchases_of(module: Any, rows: Bought) -> Any:
    return module.Purchases(rows.customers, rows.products, rows.times)


def pasts(module: Any) -> dict[str, Any]:
    """The newest purchases, all, and what is known of each product."""
    purchases = purchases_of(module, bought())
    customers, when = map(module.tf.constant, moments())
    products, ages = purchases.newest(customers, when)
    past = purchases.past(customers, when)
    given = module.with_history({}, past)
    own = module.own_products(past, PRODUCTS)
    facts = module.ProductFacts(purchases, CUT, PRODUCTS)
    empty = module.Purchases(*(np.zeros(0, np.int64) for _ in range(3)))
    return {
        "newest_products": products,
        "newest_ages": ages,
        "past_products": past.products.flat_values,
        "past_ages": past.ages.flat_values,
        "past_sizes": past.products.row_lengths(),
        "given_products": given["history"],
        "given_ages": given["history_ages"],
        "own_keys": own.keys,
        "own_features": own.features,
        "facts": facts.features,
        "popular": facts.popular,
        "empty_sizes": empty.past(customers, when).products.row_lengths(),
        "empty_facts": module.ProductFacts(empty, CUT, PRODUCTS).features,
        "item_item": item_item_of(module, purchases, past, CUT, PRODUCTS),
        "empty_item_item": item_item_of(module, empty, past, CUT, PRODUCTS),
        "twice": [[module.is_twice(purchases, *pair) for pair in row] for row in twice()],
    }


def twice() -> list[list[tuple[int, int]]]:
    """Pairs of all moments that are asked for."""
    asked = np.unique(moments()[1]).tolist()
    return [[(moment, before) for before in asked] for moment in asked]


def item_item_of(module: Any, purchases: Any, past: Any, moment: int, products: int) -> Any:
    """Scores of all products for the customers of some pasts."""
    own = module.own_products(past, products)
    pairs = module.ItemItem(purchases, moment, products)
    return pairs.scores(own, products, past.products.nrows())


def candidates_of(
    module: Any, purchases: Any, past: Any, queries: Any, best: Any, products: Any
) -> Any:
    many = len(products)
    own = module.own_products(past, many)
    item_item = item_item_of(module, purchases, past, CUT, many)
    facts = module.ProductFacts(purchases, CUT, many)
    return module.candidates_of(queries, best, own, item_item, products, facts)


def pooled(module: Any) -> dict[str, Any]:
    tf = module.tf
    table = tf.keras.layers.Embedding(11, WIDTH)
    table.build(None)
    table.embeddings.assign(embeddings(11, 1))
    rows = np.random.default_rng(2).integers(0, 11, PRODUCTS)
    pool = module.HistoryPool(table, tf.constant(rows), list(HALF_LIVES), LENGTH - 1)
    pool.mix.assign([0.4, -1.0])
    customers, when = map(tf.constant, moments())
    history, ages = purchases_of(module, bought()).newest(customers, when)
    with tf.GradientTape() as tape:
        given = pool({"history": history, "history_ages": ages})
    gradient = tape.gradient(given, pool.mix)
    return {"pooled": given, "pool_rows": rows, "pool_gradient": gradient}


def ordered(module: Any) -> dict[str, Any]:
    """Candidates with their features, and the lists of some scores."""
    tf = module.tf
    purchases = purchases_of(module, bought())
    customers, when = map(tf.constant, moments())
    past = purchases.past(customers, when)
    queries, products = embeddings(len(customers), 3), embeddings(PRODUCTS, 4)
    scores, best = tf.math.top_k(queries @ products.T, CANDIDATES)
    best = module.Found(best, scores)
    found = candidates_of(
        module, purchases, past, tf.constant(queries), best, tf.constant(products)
    )
    drawn = np.random.default_rng(6).integers(0, 9, len(found.rows)).astype(np.float32)
    reranker = module.Reranker()
    reranker.build((None, found.features.shape[1]))
    reranker(found.features[:1])
    weights = reranker.trainable_weights, reranker.non_trainable_weights
    ranked = module.RankedLists(found, tf.constant(drawn), tf.constant(len(customers)))
    every = {"all": None, "own": True, "others": False}
    bests = {name: ranked.best(own) for name, own in every.items()}
    return {
        **{f"candidate_{name}": values for name, values in found._asdict().items()},
        "scores": drawn,
        "reranker_parameters": [int(sum(map(tf.size, some))) for some in weights],
        **{f"best_{name}_products": one[0] for name, one in bests.items()},
        **{f"best_{name}_scores": one[1] for name, one in bests.items()},
        "in_order": ranked.in_order()[0],
    }


def losses(module: Any) -> dict[str, Any]:
    random = np.random.default_rng(8)
    scores = random.normal(0, 40, 30).astype(np.float32)
    times = random.integers(0, 3, 30).astype(np.float32)
    of = np.sort(random.integers(0, 4, 30))
    own = random.integers(0, 2, 30)
    own[of == 1] = 0  # a customer who has none of the candidates
    with module.tf.GradientTape() as tape:
        tape.watch(given := module.tf.constant(scores))
        loss = module.listwise_loss(given, times, of, own)
    gradient = tape.gradient(loss, given)
    return {"loss": loss, "loss_gradient": gradient, "loss_given": [scores, times, of, own]}


def standardized(module: Any) -> dict[str, Any]:
    """A re-ranker whose second feature was the same everywhere where it was fitted, and is not
    where it serves."""
    random = np.random.default_rng(9)
    features = random.normal(3, 2, (50, 3)).astype(np.float32)
    features[:, 1] = -1.3
    reranker = module.Reranker()
    reranker.build((None, 3))
    before = reranker(features)
    reranker.standardize(features)
    reranker.last.kernel.assign(module.tf.ones_like(reranker.last.kernel))
    served = features.copy()
    served[:, 1] = 4
    return {
        "unfitted": before,
        "unfitted_features": features,
        "fitted": reranker(features),
        "served": reranker(served),
    }


def approximate(module: Any) -> dict[str, Any]:
    """Lists by brute force and by ScaNN over all leaves of a small catalogue, and by ScaNN over one
    leaf of a larger one."""
    tf = module.tf
    purchases = purchases_of(module, bought())
    customers, when = map(tf.constant, moments())
    past = purchases.past(customers, when)
    queries, products = embeddings(len(customers), 13), tf.constant(embeddings(MANY, 14))
    found: dict[str, Any] = {}
    few = module.ScannIndex(products, 400, LEAVES)
    few.leaves_to_search = 1
    small = products[:SMALL]
    indexes = {
        "exact": (module.BruteForceIndex(small, CANDIDATES), small),
        "scann": (module.ScannIndex(small, CANDIDATES, LEAVES), small),
        "few": (few, products),
    }
    for name, (index, all_of_it) in indexes.items():
        best = index.search(tf.constant(queries))
        listed = candidates_of(module, purchases, past, tf.constant(queries), best, all_of_it)
        ranked = module.RankedLists(listed, listed.features[:, 0], tf.constant(len(customers)))
        found[f"{name}_products"], found[f"{name}_scores"] = ranked.best()
        found[f"{name}_features"] = listed.features
        found[f"{name}_found"] = tf.math.count_nonzero(tf.math.is_finite(best.scores), axis=1)
        found[f"{name}_sizes"] = tf.math.count_nonzero(ranked.products >= 0, axis=1)
    return found


def lists(module: Any, name: str, earlier: Bought, fitting: Bought) -> dict[str, Any]:
    """What a re-ranker is fitted to, with towers that are tables."""
    tf = module.tf
    queries, items = embeddings(CUSTOMERS, 21), tf.constant(embeddings(PRODUCTS, 22))

    def query_tower(features: dict[str, Any]) -> Any:
        history = features["history"]
        known = tf.cast(history >= 0, tf.float32)[:, :, tf.newaxis]
        sums = tf.reduce_sum(tf.gather(items, tf.maximum(history, 0)) * known, axis=1)
        return tf.gather(queries, features["customer_index"]) + sums

    model = SimpleNamespace(candidate_tower=None, query_tower=query_tower)
    products = SimpleNamespace(
        ids=tf.range(PRODUCTS),
        embedded=lambda _: items,
        rows_by_index=lambda: tf.range(-1, PRODUCTS, dtype=tf.int64),
    )
    rows = {
        "customer_index": tf.constant(fitting.customers),
        "candidate_index": tf.constant(fitting.products),
        "moment": tf.constant(fitting.times),
    }
    purchases = purchases_of(module, earlier)
    first = module.first_moment(purchases, rows)
    given = model, products, purchases, rows, module.known_before(purchases, first, PRODUCTS)
    lists = module.lists_of(*given)
    reranker = module.reranker_of(lists)
    module.fit_reranker(reranker, lists)
    return {
        f"{name}/features": lists.features,
        f"{name}/own": lists.own,
        f"{name}/bought": lists.bought,
        f"{name}/starts": lists.starts,
        f"{name}/fitted": lists.number,
        f"{name}/scores": reranker(lists.features),
    }


if __name__ == "__main__":
    main()
