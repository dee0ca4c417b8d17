"""The rules of requests: those that they bring, and those of a rule set that they name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pyarrow as pa

from shared.columns.text_form import TextForm, python_text
from shared.examples import PRODUCT_PARTS, ExamplesSpec, ProductPart
from shared.predictions import PredictionRequest
from shared.problems import InvalidError, Problem, listed, shorten
from shared.rules_of_lists import Rules, check_rules
from shared.rules_of_lists.base import LastBought
from shared.rules_of_lists.products import ProductColumn, Products, RuleColumn
from shared.rules_of_lists.ruling import Ruling, Rulings
from shared.rules_of_lists.stored import StoredRuleSet
from trainer_image.serving.asked import Selection
from trainer_image.serving.recent import Recent
from trainer_image.serving.rule_sets import RuleSets

_SHARED = 4  # rules that requests share, of so many at a time
_NONE = Rules()


def products_of(spec: ExamplesSpec, candidates: pa.Table) -> Products:
    """A job's products with the columns that rules can read: what the model knows of them, and what
    was kept for rules.

    Args:
        candidates: as `products_table` makes it.
    """

    def column(part: ProductPart, key: str, column: RuleColumn) -> ProductColumn:
        if part == "category":
            return ProductColumn(column, candidates[part].to_pylist)
        values = candidates[part].combine_chunks().field(key)
        return ProductColumn(column, values.to_pylist)

    # A job of an earlier version lacks some of them.
    parts = [part for part in PRODUCT_PARTS if part in candidates.column_names]
    found = {name: column(*read) for name, read in spec.read_by_rules(parts).items()}
    return Products(candidates["product_id"].to_pylist(), found)


def product_form(spec: ExamplesSpec) -> TextForm:
    """How ids of products are written."""
    return next(feature.form for feature in spec.features if feature.key == spec.product_key)


@dataclass(frozen=True)
class Checked:
    """Rules with ids as the model's products have them, and what is wrong with them."""

    rules: Rules
    problems: list[Problem]


def rules_of_set(given: Rules, products: Products, form: TextForm) -> Checked:
    """A rule set's.

    Args:
        form: how ids of products are written.
    """
    rules = given.with_ids(lambda product: python_text(product, form) or product)
    rules = rules.with_first_pins()
    return Checked(rules, list(check_rules(rules, _columns(products), "rules")))


def _columns(products: Products) -> dict[str, RuleColumn]:
    return {name: one.column for name, one in products.columns.items()}


class RuleReader:
    """Rules that several requests share are checked and made ready once.

    Args:
        form: how ids of products are written.
    """

    def __init__(self, products: Products, rule_sets: RuleSets, form: TextForm) -> None:
        self._products, self._rule_sets, self._form = products, rule_sets, form
        self._columns = _columns(products)
        self._rulings = Rulings(products)
        self._checked: Recent[Checked] = Recent(_SHARED)
        self._ready: Recent[Ruling] = Recent(_SHARED)

    def read(
        self, request: PredictionRequest, last_bought: Callable[[], LastBought]
    ) -> Selection | None:
        """What a request may list; None where it has no rules.

        Args:
            last_bought: when the customer bought what, asked for where there are rules.

        Raises:
            InvalidError: with the fields of the request.
        """
        if request.rules is None and request.rule_set is None:
            return None
        given, stored = request.rules or _NONE, None
        own = self._checked.of((given,), lambda: self._check(given))
        problems = [*own.problems, *_beyond(own.rules, request.k)]
        rules = own.rules
        if request.rule_set is not None:
            try:
                stored = self._stored(request.rule_set)
                of_set = self._of_set(request.rule_set, stored)
            except InvalidError as invalid:
                problems += invalid.problems
            else:
                rules = of_set.joined(rules)
        if problems:
            raise InvalidError(problems)
        if rules.are_none:
            return None
        ruling = self._ready.of((given, stored), lambda: self._rulings.of(rules))
        return Selection(ruling, last_bought())

    def _check(self, given: Rules) -> Checked:
        """A request's own."""
        rules = given.with_ids(self._written)
        problems = list(check_rules(rules, self._columns, "rules"))
        places: dict[str, int] = {}
        for number, pin in enumerate(rules.pins):
            path = f"rules.pins[{number}].product_id"
            if pin.product_id not in self._products:
                message = "The model has no such product."
                problems.append(_problem(path, "unknown_product", message, pin.product_id))
            elif (place := places.setdefault(pin.product_id, pin.place)) != pin.place:
                message = f"It is product {pin.product_id!r}, which place {place} has. Pin it once."
                received = given.pins[number].product_id
                problems.append(_problem(path, "pinned_twice", message, received))
        return Checked(rules, problems)

    def _stored(self, name: str) -> StoredRuleSet:
        """Raises InvalidError."""
        found = self._rule_sets.find(name)
        if found is None:
            message = self._rule_sets.none_found()
            raise InvalidError([_problem("rule_set", "unknown_rule_set", message, name)])
        return found

    def _of_set(self, name: str, stored: StoredRuleSet) -> Rules:
        """Raises InvalidError."""
        rules = stored.rules
        checked = self._checked.of(
            (stored,), lambda: rules_of_set(rules, self._products, self._form)
        )
        if checked.problems:
            message = "This model's products do not have what it reads. "
            message += listed(checked.problems)
            raise InvalidError([_problem("rule_set", "unfit_rule_set", message, name)])
        return checked.rules

    def _written(self, product: str) -> str:
        return python_text(product, self._form) or product


def _beyond(rules: Rules, k: int) -> Iterator[Problem]:
    for number, pin in enumerate(rules.pins):
        if pin.place > k:
            message = f"The list has {k} places: give one of them, or raise k."
            yield _problem(f"rules.pins[{number}].place", "beyond_list", message, pin.place)


def _problem(path: str, code: str, message: str, received: object) -> Problem:
    return Problem(path=path, code=code, message=message, received=shorten(received))
