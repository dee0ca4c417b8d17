"""Low coverage."""

from __future__ import annotations

from collections.abc import Iterator

from shared.problems import Problem
from shared.rules.fixes import Fix, Tried, cooler, model
from shared.rules.warnings.base import Finished, ResultWarning

_LEAST_COVERAGE = 0.1  # of what so many customers' top tens could cover


class LowCoverage(ResultWarning):
    """Few products are ever recommended, measured by how many could be."""

    name = "low_coverage"
    label = "Low coverage"
    help = "Few products are in any list, of those that so many lists could hold."
    remedy = "model"
    position = 60

    def check(self, finished: Finished) -> Iterator[Problem]:
        protocol = finished.results.protocol
        share = finished.results.metrics.get("coverage_at_10")
        if share is None or not protocol.candidates:
            return
        reachable = min(1.0, 10 * protocol.holdout_customers / protocol.candidates)
        if share < _LEAST_COVERAGE * reachable:
            shown = round(share * protocol.candidates)
            yield self.problem(
                "status.results.metrics.coverage_at_10",
                f"Only {shown:,} of {protocol.candidates:,} products are in anybody's top ten, "
                f"where {protocol.holdout_customers:,} customers could show "
                f"{round(reachable * protocol.candidates):,}: the rest is never seen. Turn on "
                "logq_correction, give the product tower more attributes, or lower the "
                "temperature.",
                share,
            )

    def fixes(self, problem: Problem, tried: Tried) -> Iterator[Fix]:
        if not tried.model.logq_correction:
            yield from model(tried, "Turn on the logQ correction", logq_correction=True)
        yield from cooler(tried)
