"""A model's lists under a rule set, held against loops by hand."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from purchases import SPEC, Purchase, examples

from shared.examples import MISSING_TIMESTAMP, RawFeature, RawType
from shared.jobs import MeasuredRules
from shared.rules_of_lists import Rules
from shared.rules_of_lists.stored import StoredRuleSet
from trainer_image.evaluation import reranked, ruled
from trainer_image.evaluation.held_out import numbered
from trainer_image.evaluation.ranking import rank
from trainer_image.evaluation.ruled import measure_rules
from trainer_image.examples.read import Examples
from trainer_image.serving.served import ServedModel

DAY = 86_400
CUSTOMERS, PRODUCTS = 15, 30
CATEGORIES = ["fruit", "bread", ""]
RULED_SPEC = SPEC.model_copy(
    update={
        "timestamp_column": "When",
        "rule_features": [
            RawFeature(key="sort", column="sort", type=RawType.TEXT),
            RawFeature(key="price", column="price", type=RawType.NUMBER),
        ],
    }
)
LATELY = {"type": "not_bought_within", "days": 10}
FRUIT = {"type": "in", "column": "sort", "values": ["fruit"]}
CHEAP = {"type": "range", "column": "price", "max": 20}
CAP = {"column": "sort", "at_most": 3}
PINS = [{"product_id": "p05", "place": 2}, {"product_id": "p11", "place": 25}]
RULES: dict[str, dict[str, Any]] = {
    "filters": {"filters": [FRUIT, CHEAP]},
    "lately": {"filters": [LATELY]},
    "caps": {"caps": [CAP]},
    "pins": {"pins": PINS},
    "all": {"filters": [CHEAP, LATELY], "caps": [CAP], "pins": PINS},
    "nothing fits": {"filters": [{**CHEAP, "max": -1}]},
}


class Shop:
    """Drawn purchases, products and embeddings; every customer has training rows at unlike moments,
    and held-out rows before, among and after them."""

    def __init__(self, seed: int = 3) -> None:
        random = np.random.default_rng(seed)

        def drawn(count: int, latest: int) -> list[Purchase]:
            return [
                (
                    f"c{random.integers(CUSTOMERS):02}",
                    f"p{random.integers(PRODUCTS):02}",
                    int(random.integers(1, latest)) * DAY,
                )
                for _ in range(count)
            ]

        self.train = drawn(200, 40)
        self.train[::9] = [(who, what, MISSING_TIMESTAMP) for who, what, _ in self.train[::9]]
        self.train += [("nobody", f"p{row:02}", DAY) for row in range(PRODUCTS)]
        self.held_out = drawn(150, 60)
        self.sorts = [CATEGORIES[row % 3] for row in range(PRODUCTS)]
        self.prices = [float(row) for row in random.permutation(PRODUCTS)]
        # Whole numbers, so that scores tie.
        self.queries = random.integers(-2, 3, (CUSTOMERS, 4)).astype(np.float32)
        self.products = random.integers(-2, 3, (PRODUCTS, 4)).astype(np.float32)
        self.end = max(at for _, _, at in self.train) + 1

    def examples(self) -> Examples:
        columns = pa.table({"sort": self.sorts, "price": pa.array(self.prices, pa.float32())})
        return replace(examples(self.train, self.held_out), columns=columns)

    def customer(self, who: str) -> int:
        return int(who[1:])

    def bought(self, who: str, at: int) -> dict[str, list[int]]:
        """Times of training rows that are known at a moment, those without a time among them."""
        found: dict[str, list[int]] = {}
        for customer, product, when in self.train:
            if customer == who and (when == MISSING_TIMESTAMP or when < min(at, self.end)):
                found.setdefault(product, []).append(when)
        return found

    def own(self, who: str, at: int) -> set[str]:
        found = self.bought(who, at)
        return {one for one, when in found.items() if set(when) - {MISSING_TIMESTAMP}}

    def kept(self, product: int, rules: dict[str, Any], who: str, at: int) -> bool:
        for one in rules.get("filters", []):
            if one["type"] == "in" and self.sorts[product] not in one["values"]:
                return False
            if one["type"] == "range" and self.prices[product] > one["max"]:
                return False
            if one["type"] == "not_bought_within":
                when = self.bought(who, at).get(f"p{product:02}", [])
                now = min(at, self.end)
                if any(t == MISSING_TIMESTAMP or now - t < one["days"] * DAY for t in when):
                    return False
        return True

    def listed(self, order: list[int], fits: set[int], rules: dict[str, Any], k: int) -> list[int]:
        """The list of k places: pins first, then the best that caps have room for."""
        pins = {
            pin["place"]: int(pin["product_id"][1:])
            for pin in sorted(rules.get("pins", []), key=lambda pin: pin["place"])
            if pin["place"] <= k and int(pin["product_id"][1:]) in fits
        }
        counts = Counter(self.sorts[row] for row in pins.values())
        caps = rules.get("caps", [])
        chosen: list[int] = []
        for row in order:
            full = any(
                self.sorts[row] and counts[self.sorts[row]] >= cap["at_most"] for cap in caps
            )
            room = len(chosen) + len(pins) < k and not full
            if room and row in fits and row not in pins.values():
                chosen.append(row)
                counts[self.sorts[row]] += 1
        for place, row in pins.items():
            chosen.insert(place - 1, row)
        return chosen


def stored(rules: dict[str, Any]) -> StoredRuleSet:
    whole = Rules.model_validate(rules)
    return StoredRuleSet(id="rs-1", name="Front page", revision=4, rules=whole)


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def towers(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> ServedModel:
    """Without TensorFlow, a signature takes a table."""
    monkeypatch.setattr(ruled, "apply", lambda signature, rows, output: signature(rows))
    monkeypatch.setattr(ruled, "applied", lambda signature, rows, output: [signature(rows)])
    signatures = {
        "query_embedding": lambda rows: shop.queries[
            [shop.customer(who) for who in rows["who"].to_pylist()]
        ],
        "candidate_embedding": lambda _: shop.products,
    }
    index = {"algorithm": "brute_force", "wanted": "brute_force"}
    return ServedModel(None, signatures, index)


def measured(
    shop: Shop, model: ServedModel, rules: dict[str, Any], given: Examples | None = None
) -> MeasuredRules:
    rows = given or shop.examples()
    held_out = numbered(RULED_SPEC, rows)
    queries = model.signatures["query_embedding"](rows.eval)
    ranked = rank(queries, shop.products, held_out.product, held_out.first)
    if "candidates" in model.signatures:
        ranked = reranked.reranked(model, RULED_SPEC, rows, held_out, ranked.ranks)
    return measure_rules(model, RULED_SPEC, rows, held_out, ranked, stored(rules))


def orders(shop: Shop) -> list[list[int]]:
    """By held-out row, products best first; its own after all that score as much."""
    found = []
    for who, what, _ in shop.held_out:
        scores = shop.products @ shop.queries[shop.customer(who)]
        own = int(what[1:])
        found.append(sorted(range(PRODUCTS), key=lambda row: (-scores[row], row == own, row)))
    return found


def recall(shop: Shop, found: list[bool], which: list[bool]) -> float:
    return float(np.mean([one for one, of in zip(found, which, strict=True) if of]))


@pytest.mark.parametrize("name", RULES)
def test_lists_of_the_towers_are_those_by_hand(shop: Shop, towers: ServedModel, name: str) -> None:
    shop.held_out = shop.held_out[:75]
    rules = RULES[name]
    report = measured(shop, towers, rules)
    places: dict[int, list[int]] = {10: [], 50: [], 100: []}
    short = dict.fromkeys(places, 0)
    left_out = 0
    top: dict[str, list[int]] = {}
    for (who, what, at), order in zip(shop.held_out, orders(shop), strict=True):
        fits = {row for row in range(PRODUCTS) if shop.kept(row, rules, who, at)}
        left_out += int(what[1:]) not in fits
        top.setdefault(who, shop.listed(order, fits, rules, 10))
        for k, found in places.items():
            listed = shop.listed(order, fits, rules, k)
            own = int(what[1:])
            found.append(listed.index(own) + 1 if own in listed else 0)
            short[k] += len(listed) < min(k, PRODUCTS)
    everything = [True] * len(shop.held_out)
    repeat = [any(row[:2] == (who, what) for row in shop.train) for who, what, _ in shop.held_out]
    for k, found in places.items():
        hits = [place > 0 for place in found]
        assert report.metrics[f"recall_at_{k}"] == pytest.approx(recall(shop, hits, everything))
        assert report.metrics[f"recall_at_{k}_repeat"] == pytest.approx(recall(shop, hits, repeat))
    gains = [1 / np.log2(place + 1) if place else 0.0 for place in places[10]]
    assert report.metrics["ndcg_at_10"] == pytest.approx(np.mean(gains))
    reciprocals = [1 / place if place else 0.0 for place in places[100]]
    assert report.metrics["mrr_at_100"] == pytest.approx(np.mean(reciprocals))
    of_rows = [reciprocal for reciprocal, of in zip(reciprocals, repeat, strict=True) if of]
    assert report.metrics["mrr_at_100_repeat"] == pytest.approx(np.mean(of_rows))
    listed = {row for rows in top.values() for row in rows}
    assert report.metrics["coverage_at_10"] == pytest.approx(len(listed) / PRODUCTS)
    alike = Counter(frozenset(rows) for rows in top.values())
    expected = max(alike.values()) / len(top)
    assert report.metrics["identical_top_10"] == pytest.approx(expected)
    (of_all,) = report.lists
    assert (of_all.name, of_all.rows, of_all.left_out) == ("all", len(shop.held_out), left_out)
    assert {one.k: one.rows for one in of_all.short} == short
    assert report.rows == len(shop.held_out)
    assert report.told == Rules.model_validate(rules).in_words()


def test_rules_that_keep_everything_cost_nothing_at_all(shop: Shop, towers: ServedModel) -> None:
    report = measured(shop, towers, {"filters": [{**CHEAP, "max": 1e6}]})
    assert report.metrics == report.without
    assert report.differences
    assert all((one.low, one.high) == (0, 0) for one in report.differences.values())


def test_a_difference_is_paired_by_customer(shop: Shop, towers: ServedModel) -> None:
    report = measured(shop, towers, RULES["filters"])
    name = "recall_at_10"
    own = report.intervals[name]
    difference = report.differences[name]
    cost = report.metrics[name] - report.without[name]
    assert cost < 0
    assert difference.low < cost < difference.high
    assert difference.low < own.low - report.without[name] + 0.2
    assert difference.excludes_zero()


def test_other_held_out_purchases_are_not_known(shop: Shop, towers: ServedModel) -> None:
    """Nor are training rows from the row's moment on, of a split that has such ones."""
    shop.train = [("nobody", f"p{row:02}", 50 * DAY) for row in range(PRODUCTS)]
    shop.train += [(f"c{one:02}", "p00", 30 * DAY) for one in range(CUSTOMERS)]
    shop.held_out = [(f"c{one:02}", "p00", at * DAY) for one in range(15) for at in (30, 35, 41)]
    shop.end = 50 * DAY + 1
    report = measured(shop, towers, {"filters": [LATELY]})
    # Of three rows of each customer that on the 35th day is too soon after the 30th.
    assert report.lists[0].left_out == 15
    assert report.metrics["recall_at_50"] == pytest.approx(2 / 3)


