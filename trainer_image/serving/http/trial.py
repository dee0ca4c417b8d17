"""The versions of an experiment, side by side: which answers whom, and what is said of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.online.assignment import AssignedBy, bucket_of, place_of
from shared.online.exposures import Exposure
from shared.predictions import Prediction, PredictionRequest
from shared.problems import InvalidError
from shared.registry import ServedExperiment
from trainer_image.serving.http.versions import Loaded

Answers = list[Prediction | InvalidError]


class NotServedError(Exception):
    """A version was asked for that is not served; the message says which is."""


@dataclass(frozen=True)
class Trial:
    """An experiment that is served.

    Attributes:
        others: the loaded versions beside the control, by their numbers.
        missing: why the others could not be loaded; the control answers their customers.
    """

    experiment: ServedExperiment
    others: Mapping[int, Loaded] = field(default_factory=dict)
    missing: Mapping[int, str] = field(default_factory=dict)

    def assign(self, customer_id: str | None) -> tuple[int, AssignedBy]:
        """The number of the version that answers a customer, and by what that was told."""
        versions = self.experiment.versions
        control = versions[0].version
        if customer_id is None:
            return control, "no_customer_id"
        shares = [one.share_percent for one in versions]
        number = versions[place_of(bucket_of(self.experiment.salt, customer_id), shares)].version
        if number != control and number not in self.others:
            return control, "version_not_loaded"
        return number, "customer"

    def told(self) -> dict[str, Any]:
        """As the health route says it."""
        return {
            "experiment_id": self.experiment.id,
            "versions": [
                {
                    "version": one.version,
                    "share_percent": one.share_percent,
                    "quick_test_id": one.quick_test_id,
                    "loaded": one.version not in self.missing,
                }
                for one in self.experiment.versions
            ],
        }


@dataclass(frozen=True)
class Served:
    """What answers at one moment.

    Attributes:
        control: the version that is served; of an experiment, its control.
    """

    control: Loaded
    trial: Trial | None = None

    def loaded(self) -> list[Loaded]:
        return [self.control, *(self.trial.others.values() if self.trial else ())]

    def only(self, quick_test_id: str) -> Served:
        """One of the versions by itself, as no part of an experiment. Raises NotServedError."""
        for loaded in self.loaded():
            if loaded.version.quick_test_id == quick_test_id:
                return Served(loaded)
        raise NotServedError(
            f"Quick test {quick_test_id!r} is not served: "
            f"{' and '.join(str(one.version) for one in self.loaded())} answers."
        )

    def predict(
        self, requests: Sequence[PredictionRequest], now: datetime
    ) -> tuple[Answers, list[Exposure | None]]:
        """Answers in the order of the requests, each by its customer's version."""
        if self.trial is None:
            return self.control.predictor.predict_many(requests), [None] * len(requests)
        exposures = [self._exposure(self.trial, one.customer_id, now) for one in requests]
        answers: dict[int, Prediction | InvalidError] = {}
        for number, loaded in {self._control_number: self.control, **self.trial.others}.items():
            places = [place for place, one in enumerate(exposures) if one.version == number]
            if places:
                found = loaded.predictor.predict_many([requests[place] for place in places])
                answers.update(zip(places, found, strict=True))
        return [answers[place] for place in range(len(requests))], list(exposures)

    @property
    def _control_number(self) -> int:
        assert self.trial is not None
        return self.trial.experiment.versions[0].version

    def _exposure(self, trial: Trial, customer_id: str | None, now: datetime) -> Exposure:
        version, assigned_by = trial.assign(customer_id)
        return Exposure(
            experiment_id=trial.experiment.id,
            version=version,
            assigned_by=assigned_by,
            customer_id=customer_id,
            time=now,
        )
