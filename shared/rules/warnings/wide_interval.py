"""Wide interval."""

from __future__ import annotations

from collections.abc import Iterator

from shared.metrics import metric as metric_of
from shared.problems import Problem
from shared.rules.fixes import Fix, Tried, sample_more
from shared.rules.metrics import main_metric
from shared.rules.warnings.base import Finished, ResultWarning

_WIDEST = 1.0  # of the metric itself


class WideInterval(ResultWarning):
    """A sample whose numbers say little, whatever they are."""

    name = "wide_interval"
    label = "Wide interval"
    help = "The 95% interval of the main metric is wider than the metric itself."
    position = 80

    def check(self, finished: Finished) -> Iterator[Problem]:
        results = finished.results
        name = main_metric(results.metrics)
        interval = results.intervals.get(name or "")
        if name is not None and interval is not None:
            metric, value = metric_of(name), results.metrics[name]
            if interval.high - interval.low > _WIDEST * abs(value):
                yield self.problem(
                    f"status.results.intervals.{name}",
                    f"{metric.label} is {metric.said(value)}, but may be anything from "
                    f"{metric.said(interval.low)} to {metric.said(interval.high)}: the interval is "
                    "wider than the metric. Raise data_sample_percent before you conclude "
                    "anything.",
                    interval.model_dump(),
                )

    def fixes(self, problem: Problem, tried: Tried) -> Iterator[Fix]:
        yield from sample_more(tried)
