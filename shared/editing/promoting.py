"""Bringing a version of a registered model into production, and going back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from shared.documents.base import Collection
from shared.documents.registered_model import PromotionVerdict, RegisteredModel
from shared.editing.conflicts import LockedError
from shared.editing.reading import get
from shared.editing.writing import update
from shared.ports import Ports
from shared.problems import InvalidError, Problem, errors
from shared.services.pointers import catch_up
from shared.services.promoting import judge_wish
from shared.services.store import REGISTERED_MODEL, number


@dataclass(frozen=True)
class Promoted:
    """Attributes:
    model: with the wish; its aliases follow within moments.
    """

    model: RegisteredModel
    verdict: PromotionVerdict


def promote(
    ports: Ports, model_id: str, version: Any, reason: Any = None, *, changed_by: str | None = None
) -> Promoted:
    """Wishes for a version in production, where that may be.

    What is in production already is wished for all the same where another wish is pending or was
    refused, which is taken back by it. An experiment ends where its control leaves production.

    Raises:
        NotFoundError: no such model.
        InvalidError: no such version, its model is deleted, or a reason is needed and not given.
    """
    asked_at = ports.clock.now().isoformat()
    stored = numbered_model(model_id, ports)
    running = stored.status.experiment
    goes_on = running is not None and running.control == version
    spec = {
        "production": {"version": version, "reason": reason, "asked_at": asked_at},
        "experiment": stored.data()["spec"]["experiment"] if goes_on else None,
    }
    wished = REGISTERED_MODEL.parse(model_id, {"name": stored.name, "spec": spec})
    judged = judge_wish(wished.model_copy(update={"status": stored.status}), ports)
    if faults := errors(judged.problems):
        raise InvalidError(faults)
    verdict = judged.verdict
    assert verdict is not None, "there is such a version"
    granted = stored.spec.production if stored.status.validated(stored.revision) else None
    if verdict.standing != "unchanged" or granted is None or granted.version != version:
        update(ports, Collection.REGISTERED_MODELS, model_id, changed_by=changed_by, spec=spec)
    model = get(ports, Collection.REGISTERED_MODELS, model_id)
    assert isinstance(model, RegisteredModel)
    return Promoted(model, verdict)


def roll_back(
    ports: Ports, model_id: str, reason: Any = None, *, changed_by: str | None = None
) -> Promoted:
    """Wishes for the version that was in production before.

    Raises:
        NotFoundError, InvalidError: as `promote`, and where there was none before, or the present
            one was gone back to itself.
        LockedError: a wish is still pending.
    """
    stored = numbered_model(model_id, ports)
    wish, aliases = stored.spec.production, stored.status.aliases
    if wish is not None and stored.status.validation.revision != stored.revision:
        raise LockedError(
            f"Version {wish.version} of {stored.name!r} is just being brought into production. "
            "Roll back once it is there, or promote another version in its place."
        )
    if aliases.production is None or aliases.previous is None:
        message = f"No version of {stored.name!r} was in production before the present one."
        raise _nothing_before(message)
    if stored.status.gone_back:
        now, before = aliases.production.version, aliases.previous.version
        raise _nothing_before(
            f"Version {now} of {stored.name!r} was rolled back to, from version {before}. "
            f"Promote version {before} to bring that back, or another one."
        )
    return promote(ports, model_id, aliases.previous.version, reason, changed_by=changed_by)


def numbered_model(model_id: str, ports: Ports) -> RegisteredModel:
    """The model; a wish that a script has written has a revision of its own by then, and what its
    status has lost is there again."""
    catch_up(model_id, ports)
    number(Collection.REGISTERED_MODELS, model_id, ports)
    return REGISTERED_MODEL.load(model_id, ports)


def _nothing_before(message: str) -> InvalidError:
    return InvalidError(
        [Problem(path="spec.production.version", code="nothing_before", message=message)]
    )
