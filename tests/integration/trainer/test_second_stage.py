"""Histories, candidates and what a re-ranker is fitted to, against loops by hand."""

from __future__ import annotations

import math
from collections import Counter
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from shared.codegen import generate_trainer, make_plan
from shared.documents.feature_config import FeatureConfig
from shared.documents.model_config import ModelConfig
from shared.documents.quick_test import QuickTestSpec
from shared.examples import MISSING_TIMESTAMP
from shared.rules.parameters import count_parameters
from shared.tasks.reranker import Reranker
from tests.integration.trainer import second_stage
from tests.integration.trainer.second_stage import (
    CANDIDATES,
    CUSTOMERS,
    CUT,
    DAY,
    HALF_LIVES,
    ITEM_ITEM,
    LENGTH,
    MANY,
    NEIGHBOURS,
    NOBODY,
    POPULAR,
    PRODUCTS,
    STRANGER,
    TOP_K,
    Bought,
    bought,
    embeddings,
    moments,
    slices,
)
from tests.integration.trainer.support import Documents, TrainerProcess

pytestmark = pytest.mark.trainer

COUNTED = (5.0, 15.0, 40.0, 125.0, 375.0)
UNITS = [5]
OWN_FEATURES = 9 + len(COUNTED)
TEMPERATURE, SEED, RECENT = 0.1, 42, 28
Purchase = tuple[int, float]  # product, and age in days
Parts = dict[str, np.ndarray]


@pytest.fixture(scope="module")
def parts(recommended: Documents, tmp_path_factory: pytest.TempPathFactory) -> Parts:
    dataset, features, model = recommended
    feature_spec = features.spec.model_dump(mode="json")
    feature_spec["buyer_model_features"][1]["length"] = LENGTH
    model_spec = model.spec.model_dump(mode="json")
    model_spec["reranker"] = {
        "candidates": CANDIDATES,
        "popular": POPULAR,
        "item_item": ITEM_ITEM,
        "units": UNITS,
    }
    model_spec["retrieval_algorithm"] = "scann"
    plan = make_plan(
        FeatureConfig.model_validate({"id": "fc", "name": "f", "spec": feature_spec}),
        ModelConfig.model_validate({"id": "mc", "name": "m", "spec": model_spec}),
        dataset,
        QuickTestSpec(feature_config_id="fc", model_config_id="mc", seed=SEED),
    )
    folder = tmp_path_factory.mktemp("second_stage")
    (folder / "trainer.py").write_text(generate_trainer(plan), encoding="utf-8")
    module = "tests.integration.trainer.second_stage"
    ended = TrainerProcess(folder, module, str(folder / "trainer.py"), str(folder)).wait()
    assert ended.returncode == 0, ended.stderr[-4000:]
    with np.load(folder / "parts.npz") as found:
        return dict(found)


def past_by_hand(rows: Bought, customer: int, moment: int) -> list[Purchase]:
    """Strictly before the moment, the newest first. Time stands still at the end."""
    known = [time for time in rows.times.tolist() if time > MISSING_TIMESTAMP]
    if not known:
        return []
    now = min(moment, max(known) + 1)
    found = sorted(
        (
            (time, product)
            for who, product, time in zip(
                rows.customers.tolist(), rows.products.tolist(), rows.times.tolist(), strict=True
            )
            if who == customer and MISSING_TIMESTAMP < time < now
        ),
        reverse=True,
    )
    return [(product, (now - time) / DAY) for time, product in found]


def pasts() -> list[list[Purchase]]:
    rows = bought()
    customers, when = (asked.tolist() for asked in moments())
    return [past_by_hand(rows, *asked) for asked in zip(customers, when, strict=True)]


def ages_of(past: list[Purchase]) -> dict[int, list[float]]:
    found: dict[int, list[float]] = {}
    for product, age in past:
        found.setdefault(product, []).append(age)
    return found


def days_and_gap(ages: list[float]) -> tuple[int, float]:
    days = len({math.floor(age) for age in ages})
    return days, (max(ages) - min(ages)) / (days - 1) if days > 1 else 0.0


