"""Reading and writing documents from a handler: typed, in transactions, only on change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from shared.documents.base import (
    Collection,
    Document,
    Observed,
    Status,
    parse,
    read_status,
    spec_hash,
)
from shared.documents.dataset import Dataset, DatasetStatus
from shared.documents.feature_config import FEATURE_TAGS, FeatureConfig, FeatureConfigStatus
from shared.documents.model_config import LAYER_TAGS, ModelConfig, ModelConfigStatus
from shared.documents.quick_test import QuickTest, QuickTestStatus
from shared.documents.sweep import Sweep, SweepStatus
from shared.events import Event, Topic
from shared.paths import is_id
from shared.ports import JsonObject, NotFound, Ports, Snapshot, Transaction

AnyDocument = Document[Any, Any]
DocumentT = TypeVar("DocumentT", bound=AnyDocument)
StatusT = TypeVar("StatusT", bound=Status)


@dataclass(frozen=True)
class Kind(Generic[DocumentT, StatusT]):
    """A collection, and what its documents are. `tags`: see `problems.from_pydantic`."""

    collection: Collection
    document: type[DocumentT]
    status: type[StatusT]
    tags: frozenset[str] = frozenset()

    def parse(self, document_id: str, data: Any) -> DocumentT:
        """Raises Invalid."""
        return parse(self.document, document_id, data, self.tags)

    def load(self, document_id: str, ports: Ports) -> DocumentT:
        """Raises NotFound, Invalid."""
        snapshot = find(self.collection, document_id, ports)
        if snapshot is None:
            raise NotFound(self.collection.path(document_id))
        return self.parse(document_id, snapshot.data)

    def load_revision(self, document_id: str, revision: int, ports: Ports) -> DocumentT:
        """The document with the spec that it had at a revision; all else is of now.

        Raises:
            NotFound: no such document, or no such revision.
            Invalid: it cannot be read.
        """
        path = self.collection.path(document_id)
        live = find(self.collection, document_id, ports)
        if live is None:
            raise NotFound(path)
        version = ports.documents.get(version_path(path, revision))
        if version is not None:
            data = {**live.data, "spec": version.data.get("spec"), "revision": revision}
        elif stated_revision(live.data) == revision:
            data = live.data
        else:
            raise NotFound(f"{path}, revision {revision}")
        return self.parse(document_id, data)


DATASET = Kind(
    Collection.DATASETS, Dataset, DatasetStatus, frozenset({"parquet", "csv", "bigquery"})
)
FEATURE_CONFIG = Kind(Collection.FEATURE_CONFIGS, FeatureConfig, FeatureConfigStatus, FEATURE_TAGS)
MODEL_CONFIG = Kind(Collection.MODEL_CONFIGS, ModelConfig, ModelConfigStatus, LAYER_TAGS)
QUICK_TEST = Kind(Collection.QUICK_TESTS, QuickTest, QuickTestStatus)
SWEEP = Kind(Collection.SWEEPS, Sweep, SweepStatus)
KINDS: dict[Collection, Kind[Any, Any]] = {
    Collection.DATASETS: DATASET,
    Collection.FEATURE_CONFIGS: FEATURE_CONFIG,
    Collection.MODEL_CONFIGS: MODEL_CONFIG,
    Collection.QUICK_TESTS: QUICK_TEST,
    Collection.SWEEPS: SWEEP,
}


def find(collection: Collection, document_id: str, ports: Ports) -> Snapshot | None:
    """The stored document; None too where the id, which users may have written, can be none's."""
    return ports.documents.get(collection.path(document_id)) if is_id(document_id) else None


def version_path(path: str, revision: int) -> str:
    return f"{path}/versions/{revision}"


def version_data(data: JsonObject, at: datetime) -> JsonObject:
    """What `versions/{revision}` keeps of a document."""
    kept = {key: data.get(key) for key in ("name", "description", "spec")}
    return {**kept, "created_at": stamp(at)}


def stamp(at: datetime) -> str:
    """A time in UTC as pydantic writes it, so that stored times sort as text."""
    return at.isoformat().replace("+00:00", "Z")


def stated_revision(data: JsonObject) -> int:
    """The revision that a stored document says it has; 0 where it says nothing of use."""
    revision = data.get("revision")
    usable = isinstance(revision, int) and not isinstance(revision, bool) and revision > 0
    return revision if usable else 0  # type: ignore[return-value]


