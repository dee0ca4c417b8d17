"""Settings that several documents have: their bounds, names and help, once for all of them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

LearningRate = Annotated[
    float,
    Field(
        gt=0,
        le=10,
        title="Learning rate",
        description="Size of a training step. Too large, and training diverges; too small, and it "
        "has not converged when it ends.",
        examples=[0.0005, 0.001, 0.002, 0.01, 0.05, 0.1],
        json_schema_extra={"x-step": 0.001},
    ),
]
BatchSize = Annotated[
    int,
    Field(
        ge=2,
        le=65536,
        title="Batch size",
        description="Purchases per training step, and how many products each is held against "
        "(in-batch negatives). On samples of some 100,000 rows, 512 learns far more than 4,096. "
        "Large batches are faster and need more memory.",
        examples=[128, 256, 512, 1024, 4096],
    ),
]
Epochs = Annotated[
    int,
    Field(
        ge=1,
        le=100,
        title="Epochs",
        description="Passes over the training data.",
        examples=[1, 2, 3],
    ),
]
_STOPS_EARLY = "Stop after so many epochs without a lower validation loss, and keep the best one's"
Patience = Annotated[
    int,
    Field(
        ge=1,
        le=50,
        title="Early stopping",
        description=f"{_STOPS_EARLY} weights. Acts in tests of at least 3 epochs.",
        json_schema_extra={
            "x-options": [
                {
                    "value": None,
                    "label": "Never",
                    "help": "Trains all epochs, and keeps the last one's weights.",
                },
                *(
                    {
                        "value": patience,
                        "label": f"After {patience}",
                        "help": f"{patience} epochs in a row without a lower validation loss.",
                    }
                    for patience in (2, 3, 5)
                ),
            ]
        },
    ),
]
PatienceOverride = Annotated[
    int,
    Field(
        ge=0,
        le=50,
        title="Early stopping",
        description=f"{_STOPS_EARLY} weights; 0 trains all epochs.",
    ),
]
SamplePercent = Annotated[float, Field(gt=0, le=100, title="Sample", examples=[5, 10, 25, 100])]
TrainedPercent = Annotated[
    float,
    Field(
        gt=0,
        le=100,
        title="Customers trained on",
        description="Per cent of the sample's customers whose purchases are trained on. Which rows "
        "are held out, and which products can be recommended, does not depend on it. For learning "
        "curves.",
    ),
]
JudgedPercent = Annotated[
    float,
    Field(
        gt=0,
        le=100,
        title="Customers judged by",
        description="Per cent of the sample's customers whose held-out purchases are looked at: "
        "those that are trained on first. For learning curves.",
    ),
]
SampleBy = Annotated[
    Literal["customer", "row"],
    Field(
        title="Sample by",
        json_schema_extra={
            "x-options": [
                {
                    "value": "customer",
                    "label": "Customers",
                    "help": "Of the customers, each with all their purchases.",
                },
                {
                    "value": "row",
                    "label": "Single purchases",
                    "help": "Of the purchases, whoever made them.",
                },
            ]
        },
    ),
]
Seed = Annotated[
    int,
    Field(
        ge=0,
        le=2**31 - 1,
        title="Seed",
        description="Of the sample and the split. Tests with different seeds cannot be compared.",
    ),
]
TrainingSeed = Annotated[
    int,
    Field(
        ge=0,
        le=2**31 - 1,
        title="Training seed",
        description="Of initial weights, shuffling and dropout. Try several to see how much is "
        "chance.",
    ),
]
WarmStartWanted = Annotated[
    bool,
    Field(
        title="Begin with the last weights",
        description="The training goes on from the weights of the version in production (of the "
        "latest one where none is) in place of random ones: products and customers that it knew "
        "keep what was learned of them, new ones begin afresh. It mostly takes fewer epochs.",
    ),
]
ModelName = Annotated[
    str,
    Field(
        min_length=1,
        max_length=255,
        title="Registered as a version of",
        description="The name of the model that a full training becomes a version of. By default "
        "that of a model with a version of the same configs, else the dataset's name.",
    ),
]