def own_by_hand(ages: list[float]) -> list[float]:
    """What a customer did with one product."""
    (days, gap), newest = days_and_gap(ages), min(ages)
    return [
        1,
        math.log1p(len(ages)),
        math.log1p(days),
        *(math.log1p(sum(0.5 ** (age / life) for age in ages)) for life in COUNTED),
        math.log1p(newest),
        math.log1p(max(ages)),
        float(days > 1),
        math.log(gap + 0.5) if days > 1 else 0,
        min(newest / max(gap, 0.5), 6) if days > 1 else -1,
        newest / (newest + 30),
    ]


def facts_by_hand(rows: Bought, moment: int, products: int) -> tuple[np.ndarray, list[int]]:
    """What all customers did with each product, and the recently popular ones."""
    everybody = [past_by_hand(rows, customer, moment) for customer in range(CUSTOMERS)]
    span = max([1.0, *(age for past in everybody for _, age in past)])
    facts, counts = [], []
    for product in range(products):
        owners = [ages for past in everybody if (ages := ages_of(past).get(product))]
        told = [days_and_gap(ages) for ages in owners]
        repeaters = sum(days > 1 for days, _ in told)
        recent = sum(age <= RECENT for ages in owners for age in ages)
        facts.append(
            [
                math.log((repeaters + 1) / (len(owners) - repeaters + 4)),
                math.log1p(recent),
                math.log((recent + 1) / RECENT) - math.log((sum(map(len, owners)) + 1) / span),
                math.log1p(sum(gap for _, gap in told) / max(repeaters, 1)),
                math.log1p(len(owners)),
            ]
        )
        counts.append(recent)
    popular = sorted(range(products), key=lambda product: (-counts[product], product))
    return np.array(facts), popular[:POPULAR]


def weights_by_hand(past: list[Purchase], products: int) -> np.ndarray[Any, Any]:
    found = np.zeros(products)
    for product, age in past:
        found[product] += 0.5 ** (age / 125)
    return np.log2(1 + found)


def item_item_by_hand(rows: Bought, moment: int, products: int) -> np.ndarray[Any, Any]:
    """[products, products], what a column's product adds to a row's: the largest coefficients of
    ridge regressions, of each product on all others, and of these the largest of a column."""
    everybody = [past_by_hand(rows, customer, moment) for customer in range(CUSTOMERS)]
    bought_by = np.array([weights_by_hand(past, products) for past in everybody])
    found = np.zeros((products, products))
    for product in range(products):
        others = np.delete(np.arange(products), product)
        x = bought_by[:, others]
        ridge = x.T @ x + 200 * np.eye(len(others))
        coefficients = np.linalg.solve(ridge, x.T @ bought_by[:, product])
        most = np.argsort(-coefficients)[:NEIGHBOURS]
        found[product, others[most]] = np.maximum(coefficients[most], 0)
    for added in found.T:
        added[np.argsort(-added)[2 * NEIGHBOURS :]] = 0
    return found


def candidates_by_hand(
    query: np.ndarray,
    items: np.ndarray,
    past: list[Purchase],
    facts: tuple[np.ndarray, list[int]],
    pairs: np.ndarray,
) -> dict[int, list[float]]:
    """The features of each candidate, by product, in order: own, best, popular, paired."""
    scores = items.astype(np.float64) @ query / TEMPERATURE
    best = np.argsort(-scores, kind="stable")[:CANDIDATES].tolist()
    normalizer = np.log(np.exp(scores[best]).sum())
    own = ages_of(past)
    active = sum(age <= RECENT for _, age in past)
    found = {}
    goes = pairs @ weights_by_hand(past, len(pairs))
    paired = [one for one in np.argsort(-goes, kind="stable").tolist() if one not in own]
    paired = [one for one in paired[:ITEM_ITEM] if goes[one] > 0]
    for product in [*own, *best, *facts[1], *paired]:
        log_probability = scores[product] - normalizer
        mine = own_by_hand(own[product]) if product in own else [0.0] * OWN_FEATURES
        found[product] = [
            log_probability,
            log_probability * mine[0],
            *mine,
            *facts[0][product],
            math.log1p(active),
            math.log1p(len(own)),
            goes[product],
            goes[product] * mine[0],
        ]
    return found


