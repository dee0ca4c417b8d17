"""Predictions for customers, by what a completed job has left: its model, its training rows and
its products."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from functools import cached_property
from itertools import islice
from typing import Any

import trainer_image.examples.arrow  # noqa: F401
from shared.explanations import MAX_EXPLAINED
from shared.jobs import REQUEST_FILE, JobRequest
from shared.predictions import (
    MAX_LISTED,
    Bought,
    Customer,
    HeldOut,
    Prediction,
    PredictionInputs,
    PredictionRequest,
    QueryColumn,
    Rating,
    Recommendation,
)
from shared.problems import InvalidError
from trainer_image.examples.tables import read_parquet, read_split, training_rows
from trainer_image.job.locations import Locations, open_file, path_of
from trainer_image.serving import raw_values
from trainer_image.serving.asked import Asked, Ranked
from trainer_image.serving.explainer import Explainer
from trainer_image.serving.purchases import Purchases
from trainer_image.serving.recommender import Recommender
from trainer_image.serving.request_reader import RequestReader
from trainer_image.serving.rule_reader import RuleReader, product_form, products_of
from trainer_image.serving.rule_sets import RuleSets
from trainer_image.serving.saved_model import SavedModel


class Predictor:
    """One job's model, in memory.

    Args:
        artifacts_uri: the job's `output_uri`.
        load: loads the model of a folder.
        rule_sets: those that requests can name; by default those of the job's store.

    Raises:
        FileNotFoundError: something that is needed is not there.
    """

    def __init__(
        self,
        artifacts_uri: str,
        load: Callable[[str], SavedModel] = SavedModel,
        rule_sets: RuleSets | None = None,
    ) -> None:
        self._places = places = Locations(path_of(artifacts_uri))
        with open_file(places[REQUEST_FILE], "rb") as file:
            self._spec = spec = JobRequest.model_validate_json(file.read()).examples
        rows, times = training_rows(places, Purchases.columns_of(spec)), None
        with suppress(FileNotFoundError):
            times = read_parquet(places.times("train"))["time"].to_numpy()
        self._purchases = Purchases(rows, spec, times)
        products = read_parquet(places.candidates)
        ids, names = (products[name].to_pylist() for name in ("product_id", "name"))
        described = products["attributes"].combine_chunks()
        attributes = {key: described.field(key).to_pylist() for key in spec.candidate_keys}
        self._names = dict(zip(ids, names, strict=True))
        available = None
        if "available" in products.column_names:
            said = products["available"].to_pylist()
            available = [product for product, one in zip(ids, said, strict=True) if one]
        saved = load(places.model)
        self._model = Recommender(saved, ids, attributes, available)
        self._explainer = Explainer(saved, spec, ids, attributes, self._names)
        rule_sets = rule_sets or RuleSets(artifacts_uri)
        rules = RuleReader(products_of(spec, products), rule_sets, product_form(spec))
        explains = self._explainer.explains
        self._reader = RequestReader(spec, self._purchases, self._model, rules, explains=explains)

    def describe(self, search: str | None, limit: int) -> PredictionInputs:
        example = self._purchases.row(0)
        label = next((f.column for f in self._spec.features if f.key == self._spec.label_key), None)
        return PredictionInputs(
            columns=[
                QueryColumn(
                    column=column,
                    type=feature.type,
                    example=raw_values.shown(example[feature.key], feature.type),
                )
                for column, (feature, *_) in self._reader.columns.items()
            ],
            customer_column=self._reader.column(self._spec.customer_key),
            customers=[
                Customer(customer_id=customer, purchases=count)
                for customer, count in self._purchases.customers(search, limit)
            ],
            customer_count=len(self._purchases),
            recommends=self._model.recommends,
            rates=self._model.rates,
            rating_column=label if self._model.rates else None,
            max_k=self._model.max_k,
            looks_back=self._model.looks_back,
            max_explained=MAX_EXPLAINED if self._explainer.explains else 0,
            event_kinds=self._reader.event_kinds,
        )

    def predict(self, request: PredictionRequest) -> Prediction:
        """Raises InvalidError, with the field of the request."""
        (answer,) = self.predict_many([request])
        if isinstance(answer, InvalidError):
            raise answer
        return answer

    def predict_many(
        self, requests: Sequence[PredictionRequest]
    ) -> list[Prediction | InvalidError]:
        """An answer to each, in few calls of the model.

        Scores may differ from those of single requests in their last digits.
        """
        read = [self._read(request) for request in requests]
        asked = [one for one in read if isinstance(one, Asked)]
        answers = iter(self._answers(asked))
        return [one if isinstance(one, InvalidError) else next(answers) for one in read]

    def _read(self, request: PredictionRequest) -> Asked | InvalidError:
        try:
            return self._reader.read(request)
        except InvalidError as invalid:
            return invalid

    def _answers(self, asked: Sequence[Asked]) -> list[Prediction]:
        best = self._model.best(asked)
        recommended = self._recommended(asked, best)
        wanted = [one.request.product_ids for one in asked]
        ratings = self._model.ratings(asked, wanted)
        return [self._answer(*of) for of in zip(asked, best, recommended, ratings, strict=True)]

    def _answer(
        self,
        asked: Asked,
        best: Ranked,
        recommended: list[Recommendation],
        ratings: Sequence[float],
    ) -> Prediction:
        request, query, past = asked.request, asked.query, asked.past
        if request.explain:
            explained = [one for one in recommended if one.product_id not in best.unordered]
            products = [one.product_id for one in explained]
            why = self._explainer.explain(query, past.told, past.had, products, known=asked.known)
            for one, explanation in zip(explained, why, strict=True):
                one.explanation = explanation
        return Prediction(
            known=asked.known,
            query={
                column: raw_values.shown(query.get(feature.key), feature.type)
                for column, (feature, *_) in self._reader.columns.items()
            },
            recommendations=recommended,
            ratings=[
                Rating(
                    product_id=product,
                    name=self._names[product] or None,
                    rating=rating,
                    bought_before=product in past.had,
                )
                for product, rating in zip(request.product_ids, ratings, strict=True)
            ],
            history=[
                Bought(
                    product_id=product,
                    name=self._names.get(product) or None,
                    count=one.count,
                    last_bought_days_ago=one.days_ago,
                )
                for product, one in islice(past.had.items(), MAX_LISTED)
            ],
            products_bought=len(past.had),
            unknown_products=list(past.unknown[:MAX_LISTED]),
            applied=best.applied,
            **self._came_true(asked, recommended),
        )

    def _came_true(self, asked: Asked, recommended: list[Recommendation]) -> dict[str, Any]:
        """What an answer says of the held-out rows, where that is asked for; marks what of them was
        recommended."""
        if not asked.request.held_out or (rows := self._judged_by) is None:
            return {}
        bought = rows.past(asked.customer) if asked.customer is not None else {}
        for one in recommended:
            one.held_out = one.product_id in bought
        listed = [
            HeldOut(
                product_id=product,
                name=self._names.get(product) or None,
                count=one.count,
                bought_before=product in asked.past.had,
            )
            for product, one in islice(bought.items(), MAX_LISTED)
        ]
        return {"held_out": listed, "products_held_out": len(bought)}

    @cached_property
    def _judged_by(self) -> Purchases | None:
        """The rows that the test was judged by, which few ask for."""
        with suppress(FileNotFoundError):
            wanted = Purchases.columns_of(self._spec)
            return Purchases(read_split(self._places, "eval", wanted), self._spec)
        return None

    def _recommended(
        self, asked: Sequence[Asked], best: Sequence[Ranked]
    ) -> list[list[Recommendation]]:
        """Of each, best first."""
        products = [of.products for of in best]
        ratings: Sequence[Sequence[float | None]] = [[None] * len(of) for of in products]
        if not self._model.recommends:
            ratings = [of.scores for of in best]
        elif self._model.rates:
            ratings = self._model.ratings(asked, products)
        return [
            [
                self._recommendation(*of, asked=one, pinned=listed.pinned)
                for of in zip(listed.products, listed.scores, rated, strict=True)
            ]
            for one, listed, rated in zip(asked, best, ratings, strict=True)
        ]

    def _recommendation(
        self,
        product: str,
        score: float,
        rating: float | None,
        *,
        asked: Asked,
        pinned: Collection[str],
    ) -> Recommendation:
        had = asked.past.had
        return Recommendation(
            product_id=product,
            name=self._names.get(product) or None,
            score=score,
            rating=rating,
            bought_before=product in had,
            last_bought_days_ago=had[product].days_ago if product in had else None,
            pinned=product in pinned,
        )
