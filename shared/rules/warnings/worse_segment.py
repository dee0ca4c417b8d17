"""A segment that is worse."""

from __future__ import annotations

from collections.abc import Iterator

from shared.baselines import baseline as baseline_of
from shared.metrics import metric as metric_of
from shared.problems import Problem
from shared.rules.fixes import Fix, Tried, add_history, describe_products, sample_more
from shared.rules.segments import hidden_losses
from shared.rules.verdict import telling_metrics
from shared.rules.warnings.base import Finished, ResultWarning
from shared.wording import plural


class WorseSegment(ResultWarning):
    """Better than a baseline over all rows, and clearly worse than it in some of them."""

    name = "worse_segment"
    label = "Worse for some"
    help = (
        "Better than a baseline over all rows, but clearly worse than it for some customers or "
        "products."
    )
    remedy = "features"
    position = 35

    def check(self, finished: Finished) -> Iterator[Problem]:
        results, report = finished.results, finished.segments
        if report is None:
            return
        for name in telling_metrics(results):
            metric = metric_of(name)
            for loss in hidden_losses(results, report, name):
                segment, doing = loss.segment, baseline_of(loss.baseline).doing
                value, plain = segment.metrics[name], segment.baselines[loss.baseline][name]
                rule = f", {segment.rule}" if segment.rule else ""
                yield self.problem(
                    f"segments.{loss.name.replace('/', '.')}",
                    f"Over all rows the model is clearly better than {doing}, but for "
                    f"{segment.phrase} it is clearly worse: {metric.label} {metric.said(value)} "
                    f"against {metric.said(plain)} ({plural(segment.rows, 'row')} of "
                    f"{plural(segment.customers, 'customer')}{rule}).",
                    value,
                )

    def fixes(self, problem: Problem, tried: Tried) -> Iterator[Fix]:
        """Products that few buy are learned by what they share with others, customers by what they
        bought; of new customers, neither tells anything, but more of them are in a larger sample.
        """
        split, _, segment = problem.path.removeprefix("segments.").partition(".")
        if split == "products":
            yield from describe_products(tried)
        elif segment != "new":
            yield from add_history(tried)
        yield from sample_more(tried)
