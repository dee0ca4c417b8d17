"""`trainer_image.http_server` over a model that is a file.

A version's folder holds `model`, the text that answers tell. What a request's values say is done:
`wait_for` a file, `fail`, or `refuse`.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from shared.predictions import Customer, Prediction, PredictionInputs, PredictionRequest
from shared.problems import InvalidError, Problem
from trainer_image.http_server import main
from trainer_image.job.leave import leave
from trainer_image.job.locations import path_of

_CUSTOMERS = [Customer(customer_id=name, purchases=1) for name in ("c", "d")]


class StandIn:
    def __init__(self, artifacts_uri: str) -> None:
        self._text = (Path(path_of(artifacts_uri)) / "model").read_text()
        if self._text == "half":
            raise ValueError("The checkpoint is truncated.")

    def describe(self, search: str | None, limit: int) -> PredictionInputs:
        return PredictionInputs(
            columns=[],
            customer_column="customer",
            customers=[one for one in _CUSTOMERS if (search or "") in one.customer_id][:limit],
            customer_count=len(_CUSTOMERS),
            recommends=True,
            rates=False,
            rating_column=None,
            max_k=100,
        )

    def predict_many(
        self, requests: Sequence[PredictionRequest]
    ) -> list[Prediction | InvalidError]:
        return [self._answer(request) for request in requests]

    def _answer(self, request: PredictionRequest) -> Prediction | InvalidError:
        told = request.values
        if self._text == "refuses" or "refuse" in told:
            problem = Problem(path="values.refuse", code="refused", message="Not this one.")
            return InvalidError([problem])
        if "fail" in told:
            raise RuntimeError("the model fell over")
        if file := told.get("wait_for"):
            while not Path(str(file)).exists():
                time.sleep(0.005)
        return Prediction(
            known=True,
            query={"model": self._text, "k": request.k, **told},
            recommendations=[],
            ratings=[],
            history=[],
            products_bought=0,
        )


if __name__ == "__main__":
    leave(main(make=StandIn))
