"""Which version of a registered model is in production, and which others answer beside it in an
experiment: judged, made so, and told to servers.

The wish is the user's, in the spec; aliases and the audit list follow it, in one transaction that
holds only while what was judged by is still in production. The file that servers read is written
after that, by whoever comes to it, until it says what the document says.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from pydantic import ValidationError

from shared.documents.base import Collection, ValidationState, read_status
from shared.documents.registered_model import (
    MOST_AUDITED,
    Aliases,
    ProductionWish,
    Promotion,
    PromotionVerdict,
    RegisteredModel,
    RegisteredModelStatus,
    RegisteredVersion,
)
from shared.errors import ConflictError, NotFoundError
from shared.jobs import MODEL_FILE
from shared.ports import Ports, Snapshot, Transaction
from shared.problems import Problem
from shared.registry import pointer_key
from shared.rules.promotion import Contender, check_reason, judge_promotion
from shared.services.deletion_marks import lasts, mark_path
from shared.services.document_kind import find, is_current, version_path
from shared.services.online_experiments import deleted, follow, judge_experiment, to_begin
from shared.services.pointers import catch_up, write_pointer
from shared.services.quick_tests import status_of
from shared.services.registering import read_version
from shared.services.registering import version_path as registered_version_path
from shared.services.replicates import read_champion, read_replicates
from shared.services.store import REGISTERED_MODEL, status_update
from shared.services.verdicts import Verdict, record

_ATTEMPTS = 5


@dataclass(frozen=True)
class JudgedWish:
    """Attributes:
    verdict: None where there is no wish, or no such version that could be judged.
    challenger: the version that is wished for.
    experiment: the versions of the experiment that is to begin, the control first.
    beside: number of the version in production that it was judged by; None where none is.
    """

    problems: list[Problem] = field(default_factory=list)
    verdict: PromotionVerdict | None = None
    challenger: RegisteredVersion | None = None
    experiment: list[RegisteredVersion] = field(default_factory=list)
    beside: int | None = None


def judge_wish(model: RegisteredModel, ports: Ports) -> JudgedWish:
    """What is to be said of a model's wishes beside its status; nothing is changed."""
    judged = _judge_production(model, ports)
    wish = to_begin(model)
    if wish is None or model.status.aliases_lost:
        return judged
    granted = judged.challenger is not None and not judged.problems
    versions, problems = judge_experiment(
        wish,
        model.name,
        judged.challenger.version if judged.challenger and granted else judged.beside,
        lambda number: read_version(model.id, number, ports),
        lambda version: _has_model(version, ports),
    )
    return replace(judged, problems=[*judged.problems, *problems], experiment=versions)


def _judge_production(model: RegisteredModel, ports: Ports) -> JudgedWish:
    wish, aliases = model.spec.production, model.status.aliases
    number = aliases.production.version if aliases.production else None
    if wish is None:
        return JudgedWish(beside=number)
    if model.status.aliases_lost:
        return JudgedWish([_lost(model)])
    challenger = read_version(model.id, wish.version, ports)
    if challenger is None:
        return JudgedWish([_unknown(model, wish)], beside=number)
    verdict = judge_promotion(
        _contender(challenger, ports),
        _champion(aliases.production, challenger, ports) if aliases.production else None,
        _to_go_back_to(model.status),
    )
    problems = list(check_reason(verdict, wish.reason))
    gone = challenger.model_deleted_at is not None or not _has_model(challenger, ports)
    if verdict.standing != "unchanged" and gone:
        problems = [_gone(challenger, "was deleted")]
    return JudgedWish(problems, verdict, challenger, beside=number)


def _to_go_back_to(status: RegisteredModelStatus) -> int | None:
    """The version that the present one was promoted over."""
    last = status.promotion
    return last.from_version if last is not None and not status.gone_back else None


def promote_wished(model: RegisteredModel, revision: int, ports: Ports) -> None:
    """Judges the wishes of a revision, writes the verdict on the document, and has the aliases, the
    experiment and the pointer follow. Raises ConflictError where others promote all the while."""
    catch_up(model.id, ports)
    for _ in range(_ATTEMPTS):
        judged = judge_wish(model, ports)
        if _written(model, revision, judged, ports):
            write_pointer(model.id, ports)
            return
        model = REGISTERED_MODEL.load(model.id, ports)
    raise ConflictError(f"Others promote versions of {model.id!r} at the same time.")


