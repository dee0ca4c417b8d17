"""What is hard to beat without a model, against dense matrices, loops, and libraries' numbers."""

from __future__ import annotations

import os
import tempfile
from collections import Counter, defaultdict
from dataclasses import replace
from itertools import product as pairs_of

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from purchases import Purchase, numbers, purchases

from shared import arrays, item_item, measuring
from shared.baselines import RecommendingBaseline, baselines, ease, item_knn, scoring, tifu_knn
from shared.baselines.base import RankingBaseline
from shared.baselines.decayed_history import DecayedHistory
from shared.baselines.ease import Ease
from shared.baselines.item_knn import ItemKnn
from shared.baselines.recent_popularity import RecentPopularity
from shared.baselines.regularised_biases import RegularisedBiases
from shared.baselines.tifu_knn import TifuKnn
from shared.examples import MISSING_TIMESTAMP
from shared.measuring import HeldOut, Ranked
from shared.metrics import of_random_ranking, of_ranking
from shared.statistics import Mean, Measured
from trainer_image.evaluation.retrieval import retrieval_baselines

DAY = 86_400
quickly = settings(deadline=None, max_examples=40)

# Of few days, so that moments are shared; customers of either part alone, and rows without a time.
timed = st.tuples(
    st.sampled_from(["ann", "bob", "cé", "cz", "dan"]),
    st.sampled_from([f"p{number}" for number in range(14)]),
    st.sampled_from([MISSING_TIMESTAMP, 0, 5 * DAY, 80 * DAY, 100 * DAY, 108 * DAY]),
)
rows = st.lists(timed, min_size=1, max_size=60)
# A row with a time, without which there is nothing to decay.
train_rows = st.lists(timed, min_size=0, max_size=60).map(lambda few: [*few, ("eve", "p3", DAY)])


def ids(train: list[Purchase], held_out: list[Purchase]) -> tuple[list[str], list[str]]:
    """Customers with held-out rows, and candidates, as numbered."""
    customers = sorted({row[0] for row in held_out}, key=lambda one: one.encode())
    return customers, sorted({row[1] for row in train + held_out})


def known_times(train: list[Purchase]) -> list[int]:
    return [time for _, _, time in train if time != MISSING_TIMESTAMP]


def recent_order(train: list[Purchase], candidates: list[str]) -> list[str]:
    latest = max(known_times(train))
    recent = Counter(p for _, p, t in train if t != MISSING_TIMESTAMP and latest - t < 28 * DAY)
    ever = Counter(p for _, p, _ in train)
    return sorted(candidates, key=lambda p: (-recent[p], -ever[p], p))


def popular_order(train: list[Purchase], candidates: list[str]) -> list[str]:
    ever = Counter(p for _, p, _ in train)
    return sorted(candidates, key=lambda p: (-ever[p], p))


def check(found: Ranked, expected: dict[str, list[str]], held_out, candidates) -> None:
    """Args: expected: by customer, the order of recommendation."""
    ranks = [expected[customer].index(product) + 1 for customer, product, _ in held_out]
    assert found.ranks.tolist() == ranks
    customers = sorted(expected, key=lambda one: one.encode())
    assert [[candidates[row] for row in one] for one in found.lists] == [
        expected[customer][:10] for customer in customers
    ]


def check_scores(found: Ranked, scores, order, train, held_out) -> None:
    """A rank counts who scores at least as high; what has no score follows in an order.

    Args:
        scores: by customer, of each product that has one.
    """
    customers, candidates = ids(train, held_out)
    assert found.in_list is not None
    for rank, place, (customer, product, _) in zip(
        found.ranks, found.in_list, held_out, strict=True
    ):
        own = scores[customer]
        bought = {p for c, p, _ in train if c == customer}
        alike = {p for p in order if (p in bought) == (product in bought)}
        mine = {p: score for p, score in own.items() if p in alike}
        if product in own:
            least = own[product] - 1e-6 * abs(own[product])
            assert rank == sum(one >= least for one in own.values())
            assert place == sum(one >= least for one in mine.values())
        else:
            rest = [one for one in order if one not in own]
            assert rank == len(own) + rest.index(product) + 1
            listed = [one for one in rest if one in alike]
            assert place == len(mine) + listed.index(product) + 1
    for customer, row in zip(customers, found.lists, strict=True):
        own = {p: float(np.float32(s)) for p, s in scores[customer].items()}
        by_score = sorted(own, key=lambda p: (-own[p], order.index(p)))
        told = [candidates[one] for one in row]
        wanted = (by_score + [one for one in order if one not in own])[:10]
        assert [round(own.get(p, -1.0), 5) for p in told] == [
            round(own.get(p, -1.0), 5) for p in wanted
        ]
        assert [p for p in told if p not in own] == [p for p in wanted if p not in own]


