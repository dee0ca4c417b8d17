"""Exploding loss."""

from __future__ import annotations

from collections.abc import Iterator

from shared.jobs import EpochProgress, asked_epochs
from shared.problems import Problem
from shared.rules.fixes import Fix, Tried, train_slower
from shared.rules.warnings.base import Finished, ResultWarning

_EXPLODED = 2.0  # times the lowest loss so far


class ExplodingLoss(ResultWarning):
    """A loss that jumps, short of becoming no number, which fails the job."""

    name = "exploding_loss"
    label = "Exploding loss"
    help = "The loss rose to more than twice its lowest value."
    position = 120

    def check(self, finished: Finished) -> Iterator[Problem]:
        lowest: EpochProgress | None = None
        for number, epoch in enumerate(asked_epochs(finished.epochs)):
            if lowest is not None and lowest.loss > 0 and epoch.loss > _EXPLODED * lowest.loss:
                yield self.problem(
                    f"status.epochs[{number}].loss",
                    f"The loss rose from {lowest.loss:.4g} in epoch {lowest.epoch} to "
                    f"{epoch.loss:.4g} in epoch {epoch.epoch}: training is unstable, and the model "
                    "is worse than it was. Lower the learning rate (learning_rate_override).",
                    epoch.loss,
                )
                return
            if lowest is None or epoch.loss < lowest.loss:
                lowest = epoch

    def fixes(self, problem: Problem, tried: Tried) -> Iterator[Fix]:
        yield from train_slower(tried)