def _written(model: RegisteredModel, revision: int, judged: JudgedWish, ports: Ports) -> bool:
    """False where another version has come into production since the wishes were judged."""
    path = REGISTERED_MODEL.collection.path(model.id)
    now = ports.clock.now()

    def change(transaction: Transaction) -> bool:
        snapshot = transaction.get(path)
        if snapshot is None:
            return True
        status = read_status(RegisteredModelStatus, snapshot.data)
        if not is_current(snapshot.data, status, revision):
            return True
        standing = status.aliases.production
        if judged.beside != (standing and standing.version):
            return False
        before = status.model_dump(mode="json")
        problems = judged.problems
        if judged.challenger is not None:
            problems = problems or _about_to_go(model.id, judged.challenger, transaction, ports)
        for place, version in enumerate(judged.experiment):
            gone = _about_to_go(model.id, version, transaction, ports)
            problems = problems or ([deleted(version, place)] if gone else [])
        record(status, Verdict(problems), revision, now)
        if status.validation.state is ValidationState.VALID:
            written = transaction.get(version_path(path, revision))
            by = written.data.get("created_by") if written else None
            by = by if isinstance(by, str) else None
            _move(status, judged, snapshot, by, ports)
            if follow(status, model, judged.experiment, by, now):
                _tell_servers(status)
        if status.model_dump(mode="json") != before:
            transaction.update(path, status_update(REGISTERED_MODEL, snapshot, before, status))
        return True

    return ports.documents.transact(change)


def _move(
    status: RegisteredModelStatus,
    judged: JudgedWish,
    snapshot: Snapshot,
    by: str | None,
    ports: Ports,
) -> None:
    """Has the aliases follow a wish that is granted."""
    verdict, challenger = judged.verdict, judged.challenger
    if verdict is None or challenger is None or verdict.standing == "unchanged":
        return
    wish = _wish(snapshot)
    line = Promotion(
        at=ports.clock.now(),
        by=by,
        from_version=judged.beside,
        to_version=challenger.version,
        reason=wish.reason if wish else None,
        verdict=verdict,
    )
    status.audit = [line, *status.audit][:MOST_AUDITED]
    status.aliases = Aliases(production=challenger, previous=status.aliases.production)
    _tell_servers(status)


def _tell_servers(status: RegisteredModelStatus) -> None:
    status.pointer_revision += 1
    status.pointer_due = True


def _wish(snapshot: Snapshot) -> ProductionWish | None:
    try:
        return ProductionWish.model_validate(snapshot.data["spec"]["production"])
    except (ValidationError, KeyError, TypeError):
        return None


def _contender(version: RegisteredVersion, ports: Ports) -> Contender:
    snapshot = find(Collection.QUICK_TESTS, version.quick_test_id, ports)
    if snapshot is None:
        return Contender(version.version, None)
    status = status_of(snapshot, ports)
    return Contender(version.version, status, read_replicates(status, ports))


def _champion(version: RegisteredVersion, challenger: RegisteredVersion, ports: Ports) -> Contender:
    """The version in production: by what the challenger's job found it to be worth over the
    challenger's own rows, if that was measured, else by what its own job found."""
    own = _contender(version, ports)
    snapshot = find(Collection.QUICK_TESTS, challenger.quick_test_id, ports)
    status = status_of(snapshot, ports) if snapshot is not None else None
    again = read_champion(status, ports) if status is not None else None
    if status is None or again is None or again.quick_test_id != version.quick_test_id:
        return own
    if again.report is None:
        return replace(own, problem=again.problem)
    measured = status.model_copy(update={"results": again.report})
    return Contender(version.version, measured, again.replicates, measured_again=True)


def _has_model(version: RegisteredVersion, ports: Ports) -> bool:
    uri = f"{version.artifacts_uri}/{MODEL_FILE}"
    try:
        return ports.artifacts.exists(uri)
    except NotFoundError:
        return False


def _about_to_go(
    model_id: str, version: RegisteredVersion, transaction: Transaction, ports: Ports
) -> list[Problem]:
    """A problem where the version's test is gone, or somebody is deleting it."""
    if transaction.get(Collection.QUICK_TESTS.path(version.quick_test_id)) is None:
        return [_gone(version, "was deleted")]
    noted = transaction.get(registered_version_path(model_id, version.version))
    mark = transaction.get(mark_path(Collection.QUICK_TESTS, version.quick_test_id))
    noted_as_deleted = noted is None or noted.data.get("model_deleted_at") is not None
    if noted_as_deleted or (mark is not None and lasts(mark, ports.clock.now())):
        return [_gone(version, "is being deleted")]
    return []


def _lost(model: RegisteredModel) -> Problem:
    return Problem(
        path="status.aliases",
        code="aliases_lost",
        message=f"Which version of {model.name!r} is in production can be read neither from its "
        f"document nor from {pointer_key(model.id)} in the store of artifacts. Restore one.",
    )


def _unknown(model: RegisteredModel, wish: ProductionWish) -> Problem:
    there = model.status.versions
    instead = f"Give one of 1 to {there}." if there > 1 else "It has version 1 only."
    return Problem(
        path="spec.production.version",
        code="unknown_version",
        message=f"{model.name!r} has no version {wish.version}. {instead}",
        received=wish.version,
    )


def _gone(version: RegisteredVersion, what: str) -> Problem:
    return Problem(
        path="spec.production.version",
        code="model_deleted",
        message=f"The model of version {version.version} {what}, with full training "
        f"{version.quick_test_id!r}. Promote another version, or train it again.",
        received=version.version,
    )
