"""Rankings and metrics by the plainest means: full sorts, dictionaries, and sums over places."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Row = tuple[Any, ...]


def sorted_ranks(queries: Floats, candidates: Floats, truth: npt.NDArray[np.integer]) -> list[int]:
    """Place of the true candidate in a full sort that puts it behind all that score the same."""
    found = []
    for query, true in zip(queries, truth, strict=True):
        scores = [float(np.dot(query, candidate)) for candidate in candidates]
        order = sorted(range(len(scores)), key=lambda row: (-scores[row], row == true))
        found.append(order.index(true) + 1)
    return found


def sorted_lists(queries: Floats, candidates: Floats, k: int = 10) -> list[set[int]]:
    """The k best by a full sort that puts the lower row before all that score the same."""
    return [
        set(
            sorted(
                range(len(candidates)),
                key=lambda row: (-float(np.dot(query, candidates[row])), row),
            )[:k]
        )
        for query in queries
    ]


def metrics_by_hand(found: Sequence[int]) -> dict[str, float]:
    totals = {f"recall_at_{k}": float(sum(rank <= k for rank in found)) for k in (10, 50, 100)}
    totals["mrr"] = sum(1 / rank for rank in found)
    totals["ndcg_at_10"] = sum(1 / math.log2(1 + rank) for rank in found if rank <= 10)
    return {name: total / len(found) for name, total in totals.items()}


def split_metrics(found: Sequence[int], repeat: Sequence[bool]) -> dict[str, float]:
    """Over all rows, and apart over those that repeat and those that do not."""
    metrics = metrics_by_hand(found)
    for suffix, wanted in (("_repeat", True), ("_new", False)):
        part = [rank for rank, is_repeat in zip(found, repeat, strict=True) if is_repeat == wanted]
        if part:
            metrics |= {name + suffix: value for name, value in metrics_by_hand(part).items()}
    return metrics


def metrics_of_lists(
    orders: Sequence[Sequence[str]], truth: Sequence[str], owned: Sequence[set[str]]
) -> dict[str, float]:
    """Of products to buy again and to discover, each where the customer's right product is one.

    Args:
        orders: of all products, for each row.
        truth: the right product of each row.
        owned: what each row's customer bought before.
    """
    found: dict[str, list[int]] = {"_buy_again": [], "_discover": []}
    for order, product, own in zip(orders, truth, owned, strict=True):
        repeat = product in own
        listed = [one for one in order if (one in own) == repeat]
        found["_buy_again" if repeat else "_discover"].append(listed.index(product) + 1)
    return {
        name + suffix: value
        for suffix, ranks in found.items()
        if ranks
        for name, value in metrics_by_hand(ranks).items()
    }


def list_metrics_by_hand(lists: Iterable[Iterable[Hashable]], candidates: int) -> dict[str, float]:
    sets = [frozenset(one) for one in lists]
    (_, most), *_ = Counter(sets).most_common(1)
    return {
        "coverage_at_10": len(frozenset().union(*sets)) / candidates,
        "identical_top_10": most / len(sets),
    }


def popular_order(train: Iterable[str], candidates: Iterable[str]) -> list[str]:
    sold = Counter(train)
    return sorted(candidates, key=lambda product: (-sold[product], product))


def own_history_order(
    train: Iterable[tuple[str, str, int]], candidates: Iterable[str], customer: str
) -> list[str]:
    """All candidates as `own_history` recommends them to one customer; `train` has customer,
    product and time of each row."""
    rows = list(train)
    popular = popular_order((product for _, product, _ in rows), candidates)
    count: Counter[str] = Counter()
    last: dict[str, int] = defaultdict(lambda: -(2**63))
    for buyer, product, time in rows:
        if buyer == customer:
            count[product] += 1
            last[product] = max(last[product], time)
    own = sorted(
        count, key=lambda product: (-count[product], -last[product], popular.index(product))
    )
    return own + [product for product in popular if product not in count]


def customer_product_means_by_hand(
    train: Iterable[Row], labels: Sequence[float], held_out: Iterable[Row]
) -> list[float]:
    """Args: train, held_out: customer, product, and perhaps more, of each row."""
    mean = sum(labels) / len(labels)
    of_product, of_customer = defaultdict(list), defaultdict(list)
    rated = [(row[0], row[1], label) for row, label in zip(train, labels, strict=True)]
    for _, product, label in rated:
        of_product[product].append(label - mean)
    by_product = {p: sum(rest) / (25 + len(rest)) for p, rest in of_product.items()}
    for customer, product, label in rated:
        of_customer[customer].append(label - mean - by_product[product])
    by_customer = {c: sum(rest) / (10 + len(rest)) for c, rest in of_customer.items()}
    return [mean + by_product.get(p, 0) + by_customer.get(c, 0) for c, p, *_ in held_out]


def pairs_in_order(scores: Sequence[float], labels: Sequence[bool]) -> float:
    """Share of the pairs of a positive and a negative in which the positive scores higher; a half
    where both score the same."""
    positive = [score for score, label in zip(scores, labels, strict=True) if label]
    negative = [score for score, label in zip(scores, labels, strict=True) if not label]
    wins = sum((good > bad) + (good == bad) / 2 for good in positive for bad in negative)
    return wins / (len(positive) * len(negative))


def draws_by_hand(customers: int) -> list[npt.NDArray[np.integer]]:
    """How often each of the 1,000 draws has each customer, from PCG64's raw numbers."""
    bits = np.random.PCG64(20240229)
    return [
        np.bincount(
            [(int(raw) >> 32) * customers >> 32 for raw in bits.random_raw(customers)],
            minlength=customers,
        )
        for _ in range(1000)
    ]
