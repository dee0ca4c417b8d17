"""What a run is expected to take."""

from __future__ import annotations

from shared.models import StatusModel


class Range(StatusModel):
    """A likely value, with bounds between which it should lie four times in five."""

    low: float
    likely: float
    high: float


class RunSize(StatusModel):
    """What the duration of a run depends on, as far as it is known before.

    Attributes:
        dataset_rows: what the examples stage reads.
        rows: of the sample, held-out ones included.
        holdout_rows: of those, the ones to evaluate on.
        products: candidates that each held-out row is ranked against.
        features: parts of the two towers' inputs, crosses included.
        layer_parameters: of both towers and the rating head.
        embedding_parameters: of all embedding tables.
    """

    dataset_rows: int
    rows: int
    holdout_rows: int
    products: int
    features: int
    layer_parameters: int
    embedding_parameters: int
    batch_size: int
    epochs: int


class Estimate(StatusModel):
    """What a test was expected to take, before it was launched.

    Attributes:
        seconds: from the start of the job's process to its end.
        cost_usd: by the price table; None on a laptop, which costs nothing.
        basis: what it rests on, for people: "12 earlier runs on this system".
        size: what it was made for; None for a sweep, whose estimate is the sum of its tests'.
        bytes_read: of BigQuery, in the costs; None where reading costs nothing.
        stages: the likely seconds of each stage, by its name; empty where they are not told apart.
    """

    seconds: Range
    cost_usd: Range | None = None
    basis: str
    size: RunSize | None = None
    bytes_read: int | None = None
    stages: dict[str, float] = {}