def test_a_past_is_strictly_before_its_moment(parts: Parts) -> None:
    """Neither the same basket nor the same moment; of strangers, and before unknown moments,
    there is none."""
    starts = np.cumsum([0, *parts["past_sizes"]])
    for row, past in enumerate(pasts()):
        mine = slice(starts[row], starts[row + 1])
        assert parts["past_products"][mine].tolist() == [product for product, _ in past]
        np.testing.assert_allclose(
            parts["past_ages"][mine], [age for _, age in past], rtol=1e-5, atol=1e-6
        )
        newest = [*past[:LENGTH], *[(-1, math.inf)] * LENGTH][:LENGTH]
        for source in ("newest", "given"):
            assert parts[f"{source}_products"][row].tolist() == [one for one, _ in newest]
            np.testing.assert_allclose(
                parts[f"{source}_ages"][row], [age for _, age in newest], rtol=1e-5, atol=1e-6
            )
    customers, when = moments()
    nothing = np.isin(customers, [NOBODY, STRANGER]) | (when == MISSING_TIMESTAMP)
    assert not parts["past_sizes"][nothing].any()
    assert parts["past_sizes"].max() > LENGTH
    assert not parts["empty_sizes"].any()


def test_a_history_is_pooled_by_weights_that_decay(parts: Parts) -> None:
    table, rows = embeddings(11, 1).astype(np.float64), parts["pool_rows"]
    mix = [math.log1p(math.exp(one)) for one in (0.4, -1.0)]
    for found, past in zip(parts["pooled"], pasts(), strict=True):
        newest = past[: LENGTH - 1]
        weights = [
            sum(part * 0.5 ** (age / life) for part, life in zip(mix, HALF_LIVES, strict=True))
            for _, age in newest
        ]
        expected = np.zeros(table.shape[1])
        for weight, (product, _) in zip(weights, newest, strict=True):
            expected += weight * table[rows[product]]
        expected /= math.sqrt(sum(weight**2 for weight in weights) + 1e-6)
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
    assert np.isfinite(parts["pool_gradient"]).all()
    assert parts["pool_gradient"].all()


def test_own_products_tell_what_the_customer_did_with_them(parts: Parts) -> None:
    expected = {
        row * PRODUCTS + product: own_by_hand(ages)
        for row, past in enumerate(pasts())
        for product, ages in ages_of(past).items()
    }
    assert parts["own_keys"].tolist() == list(expected)
    np.testing.assert_allclose(
        parts["own_features"], np.array([*expected.values()]), rtol=1e-4, atol=1e-4
    )


def test_facts_tell_what_all_customers_did_before_a_moment(parts: Parts) -> None:
    facts, popular = facts_by_hand(bought(), CUT, PRODUCTS)
    np.testing.assert_allclose(parts["facts"], facts, rtol=1e-4, atol=1e-4)
    assert parts["popular"].tolist() == popular
    assert np.isfinite(parts["empty_facts"]).all()


def test_item_item_scores_are_those_of_the_strongest_ridge_coefficients(parts: Parts) -> None:
    pairs = item_item_by_hand(bought(), CUT, PRODUCTS)
    assert np.count_nonzero(pairs), "or nothing is tested"
    expected = [pairs @ weights_by_hand(past, PRODUCTS) for past in pasts()]
    np.testing.assert_allclose(parts["item_item"], expected, rtol=1e-3, atol=1e-6)
    assert parts["empty_item_item"].shape == (len(expected), 0)


def test_pairs_are_worth_learning_again_when_twice_as_much_was_bought(parts: Parts) -> None:
    times = bought().times[bought().times > MISSING_TIMESTAMP]
    expected = [
        [sum(times < moment) > 2 * sum(times < before) for moment, before in row]
        for row in second_stage.twice()
    ]
    assert parts["twice"].tolist() == expected
    assert 0 < parts["twice"].sum() < parts["twice"].size


