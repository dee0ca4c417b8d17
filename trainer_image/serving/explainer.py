"""Why products are recommended, by a model's signature `explain`."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from shared.examples import ExamplesSpec, explained_features
from shared.explanations import (
    METHODS,
    ExplainedGroup,
    ExplainedPart,
    Explanation,
    ExplanationMethod,
    GroupKey,
    bought,
    days_ago,
    every,
    group,
    happened,
    start,
)
from shared.wording import plural
from trainer_image.serving import raw_values
from trainer_image.serving.purchases import Had, had
from trainer_image.serving.saved_model import SavedModel, Told, complete

EXPLAIN = "explain"
# What the signature says of each product, [products, …]; all else is of the customer.
_BY_PRODUCT = {"scores", "start", "residual", "product", "customer"}
_BY_PRODUCT |= {"purchases", "goes_with", "reranker", "reranker_values"}
# Of the re-ranker's features: what all customers do with the product, and the customer with all.
_SALES = ("repeat_odds", "sales", "trend", "repeat_gap", "buyers")
_ACTIVITY = ("active", "variety")
# What the customer did with the product: how often; how regularly; all else is how recently.
_OFTEN = ("own", "purchases", "days")
_REGULARLY = ("again", "gap", "overdue")


class Explainer:
    """A model's explanations.

    Args:
        products: raw values by key, each [products].
        names: of products, by id.
    """

    def __init__(
        self,
        model: SavedModel,
        spec: ExamplesSpec,
        ids: Sequence[str],
        products: Mapping[str, Sequence[Any]],
        names: Mapping[str, str | None],
    ) -> None:
        self._model = model
        self._names = names
        self._bought_alone = spec.kind_key is None
        self._products = {spec.product_key: ids, **products}
        self._rows = {product: row for row, product in enumerate(ids)}
        self._features = {feature.key: feature for feature in spec.features}
        self._customer_column = self._features[spec.customer_key].column
        keys = list(dict.fromkeys([*spec.candidate_keys, spec.product_key]))
        self._keys = explained_features(spec.query_keys, keys)

    @property
    def explains(self) -> bool:
        """Whether the model was saved with what explanations take."""
        return EXPLAIN in self._model.signatures

    def explain(
        self,
        query: Mapping[str, Any],
        told: Told,
        own: Mapping[str, Had],
        products: Sequence[str],
        *,
        known: bool,
    ) -> list[Explanation]:
        """Why one customer gets these products.

        Args:
            query: raw values by key.
            own: what the customer did with products.
            known: the customer is among the training rows.
        """
        if not products:
            return []
        rows = [self._rows[product] for product in products]
        types = self._model.types(EXPLAIN)
        ours = {name: kind for name, kind in types.items() if name in self._keys}
        theirs = {key: kind for key, kind in types.items() if key not in ours}
        values = {name: [self._products[self._keys[name]][row] for row in rows] for name in ours}
        given = complete(values, ours) | complete({key: [query.get(key)] for key in theirs}, theirs)
        found = self._model.call(EXPLAIN, given, [told])
        customer = self._shown(query)
        if not known and customer.get(self._customer_column):
            customer[self._customer_column] += ", not in the training data"
        explanations = []
        for place, (product, row) in enumerate(zip(products, rows, strict=True)):
            one = {name: of[place] if name in _BY_PRODUCT else of for name, of in found.items()}
            described = {key: self._products[key][row] for key in self._keys.values()}
            groups = [
                start(float(one["start"]), reranks="reranker" in one),
                *(_reranked(one, own.get(product)) if "reranker" in one else ()),
                *self._past(one, own),
                group(GroupKey.CUSTOMER, _columns(one, "customer", customer), others="column"),
                group(
                    GroupKey.PRODUCT,
                    _columns(one, "product", self._shown(described)),
                    others="column",
                ),
            ]
            method = ExplanationMethod.INTEGRATED_GRADIENTS
            if int(one["steps"]) == 1:
                method = ExplanationMethod.EXACT
            explanations.append(
                Explanation(
                    method=method,
                    method_words=METHODS[method],
                    residual=float(one["residual"]),
                    groups=[one for one in groups if one.value or one.parts],
                )
            )
        return explanations

    def _past(self, found: Mapping[str, Any], own: Mapping[str, Had]) -> Iterator[ExplainedGroup]:
        """Past purchases, as the towers and the item-item scores read them."""
        if "goes_with" in found:
            pairs = zip(found["goes_with_ids"], found["goes_with"], strict=True)
            added = {product.decode(): float(value) for product, value in pairs}
            yield group(GroupKey.GOES_WITH, self._of_products(added, own), others="product")
        if "purchases" in found:
            ids = [product.decode() for product in found["purchase_ids"]]
            values: dict[str, list[float]] = defaultdict(list)
            for product, value in zip(ids, found["purchases"], strict=True):
                if product:
                    values[product].append(float(value))
            # Of the newest purchases, which a history has.
            read = had(zip(ids, found["purchase_ages"].tolist(), strict=True))
            added = {product: math.fsum(of) for product, of in values.items()}
            words = bought if self._bought_alone else happened
            parts = self._of_products(added, read, words)
            yield group(GroupKey.PURCHASES, parts, others="product")

    def _of_products(
        self,
        added: Mapping[str, float],
        own: Mapping[str, Had],
        words: Callable[[int, float | None], str] = bought,
    ) -> Iterator[ExplainedPart]:
        for product, value in added.items():
            done = own.get(product)
            yield ExplainedPart(
                name=self._names.get(product) or product,
                detail=words(done.count, done.days_ago) if done else "",
                value=value,
                product_id=product,
            )

    def _shown(self, values: Mapping[str, Any]) -> dict[str, str]:
        """Raw values for people, by column."""
        found = {}
        for key, value in values.items():
            if (feature := self._features.get(key)) is not None:
                shown = raw_values.shown(value, feature.type)
                found[feature.column] = "missing" if shown is None else str(shown)
        return found


def _columns(
    found: Mapping[str, Any], of: str, values: Mapping[str, str]
) -> Iterator[ExplainedPart]:
    """Args: of: `customer` or `product`. values: by column."""
    for name, value in zip(found[f"{of}_columns"], found[of], strict=True):
        column = name.decode()
        crossed = column.split(" × ") if column not in values else [column]
        detail = " × ".join(values.get(one, "missing") for one in crossed)
        yield ExplainedPart(name=column, detail=detail, value=float(value))


def _reranked(found: Mapping[str, Any], own: Had | None) -> Iterator[ExplainedGroup]:
    """What the re-ranker knows besides."""
    names = [name.decode() for name in found["reranker_features"]]
    added = dict(zip(names, found["reranker"].tolist(), strict=True))
    values = dict(zip(names, found["reranker_values"].tolist(), strict=True))

    def part(name: str, of: Sequence[str], detail: str = "") -> ExplainedPart:
        return ExplainedPart(name=name, detail=detail, value=math.fsum(added[one] for one in of))

    def counted(name: str) -> int:
        return round(math.expm1(values[name]))

    recently = [n for n in names if n not in (*_SALES, *_ACTIVITY, *_OFTEN, *_REGULARLY)]
    ago = "" if own is None or own.days_ago is None else days_ago(own.days_ago)
    regularly = every(math.exp(values["gap"]) - 0.5) if values["again"] else ""
    yield group(
        GroupKey.OWN,
        [
            part("How often", _OFTEN, bought(own.count, None) if own else ""),
            part("How recently", recently, ago),
            part("How regularly", _REGULARLY, regularly),
        ],
        detail=bought(own.count, own.days_ago) if own else "",
    )
    sales = f"{plural(counted('sales'), 'purchase')} in 28 days, "
    yield group(
        GroupKey.SALES,
        [part("Sales", _SALES)],
        detail=sales + f"{plural(counted('buyers'), 'buyer')} in all",
    )
    active = f"{plural(counted('active'), 'purchase')} in 28 days, "
    yield group(
        GroupKey.ACTIVITY,
        [part("Activity", _ACTIVITY)],
        detail=active + f"{plural(counted('variety'), 'product')} in all",
    )