@quickly
@given(train_rows, rows)
def test_recent_popularity_counts_the_last_28_days(train, held_out) -> None:
    customers, candidates = ids(train, held_out)
    order = recent_order(train, candidates)
    found = RecentPopularity().ranked(numbers(train, held_out))
    check(found, dict.fromkeys(customers, order), held_out, candidates)


@quickly
@given(train_rows, rows)
def test_decayed_history_halves_every_180_days(train, held_out) -> None:
    customers, candidates = ids(train, held_out)
    order, latest = recent_order(train, candidates), max(known_times(train))
    oldest = min(known_times(train))
    expected = {}
    for customer in customers:
        weight: dict[str, float] = defaultdict(float)
        for buyer, product, time in train:
            if buyer == customer:
                at = oldest if time == MISSING_TIMESTAMP else time
                weight[product] += 0.5 ** ((latest - at) / DAY / 180)
        own = sorted(weight, key=lambda p: (-np.float32(weight[p]), order.index(p)))
        expected[customer] = own + [product for product in order if product not in weight]
    found = DecayedHistory().ranked(numbers(train, held_out))
    check(found, expected, held_out, candidates)
    bought = {(customer, product) for customer, product, _ in train}
    for place, (customer, product, _) in zip(found.in_list, held_out, strict=True):
        repeat = (customer, product) in bought
        listed = [p for p in expected[customer] if ((customer, p) in bought) == repeat]
        assert place == listed.index(product) + 1


def matrix(train, buyers: list[str], products: list[str]) -> np.ndarray:
    counts = np.zeros((len(buyers), len(products)))
    for customer, product, _ in train:
        counts[buyers.index(customer), products.index(product)] += 1
    return np.log2(1 + counts)


def by_customer(scores: np.ndarray, buyers, products, held_out, keep) -> dict[str, dict]:
    found: dict[str, dict] = {customer: {} for customer, _, _ in held_out}
    for customer in found:
        if customer in buyers:
            row = scores[buyers.index(customer)]
            found[customer] = {p: row[n] for n, p in enumerate(products) if keep(row[n])}
    return found


def cosine_scores(train, held_out, neighbours: int) -> dict[str, dict]:
    products = popular_order(train, sorted({row[1] for row in train}))
    buyers = sorted({row[0] for row in train})
    weights = matrix(train, buyers, products)
    scores = np.zeros_like(weights)
    for n, column in enumerate(weights.T):
        cosines = [
            float(np.float32(column @ other / np.linalg.norm(column) / np.linalg.norm(other)))
            for other in weights.T
        ]
        nearest = sorted(range(len(cosines)), key=lambda other: (-cosines[other], other))
        for other in nearest[:neighbours]:
            scores[:, n] += weights[:, other] * cosines[other]
    return by_customer(scores, buyers, products, held_out, lambda score: score > 0)


@pytest.mark.parametrize("neighbours", [3, 100])
@quickly
@given(rows, rows)
def test_item_knn_adds_up_cosines_with_the_nearest(neighbours, train, held_out) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(item_knn, "NEIGHBOURS", neighbours)
        found = ItemKnn().ranked(numbers(train, held_out))
    order = popular_order(train, ids(train, held_out)[1])
    scores = cosine_scores(train, held_out, neighbours)
    check_scores(found, scores, order, train, held_out)