def test_candidates_are_own_best_popular_and_paired_products(parts: Parts) -> None:
    queries, items = embeddings(len(moments()[0]), 3), embeddings(PRODUCTS, 4)
    facts = facts_by_hand(bought(), CUT, PRODUCTS)
    pairs = item_item_by_hand(bought(), CUT, PRODUCTS)
    for row, past in enumerate(pasts()):
        mine = parts["candidate_rows"] == row
        expected = candidates_by_hand(queries[row], items, past, facts, pairs)
        assert sorted(parts["candidate_products"][mine]) == sorted(expected)
        for product, own, features in zip(
            parts["candidate_products"][mine],
            parts["candidate_own"][mine],
            parts["candidate_features"][mine],
            strict=True,
        ):
            assert own == any(one == product for one, _ in past)
            np.testing.assert_allclose(features, expected[product], rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(("name", "kept"), [("all", (0, 1)), ("own", (1,)), ("others", (0,))])
def test_lists_are_the_best_of_their_kind(parts: Parts, name: str, kept: tuple[int, ...]) -> None:
    """Of equal scores, in the candidates' order; short ones are filled up."""
    short = 0
    for row in range(len(moments()[0])):
        mine = np.flatnonzero(parts["candidate_rows"] == row)
        order = sorted(mine, key=lambda place: -parts["scores"][place])
        everything = parts["candidate_products"][order].tolist()
        assert parts["in_order"][row, : len(mine)].tolist() == everything
        assert (parts["in_order"][row, len(mine) :] == -1).all()
        listed = [place for place in order if parts["candidate_own"][place] in kept][:TOP_K]
        filled = TOP_K - len(listed)
        short += filled > 0
        products, scores = (parts[f"best_{name}_{what}"][row] for what in ("products", "scores"))
        assert products.tolist() == [*parts["candidate_products"][listed], *[-1] * filled]
        assert scores.tolist() == [*parts["scores"][listed], *[-math.inf] * filled]
    assert bool(short) == (name != "all")


def test_the_loss_is_the_cross_entropy_of_what_was_bought_in_lists_and_halves(
    parts: Parts,
) -> None:
    scores, times, of, own = parts["loss_given"].astype(np.float64)
    total = 0.0
    gradient = np.zeros(len(scores))
    halves = [(of == one) & (own == half) for one in np.unique(of) for half in (0, 1)]
    assert not all(map(np.any, halves)), "one is empty"
    for mine in [*(of == one for one in np.unique(of)), *filter(np.any, halves)]:
        shifted = np.exp(scores[mine] - scores[mine].max())
        probability = shifted / shifted.sum()
        logs = scores[mine] - scores[mine].max() - math.log(shifted.sum())
        total -= (times[mine] * logs).sum()
        gradient[mine] += times[mine].sum() * probability - times[mine]
    assert parts["loss"] == pytest.approx(total / times.sum(), rel=1e-5)
    np.testing.assert_allclose(parts["loss_gradient"], gradient / times.sum(), atol=1e-5)


def test_what_was_the_same_everywhere_counts_for_nothing(parts: Parts) -> None:
    np.testing.assert_allclose(parts["unfitted"], parts["unfitted_features"][:, 0], rtol=1e-5)
    np.testing.assert_allclose(parts["served"], parts["fitted"], rtol=1e-5)


def test_scann_over_all_leaves_lists_what_brute_force_does(parts: Parts) -> None:
    np.testing.assert_allclose(parts["scann_scores"], parts["exact_scores"], atol=1e-4)
    same = parts["scann_products"] == parts["exact_products"]
    assert same.mean() > 0.99, "but where two scores are alike"
    assert parts["scann_sizes"].tolist() == parts["exact_sizes"].tolist()


def test_an_index_that_finds_fewer_than_asked_for_lists_what_it_finds(parts: Parts) -> None:
    found, sizes = parts["few_found"], parts["few_sizes"]
    assert len(set(found.tolist())) > 1
    assert found.max() < 400
    owned = [len(ages_of(past)) for past in pasts()]
    assert (sizes >= found).all()
    assert (sizes <= found + np.array(owned) + POPULAR + ITEM_ITEM).all()
    assert np.isfinite(parts["few_features"]).all()
    assert (parts["few_products"] < MANY).all()


def lists_by_hand(
    earlier: Bought, fitting: Bought, when: dict[int, int]
) -> list[tuple[dict[int, list[float]], Counter[int]]]:
    """Candidates with their features, and what was bought of them.

    Args:
        when: the moment as of which each customer's list is made, in the lists' order.
    """
    queries, items = embeddings(CUSTOMERS, 21), embeddings(PRODUCTS, 22)
    found = []
    facts = facts_by_hand(earlier, min(when.values()), PRODUCTS)
    pairs = item_item_by_hand(earlier, min(when.values()), PRODUCTS)
    for customer, moment in when.items():
        past = past_by_hand(earlier, customer, moment)
        query = queries[customer] + sum(items[product] for product, _ in past[:LENGTH])
        listed = candidates_by_hand(query, items, past, facts, pairs)
        times = Counter(fitting.products[fitting.customers == customer].tolist())
        if times.keys() & listed.keys():
            found.append((listed, times))
    return found


@pytest.mark.parametrize("name", ["temporal", "hash", "random", "one customer"])
def test_lists_are_of_before_the_slice_and_labels_of_the_slice(parts: Parts, name: str) -> None:
    earlier, fitting = slices()[name]
    known = np.flatnonzero(fitting.times > MISSING_TIMESTAMP)
    firsts = {int(c): int(row) for row in known[::-1] for c in [fitting.customers[row]]}
    drawn = np.random.default_rng(SEED).permutation(len(firsts))
    customers = [sorted(firsts)[place] for place in drawn]
    moment = {customer: int(fitting.times[firsts[customer]]) for customer in customers}
    if name == "random":
        customers.sort(key=moment.__getitem__)
    else:
        moment = dict.fromkeys(customers, int(fitting.times.min()))
    expected = lists_by_hand(earlier, fitting, {one: moment[one] for one in customers})

    starts = parts[f"{name}/starts"]
    assert parts[f"{name}/fitted"] == len(starts) - 1 == len(expected)
    for (start, end), (listed, times) in zip(pairwise(starts), expected, strict=True):
        features, labels = (parts[f"{name}/{what}"][start:end] for what in ("features", "bought"))
        assert len(features) == len(listed)
        assert sorted(labels) == sorted(times[product] for product in listed)
        rows = np.array([[*features, times[one]] for one, features in listed.items()])
        found = np.column_stack([features, labels])
        order, other = (np.lexsort(table[:, [0]].T.round(3)) for table in (found, rows))
        np.testing.assert_allclose(found[order], rows[other], rtol=1e-3, atol=1e-3)


def test_its_parameters_are_those_that_the_rules_count(
    parts: Parts, recommended: Documents
) -> None:
    _, features, model = recommended
    reranker = Reranker(candidates=CANDIDATES, popular=POPULAR, units=UNITS)
    spec = model.spec.model_copy(update={"reranker": reranker})
    counted = count_parameters(spec, features.spec)
    without = count_parameters(spec.model_copy(update={"reranker": None}), features.spec)
    found = counted.reranker
    assert found is not None
    assert [found.trainable, found.non_trainable] == parts["reranker_parameters"].tolist()
    assert counted.total == without.total + found.total


@pytest.mark.parametrize("name", ["one customer", "nobody", "no moment"])
def test_with_fewer_than_two_lists_the_order_of_the_towers_is_kept(parts: Parts, name: str) -> None:
    assert parts[f"{name}/fitted"] == len(parts[f"{name}/starts"]) - 1 <= 1
    np.testing.assert_allclose(parts[f"{name}/scores"], parts[f"{name}/features"][:, 0], rtol=1e-5)
    if name != "one customer":
        assert not len(parts[f"{name}/features"])


def test_a_fitted_reranker_is_better_than_the_towers_on_its_lists(parts: Parts) -> None:
    def loss(scores: np.ndarray[Any, Any]) -> float:
        total, starts = 0.0, parts["temporal/starts"]
        for start, end in pairwise(starts):
            mine, times = scores[start:end].astype(np.float64), parts["temporal/bought"][start:end]
            total += (times * (np.log(np.exp(mine).sum()) - mine)).sum()
        return total

    assert loss(parts["temporal/scores"]) < 0.8 * loss(parts["temporal/features"][:, 0])


def test_a_purchase_within_the_slice_changes_no_feature(parts: Parts) -> None:
    """Only what is to be found."""
    late = second_stage.planted()
    assert late.times[0] > slices()["temporal"][1].times.min()
    assert parts["planted/starts"].tolist() == parts["temporal/starts"].tolist()
    np.testing.assert_array_equal(parts["planted/features"], parts["temporal/features"])
