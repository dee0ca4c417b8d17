"""The rules of requests: those that they bring, and those of a rule set that they name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pyarrow as pa

from shared.columns import RawType
from shared.columns.text_form import TextForm, python_text
from shared.examples import ExamplesSpec
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
    was kept for rules."""
    found: dict[str, ProductColumn] = {}

    def add(column: RuleColumn, read: Callable[[], list[str]]) -> None:
        # Of a column that is read both ways the numbers.
        if column.name not in found or column.is_number:
            found[column.name] = ProductColumn(column, read)

    known = [one for one in spec.features if one.key in spec.candidate_keys]
    kept = spec.rule_features if "columns" in candidates.column_names else []
    for struct, features in (("attributes", known), ("columns", kept)):
        for one in features:
            if one.key != spec.product_key and one.type is not RawType.TIMESTAMP:
                values = candidates[struct].combine_chunks().field(one.key)
                add(RuleColumn(one.column, one.type, one.form), values.to_pylist)
    if (name := spec.category_column) is not None and "category" in candidates.column_names:
        add(RuleColumn(name, RawType.TEXT), candidates["category"].to_pylist)
    return Products(candidates["product_id"].to_pylist(), found)


@dataclass(frozen=True)
class _Checked:
    """Rules with ids as the model's products have them, and what is wrong with them."""

    rules: Rules
    problems: list[Problem]


class RuleReader:
    """Rules that several requests share are checked and made ready once.

    Args:
        form: how ids of products are written.
    """

    def __init__(self, products: Products, rule_sets: RuleSets, form: TextForm) -> None:
        self._products, self._rule_sets, self._form = products, rule_sets, form
        self._columns = {name: one.column for name, one in products.columns.items()}
        self._rulings = Rulings(products)
        self._checked: Recent[_Checked] = Recent(_SHARED)
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

    def _check(self, given: Rules) -> _Checked:
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
        return _Checked(rules, problems)

    def _stored(self, name: str) -> StoredRuleSet:
        """Raises InvalidError."""
        found = self._rule_sets.find(name)
        if found is None:
            message = self._rule_sets.none_found()
            raise InvalidError([_problem("rule_set", "unknown_rule_set", message, name)])
        return found

    def _of_set(self, name: str, stored: StoredRuleSet) -> Rules:
        """Raises InvalidError."""
        checked = self._checked.of((stored,), lambda: self._check_set(stored.rules))
        if checked.problems:
            message = "This model's products do not have what it reads. "
            message += listed(checked.problems)
            raise InvalidError([_problem("rule_set", "unfit_rule_set", message, name)])
        return checked.rules

    def _check_set(self, given: Rules) -> _Checked:
        rules = given.with_ids(self._written).with_first_pins()
        return _Checked(rules, list(check_rules(rules, self._columns, "rules")))

    def _written(self, product: str) -> str:
        return python_text(product, self._form) or product


def _beyond(rules: Rules, k: int) -> Iterator[Problem]:
    for number, pin in enumerate(rules.pins):
        if pin.place > k:
            message = f"The list has {k} places: give one of them, or raise k."
            yield _problem(f"rules.pins[{number}].place", "beyond_list", message, pin.place)


def _problem(path: str, code: str, message: str, received: object) -> Problem:
    return Problem(path=path, code=code, message=message, received=shorten(received))