@pytest.mark.parametrize("most", [0, 4_000])
@quickly
@given(rows, rows)
def test_ease_is_a_ridge_regression_of_each_product_on_the_others(most, train, held_out) -> None:
    """By customers and by products, solved one product after the other."""
    products = popular_order(train, sorted({row[1] for row in train}))
    buyers = sorted({row[0] for row in train})
    weights = matrix(train, buyers, products)
    scores = np.zeros_like(weights)
    for n in range(len(products)):
        rest = np.delete(weights, n, axis=1)
        gram = rest.T @ rest + ease.L2 * np.eye(len(products) - 1)
        scores[:, n] = rest @ np.linalg.solve(gram, rest.T @ weights[:, n])
    held = numbers(train, held_out)
    ordered = held_out_in(held, popular_order(train, ids(train, held_out)[1]), train, held_out)
    with pytest.MonkeyPatch.context() as patch:
        if not most:  # so that it is solved by products
            patch.setattr(ease, "_by_customers", ease._by_products)
        found = written(Ease().scores(ordered), ordered)
    told = sorted({row[0] for row in held_out}, key=lambda one: one.encode())
    for row, customer in zip(found, told, strict=True):
        if customer not in buyers:
            assert np.isneginf(row).all()
        else:
            assert row[: len(products)] == pytest.approx(scores[buyers.index(customer)], abs=1e-6)


def held_out_in(held: HeldOut, order: list[str], train, held_out) -> HeldOut:
    """With products by their places in an order."""
    return replace(
        held,
        product=np.array([order.index(product) for _, product, _ in held_out]),
        train_product=np.array([order.index(product) for _, product, _ in train]),
    )


def written(scores: scoring.Scores, held_out: HeldOut) -> np.ndarray:
    found = np.full((held_out.customers, held_out.candidates), -np.inf, np.float32)
    scores.write(0, held_out.customers, found[:, : scores.width])
    return found


