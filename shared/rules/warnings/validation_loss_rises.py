"""Validation loss rises."""

from __future__ import annotations

from collections.abc import Iterator

from shared.problems import Problem
from shared.rules.fixes import Fix, Tried, train
from shared.rules.warnings.base import Finished, ResultWarning
from shared.wording import plural

_RISEN = 0.01  # of the lowest validation loss


class ValidationLossRises(ResultWarning):
    """The validation loss has a lowest point, and training went on after it."""

    name = "validation_loss_rises"
    label = "Validation loss rises"
    help = "The validation loss has a lowest point, and training went on after it."
    position = 130

    def check(self, finished: Finished) -> Iterator[Problem]:
        held_out = [
            (number, epoch, epoch.validation_loss)
            for number, epoch in enumerate(finished.epochs)
            if epoch.validation_loss is not None
        ]
        if len(held_out) < 2 or finished.keeps_best:
            return
        number, best, lowest = min(held_out, key=lambda item: item[2])
        _, last, now = held_out[-1]
        if now - lowest > _RISEN * abs(lowest):
            yield self.problem(
                f"status.epochs[{number}].validation_loss",
                f"The validation loss has risen since epoch {best.epoch}, from {lowest:.4f} "
                f"to {now:.4f} in epoch {last.epoch}: the model overfits. "
                f"Train {plural(best.epoch, 'epoch')}, set early_stopping_patience, or add "
                "dropout.",
                lowest,
            )

    def fixes(self, problem: Problem, tried: Tried) -> Iterator[Fix]:
        losses = [
            (epoch.validation_loss, epoch.epoch)
            for epoch in tried.test.status.epochs
            if epoch.validation_loss is not None
        ]
        if losses:
            yield from train(tried, min(losses)[1])
