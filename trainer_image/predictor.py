"""Predictions for customers, by what a completed job has left: its model, its training rows and
its products."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow.parquet as pq

import trainer_image.arrow  # noqa: F401
from shared.examples import MISSING_TIMESTAMP, RawFeature, RawType
from shared.jobs import REQUEST_FILE, JobRequest
from shared.predictions import (
    MAX_K,
    MAX_LISTED,
    Bought,
    Customer,
    Prediction,
    PredictionInputs,
    PredictionRequest,
    QueryColumn,
    Rating,
    RawValue,
    Recommendation,
)
from shared.problems import Invalid, Problem, shorten
from trainer_image.locations import Locations, open_file, path_of
from trainer_image.purchases import Purchases
from trainer_image.saved_model import BadInput, SavedModel, complete

MAIN, RATING = "serving_default", "rating"
_BATCH = 8192  # pairs that are rated at once


class Predictor:
    """One job's model, in memory.

    Args:
        artifacts_uri: the job's `output_uri`.
        load: loads the model of a folder.

    Raises:
        FileNotFoundError: something that is needed is not there.
    """

    def __init__(self, artifacts_uri: str, load: Callable[[str], SavedModel] = SavedModel) -> None:
        places = Locations(path_of(artifacts_uri))
        with open_file(places[REQUEST_FILE], "rb") as file:
            self._spec = spec = JobRequest.model_validate_json(file.read()).examples
        with open_file(places.examples("train"), "rb") as file:
            rows = pq.read_table(file, columns=Purchases.columns_of(spec))
        self._purchases = Purchases(rows, spec)
        with open_file(places.candidates, "rb") as file:
            products = pq.read_table(file)
        ids, names = (products[name].to_pylist() for name in ("product_id", "name"))
        described = products["attributes"].combine_chunks()
        self._attributes: dict[str, list[Any]] = {
            key: described.field(key).to_pylist() for key in spec.candidate_keys
        }
        self._product_ids: list[str] = ids
        self._rows = {product: row for row, product in enumerate(ids)}
        self._names = dict(zip(ids, names, strict=True))
        self._query = [feature for feature in spec.features if feature.key in spec.query_keys]
        # A column may be read in two ways, as text and as a number: then it is two features.
        self._columns: dict[str, list[RawFeature]] = {}
        for feature in self._query:
            self._columns.setdefault(feature.column, []).append(feature)
        self._model = load(places.model)
        self._recommends = "candidate_ids" in self._model.outputs(MAIN)
        self._rate_by = RATING if self._recommends else MAIN
        self._rates = self._rate_by in self._model.signatures
        # How many products the model finds is fixed in its graph; asking also compiles it.
        self._max_k = min(MAX_K, len(ids))
        if self._recommends:
            self._max_k = min(self._max_k, len(self._best({})[0]))

    def describe(self, search: str | None, limit: int) -> PredictionInputs:
        example = self._purchases.row(0)
        label = next((f.column for f in self._spec.features if f.key == self._spec.label_key), None)
        return PredictionInputs(
            columns=[
                QueryColumn(
                    column=column,
                    type=feature.type,
                    example=_shown(example[feature.key], feature.type),
                )
                for column, (feature, *_) in self._columns.items()
            ],
            customer_column=self._column(self._spec.customer_key),
            customers=[
                Customer(customer_id=customer, purchases=count)
                for customer, count in self._purchases.customers(search, limit)
            ],
            customer_count=len(self._purchases),
            recommends=self._recommends,
            rates=self._rates,
            rating_column=label if self._rates else None,
            max_k=self._max_k,
        )

    def predict(self, request: PredictionRequest) -> Prediction:
        """Raises Invalid, with the field of the request."""
        self._check(request)
        customer, query = self._query_of(request)
        history = self._purchases.history(customer) if customer is not None else []
        bought = {product for product, _ in history}
        return Prediction(
            known=customer is not None and customer in self._purchases,
            query={
                column: _shown(query.get(feature.key), feature.type)
                for column, (feature, *_) in self._columns.items()
            },
            recommendations=self._recommended(query, request.k, bought),
            ratings=[
                Rating(
                    product_id=product,
                    name=self._names[product] or None,
                    rating=rating,
                    bought_before=product in bought,
                )
                for product, rating in zip(
                    request.product_ids, self._ratings(query, request.product_ids), strict=True
                )
            ],
            history=[
                Bought(product_id=product, name=self._names.get(product) or None, count=count)
                for product, count in history[:MAX_LISTED]
            ],
            products_bought=len(history),
        )

    def _check(self, request: PredictionRequest) -> None:
        """Raises Invalid, with everything that is wrong but the values' types."""
        problems = []
        if request.k > self._max_k:
            message = f"The model finds at most {self._max_k} products."
            problems.append(_problem("k", "too_many", message, request.k))
        if request.product_ids and not self._rates:
            message = (
                "The model does not rate. Leave this out, or ask a ranking or multitask model."
            )
            problems.append(_problem("product_ids", "not_rated", message, request.product_ids))
        problems += [
            _problem(
                f"product_ids[{place}]",
                "unknown_product",
                "The model has no such product.",
                product,
            )
            for place, product in enumerate(request.product_ids)
            if product not in self._rows
        ]
        if request.customer_id is None and not request.values:
            message = f"Say for whom: a customer, or values of {', '.join(self._columns)}."
            problems.append(_problem("customer_id", "missing", message, None))
        known = f"A query has no such column; it has {', '.join(self._columns)}."
        problems += [
            _problem(f"values.{column}", "unknown_column", known, value)
            for column, value in request.values.items()
            if column not in self._columns
        ]
        if problems:
            raise Invalid(problems)

    def _query_of(self, request: PredictionRequest) -> tuple[str | None, dict[str, Any]]:
        """The customer's id, if there is one, and the raw values of the query, by key.

        Raises Invalid.
        """
        key, customer = self._spec.customer_key, request.customer_id
        column = self._column(key)
        query, problems = self._typed(request.values)
        if customer is None:
            customer = query.get(key) or None
        elif key in query and query[key] != customer:
            message = f"The customer is {customer!r} by customer_id: give one of the two."
            received = request.values[column]
            problems.append(_problem(f"values.{column}", "two_customers", message, received))
        else:
            own, _ = self._typed({column: customer} if column in self._columns else {})
            latest = self._purchases.latest(customer)
            taken = {feature.key for feature in self._query}
            query = {**{k: v for k, v in latest.items() if k in taken}, **own, **query}
        if problems:
            raise Invalid(problems)
        return customer, query

    def _typed(self, values: Mapping[str, RawValue]) -> tuple[dict[str, Any], list[Problem]]:
        """Values by column as the model takes them, by key; and those that it does not take."""
        typed: dict[str, Any] = {}
        problems = []
        for column, value in values.items():
            for feature in self._columns[column]:
                try:
                    typed[feature.key] = _typed(feature, value)
                except BadInput as error:
                    message = str(error).removeprefix(f"{feature.key}: ")
                    message = f"{message[:1].upper()}{message[1:]}"
                    problems.append(_problem(f"values.{column}", "wrong_type", message, value))
        return typed, problems

    def _recommended(self, query: dict[str, Any], k: int, bought: set[str]) -> list[Recommendation]:
        if self._recommends:
            products, scores = self._best(query)
            products, scores = products[:k], scores[:k]
            ratings: list[float] | list[None] = [None] * len(products)
            if self._rates:
                ratings = self._ratings(query, products)
        else:
            rated = np.array(self._ratings(query, self._product_ids))
            order = np.argsort(-rated, kind="stable")[:k]
            products = [self._product_ids[row] for row in order]
            scores = ratings = rated[order].tolist()
        return [
            Recommendation(
                product_id=product,
                name=self._names.get(product) or None,
                score=score,
                rating=rating,
                bought_before=product in bought,
            )
            for product, score, rating in zip(products, scores, ratings, strict=True)
        ]

    def _best(self, query: dict[str, Any]) -> tuple[list[str], list[float]]:
        types = self._model.types(MAIN)
        given = {key: [query.get(key)] for key in types}
        found = self._model.call(MAIN, complete(given, types))
        return [value.decode() for value in found["candidate_ids"][0]], found["scores"][0].tolist()

    def _ratings(self, query: dict[str, Any], products: Sequence[str]) -> list[float]:
        """The predicted rating of each product, of a model that rates or of none."""
        if not products:
            return []
        ratings: list[float] = []
        types = self._model.types(self._rate_by)
        for start in range(0, len(products), _BATCH):
            batch = products[start : start + _BATCH]
            rows = [self._rows[product] for product in batch]
            # A column that describes both is the product's here, as when it was trained.
            given = {
                key: [self._attributes[key][row] for row in rows]
                if key in self._attributes
                else [query.get(key)] * len(batch)
                for key in types
            }
            found = self._model.call(self._rate_by, complete(given, types))
            ratings += found["rating"].reshape(-1).tolist()
        return ratings

    def _column(self, key: str) -> str:
        return next(feature.column for feature in self._spec.features if feature.key == key)


def _typed(feature: RawFeature, value: RawValue) -> Any:
    """A raw value that was given for a column, as the model takes it. Raises BadInput."""
    if isinstance(value, bool) and feature.type is RawType.TEXT:
        value = str(value).lower()  # as a boolean column is read
    rows = complete({feature.key: [value]}, {feature.key: _TENSORFLOW[feature.type]})
    return rows[feature.key][0]


_TENSORFLOW = {RawType.TEXT: "string", RawType.NUMBER: "float32", RawType.TIMESTAMP: "int64"}


def _shown(value: Any, kind: RawType) -> RawValue:
    """A raw value for people: times in ISO 8601 where the calendar reaches so far."""
    if value is None or value == "" or (isinstance(value, float) and not math.isfinite(value)):
        return None
    if kind is not RawType.TIMESTAMP:
        return value  # type: ignore[no-any-return]
    if value == MISSING_TIMESTAMP:
        return None
    try:
        return datetime.fromtimestamp(value, UTC).isoformat().replace("+00:00", "Z")
    except (OverflowError, ValueError, OSError):
        return int(value)


def _problem(path: str, code: str, message: str, received: Any) -> Problem:
    return Problem(path=path, code=code, message=message, received=shorten(received))
