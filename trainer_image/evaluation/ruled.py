"""What a rule set makes of a model's lists: held-out rows in lists under the rules, made by what
makes served ones, beside the same rows without them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial

import numpy as np

from shared.arrays import Booleans, Floats, Integers
from shared.examples import ExamplesSpec
from shared.jobs import MeasuredRules, RuledList, ShortLists
from shared.measuring import LISTED, HeldOut, Ranked
from shared.metrics import cutoffs, of_lists, of_short_lists
from shared.predictions import ListName, PredictionRequest
from shared.problems import listed
from shared.rules_of_lists import Rules
from shared.rules_of_lists.ruling import Ruling
from shared.rules_of_lists.stored import StoredRuleSet
from shared.statistics import Statistic
from trainer_image.evaluation import ranking
from trainer_image.evaluation.held_out import numbered
from trainer_image.evaluation.reranked import NOWHERE, orders
from trainer_image.evaluation.summary import summarize
from trainer_image.examples.read import Examples
from trainer_image.examples.tables import products_table
from trainer_image.serving import lists
from trainer_image.serving.asked import Asked, Past, Selection
from trainer_image.serving.purchases import Purchases
from trainer_image.serving.rule_reader import product_form, products_of, rules_of_set
from trainer_image.serving.served import ServedModel, applied, apply

# Held-out rows, and their products' scores, that are measured at most: of more a part, by hash.
MOST_ROWS, MOST_SCORES = 20_000, 2_000_000_000
# Scores that are in memory at once: 64 MB.
_BLOCK_SCORES = 16_000_000
# Customers whose past is in memory at once.
_PASTS = 256
_WITHOUT = "without"
# Rows that each list is for, as `HeldOut.kinds` has them in a list of their own.
_KINDS = {ListName.BUY_AGAIN: "_buy_again", ListName.DISCOVER: "_discover"}


def measure_rules(
    model: ServedModel,
    spec: ExamplesSpec,
    examples: Examples,
    held_out: HeldOut,
    ranked: Ranked,
    stored: StoredRuleSet,
) -> MeasuredRules:
    """Measures each list that was measured without rules under those of a rule set.

    Rows are in the hashed order of the examples, so that the first of them are a random sample.

    Args:
        ranked: the ranks without rules, [held-out rows].
    """
    started = time.monotonic()
    products = products_of(spec, products_table(examples, spec))
    checked = rules_of_set(stored.rules, products, product_form(spec))
    about = MeasuredRules(
        rule_set_id=stored.id,
        name=stored.name,
        revision=stored.revision,
        told=checked.rules.in_words(),
    )
    if checked.problems:
        why = f"The products do not have what it reads. {listed(checked.problems)}"
        return about.model_copy(update={"skipped": why})
    rows = min(len(examples.eval), MOST_ROWS, max(1, MOST_SCORES // len(products)))
    # Customer by customer, whose past is then looked up once.
    chosen = np.argsort(held_out.customer[:rows], kind="stable")
    part = replace(
        examples,
        eval=examples.eval.take(chosen),
        eval_times=examples.eval_times.take(chosen),
    )
    held_out = numbered(spec, part)
    measuring = _Measuring(model, spec, part, held_out, Ruling(checked.rules, products))
    measuring.measure()
    in_list = None if ranked.in_list is None else ranked.in_list[chosen]
    under, without = measuring.statistics(ranked.ranks[chosen], in_list)
    summary = summarize(under, {_WITHOUT: without}, held_out.customers)
    return about.model_copy(
        update={
            "rows": rows,
            "metrics": summary.metrics,
            "intervals": summary.intervals,
            "without": summary.baselines[_WITHOUT],
            "differences": summary.differences.get(_WITHOUT, {}),
            "lists": [one.report(held_out) for one in measuring.tallies.values()],
            "seconds": round(time.monotonic() - started, 3),
        }
    )


@dataclass(frozen=True)
class Length:
    """Lists that one of `longest` places holds as its first places.

    Attributes:
        places: how many each of them has.
        finds: how many products a re-ranker puts in order for them.
    """

    places: tuple[int, ...]
    longest: int
    finds: int


def lengths(rules: Rules, served: int) -> list[Length]:
    """Lists of as many places as metrics look at. A list is the beginning of a longer one where
    both have the same pins, and are made of as many products in a re-ranker's order.

    Args:
        served: how many products a re-ranker puts in order, of whose lists longer ones are made of
            as many as they have places; 0: there is none.
    """
    alike: dict[tuple[int, int], list[int]] = {}
    for k in cutoffs():
        pins = sum(pin.place <= k for pin in rules.pins)
        alike.setdefault((pins, max(served, k) if served else 0), []).append(k)
    return [Length(tuple(ks), max(ks), finds) for (_, finds), ks in alike.items()]


@dataclass
class Tally:
    """Of one list.

    Attributes:
        which: the rows that it is for, [held-out rows].
        ranks: of each row's product in a list of k places, by k.
        left_out: how many rows' products a filter leaves out.
        short: by k.
    """

    name: ListName
    which: Booleans
    ranks: dict[int, Integers] = field(default_factory=dict)
    left_out: int = 0
    short: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for k in cutoffs():
            self.ranks[k] = np.full(len(self.which), NOWHERE, np.int64)
            self.short[k] = 0

    def report(self, held_out: HeldOut) -> RuledList:
        return RuledList(
            name=self.name.value,
            rows=int(np.count_nonzero(self.which)),
            left_out=self.left_out,
            short=[ShortLists(k=k, rows=rows) for k, rows in self.short.items()],
        )


@dataclass
class Order:
    """In which order a model has the products for one held-out row.

    Attributes:
        product: the row's own.
        found: rows of the products that a re-ranker orders, best first, and whether the customer
            has had each; None: there is no re-ranker.
        scores: by the towers, [products]. The row's own product comes after all that it cannot be
            told apart from, as in its rank without rules.
    """

    product: int
    scores: Callable[[], Floats]
    found: tuple[Integers, Booleans] | None = None


def add_row(
    tally: Tally, row: int, order: Order, selection: Selection, of: Booleans, sizes: list[Length]
) -> None:
    """Makes a row's lists under the rules, and looks for its product.

    Args:
        of: which products are of the list, [products].
    """
    for number, length in enumerate(sizes):
        one = made(tally.name, order, selection, of, length)
        if number == 0:
            tally.left_out += bool(of[order.product]) and not one.keeps(order.product)
        rows = one.rows()
        place = rows.index(order.product) + 1 if order.product in rows else NOWHERE
        available = int(np.count_nonzero(of))
        for k in length.places:
            tally.ranks[k][row] = place if place <= k else NOWHERE
            tally.short[k] += len(rows) < min(k, available)


def made(
    name: ListName, order: Order, selection: Selection, of: Booleans, length: Length
) -> lists.RuledList:
    """A row's list.

    Args:
        of: which products are of the list, [products].
    """
    request = PredictionRequest(customer_id="-", k=length.longest, list=name)
    one = lists.RuledList(Asked(request, True, {}, Past({})), selection, of)
    if order.found is not None and one.fitting:
        products, own = order.found
        if name is not ListName.ALL:
            products = products[own == (name is ListName.BUY_AGAIN)]
        products = products[: length.finds]
        one.take_found(products, np.zeros(len(products)), reranked=True)
    if len(rest := one.unscored()):
        one.take_scored(rest, order.scores()[rest])
    return one


class _Measuring:
    """The held-out rows of a model under rules."""

    def __init__(
        self,
        model: ServedModel,
        spec: ExamplesSpec,
        examples: Examples,
        held_out: HeldOut,
        ruling: Ruling,
    ) -> None:
        self._model, self._spec, self._examples = model, spec, examples
        self._held_out, self._ruling = held_out, ruling
        self._reranks = "candidates" in model.signatures
        served = 0
        if self._reranks:  # how many it finds is fixed in its graph
            first = examples.eval.slice(0, 1)
            served = apply(model.signatures["serving_default"], first, "candidate_ids").shape[1]
        self._lengths = lengths(ruling.rules, served)
        # Each customer's first places, as metrics of all lists together look at them.
        self._first = Length((LISTED,), LISTED, max(served, LISTED) if served else 0)
        self._without = Ruling(Rules(), ruling.products)
        self._under: list[list[int]] = []
        self._plain: list[list[int]] = []
        rows = examples.train.select(Purchases.columns_of(spec))
        times = examples.train_times.to_numpy(zero_copy_only=False)
        self._purchases = Purchases(rows, spec, times)
        self._customers: Sequence[str] = examples.eval[spec.customer_key].to_pylist()
        self._moments: Sequence[int] = examples.eval_times.to_pylist()
        self._bought = lru_cache(_PASTS)(self._purchases.last_bought)
        self._own = lru_cache(_PASTS)(self._own_products)
        self.tallies = {ListName.ALL: Tally(ListName.ALL, np.ones(len(held_out.product), bool))}
        if self._reranks:
            for name, which in (
                (ListName.BUY_AGAIN, held_out.repeat),
                (ListName.DISCOVER, ~held_out.repeat),
            ):
                if which.any():
                    self.tallies[name] = Tally(name, which)

    def measure(self) -> None:
        for row, order in self._orders():
            customer, moment = self._customers[row], self._purchases.asked_at(self._moments[row])
            bought = self._bought(customer, moment)
            selection = Selection(self._ruling, bought)
            if self._held_out.first[row]:
                everything = self._listed(ListName.ALL, customer, moment)
                for ruling, into in ((self._ruling, self._under), (self._without, self._plain)):
                    of_row = Selection(ruling, bought)
                    one = made(ListName.ALL, order, of_row, everything, self._first)
                    into.append(one.rows())
            for name, tally in self.tallies.items():
                if tally.which[row]:
                    of = self._listed(name, customer, moment)
                    add_row(tally, row, order, selection, of, self._lengths)

    def statistics(
        self, ranks: Integers, in_list: Integers | None
    ) -> tuple[dict[str, Statistic | float], dict[str, Statistic | float]]:
        """Each metric under the rules, and without.

        Args:
            ranks, in_list: without rules, as `Ranked` has them.
        """
        under: dict[str, Statistic | float] = {}
        without: dict[str, Statistic | float] = {}
        by_suffix = {_KINDS[name]: one for name, one in self.tallies.items() if name in _KINDS}
        for kind in self._held_out.kinds:
            tally = by_suffix.get(kind.suffix) if kind.in_list else self.tallies[ListName.ALL]
            plain = in_list if kind.in_list else ranks
            if tally is None or plain is None:
                continue
            known = dict(of_short_lists({k: _within(plain, k) for k in tally.ranks}))
            for name, values in of_short_lists(tally.ranks):
                under[name + kind.suffix] = kind.rows.mean(values[kind.which])
                without[name + kind.suffix] = kind.rows.mean(known[name][kind.which])
        products = len(self._ruling.products)
        return (
            under | of_lists(_filled(self._under), products),
            without | of_lists(_filled(self._plain), products),
        )

    def _orders(self) -> Iterator[tuple[int, Order]]:
        signatures, held_out = self._model.signatures, self._held_out
        candidates = apply(
            signatures["candidate_embedding"], self._examples.candidates, "embedding"
        )
        queries = np.concatenate(
            list(applied(signatures["query_embedding"], self._examples.eval, "embedding"))
        )
        last = _last_of_its_like(queries, candidates, held_out.product)
        if not self._reranks:
            block = max(1, _BLOCK_SCORES // len(candidates))
            for start in range(0, len(queries), block):
                scores = queries[start : start + block] @ candidates.T
                part = np.arange(start, start + len(scores))
                scores[np.arange(len(scores)), held_out.product[part]] = last[part]
                for row, of_row in zip(part.tolist(), scores, strict=True):
                    yield row, Order(int(held_out.product[row]), partial(np.asarray, of_row))
            return

        def scored(row: int) -> Floats:
            found: Floats = candidates @ queries[row]
            found[held_out.product[row]] = last[row]
            return found

        for rows, query, products, own in orders(self._model, self._spec, self._examples):
            for row, place in zip(rows.tolist(), query.tolist(), strict=True):
                known = products[place] >= 0
                found = products[place][known], own[place][known]
                yield row, Order(int(held_out.product[row]), partial(scored, row), found)

    def _listed(self, name: ListName, customer: str, moment: int) -> Booleans:
        if name is ListName.ALL:
            return np.ones(len(self._ruling.products), bool)
        own = self._own(customer, moment)
        return own if name is ListName.BUY_AGAIN else ~own

    def _own_products(self, customer: str, moment: int) -> Booleans:
        """What the model knows that a customer has had before, [products]."""
        return self._ruling.products.marked(self._purchases.past_before(customer, moment))


def _within(ranks: Integers, k: int) -> Integers:
    """Ranks in the first k places, [rows]."""
    return np.where(ranks <= k, ranks, NOWHERE)


def _filled(found: list[list[int]]) -> Integers:
    """Lists as `ListMetric.value` takes them, [customers, LISTED]."""
    filled = np.full((len(found), LISTED), -1, np.int64)
    for row, one in enumerate(found):
        filled[row, : len(one)] = one
    return filled


def _last_of_its_like(queries: Floats, candidates: Floats, product: Integers) -> Floats:
    """A score for each row's product that is just below all that it ties with, [rows]."""
    tolerance = ranking.rounding(queries, candidates)
    own = np.einsum("qw,qw->q", queries, candidates[product], dtype=np.float64)
    below: Floats = np.nextafter(own.astype(np.float32) - tolerance, np.float32(-np.inf))
    return below
