"""More epochs would help."""

from __future__ import annotations

from collections.abc import Iterator

from shared.jobs import asked_epochs
from shared.problems import Problem
from shared.rules.fixes import Fix, Tried, train_longer
from shared.rules.metrics import RANKED_BY
from shared.rules.warnings.base import Finished, ResultWarning
from shared.wording import percent

_STILL_FALLING = 0.01  # of the validation loss before, in the last epoch


class MoreEpochsWouldHelp(ResultWarning):
    """Training ended while the validation loss still fell. Of models that only rate: their
    loss is what they are measured by, while products are found no better for every lower loss, and
    a re-ranker makes up for towers that were trained for less."""

    name = "more_epochs_would_help"
    label = "More epochs would help"
    help = "Validation loss fell by more than 1% in the last epoch of a model that only rates."
    position = 135

    def check(self, finished: Finished) -> Iterator[Problem]:
        epochs = asked_epochs(finished.epochs)
        losses = [epoch.validation_loss for epoch in epochs if epoch.validation_loss is not None]
        if len(losses) < max(2, len(epochs)) or RANKED_BY in finished.results.metrics:
            return
        before, last = losses[-2:]
        if last == min(losses) and before - last > _STILL_FALLING * abs(before):
            fell = percent((before - last) / abs(before))
            yield self.problem(
                f"status.epochs[{len(epochs) - 1}].validation_loss",
                f"In the last epoch, {epochs[-1].epoch}, the validation loss still fell by "
                f"{fell}, from {before:.4f} to {last:.4f}: more epochs would help. Try "
                f"{2 * len(epochs)}, and early_stopping_patience ends them where it falls no "
                "longer.",
                last,
            )

    def fixes(self, problem: Problem, tried: Tried) -> Iterator[Fix]:
        yield from train_longer(tried)
