"""The file that servers read of a registered model: it follows the document, whatever is lost.

A document whose status was lost in part, to a script or to an old backup, takes from the file what
that still knows, so that nothing is promoted over what is served, and servers are not told of a
revision that they have passed.
"""

from __future__ import annotations

from pydantic import ValidationError

from shared.documents.base import Collection, read_status
from shared.documents.online_experiment import Experiment
from shared.documents.registered_model import Aliases, RegisteredModelStatus
from shared.errors import NotFoundError
from shared.online.assignment import sum_to_all
from shared.places import model_key
from shared.ports import JsonObject, Ports, Snapshot
from shared.registry import (
    Alias,
    Pointer,
    PointerError,
    ServedExperiment,
    ServedShare,
    ServedVersion,
    parse_pointer,
    pointer_key,
)
from shared.services.document_kind import find
from shared.services.registering import read_version
from shared.services.store import REGISTERED_MODEL, change_status


def write_pointer(model_id: str, ports: Ports) -> None:
    """Has the file that servers read say what the aliases mean.

    Whoever has written looks again: of several at once, the last one finds what the document says
    by then. One that dies in between leaves its event, which comes again, and the clock.
    """
    while True:
        catch_up(model_id, ports)
        snapshot = find(Collection.REGISTERED_MODELS, model_id, ports)
        pointer = _pointer(snapshot) if snapshot else None
        if pointer is None:
            return
        stored = _stored(model_id, ports)
        if stored == pointer:
            break
        if stored is None or stored.revision <= pointer.revision:
            content = pointer.model_dump_json(indent=1).encode()
            ports.artifacts.replace(pointer_key(model_id), content)
    written = pointer.revision

    def note(_: JsonObject, status: RegisteredModelStatus) -> None:
        if status.pointer_revision == written:
            status.pointer_due = False

    change_status(REGISTERED_MODEL, model_id, note, ports)


def mend_pointer(snapshot: Snapshot, ports: Ports) -> None:
    """Writes the pointer of a stored model where it does not say what the document says."""
    due = read_status(RegisteredModelStatus, snapshot.data).pointer_due
    if due or _stored(snapshot.id, ports) != _pointer(snapshot):
        write_pointer(snapshot.id, ports)


def catch_up(model_id: str, ports: Ports) -> None:
    """Gives a document back what it has lost and its pointer knows."""
    snapshot = find(Collection.REGISTERED_MODELS, model_id, ports)
    stored = _stored(model_id, ports)
    if snapshot is None or stored is None:
        return
    if not _lacks(read_status(RegisteredModelStatus, snapshot.data), stored):
        return
    known = {
        alias.value: read_version(model_id, one.version, ports)
        for alias, one in stored.aliases.items()
    }

    def change(_: JsonObject, status: RegisteredModelStatus) -> None:
        if not _lacks(status, stored):
            return
        if status.aliases.production is None:
            status.aliases = Aliases.model_validate(known)
        if status.experiment is None and not status.ended_experiments:
            status.experiment = _known_experiment(stored)
        status.pointer_revision = max(status.pointer_revision, stored.revision) + 1
        status.pointer_due = True

    change_status(REGISTERED_MODEL, model_id, change, ports)


def _lacks(status: RegisteredModelStatus, stored: Pointer) -> bool:
    """Whether a document, which is written before its pointer, knows less than that."""
    if status.aliases.production is None and Alias.PRODUCTION in stored.aliases:
        return True
    return status.pointer_revision < stored.revision


def _pointer(snapshot: Snapshot) -> Pointer | None:
    """What servers are to be told; None before the first promotion."""
    status = read_status(RegisteredModelStatus, snapshot.data)
    if status.pointer_revision < 1 or status.aliases.production is None:
        return None
    name = snapshot.data.get("name")
    return Pointer(
        model_id=snapshot.id,
        name=name if isinstance(name, str) else snapshot.id,
        revision=status.pointer_revision,
        aliases={
            alias: ServedVersion(
                version=one.version,
                quick_test_id=one.quick_test_id,
                artifacts_uri=model_key(one.quick_test_id),
            )
            for alias, one in status.aliases.by_name().items()
        },
        experiment=_experiment(status),
    )


def _known_experiment(stored: Pointer) -> Experiment | None:
    if stored.experiment is None:
        return None
    try:
        return Experiment.model_validate(stored.experiment.model_dump())
    except ValidationError:
        return None


def _experiment(status: RegisteredModelStatus) -> ServedExperiment | None:
    """None, rather than what servers would refuse, where somebody has written half of one."""
    running, production = status.experiment, status.aliases.production
    if running is None or production is None or running.control != production.version:
        return None
    shares = running.shares_percent
    if not sum_to_all(shares):
        return None
    return ServedExperiment(
        id=running.id,
        salt=running.salt,
        began_at=running.began_at.isoformat(),
        versions=tuple(
            ServedShare(
                version=one.version,
                quick_test_id=one.quick_test_id,
                artifacts_uri=model_key(one.quick_test_id),
                share_percent=one.share_percent,
            )
            for one in running.versions
        ),
    )


def _stored(model_id: str, ports: Ports) -> Pointer | None:
    """As it lies in the store; None where there is none that can be read."""
    try:
        content = ports.artifacts.read(ports.artifacts.uri(pointer_key(model_id)))
        return parse_pointer(content, model_id)
    except (NotFoundError, PointerError):
        return None
