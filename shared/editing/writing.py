"""Creating, changing, deleting and cloning documents."""

from __future__ import annotations

import secrets
from typing import Any

from shared.documents.base import Collection, spec_hash
from shared.documents.feature_config import FeatureConfig
from shared.documents.model_config import ModelConfig
from shared.documents.quick_test import QuickTest
from shared.documents.sweep import Sweep, SweepState, SweepStatus
from shared.editing.checking import checked, parsed
from shared.editing.conflicts import InUse, Locked, Stale
from shared.editing.reading import get
from shared.handlers.store import (
    KINDS,
    AnyDocument,
    find,
    number,
    stamp,
    version_data,
    version_path,
)
from shared.ports import Filter, JsonObject, NotFound, Ports, Transaction
from shared.problems import Invalid
from shared.rules.config_hash import config_hash

_PREFIXES = {
    Collection.DATASETS: "ds",
    Collection.FEATURE_CONFIGS: "fc",
    Collection.MODEL_CONFIGS: "mc",
    Collection.QUICK_TESTS: "qt",
    Collection.SWEEPS: "sw",
}
_BASE32 = "abcdefghijklmnopqrstuvwxyz234567"
# Where documents of one collection are named in those of others.
_REFERENCES: dict[Collection, list[tuple[Collection, str]]] = {
    Collection.DATASETS: [(Collection.FEATURE_CONFIGS, "spec.dataset_id")],
    Collection.FEATURE_CONFIGS: [(Collection.QUICK_TESTS, "spec.feature_config_id")],
    Collection.MODEL_CONFIGS: [(Collection.QUICK_TESTS, "spec.model_config_id")],
    Collection.QUICK_TESTS: [],
    Collection.SWEEPS: [],
}
# Fields of sweeps that list configs. Once a sweep has ended, its tests name them.
_SWEPT = {
    Collection.FEATURE_CONFIGS: "feature_config_ids",
    Collection.MODEL_CONFIGS: "model_config_ids",
}


def create(
    ports: Ports,
    collection: Collection,
    *,
    name: Any,
    spec: Any,
    description: Any = "",
    created_by: str | None = None,
) -> AnyDocument:
    """Stores a new document at revision 1, what is doubtful about it in its `status.validation`.

    Raises Invalid with everything that is wrong.
    """
    document_id = f"{_PREFIXES[collection]}-{''.join(secrets.choice(_BASE32) for _ in range(10))}"
    document = checked(
        ports, collection, document_id, {"name": name, "description": description, "spec": spec}
    )
    now = ports.clock.now()
    document.created_at = document.updated_at = now
    document.created_by = created_by
    if isinstance(document, FeatureConfig | ModelConfig):
        document.status.config_hash = config_hash(document.spec)
    data, path = document.data(), collection.path(document_id)

    def change(transaction: Transaction) -> None:
        transaction.create(path, data)
        transaction.set(version_path(path, 1), version_data(data, now))

    ports.documents.transact(change)
    return document


def update(
    ports: Ports,
    collection: Collection,
    document_id: str,
    *,
    expected_revision: int | None = None,
    name: Any = None,
    description: Any = None,
    spec: Any = None,
) -> AnyDocument:
    """Replaces what is given; None leaves. Only a spec that really differs raises the revision.

    Raises:
        NotFound: no such document.
        Invalid: with everything that is wrong.
        Stale: the document is no longer at `expected_revision`.
        Locked: the spec of a quick test or sweep that has started.
    """
    path = collection.path(document_id)
    if find(collection, document_id, ports) is None:
        raise NotFound(path)
    number(collection, document_id, ports)
    stored = _data(ports.documents.get(path), path)
    given = {"name": name, "description": description, "spec": spec}
    wanted = {key: value for key, value in given.items() if value is not None}
    document = checked(
        ports,
        collection,
        document_id,
        {**{key: stored.get(key) for key in given}, **wanted},
        judge=spec is not None,
    )
    new_spec = document.data()["spec"]
    now = ports.clock.now()

    def change(transaction: Transaction) -> JsonObject:
        data = _data(transaction.get(path), path)
        _expect(document_id, data, expected_revision, wanted)
        fields: JsonObject = {key: getattr(document, key) for key in wanted if key != "spec"}
        fields = {key: value for key, value in fields.items() if data.get(key) != value}
        if spec is not None and spec_hash(new_spec) != _full_spec_hash(
            collection, document_id, data
        ):
            _unlocked(collection, document_id, data, "Its spec cannot be changed any more.")
            fields["spec"] = new_spec
            fields["revision"] = _next_revision(data)
        if fields:
            fields["updated_at"] = stamp(now)
            transaction.update(path, fields)
        after = {**data, **fields}
        if "spec" in fields:
            version = version_path(path, fields["revision"])
            transaction.set(version, version_data(after, now))
        return after

    after = ports.documents.transact(change)
    return parsed(collection, document_id, after)


