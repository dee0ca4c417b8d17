"""How the learning curves of a completed quick test are made."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from shared.documents.base import Name
from shared.documents.settings import Epochs, SamplePercent, TrainedPercent


class LearningCurve(BaseModel):
    """Attributes:
    name: by default the quick test's.
    shares: of the customers, in per cent, trained on with the test's epochs; all of them are
        always among these. Null: 5, 10, 25, 50 and 100, without those of fewer than 100 customers.
        Empty: no curve by customers.
    epochs: with all customers; the test's own are always among them. Null: half, twice and four
        times as many. Empty: no curve by epochs.
    data_sample_percent: of the data's customers, of whom the shares are.
    in_flight, budget_minutes, budget_usd: as of a sweep.
    """

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    shares: Annotated[list[TrainedPercent], Field(max_length=10)] | None = None
    epochs: Annotated[list[Epochs], Field(max_length=10)] | None = None
    data_sample_percent: SamplePercent = 100.0
    in_flight: int = Field(default=2, ge=1, le=10)
    budget_minutes: float | None = Field(default=None, gt=0, le=100_000)
    budget_usd: float | None = Field(default=None, gt=0, le=100_000)
