"""Top lists of many customers, as single requests answer them."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from shared.batches import BatchError, Manifest
from shared.predictions import ListName, PredictionRequest
from shared.problems import InvalidError
from trainer_image.serving.predictor import Predictor

SCHEMA = pa.schema(
    [
        ("run_id", pa.string()),
        ("made_at", pa.timestamp("us", "UTC")),
        ("model_id", pa.string()),
        ("model_version", pa.int64()),
        ("quick_test_id", pa.string()),
        ("list", pa.string()),
        ("customer_id", pa.string()),
        ("rank", pa.int64()),
        ("product_id", pa.string()),
        ("name", pa.string()),
        ("score", pa.float64()),
        ("rating", pa.float64()),
        ("bought_before", pa.bool_()),
        ("last_bought_days_ago", pa.float64()),
    ]
)
_OF_RUN = 6  # columns that are the same in all rows


class Recommendations:
    """Rows of a run: a row for each recommendation, best first.

    Raises:
        BatchError: the model finds fewer products than are asked for, or its products do not have
            what the rule set reads.
    """

    schema = SCHEMA

    def __init__(self, predictor: Predictor, manifest: Manifest) -> None:
        self._predictor = predictor
        self._k = manifest.settings.k or 10
        self._list = manifest.settings.list or ListName.ALL
        self._rule_set = manifest.settings.rule_set
        inputs = predictor.describe(None, 1)
        most = inputs.max_k
        if self._k > most:
            raise BatchError(f"--k: the model finds at most {most} products. Received: {self._k}.")
        if self._rule_set is not None:
            try:
                predictor.predict(self._request(inputs.customers[0].customer_id))
            except InvalidError as error:
                raise BatchError(f"--rules: {error}") from None
        model = manifest.model
        self._of_run = [
            manifest.run_id,
            manifest.made_at,
            model.model_id,
            model.version,
            model.quick_test_id,
            self._list.value,
        ]

    def _request(self, customer: str) -> PredictionRequest:
        return PredictionRequest(
            customer_id=customer, k=self._k, list=self._list, rule_set=self._rule_set
        )

    def rows(self, ids: list[str]) -> pa.Table:
        requests = [self._request(one) for one in ids]
        found: list[list[Any]] = []
        for customer, answer in zip(ids, self._predictor.predict_many(requests), strict=True):
            if isinstance(answer, InvalidError):
                raise BatchError(f"Customer {customer!r} cannot be answered: {answer}")
            found += [
                [
                    customer,
                    rank,
                    one.product_id,
                    one.name,
                    one.score,
                    one.rating,
                    one.bought_before,
                    one.last_bought_days_ago,
                ]
                for rank, one in enumerate(answer.recommendations, 1)
            ]
        columns = [[value] * len(found) for value in self._of_run]
        columns += [[row[at] for row in found] for at in range(len(SCHEMA) - _OF_RUN)]
        return pa.table(
            [pa.array(values, kind) for values, kind in zip(columns, SCHEMA.types, strict=True)],
            schema=SCHEMA,
        )
