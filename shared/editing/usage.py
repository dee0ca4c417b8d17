"""What keeps a document from being deleted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from shared.documents.base import Collection, read_status
from shared.documents.references import REFERENCES, SWEPT
from shared.documents.registered_model import RegisteredModelStatus
from shared.documents.series import SeriesStatus, SweepState
from shared.editing.remains import REMAINS
from shared.errors import NotFoundError
from shared.ports import Filter, Ports, Snapshot
from shared.problems import InvalidError
from shared.registry import Alias
from shared.services.document_kind import find
from shared.services.registering import registration_of
from shared.services.store import KINDS
from shared.wording import first_of

_SHOWN = 20
CANCEL_FIRST = "Cancel it first."


class User(BaseModel):
    """A document that names another."""

    collection: Collection
    id: str
    name: str


class Usage(BaseModel):
    """Whether a document could be deleted now.

    Attributes:
        reason: why not, in words; null where it could be.
        advice: what can be done about it; null where it could be.
        users: those that name it, the first 20.
        total: how many there are.
        removes: what would go with it.
    """

    deletable: bool
    reason: str | None
    advice: str | None
    users: list[User]
    total: int
    removes: list[str] = []


def usage(ports: Ports, collection: Collection, document_id: str) -> Usage:
    """Raises NotFoundError."""
    snapshot = find(collection, document_id, ports)
    if snapshot is None:
        raise NotFoundError(collection.noun, document_id)
    users = users_of(ports, collection, document_id)
    advice = _advice(collection, users) if users else CANCEL_FIRST
    reason = in_use(collection, document_id, users) or locked(
        collection, document_id, snapshot.data, CANCEL_FIRST, but_ended=True
    )
    return Usage(
        deletable=reason is None,
        reason=reason,
        advice=None if reason is None else advice,
        users=users[:_SHOWN],
        total=len(users),
        removes=REMAINS if collection is Collection.QUICK_TESTS else [],
    )


def users_of(ports: Ports, collection: Collection, document_id: str) -> list[User]:
    return [
        User(collection=Collection(found.path.split("/")[0]), id=found.id, name=_name(found))
        for found in (
            *_referring(ports, collection, document_id),
            *_sweeping(ports, collection, document_id),
            *_serving(ports, collection, document_id),
        )
    ]


def in_use(collection: Collection, document_id: str, users: list[User]) -> str | None:
    """Why a document that these name has to stay."""
    if not users:
        return None
    said = [f"{user.collection.noun} {user.name!r} ({user.id})" for user in users]
    what = f"{collection.noun.capitalize()} {document_id!r}"
    return f"{what} is used by {first_of(said, 5)}. {_advice(collection, users)}"


def _advice(of: Collection, users: list[User]) -> str:
    using = {user.collection for user in users}
    if Collection.QUICK_TESTS in using:
        first = "Delete those quick tests first."
        archive = " Or archive it, to hide it from lists."
        return first + (archive if of is Collection.FEATURE_CONFIGS else "")
    for collection in (Collection.SWEEPS, Collection.TUNINGS):
        if collection in using:
            return f"Cancel the {collection.noun} first, or wait for its end."
    if Collection.REGISTERED_MODELS in using:
        return (
            "Promote other versions in its place first, or end the experiment that it is part of."
        )
    return "Delete those first."


def locked(
    collection: Collection,
    document_id: str,
    data: Any,
    advice: str,
    *,
    but_ended: bool = False,
) -> str | None:
    """Why a quick test that has been launched, or a sweep or tuning that has its tests (and, unless
    `but_ended`, has ended) stays as it is."""
    if collection not in (Collection.QUICK_TESTS, Collection.SWEEPS, Collection.TUNINGS):
        return None
    try:
        document = KINDS[collection].shown.parse(document_id, data)
    except InvalidError:
        return None
    status = document.status
    if status.state.ended and but_ended:
        return None
    match collection:
        case Collection.QUICK_TESTS:
            started = status.job is not None
        case Collection.SWEEPS:
            started = bool(status.tests)
        case _:
            started = bool(status.space)
    if status.state.value == "pending" and not started:
        return None
    return f"{collection.noun.capitalize()} {document_id!r} is {status.state}. {advice}"


def _referring(ports: Ports, collection: Collection, document_id: str) -> list[Snapshot]:
    return [
        found
        for users, field in REFERENCES.get(collection, ())
        for found in ports.documents.query(
            users, [Filter(field, "==", document_id)], fields=("name",)
        )
    ]


def _sweeping(ports: Ports, collection: Collection, document_id: str) -> Iterator[Snapshot]:
    """The sweeps and tunings that have not ended and name this config, or made this test."""
    if collection is Collection.QUICK_TESTS:
        yield from _making(ports, document_id)
    if collection not in SWEPT:
        return
    several, one = SWEPT[collection]
    states = [state.value for state in SweepState if not state.ended]
    open_ones = [Filter("status.state", "in", states)]
    for sweep in ports.documents.query(Collection.SWEEPS, open_ones):
        ids = _named(sweep, several)
        if isinstance(ids, list) and document_id in ids:
            yield sweep
    for tuning in ports.documents.query(Collection.TUNINGS, open_ones):
        if _named(tuning, one) == document_id:
            yield tuning


def _serving(ports: Ports, collection: Collection, document_id: str) -> list[Snapshot]:
    """The registered models in which a test is the version in production, or the one before, or
    part of an experiment that runs."""
    if collection is not Collection.QUICK_TESTS:
        return []
    registered = registration_of(find(collection, document_id, ports))
    model = None
    if registered is not None:
        model = find(Collection.REGISTERED_MODELS, registered.model_id, ports)
    found = [
        one
        for alias in Alias
        for one in ports.documents.query(
            Collection.REGISTERED_MODELS,
            [Filter(f"status.aliases.{alias}.quick_test_id", "==", document_id)],
            fields=("name",),
        )
    ]
    if model is not None:
        tried = read_status(RegisteredModelStatus, model.data).experiment
        if tried is not None and document_id in [one.quick_test_id for one in tried.versions]:
            found.append(model)
    return list({one.path: one for one in found}.values())


def _named(snapshot: Snapshot, field: str) -> Any:
    spec = snapshot.data.get("spec")
    return spec.get(field) if isinstance(spec, dict) else None


def _making(ports: Ports, quick_test_id: str) -> Iterator[Snapshot]:
    """The sweep or tuning that made a test and has not ended."""
    test = find(Collection.QUICK_TESTS, quick_test_id, ports)
    for field, collection in (
        ("sweep_id", Collection.SWEEPS),
        ("tuning_id", Collection.TUNINGS),
    ):
        made_by = _named(test, field) if test is not None else None
        series = find(collection, made_by, ports) if isinstance(made_by, str) else None
        if series is not None and not read_status(SeriesStatus, series.data).state.ended:
            yield series


def _name(snapshot: Snapshot) -> str:
    name = snapshot.data.get("name")
    return name if isinstance(name, str) and name else snapshot.id
