"""Few held-out customers."""

from __future__ import annotations

from collections.abc import Iterator

from shared.problems import Problem
from shared.rules.fixes import Fix, Tried, hold_out_more, sample_more
from shared.rules.warnings.base import Finished, ResultWarning

_FEW_CUSTOMERS = 50


class FewHeldOutCustomers(ResultWarning):
    """A sample whose numbers say little, whatever they are."""

    name = "few_held_out_customers"
    label = "Few held-out customers"
    help = "Fewer than 50 customers are held out."
    position = 70

    def check(self, finished: Finished) -> Iterator[Problem]:
        protocol = finished.results.protocol
        if protocol.holdout_customers < _FEW_CUSTOMERS:
            yield self.problem(
                "status.results.protocol.holdout_customers",
                f"The metrics come from {protocol.holdout_customers:,} held-out customers, of at "
                f"least {_FEW_CUSTOMERS} that an interval needs to mean anything. Raise "
                "data_sample_percent, or hold out more (split.holdout_percent).",
                protocol.holdout_customers,
            )

    def fixes(self, problem: Problem, tried: Tried) -> Iterator[Fix]:
        yield from sample_more(tried)
        yield from hold_out_more(tried)