def frequencies(train, products: list[str]) -> dict[str, np.ndarray]:
    """Of each customer, basket by basket."""
    found = {}
    for customer in {row[0] for row in train}:
        baskets: dict[int, set[str]] = defaultdict(set)
        for buyer, product, time in train:
            if buyer == customer:
                baskets[time].add(product)
        parts = [baskets[time] for time in sorted(baskets)]
        groups = min(len(parts), 7)
        sizes = [len(parts) // groups] * groups
        for late in range(len(parts) % groups):
            sizes[groups - 1 - late] += 1
        total = np.zeros(len(products))
        for group, size in enumerate(sizes):
            for place in range(size):
                basket = parts.pop(0)
                weight = 0.9 ** (size - 1 - place) / size * 0.7 ** (groups - 1 - group) / groups
                total[[products.index(product) for product in basket]] += weight
        found[customer] = total
    return found


def check_tifu(train, held_out, neighbours: int, step: int = 1) -> None:
    customers, candidates = ids(train, held_out)
    order = recent_order(train, candidates)
    own = frequencies(train, order)
    others = customers + list(dict.fromkeys(c for c, _, _ in train if c not in customers))
    scores: dict[str, dict] = {}
    for customer in customers:
        scores[customer] = {}
        if customer not in own:
            continue
        distance = {
            other: np.float32(own[other] @ own[other] - 2 * own[other] @ own[customer])
            for other in others[::step]
            if other in own and other != customer
        }
        near = sorted(distance, key=lambda one: (distance[one], others.index(one)))[:neighbours]
        total = 0.7 * own[customer]
        if near:
            total = total + 0.3 * np.mean([own[other] for other in near], axis=0)
        scores[customer] = {p: total[n] for n, p in enumerate(order) if total[n] > 0}
    check_scores(TifuKnn().ranked(numbers(train, held_out)), scores, order, train, held_out)


@quickly
@given(train_rows, rows)
def test_tifu_knn_joins_ones_own_frequencies_with_those_of_others(train, held_out) -> None:
    check_tifu(train, held_out, 300)


def shop(seed: int, customers: int, rows: int, days: int) -> tuple[list, list]:
    """Purchases without two customers alike, the latest tenth held out."""
    random = np.random.default_rng(seed)
    taste = random.dirichlet(np.full(30, 0.3), customers)
    made = [
        (f"c{who:03}", f"p{random.choice(30, p=taste[who]):02}", int(random.integers(days)) * DAY)
        for who in random.integers(customers, size=rows)
    ]
    made.sort(key=lambda row: row[2])
    cut = next(n for n, row in enumerate(made) if row[2] >= made[int(rows * 0.9)][2])
    return made[:cut], made[cut:]


def test_tifu_knn_looks_for_few_among_many_or_among_every_third(monkeypatch) -> None:
    train, held_out = shop(1, 40, 1500, 60)
    monkeypatch.setattr(tifu_knn, "NEIGHBOURS", 5)
    check_tifu(train, held_out, 5)
    held = numbers(train, held_out)
    monkeypatch.setattr(tifu_knn, "_MOST_DISTANCES", held.customers * held.buyers // 3 + 1)
    check_tifu(train, held_out, 5, step=3)


@pytest.mark.parametrize("most", [1, 40, 200])
def test_customers_in_parts_are_ranked_as_all_together(most: int, monkeypatch) -> None:
    rows = shop(5, customers=20, rows=300, days=200)
    asked = [one for one in baselines().values() if isinstance(one, RankingBaseline)]
    assert {"popularity", "decayed_history", "item_knn", "tifu_knn", "ease"} <= {
        one.name for one in asked
    }
    whole, in_parts = numbers(*rows), numbers(*rows)
    together = [one.ranked(whole) for one in asked]
    chance = of_random_ranking(whole)
    monkeypatch.setattr(measuring, "_PART_ROWS", most)
    monkeypatch.setattr(scoring, "_ROWS_AT_ONCE", most)
    monkeypatch.setattr(arrays, "_BLOCK", most)
    monkeypatch.setattr(arrays, "_MOST_BYTES", 0)
    assert len(list(measuring.parts(in_parts))) > 1
    np.testing.assert_array_equal(in_parts.repeat, whole.repeat)
    np.testing.assert_array_equal(in_parts.list_sizes, whole.list_sizes)
    for one, expected in zip(asked, together, strict=True):
        found = one.ranked(in_parts)
        np.testing.assert_array_equal(found.ranks, expected.ranks)
        np.testing.assert_array_equal(found.lists, expected.lists)
        np.testing.assert_array_equal(found.in_list, expected.in_list)
        same_metrics(of_ranking(found, in_parts), of_ranking(expected, whole))
    same_metrics(of_random_ranking(in_parts), chance)


def same_metrics(found: Measured, expected: Measured) -> None:
    """To the last digit, customer by customer."""
    assert found.keys() == expected.keys()
    for name, one in found.items():
        other = expected[name]
        if isinstance(one, Mean) and isinstance(other, Mean):
            np.testing.assert_array_equal(one.sums, other.sums)
            np.testing.assert_array_equal(one.rows, other.rows)
        else:
            assert one == other


@pytest.mark.parametrize("most", [1, 40, 1000])
def test_rows_by_customer_are_in_their_order(most: int, monkeypatch) -> None:
    held_out = numbers(*shop(5, customers=20, rows=300, days=200))
    monkeypatch.setattr(arrays, "_BLOCK", most)
    rows, starts = held_out.by_buyer
    np.testing.assert_array_equal(rows, np.argsort(held_out.train_buyer, kind="stable"))
    counts = np.bincount(held_out.train_buyer, minlength=held_out.buyers)
    np.testing.assert_array_equal(np.diff(starts), counts)
    np.testing.assert_array_equal(arrays.counts_of(held_out.train_buyer, held_out.buyers), counts)


def test_large_arrays_lie_in_files_and_small_ones_do_not(monkeypatch) -> None:
    found = []
    for most in (3 * 4 * 8, 3 * 4 * 8 - 1):
        monkeypatch.setattr(arrays, "_MOST_BYTES", most)
        one = arrays.room((3, 4), np.int64)
        assert not one.any()
        one[1] = 7
        assert one.sum() == 28
        found.append(isinstance(one.base, np.memmap))
    assert found == [False, True]


def test_a_large_array_has_its_place_on_the_disk_from_the_start(monkeypatch) -> None:
    make, taken = tempfile.TemporaryFile, []

    def watched(**options):
        file = make(**options)
        taken.append(os.dup(file.fileno()))
        return file

    monkeypatch.setattr(tempfile, "TemporaryFile", watched)
    arrays.room(arrays._MOST_BYTES + 1, np.int8)
    (file,) = taken
    blocks = os.fstat(file).st_blocks
    os.close(file)
    assert blocks * 512 > arrays._MOST_BYTES


def test_item_knn_of_a_sample_takes_every_nth_customer(monkeypatch) -> None:
    held = numbers(*shop(2, 40, 1500, 60))
    weights = scoring.purchases(held)
    pairs = int((np.diff(weights.indptr) ** 2).sum())
    assert item_item.sampled(weights, pairs) is weights
    assert (item_item.sampled(weights, pairs // 2).toarray() == weights.toarray()[::3]).all()
    assert (item_item.sampled(weights, pairs // 2 + 1).toarray() == weights.toarray()[::2]).all()


def test_ease_of_many_products_is_that_of_the_most_bought(monkeypatch) -> None:
    train, held_out = shop(3, 40, 1500, 60)
    monkeypatch.setattr(ease, "_MOST_INVERTED", 12)
    found = Ease().ranked(numbers(train, held_out))
    order = popular_order(train, ids(train, held_out)[1])
    most = set(order[:12])
    only = [row for row in train if row[1] in most]
    held = numbers(train, held_out)
    ordered = held_out_in(held, order, train, held_out)
    few = replace(
        ordered,
        train_buyer=ordered.train_buyer[[row[1] in most for row in train]],
        train_product=np.array([order.index(row[1]) for row in only]),
    )
    assert written(Ease().scores(ordered), ordered)[:, :12] == pytest.approx(
        written(Ease().scores(few), few)[:, :12], abs=1e-6
    )
    outside = [n for n, row in enumerate(held_out) if row[1] not in most]
    assert [found.ranks[n] for n in outside] == [order.index(held_out[n][1]) + 1 for n in outside]


# Of twelve customers and nine products, by product, the customer of each row.
SMALL = {
    0: [0, 1, 2, *[3] * 5, *[5] * 4, *[7] * 5, 8, 8, 9, 9, 10, 11, 11],
    1: [0, 1, 2, 3, 4, 5, 7, 7, 8, 8],
    2: [2, 2, 3, 4, 5, 5, 5, 6, 6, 7, 8, 8, 8, 10, 11, 11],
    3: [0, 0, 0, 0, 1, 4, 5, 6, 7, 7, 8, 9, 10, 10, 11, 11],
    4: [1, 1, 2, 2, 3, 7, 7, 9, 10, 10],
    5: [0, 1, 2, 3, 3, 6, 7, 9],
    6: [2, 2, 3, 9, 9],
    7: [2],
}
# implicit 0.7.3, CosineRecommender(K=100), fitted to log2(1 + rows): similarities to product 0.
IMPLICIT = [1.0, 0.794352, 0.743248, 0.710298, 0.681627, 0.701661, 0.494648, 0.181693]
# RecTools 0.13.0, EASEModel(regularization=200.0), of the same: scores of customers 0 and 2.
RECTOOLS = {
    0: [0.261443198, 0.159019828, 0.240183994, 0.127248317, 0.167524755, 0.123189092, 0.060308341],
    2: [0.349677622, 0.196688831, 0.194317117, 0.250535369, 0.180408746, 0.177641824, 0.113509215],
}


def small() -> HeldOut:
    train = [(f"c{who:02}", f"p{p}", 0) for p, whose in SMALL.items() for who in whose]
    return numbers(train, [(f"c{who:02}", "p0", 1) for who in range(12)])


def test_cosines_are_those_of_implicit() -> None:
    found = item_item.cosine_pairs(scoring.purchases(small()), item_knn.NEIGHBOURS).toarray()
    assert found[0].tolist() == pytest.approx(IMPLICIT, abs=1e-6)


@pytest.mark.parametrize("by", [ease._by_customers, ease._by_products])
def test_ease_scores_as_rectools_does(by) -> None:
    score = by(scoring.purchases(small()))
    for customer, expected in RECTOOLS.items():
        assert score(customer, customer + 1)[0][:7].tolist() == pytest.approx(expected, abs=1e-6)


@quickly
@given(rows.map(lambda few: [*few, ("eve", "p3", DAY)]), rows, st.lists(timed, max_size=9))
def test_later_purchases_that_are_held_out_change_no_ones_ranks(train, held_out, later) -> None:
    """Planted after the cut, of products that are candidates anyway."""
    every = [*held_out, *[("ann", product, 200 * DAY) for _, product, _ in train]]
    planted = [row for row in later if row[1] in {one[1] for one in every}]
    for baseline in baselines().values():
        if isinstance(baseline, RankingBaseline):
            before = baseline.ranked(numbers(train, every)).ranks
            after = baseline.ranked(
                numbers(train, every + [("ann", product, 300 * DAY) for _, product, _ in planted])
            ).ranks
            assert after[: len(every)].tolist() == before.tolist(), baseline.name


def test_without_times_what_needs_them_is_skipped_and_says_so() -> None:
    train, held_out = shop(4, 12, 200, 30)
    blind = [(who, what, MISSING_TIMESTAMP) for who, what, _ in train]
    found = retrieval_baselines(numbers(blind, held_out))
    why = "no training row has a known time of purchase"
    timed = ("recent_popularity", "decayed_history", "tifu_knn")
    assert {name: found.skipped[name] for name in timed} == dict.fromkeys(timed, why)
    assert set(found.skipped) == {*timed, "category_popularity"}
    recommending = {
        name for name, one in baselines().items() if isinstance(one, RecommendingBaseline)
    }
    assert set(found.measured) == recommending - set(found.skipped)


def test_what_would_take_too_long_is_skipped_and_says_so(monkeypatch) -> None:
    held = numbers(*shop(5, 12, 200, 30))
    many = replace(held, candidates=120_000)
    assert ItemKnn().skipped(many) == "120,000 products, at most 100,000"
    assert Ease().skipped(many) is None  # of few customers
    crowd = replace(many, customers=150_000)
    assert Ease().skipped(crowd) == (
        "120,000 products, at most 20,000 of more than 4,000 customers"
    )
    monkeypatch.setattr(ease, "_MOST_MULTIPLIED", 100)
    rows, most = len(held.train_product), 100 // min(held.buyers, held.candidates)
    assert Ease().skipped(held) == f"{rows} purchases, at most {most}"
    assert TifuKnn().skipped(crowd) == (
        "150,000 customers with held-out purchases, at most 100,000"
    )


def test_wide_lists_are_the_best_of_a_full_sort() -> None:
    random = np.random.default_rng(6)
    scores = random.integers(0, 40, (50, 64 * 17)).astype(np.float32)
    expected = np.argsort(-scores, axis=1, kind="stable")[:, :10]
    assert (scoring._best(scores, 10) == expected).all()


def biases_by_hand(rated, labels, of_customer: float, of_product: float):
    """The least squares of all biases at once, by its normal equations."""
    customers, products = (sorted({row[n] for row in rated}) for n in (0, 1))
    mean = sum(labels) / len(labels)
    design = np.zeros((len(rated), len(customers) + len(products)))
    for n, (customer, product, _) in enumerate(rated):
        design[n, customers.index(customer)] = 1
        design[n, len(customers) + products.index(product)] = 1
    penalty = np.diag([of_customer] * len(customers) + [of_product] * len(products))
    solved = np.linalg.solve(design.T @ design + penalty, design.T @ (np.array(labels) - mean))

    def of(customer: str, product: str) -> float:
        a = solved[customers.index(customer)] if customer in customers else 0
        b = solved[len(customers) + products.index(product)] if product in products else 0
        return mean + a + b

    return of


def test_biases_are_the_least_squares_with_the_penalties_that_predict_late_rows_best() -> None:
    train, held_out = shop(7, 25, 900, 80)
    held_out = [*held_out, ("nobody", "p01", 90 * DAY), ("c001", "nothing", 90 * DAY)]
    random = np.random.default_rng(7)
    liking = {name: random.normal(0, 0.6) for row in train for name in row[:2]}
    labels = [3 + liking[c] + liking[p] + random.normal(0, 1) for c, p, _ in train]
    fitted, late = train[: -(len(train) // 10)], train[-(len(train) // 10) :]
    errors = {}
    for penalties in pairs_of((1.0, 3.0, 10.0, 30.0, 100.0), repeat=2):
        of = biases_by_hand(fitted, labels[: len(fitted)], *penalties)
        predicted = np.array([of(customer, product) for customer, product, _ in late])
        errors[penalties] = float(np.mean((predicted - labels[len(fitted) :]) ** 2))
    of = biases_by_hand(train, labels, *min(errors, key=errors.__getitem__))
    found = RegularisedBiases().predict(np.array(labels), numbers(train, held_out))
    assert found.tolist() == pytest.approx([of(c, p) for c, p, _ in held_out], abs=2e-3)


@quickly
@given(st.lists(st.tuples(purchases, st.integers(-5, 5)), min_size=1), rows)
def test_biases_of_whatever_rows_are_finite(rated, held_out) -> None:
    train, labels = [row for row, _ in rated], np.array([float(label) for _, label in rated])
    found = RegularisedBiases().predict(labels, numbers(train, held_out))
    assert np.isfinite(found).all()
    assert len(found) == len(held_out)
