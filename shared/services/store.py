"""Reading and writing documents from a handler: typed, in transactions, only on change."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from pydantic import ValidationError

from shared.documents.base import Collection, Observed, Status, kept, read_status, spec_hash
from shared.documents.dataset import Dataset, DatasetStatus
from shared.documents.feature_config import FeatureConfig, FeatureConfigStatus
from shared.documents.marks import read_marks
from shared.documents.model_config import LAYER_TAGS, ModelConfig, ModelConfigStatus
from shared.documents.quick_test import QuickTest, QuickTestStatus
from shared.documents.registered_model import RegisteredModel, RegisteredModelStatus
from shared.documents.rule_set import RuleSet, RuleSetStatus
from shared.documents.schedule import Schedule, ScheduleStatus
from shared.documents.sweep import Sweep, SweepStatus
from shared.documents.tuning import Tuning, TuningStatus
from shared.errors import TooLargeError
from shared.events import Event
from shared.features import FEATURE_TAGS
from shared.paths import is_id
from shared.places import model_folder, put_code_right
from shared.ports import ArtifactStore, JsonObject, Ports, Snapshot, Transaction
from shared.rules_of_lists import FILTER_TAGS
from shared.services.document_kind import (
    DocumentT,
    Kind,
    StatusT,
    is_current,
    stamp,
    stated_revision,
    version_data,
    version_path,
)
from shared.services.quick_tests import heard, judged, mender, too_large

DATASET = Kind(
    Collection.DATASETS, Dataset, DatasetStatus, frozenset({"parquet", "csv", "bigquery"})
)
FEATURE_CONFIG = Kind(
    Collection.FEATURE_CONFIGS,
    FeatureConfig,
    FeatureConfigStatus,
    FEATURE_TAGS,
    mender=lambda _, __, ___, ports: partial(put_code_right, artifacts=ports.artifacts),
)
MODEL_CONFIG = Kind(Collection.MODEL_CONFIGS, ModelConfig, ModelConfigStatus, LAYER_TAGS)
QUICK_TEST = Kind(
    Collection.QUICK_TESTS,
    QuickTest,
    QuickTestStatus,
    derive=judged,
    mender=mender,
    changed=heard,
    refused=too_large,
)
SWEEP = Kind(Collection.SWEEPS, Sweep, SweepStatus)
TUNING = Kind(Collection.TUNINGS, Tuning, TuningStatus)
REGISTERED_MODEL = Kind(
    Collection.REGISTERED_MODELS,
    RegisteredModel,
    RegisteredModelStatus,
    mender=lambda _, __, ___, ports: partial(_put_versions_right, artifacts=ports.artifacts),
)
RULE_SET = Kind(Collection.RULE_SETS, RuleSet, RuleSetStatus, FILTER_TAGS)
SCHEDULE = Kind(Collection.SCHEDULES, Schedule, ScheduleStatus)
# What queries are ordered and narrowed by: they leave out a document that lacks it. `number` fills
# it in.
LISTED_BY: dict[Collection, tuple[str, ...]] = {
    Collection.DATASETS: ("updated_at",),
    Collection.FEATURE_CONFIGS: ("updated_at", "status.lifecycle"),
    Collection.MODEL_CONFIGS: ("updated_at",),
    Collection.QUICK_TESTS: ("updated_at", "status.state", "status.registered", "marks.archived"),
    Collection.SWEEPS: ("updated_at", "status.state", "marks.archived"),
    Collection.TUNINGS: ("updated_at", "status.state", "marks.archived"),
    Collection.REGISTERED_MODELS: ("updated_at",),
    Collection.RULE_SETS: ("updated_at",),
    Collection.SCHEDULES: ("updated_at", "status.due_at"),
}
KINDS: dict[Collection, Kind[Any, Any]] = {
    Collection.DATASETS: DATASET,
    Collection.FEATURE_CONFIGS: FEATURE_CONFIG,
    Collection.MODEL_CONFIGS: MODEL_CONFIG,
    Collection.QUICK_TESTS: QUICK_TEST,
    Collection.SWEEPS: SWEEP,
    Collection.TUNINGS: TUNING,
    Collection.REGISTERED_MODELS: REGISTERED_MODEL,
    Collection.RULE_SETS: RULE_SET,
    Collection.SCHEDULES: SCHEDULE,
}


def number(collection: Collection, document_id: str, ports: Ports) -> int | None:
    """Gives the document's present spec a revision of its own, if it has none yet, and the document
    what it lacks to be listed.

    A writer who raised `revision` is taken at their word; where a console or a script wrote the
    spec alone, the revision is raised here. `versions/{revision}` always holds the spec that was
    numbered, so that a revision never means two specs. Likewise, `updated_at` is the present time
    and the status whole where whoever wrote the document left them out.

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
        whole = KINDS[collection].status(observed=now_observed).model_dump(mode="json")
        changed: JsonObject = {}
        if stated != revision:
            changed["revision"] = revision
        if data.get("updated_at") is None:
            changed["updated_at"] = stamp(ports.clock.now())
        if "marks" in KINDS[collection].document.model_fields and not _sorted(data):
            changed["marks"] = read_marks(data).model_dump()
        if now_observed != observed or whole.keys() - stored.keys():
            changed["status"] = {**whole, **stored, "observed": whole["observed"]}
        if changed:
            transaction.update(path, changed)
        return revision

    return ports.documents.transact(change)