def number(collection: Collection, document_id: str, ports: Ports) -> int | None:
    """Gives the document's present spec a revision of its own, if it has none yet.

    A writer who raised `revision` is taken at their word; where a console or a script wrote the
    spec alone, the revision is raised here. `versions/{revision}` always holds the spec that was
    numbered, so that a revision never means two specs.

    Returns:
        The revision, or None where there is no document.
    """
    if not is_id(document_id):
        return None
    path = collection.path(document_id)

    def change(transaction: Transaction) -> int | None:
        snapshot = transaction.get(path)
        if snapshot is None or not isinstance(snapshot.data, dict):
            return None
        data = snapshot.data
        digest = spec_hash(data.get("spec"))
        stored = _readable_status(KINDS[collection], data)
        observed = read_status(Status, {"status": stored}).observed
        stated = stated_revision(data)
        if digest == observed.spec_hash:
            revision = max(stated, observed.revision, 1)
        else:
            revision = stated if stated > observed.revision else observed.revision + 1
        version = transaction.get(version_path(path, revision))
        if version is not None and spec_hash(version.data.get("spec")) != digest:
            while version is not None:
                revision += 1
                version = transaction.get(version_path(path, revision))
        if version is None:
            transaction.set(version_path(path, revision), version_data(data, ports.clock.now()))
        now_observed = Observed(revision=revision, spec_hash=digest)
        if now_observed != observed or stated != revision:
            # In full, so that a query by `status.state` finds what a script wrote without one.
            whole = KINDS[collection].status(observed=now_observed).model_dump(mode="json")
            status = {**whole, **stored, "observed": whole["observed"]}
            transaction.update(path, {"revision": revision, "status": status})
        return revision

    return ports.documents.transact(change)


def _readable_status(kind: Kind[Any, Any], data: JsonObject) -> JsonObject:
    """The stored status as it is; nothing where it cannot be read, for then none of it counts."""
    stored = data.get("status")
    try:
        kind.status.model_validate(stored)
    except ValidationError:
        return {}
    return stored if isinstance(stored, dict) else {}


def announce(collection: Collection, document_id: str, ports: Ports) -> None:
    """Numbers the document's spec and says that it is to be validated."""
    revision = number(collection, document_id, ports)
    if revision is not None:
        publish(Topic.CONFIG_CHANGED, collection, document_id, revision, ports)


def publish(
    topic: Topic, collection: Collection, document_id: str, revision: int, ports: Ports
) -> None:
    ports.events.publish(
        Event(
            kind=topic,
            collection=collection,
            document_id=document_id,
            revision=revision,
            occurred_at=ports.clock.now(),
        )
    )


def is_current(data: JsonObject, status: Status, revision: int) -> bool:
    """Whether the stored spec is this revision, and numbered as such."""
    return (
        stated_revision(data) == revision == status.observed.revision
        and spec_hash(data.get("spec")) == status.observed.spec_hash
    )


def current(event: Event, ports: Ports) -> Snapshot | None:
    """The event's document, or None where the event is out of date."""
    snapshot = ports.documents.get(event.collection.path(event.document_id))
    if snapshot is None or not isinstance(snapshot.data, dict):
        return None
    status = read_status(KINDS[event.collection].status, snapshot.data)
    return snapshot if is_current(snapshot.data, status, event.revision) else None


def _heard(status: Status, ports: Ports) -> JsonObject:
    """Whatever changes a test's status is news of it."""
    if not isinstance(status, QuickTestStatus):
        return {}
    status.heard_at, status.asked_at = ports.clock.now(), None
    return status.model_dump(mode="json", include={"heard_at", "asked_at"})


def change_status(
    kind: Kind[DocumentT, StatusT],
    document_id: str,
    change: Callable[[JsonObject, StatusT], None],
    ports: Ports,
) -> StatusT | None:
    """Changes a document's status in one transaction; writes only what really changes.

    Args:
        change: gets the stored document and its status, and alters the latter in place. It may
            run several times and must have no other effects.

    Returns:
        The status as it now is, or None where there is no document.
    """
    path = kind.collection.path(document_id)

    def transact(transaction: Transaction) -> StatusT | None:
        snapshot = transaction.get(path)
        if snapshot is None or not isinstance(snapshot.data, dict):
            return None
        status = read_status(kind.status, snapshot.data)
        before = status.model_dump(mode="json")
        change(snapshot.data, status)
        after = status.model_dump(mode="json")
        if after != before and after.get("asked_at") == before.get("asked_at"):
            after |= _heard(status, ports)
        if after != before:
            stored = snapshot.data.get("status")
            kept = stored if isinstance(stored, dict) else {}
            transaction.update(path, {"status": {**kept, **after}})
        return status

    return ports.documents.transact(transact)
