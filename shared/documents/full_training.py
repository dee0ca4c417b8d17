"""How the model of a completed quick test is trained on all of the data."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SkipValidation

from shared.documents.base import Name
from shared.documents.settings import (
    BatchSize,
    Epochs,
    LearningRate,
    ModelName,
    PatienceOverride,
    SamplePercent,
    TrainingSeed,
    WarmStartWanted,
)


class FullTraining(BaseModel):
    """What differs from the quick test; null leaves its value.

    Attributes:
        name: by default the quick test's, with "(full training)".
        model_name: the registered model that it becomes a version of.
        warm_start: begin with the weights of that model's version in production; of its latest one
            where none is.
        rule_set_id: the rule set that it is measured under; "" measures it under none.
    """

    model_config = ConfigDict(extra="forbid")

    name: SkipValidation[Name | None] = None
    epochs: SkipValidation[Epochs] = 20
    early_stopping_patience: SkipValidation[PatienceOverride | None] = 2
    data_sample_percent: SkipValidation[SamplePercent] = 100.0
    batch_size_override: SkipValidation[BatchSize | None] = None
    learning_rate_override: SkipValidation[LearningRate | None] = None
    training_seed: SkipValidation[TrainingSeed | None] = None
    model_name: SkipValidation[ModelName | None] = None
    warm_start: SkipValidation[WarmStartWanted] = False
    rule_set_id: SkipValidation[Annotated[str, Field(max_length=200)] | None] = None
    runner: SkipValidation[Literal["direct", "tfx"] | None] = None
