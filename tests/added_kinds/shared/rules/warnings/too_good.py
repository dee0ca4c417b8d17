"""Too good to be true."""

from __future__ import annotations

from collections.abc import Iterator

from shared.metrics import metric
from shared.problems import Problem
from shared.rules.warnings.base import Finished, ResultWarning


class TooGood(ResultWarning):
    name = "too_good"
    label = "Too good"
    help = "The right product comes first for more than half of the rows."
    remedy = "data"

    def check(self, finished: Finished) -> Iterator[Problem]:
        share = finished.results.metrics.get("first_place", 0.0)
        if share > 0.5:
            said = metric("first_place").said(share)
            yield self.problem(
                "status.results.metrics.first_place", f"{said} come first: look for a leak.", share
            )