def _sorted(data: JsonObject) -> bool:
    """Whether a stored run says if it is archived, which lists go by."""
    marks = data.get("marks")
    return isinstance(marks, dict) and isinstance(marks.get("archived"), bool)


def _readable_status(kind: Kind[Any, Any], data: JsonObject) -> JsonObject:
    """The stored status as it is; nothing where it cannot be read, for then none of it counts."""
    stored = data.get("status")
    try:
        kind.status.model_validate(stored, extra="ignore")
    except ValidationError:
        return {}
    return stored if isinstance(stored, dict) else {}


def current(event: Event, ports: Ports) -> Snapshot | None:
    """The event's document, or None where the event is out of date."""
    snapshot = ports.documents.get(event.collection.path(event.document_id))
    if snapshot is None or not isinstance(snapshot.data, dict):
        return None
    status = read_status(KINDS[event.collection].status, snapshot.data)
    return snapshot if is_current(snapshot.data, status, event.revision) else None


def change_status(
    kind: Kind[DocumentT, StatusT],
    document_id: str,
    change: Callable[[JsonObject, StatusT], None],
    ports: Ports,
) -> StatusT | None:
    """Changes a document's status in one transaction; writes only what really changes. Places that
    a quick test's status names are put right by the way. Where the document would become too large
    to be stored, that is written instead, as the verdict on it.

    Args:
        change: gets the stored document and its status, and alters the latter in place. It may
            run several times and must have no other effects.

    Returns:
        The status as it now is, or None where there is no document.
    """
    path = kind.collection.path(document_id)

    def transact(
        transaction: Transaction, change: Callable[[JsonObject, StatusT], None] = change
    ) -> StatusT | None:
        snapshot = transaction.get(path)
        if snapshot is None or not isinstance(snapshot.data, dict):
            return None
        status = read_status(kind.status, snapshot.data)
        before = status.model_dump(mode="json")
        mend = kind.mender(snapshot, status, transaction.get, ports)
        mend(status)
        change(snapshot.data, status)
        mend(status)
        if status.model_dump(mode="json") != before:
            kind.changed(before, status, ports.clock.now())
            transaction.update(path, status_update(kind, snapshot, before, status))
        return status

    try:
        return ports.documents.transact(transact)
    except TooLargeError as error:
        why = str(error)

    def refuse(_: JsonObject, status: StatusT) -> None:
        kind.refused(status, why, ports.clock.now())

    return ports.documents.transact(lambda transaction: transact(transaction, refuse))


def status_update(
    kind: Kind[Any, Any], snapshot: Snapshot, before: JsonObject, status: Status
) -> JsonObject:
    """The field to write for a status that was `before` when it was read from the snapshot; what a
    newer version has written besides stays."""
    stored = _readable_status(kind, snapshot.data)
    return {"status": kept(stored, before, status.model_dump(mode="json"))}


def _put_versions_right(status: RegisteredModelStatus, artifacts: ArtifactStore) -> None:
    """Says of versions where they are, whatever the status says of that."""
    for version in (status.latest, status.aliases.production, status.aliases.previous):
        if version is not None:
            version.artifacts_uri = model_folder(version.quick_test_id, artifacts)