def test_of_many_rows_a_part_is_measured_and_held_against_the_same_rows(
    shop: Shop, towers: ServedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = shop.examples()
    first = replace(whole, eval=whole.eval.slice(0, 60), eval_times=whole.eval_times.slice(0, 60))
    # Some products are in later rows alone.
    expected = measured(shop, towers, RULES["all"], first)
    monkeypatch.setattr(ruled, "MOST_ROWS", 60)
    found = measured(shop, towers, RULES["all"])
    assert found.rows == 60
    for part in ("metrics", "without", "lists"):
        assert getattr(found, part) == getattr(expected, part)
    monkeypatch.setattr(ruled, "MOST_SCORES", 20 * PRODUCTS)
    assert measured(shop, towers, RULES["all"]).rows == 20


def test_what_the_products_lack_is_said_instead_of_numbers(shop: Shop, towers: ServedModel) -> None:
    report = measured(shop, towers, {"caps": [{"column": "colour", "at_most": 1}]})
    assert report.metrics == {}
    assert report.skipped.startswith("The products do not have what it reads.")
    assert "'colour'" in report.skipped
    assert "'sort', 'price'" in report.skipped


@pytest.fixture
def reranker(shop: Shop, towers: ServedModel, monkeypatch: pytest.MonkeyPatch) -> ServedModel:
    """Orders the twenty products that follow the customer's number; six of them are served."""

    def calls(signature: Any, rows: pa.Table, _: int) -> Any:
        yield signature(rows)

    def candidates(rows: pa.Table) -> dict[str, Any]:
        whole = shop.examples()
        found = [ordered(shop.customer(who)) for who in rows["who"].to_pylist()]
        assert len(whole.candidates) == PRODUCTS
        own = [
            [f"p{row:02}" in shop.own(who, shop.end) for row in order]
            for who, order in zip(rows["who"].to_pylist(), found, strict=True)
        ]
        return {"products": Tensor(found), "own": Tensor(own)}

    monkeypatch.setattr(reranked, "calls", calls)
    served = np.full((1, SERVED), b"p00")
    signatures = {
        **towers.signatures,
        "candidates": candidates,
        "serving_default": lambda _: served,
    }
    return ServedModel(None, signatures, towers.index)


SERVED = 12


def ordered(customer: int) -> list[int]:
    return [(customer + 7 * place) % PRODUCTS for place in range(20)]


class Tensor:
    def __init__(self, values: Any) -> None:
        self.values = np.array(values)

    def numpy(self) -> Any:
        return self.values


@pytest.mark.parametrize("name", RULES)
def test_lists_of_a_re_ranker_are_those_by_hand(
    shop: Shop, reranker: ServedModel, name: str
) -> None:
    """What it serves of its order comes first, as far as it fits, and then the towers'."""
    shop.held_out = [(who, what, shop.end + 5) for who, what, _ in shop.held_out[:60]]
    rules = RULES[name]
    report = measured(shop, reranker, rules)
    hits: dict[tuple[str, int], list[bool]] = {}
    left_out: Counter[str] = Counter()
    for (who, what, at), by_towers in zip(shop.held_out, orders(shop), strict=True):
        mine, bought = shop.own(who, at), any(row[:2] == (who, what) for row in shop.train)
        lists = {"": set(range(PRODUCTS))}
        own = {int(product[1:]) for product in mine}
        lists |= {"_buy_again": own} if bought else {"_discover": lists[""] - own}
        for suffix, members in lists.items():
            kept = {row for row in members if shop.kept(row, rules, who, at)}
            product = int(what[1:])
            left_out[suffix] += product in members and product not in kept
            for k in (10, 50, 100):
                found = [row for row in ordered(shop.customer(who)) if row in members]
                found = found[: max(k, SERVED)]
                order = found + [row for row in by_towers if row not in found]
                listed = shop.listed(order, kept, rules, k)
                hits.setdefault((suffix, k), []).append(product in listed)
    for (suffix, k), found in hits.items():
        assert report.metrics[f"recall_at_{k}{suffix}"] == pytest.approx(np.mean(found))
        assert f"recall_at_{k}{suffix}" in report.without
    assert {one.name: one.left_out for one in report.lists} == {
        "all": left_out[""],
        "buy_again": left_out["_buy_again"],
        "discover": left_out["_discover"],
    }
