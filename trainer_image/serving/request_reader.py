"""Requests to a model, checked, with what is known of the customer filled in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from shared.columns.text_form import python_text
from shared.examples import ExamplesSpec, RawFeature, RawType
from shared.explanations import MAX_EXPLAINED
from shared.predictions import PastPurchase, PredictionRequest, RawValue
from shared.problems import InvalidError, Problem, shorten
from shared.rules_of_lists.base import LastBought
from shared.tasks import TASKS_THAT_RATE
from shared.wording import alternatives, capital
from trainer_image.serving import raw_values
from trainer_image.serving.asked import Asked, Past
from trainer_image.serving.purchases import Purchases, had, last_bought
from trainer_image.serving.recommender import Recommender
from trainer_image.serving.rule_reader import RuleReader
from trainer_image.serving.saved_model import BadInputError


class RequestReader:
    """
    Attributes:
        columns: the raw features of a query, by column. A column may be read in two ways, as text
            and as a number: then it has two.
        event_kinds: that a history may tell apart.

    Args:
        rules: reads those of requests.
        explains: whether the model was saved with what explanations take.
    """

    def __init__(
        self,
        spec: ExamplesSpec,
        purchases: Purchases,
        model: Recommender,
        rules: RuleReader,
        *,
        explains: bool,
    ) -> None:
        self._spec, self._purchases, self._model = spec, purchases, model
        self._rules, self._explains = rules, explains
        self._kinds = spec.view.kinds if spec.kind_key is not None and spec.view else None
        self.event_kinds = list(self._kinds.weights) if self._kinds is not None else []
        query = [feature for feature in spec.features if feature.key in spec.query_keys]
        self.columns: dict[str, list[RawFeature]] = {}
        for feature in query:
            self.columns.setdefault(feature.column, []).append(feature)
        self._times = [
            feature.key
            for feature in query
            if feature.column == spec.timestamp_column and feature.type is RawType.TIMESTAMP
        ]
        # Models that look back are asked as at the end of the training rows.
        told = [f for f in query if f.column != spec.timestamp_column]
        self._taken = {feature.key for feature in (told if model.looks_back else query)}

    def read(self, request: PredictionRequest) -> Asked:
        """Raises InvalidError, with the fields of the request."""
        request = self._with_known_ids(request)
        self._check(request)
        customer, query = self._query_of(request)
        past = self._past_of(request, customer, query)
        known = customer is not None and customer in self._purchases
        lately = partial(self._last_bought, request, customer, query)
        return Asked(request, known, query, past, self._rules.read(request, lately), customer)

    def column(self, key: str) -> str:
        return next(feature.column for feature in self._spec.features if feature.key == key)

    def _with_known_ids(self, request: PredictionRequest) -> PredictionRequest:
        """The request with its ids written as the training rows have them. Raises InvalidError."""
        forms = {feature.key: feature.form for feature in self._spec.features}
        customer = request.customer_id
        if customer is not None:
            customer = python_text(customer, forms[self._spec.customer_key])
            if not customer:
                message = "This text stands for a missing value: give a customer's id."
                problem = _problem("customer_id", "missing", message, request.customer_id)
                raise InvalidError([problem])
        product_form = forms[self._spec.product_key]
        products = [python_text(product, product_form) for product in request.product_ids]
        history = request.history and [
            one.model_copy(
                update={"product_id": python_text(one.product_id, product_form) or one.product_id}
            )
            for one in request.history
        ]
        return request.model_copy(
            update={"customer_id": customer, "product_ids": products, "history": history}
        )

    def _check(self, request: PredictionRequest) -> None:
        """Raises InvalidError, with everything that is wrong but the values' types."""
        problems = []
        if request.k > self._model.max_k:
            message = f"The model finds at most {self._model.max_k} products."
            problems.append(_problem("k", "too_many", message, request.k))
        if request.explain:
            problems += self._not_explained(request)
        if request.product_ids and not self._model.rates:
            message = f"The model does not rate. Leave this out, or ask a {TASKS_THAT_RATE} model."
            problems.append(_problem("product_ids", "not_rated", message, request.product_ids))
        problems += [
            _problem(
                f"product_ids[{place}]",
                "unknown_product",
                "The model has no such product.",
                product,
            )
            for place, product in enumerate(request.product_ids)
            if product not in self._model
        ]
        if request.history is not None and not self._model.looks_back:
            message = (
                "The model does not look back at what a customer bought. Leave this out, or ask one"
                " with a history feature or a re-ranker."
            )
            problems.append(_problem("history", "not_looking_back", message, None))
        problems += self._check_kinds(request)
        if request.customer_id is None and not request.values and request.history is None:
            message = f"Say for whom: a customer, or values of {', '.join(self.columns)}."
            problems.append(_problem("customer_id", "missing", message, None))
        known = f"A query has no such column; it has {', '.join(self.columns)}."
        problems += [
            _problem(f"values.{column}", "unknown_column", known, value)
            for column, value in request.values.items()
            if column not in self.columns
        ]
        if problems:
            raise InvalidError(problems)

    def _check_kinds(self, request: PredictionRequest) -> Iterator[Problem]:
        for place, event in enumerate(request.history or []):
            if event.kind is not None and event.kind not in self.event_kinds:
                message = "The model knows purchases alone. Leave this out."
                if self.event_kinds:
                    named = alternatives(repr(kind) for kind in self.event_kinds)
                    message = f"The model has no such kind of event. Give {named}."
                path = f"history[{place}].kind"
                yield _problem(path, "unknown_kind", message, event.kind)

    def _not_explained(self, request: PredictionRequest) -> Iterator[Problem]:
        message = None
        if not self._model.recommends:
            message = (
                "The model only rates. Leave this out: scores are explained by which models find "
                "products, ratings are not."
            )
        elif not self._explains:
            message = (
                "The model is of an earlier version of Recsmith, which could not explain. Leave "
                "this out, or test the configs again."
            )
        if message is not None:
            yield _problem("explain", "not_explained", message, request.explain)
        elif request.k > MAX_EXPLAINED:
            message = f"At most {MAX_EXPLAINED} products are explained at once."
            yield _problem("k", "too_many_explained", message, request.k)

    def _query_of(self, request: PredictionRequest) -> tuple[str | None, dict[str, Any]]:
        """The customer's id, if there is one, and the raw values of the query, by key.

        Raises InvalidError.
        """
        key, customer = self._spec.customer_key, request.customer_id
        column = self.column(key)
        query, problems = self._typed(request.values)
        if customer is None:
            customer = query.get(key) or None
        elif key in query and query[key] != customer:
            message = f"The customer is {customer!r} by customer_id: give one of the two."
            received = request.values[column]
            problems.append(_problem(f"values.{column}", "two_customers", message, received))
        else:
            own, _ = self._typed({column: customer} if column in self.columns else {})
            latest = self._purchases.latest(customer)
            query = {**{k: v for k, v in latest.items() if k in self._taken}, **own, **query}
        if problems:
            raise InvalidError(problems)
        if self._model.looks_back and (end := self._purchases.end) is not None:
            # Now, for whatever else is made of the time: its calendar cycles would be missing.
            query = {**dict.fromkeys(self._times, end), **query}
        return customer, query

    def _typed(self, values: Mapping[str, RawValue]) -> tuple[dict[str, Any], list[Problem]]:
        """Values by column as the model takes them, by key; and those that it does not take."""
        typed: dict[str, Any] = {}
        problems = []
        for column, value in values.items():
            for feature in self.columns[column]:
                try:
                    typed[feature.key] = raw_values.typed(feature, value)
                except BadInputError as error:
                    message = capital(str(error).removeprefix(f"{feature.key}: "))
                    problems.append(_problem(f"values.{column}", "wrong_type", message, value))
        return typed, problems

    def _past_of(
        self, request: PredictionRequest, customer: str | None, query: Mapping[str, Any]
    ) -> Past:
        """As models that look back know it, or else all that the training rows have."""
        if request.history is not None:
            known = [one for one in request.history if self._purchases.bought(one.product_id)]
            told = [(one.product_id, one.days_ago, one.kind or "") for one in known]
            bought = [(one.product_id, one.days_ago) for one in known if self._is_purchase(one)]
            products = dict.fromkeys(one.product_id for one in request.history)
            unknown = tuple(one for one in products if not self._purchases.bought(one))
            return Past(had(bought), told, unknown)
        if customer is None:
            return Past({})
        if not self._model.looks_back:
            return Past(self._purchases.past(customer))
        return Past(self._purchases.past_before(customer, self._moment(query)))

    def _last_bought(
        self, request: PredictionRequest, customer: str | None, query: Mapping[str, Any]
    ) -> LastBought:
        """As rules read it: products that the model does not know, and purchases of which the time
        is not known, count too."""
        if request.history is not None:
            bought = [one for one in request.history if self._is_purchase(one)]
            return last_bought((one.product_id, one.days_ago) for one in bought)
        if customer is None:
            return {}
        moment = self._moment(query) if self._model.looks_back else None
        return self._purchases.last_bought(customer, moment)

    def _moment(self, query: Mapping[str, Any]) -> int | None:
        return next((query[key] for key in self._times if key in query), None)

    def _is_purchase(self, event: PastPurchase) -> bool:
        return event.kind is None or (self._kinds is not None and event.kind in self._kinds.targets)


def _problem(path: str, code: str, message: str, received: Any) -> Problem:
    return Problem(path=path, code=code, message=message, received=shorten(received))
