"""What was measured of a model and of its baselines, with how sure it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from shared.arrays import Reals
from shared.jobs import Interval
from shared.statistics import Measured
from trainer_image.evaluation.resampling import interval, replicates, rounded

_MODEL = ""


@dataclass(frozen=True)
class Summary:
    """The fields of MetricsReport and Replicates that go by these names."""

    metrics: dict[str, float]
    intervals: dict[str, Interval]
    baselines: dict[str, dict[str, float]]
    differences: dict[str, dict[str, Interval]]
    replicates: dict[str, list[float]]


def summarize(model: Measured, baselines: Mapping[str, Measured], customers: int) -> Summary:
    """Args: baselines: by name; over the same rows as the model."""
    sources = {_MODEL: model, **baselines}
    drawn = replicates(
        {
            (source, name): metric
            for source, measured in sources.items()
            for name, metric in measured.items()
            if not isinstance(metric, float)
        },
        customers,
    )
    of_model = {name: values for (source, name), values in drawn.items() if source == _MODEL}
    differences = {}
    for source, measured in baselines.items():
        known: dict[str, Reals | float] = {
            name: one for name, one in measured.items() if isinstance(one, float)
        }
        known |= {name: values for (of, name), values in drawn.items() if of == source}
        differences[source] = {
            name: interval(values - known[name])
            for name, values in of_model.items()
            if name in known
        }
    return Summary(
        metrics=_values(model),
        intervals={name: interval(values) for name, values in of_model.items()},
        baselines={name: _values(measured) for name, measured in baselines.items()},
        differences={name: found for name, found in differences.items() if found},
        replicates={
            name: [rounded(value) for value in values] for name, values in of_model.items()
        },
    )


def _values(measured: Measured) -> dict[str, float]:
    return {
        name: metric if isinstance(metric, float) else metric.value
        for name, metric in measured.items()
    }