def delete(
    ports: Ports,
    collection: Collection,
    document_id: str,
    *,
    expected_revision: int | None = None,
) -> None:
    """Deletes a document; its versions stay, as the audit trail.

    Raises:
        NotFound: no such document.
        InUse: others name it.
        Stale: it is no longer at `expected_revision`.
        Locked: a quick test or sweep that runs; cancel it first.
    """
    path = collection.path(document_id)
    if find(collection, document_id, ports) is None:
        raise NotFound(path)
    users = [
        user.path
        for user_collection, field in _REFERENCES[collection]
        for user in ports.documents.query(user_collection, [Filter(field, "==", document_id)])
    ]
    users += _sweeps_with(ports, collection, document_id)
    if users:
        raise InUse(path, users)

    def change(transaction: Transaction) -> None:
        data = _data(transaction.get(path), path)
        _expect(document_id, data, expected_revision, {})
        _unlocked(collection, document_id, data, "Cancel it first.", but_ended=True)
        transaction.delete(path)

    ports.documents.transact(change)


def clone(
    ports: Ports,
    collection: Collection,
    document_id: str,
    *,
    name: Any = None,
    created_by: str | None = None,
) -> AnyDocument:
    """A new document with the same spec. Raises NotFound, Invalid."""
    original = get(ports, collection, document_id)
    return create(
        ports,
        collection,
        name=name if name is not None else f"{original.name[:248]} (copy)",
        description=original.description,
        spec=original.data()["spec"],
        created_by=created_by,
    )


def _data(snapshot: Any, path: str) -> JsonObject:
    if snapshot is None:
        raise NotFound(path)
    data: JsonObject = snapshot.data
    return data


def _expect(
    document_id: str, data: JsonObject, expected_revision: int | None, wanted: JsonObject
) -> None:
    if expected_revision is not None and data.get("revision") != expected_revision:
        raise Stale({"id": document_id, **data}, {**wanted, "revision": expected_revision})


def _full_spec_hash(collection: Collection, document_id: str, data: JsonObject) -> str | None:
    """Hash of a stored spec with its defaults filled in; None where it is unreadable."""
    try:
        return spec_hash(parsed(collection, document_id, data).data()["spec"])
    except Invalid:
        return None


def _next_revision(data: JsonObject) -> int:
    revision = data["revision"]
    assert isinstance(revision, int), "the document has been numbered"
    return revision + 1


def _sweeps_with(ports: Ports, collection: Collection, document_id: str) -> list[str]:
    """Paths of the sweeps that have not ended and list this config."""
    field = _SWEPT.get(collection)
    if field is None:
        return []
    states = [state.value for state in SweepState if not state.ended]
    found = ports.documents.query(Collection.SWEEPS, [Filter("status.state", "in", states)])
    specs = {sweep.path: sweep.data.get("spec") for sweep in found}
    listed = {path: spec.get(field) for path, spec in specs.items() if isinstance(spec, dict)}
    return [path for path, ids in listed.items() if isinstance(ids, list) and document_id in ids]


def _unlocked(
    collection: Collection,
    document_id: str,
    data: JsonObject,
    advice: str,
    *,
    but_ended: bool = False,
) -> None:
    """Raises Locked for a quick test that has been launched, or a sweep that has its tests (and,
    unless `but_ended`, has ended)."""
    if collection not in (Collection.QUICK_TESTS, Collection.SWEEPS):
        return
    try:
        document: QuickTest | Sweep = KINDS[collection].parse(document_id, data)
    except Invalid:
        return
    status = document.status
    if status.state.ended and but_ended:
        return
    started = status.tests if isinstance(status, SweepStatus) else status.job is not None
    if status.state.value != "pending" or started:
        noun = collection.value[:-1].replace("_", " ").capitalize()
        raise Locked(document, f"{noun} {document_id!r} is {status.state}. {advice}")
