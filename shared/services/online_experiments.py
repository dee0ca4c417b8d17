"""Which experiment of a registered model runs: judged, begun and ended.

The wish is the user's, in the spec; the status follows it in the transaction that has the aliases
follow theirs. The control is the version in production, so that an experiment ends where its
control leaves production: whoever rolls back in haste need not think of the experiment.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Literal

from shared.documents.online_experiment import (
    MOST_ENDED,
    Experiment,
    ExperimentVersion,
    ExperimentWish,
    experiment_id,
)
from shared.documents.registered_model import (
    RegisteredModel,
    RegisteredModelStatus,
    RegisteredVersion,
)
from shared.online.assignment import BUCKETS, share_is_exact, sum_to_all
from shared.problems import Problem
from shared.wording import percentage

_PATH = "spec.experiment.versions"
Read = Callable[[int], RegisteredVersion | None]


def to_begin(model: RegisteredModel) -> ExperimentWish | None:
    """The experiment that a model's spec wishes for and that has not begun; None where there is
    none, or it runs or has ended."""
    wish, status = model.spec.experiment, model.status
    if wish is None:
        return None
    begun = [status.experiment, *status.ended_experiments]
    wanted = experiment_id(model.id, wish)
    return None if any(one is not None and one.id == wanted for one in begun) else wish


def judge_experiment(
    wish: ExperimentWish,
    name: str,
    production: int | None,
    read: Read,
    is_there: Callable[[RegisteredVersion], bool],
) -> tuple[list[RegisteredVersion], list[Problem]]:
    """The versions of an experiment that is to begin, and what is wrong with it.

    Args:
        name: of the model.
        production: the version that is, or is about to be, in production.
        read: a version of the model by its number; None where there is none.
        is_there: whether a version's model can be loaded.
    """
    numbers = [one.version for one in wish.versions]
    problems = _shares(wish)
    found = []
    for place, number in enumerate(numbers):
        path = f"{_PATH}[{place}].version"
        version = read(number)
        if number in numbers[:place]:
            message = f"Version {number} is given twice. Give each version once, with its share."
            problems.append(_problem(path, "same_version", message, number))
        elif version is None:
            message = f"{name!r} has no version {number}."
            problems.append(_problem(path, "unknown_version", message, number))
        elif version.model_deleted_at is not None or not is_there(version):
            problems.append(deleted(version, place))
        else:
            found.append(version)
    if production is None:
        message = f"No version of {name!r} is in production yet. Promote the control first."
        problems.append(_problem(f"{_PATH}[0].version", "no_production", message, numbers[0]))
    elif numbers[0] != production:
        message = (
            f"The first version is the control, and has to be the one in production: "
            f"version {production}."
        )
        problems.append(_problem(f"{_PATH}[0].version", "control_not_served", message, numbers[0]))
    return found, problems


def deleted(version: RegisteredVersion, place: int) -> Problem:
    """A version of an experiment whose model is gone."""
    message = (
        f"The model of version {version.version} was deleted, with full training "
        f"{version.quick_test_id!r}. Give another version."
    )
    return _problem(f"{_PATH}[{place}].version", "model_deleted", message, version.version)


def follow(
    status: RegisteredModelStatus,
    model: RegisteredModel,
    versions: Sequence[RegisteredVersion],
    by: str | None,
    now: datetime,
) -> bool:
    """Has a status, whose aliases have followed already, follow the wish for an experiment.

    Args:
        model: whose spec was found right.
        versions: of the experiment that is to begin; none where none is.
        by: who wrote the spec.

    Returns:
        Whether anything is different.
    """
    wish, running = model.spec.experiment, status.experiment
    production = status.aliases.production
    before = running and running.id
    if running is not None and (production is None or production.version != running.control):
        _end(status, running, "promotion", by, now)
    elif running is not None and versions:
        _end(status, running, "replaced", by, now)
    elif running is not None and wish is None:
        _end(status, running, "asked", by, now)
    if wish is not None and versions:
        begun = experiment_id(model.id, wish)
        status.experiment = Experiment(
            id=begun,
            versions=[
                ExperimentVersion(
                    version=version.version,
                    share_percent=share.share_percent,
                    quick_test_id=version.quick_test_id,
                )
                for share, version in zip(wish.versions, versions, strict=True)
            ],
            salt=wish.salt or begun,
            began_at=now,
            began_by=by,
        )
    return before != (status.experiment and status.experiment.id)


def _end(
    status: RegisteredModelStatus,
    running: Experiment,
    because: Literal["asked", "promotion", "replaced"],
    by: str | None,
    now: datetime,
) -> None:
    ended = running.model_copy(update={"ended_at": now, "ended_by": by, "ended_because": because})
    status.experiment = None
    status.ended_experiments = [ended, *status.ended_experiments][:MOST_ENDED]


def _shares(wish: ExperimentWish) -> list[Problem]:
    shares = [one.share_percent for one in wish.versions]
    step = percentage(100 / BUCKETS)
    problems = [
        _problem(
            f"{_PATH}[{place}].share_percent",
            "share_too_fine",
            f"Shares are told in steps of {step}.",
            share,
        )
        for place, share in enumerate(shares)
        if not share_is_exact(share)
    ]
    if not problems and not sum_to_all(shares):
        message = (
            f"The shares have to sum to 100%. {' + '.join(map(percentage, shares))} is "
            f"{percentage(round(sum(shares), 2))}."
        )
        problems.append(_problem(_PATH, "shares_do_not_sum", message, shares))
    return problems


def _problem(path: str, code: str, message: str, received: object) -> Problem:
    return Problem(path=path, code=code, message=message, received=received)
