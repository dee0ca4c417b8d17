"""Creating, changing, deleting and cloning documents."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from pydantic import ValidationError

from shared.documents.base import Collection, ManagedBy, spec_hash
from shared.documents.feature_config import FeatureConfig
from shared.documents.model_config import ModelConfig
from shared.documents.references import REFERENCES
from shared.editing.checking import checked, of_newer, parsed, shown
from shared.editing.conflicts import InUseError, LockedError, Seen, expect
from shared.editing.once import Once
from shared.editing.reading import get
from shared.editing.references import read_named
from shared.editing.remains import launched_or_none, remove_files
from shared.editing.usage import CANCEL_FIRST, in_use, locked, users_of
from shared.errors import ConflictError, NotFoundError
from shared.ports import JsonObject, Ports, Transaction
from shared.problems import InvalidError, from_pydantic
from shared.rules.config_hash import config_hash
from shared.services.best import record_result
from shared.services.deletion_marks import Mark
from shared.services.document_kind import AnyDocument, find, stamp, version_data, version_path
from shared.services.pointers import catch_up
from shared.services.registering import note_deleted, registration_of
from shared.services.rule_sets import withdraw_rules
from shared.services.store import number

_PREFIXES = {
    Collection.DATASETS: "ds",
    Collection.FEATURE_CONFIGS: "fc",
    Collection.MODEL_CONFIGS: "mc",
    Collection.QUICK_TESTS: "qt",
    Collection.SWEEPS: "sw",
    Collection.TUNINGS: "tu",
    Collection.REGISTERED_MODELS: "rm",
    Collection.RULE_SETS: "rs",
    Collection.SCHEDULES: "sc",
}
_ATTEMPTS = 5
UNSAID: Any = object()
_BASE32 = "abcdefghijklmnopqrstuvwxyz234567"


def create(
    ports: Ports,
    collection: Collection,
    *,
    name: Any,
    spec: Any,
    description: Any = "",
    managed_by: Any = None,
    created_by: str | None = None,
    once: Once | None = None,
) -> AnyDocument:
    """Stores a new document at revision 1, what is doubtful about it in its `status.validation`.

    Args:
        managed_by: the file that it is kept in, as `ManagedBy`.
        once: the request that creates it, where it may be sent again.

    Raises:
        InvalidError: with everything that is wrong.
        RepeatedRequestError, KeyReusedError: another request of the same key was quicker.
    """
    document_id = f"{_PREFIXES[collection]}-{''.join(secrets.choice(_BASE32) for _ in range(10))}"
    owner = _owner(managed_by, revision=1)
    document = checked(
        ports, collection, document_id, {"name": name, "description": description, "spec": spec}
    )
    document.managed_by = owner
    now = ports.clock.now()
    document.created_at = document.updated_at = now
    document.created_by = created_by
    if isinstance(document, FeatureConfig | ModelConfig):
        document.status.config_hash = config_hash(document.spec)
    data, path = document.data(), collection.path(document_id)

    def change(transaction: Transaction) -> None:
        if once is not None:
            once.refuse_repeated(transaction.get(once.path), now)
        for mark in read_named(transaction, collection, data["spec"], now):
            transaction.delete(mark)
        if once is not None:
            once.keep(document, now, transaction)
        transaction.create(path, data)
        transaction.set(version_path(path, 1), version_data(data, now, created_by))

    ports.documents.transact(change)
    return document


def update(
    ports: Ports,
    collection: Collection,
    document_id: str,
    *,
    seen: Seen | None = None,
    changed_by: str | None = None,
    name: Any = None,
    description: Any = None,
    spec: Any = None,
    managed_by: Any = UNSAID,
) -> AnyDocument:
    """Replaces what is given; None leaves. Only a spec that really differs raises the revision.

    Args:
        managed_by: the file that it is kept in, as `ManagedBy`; None: none any more.
        changed_by: is kept with the version.

    Raises:
        NotFoundError: no such document.
        InvalidError: with everything that is wrong.
        StaleError: the document is no longer what the caller has seen.
        LockedError: the spec of a quick test, sweep or tuning that has started.
    """
    path = collection.path(document_id)
    if find(collection, document_id, ports) is None:
        raise NotFoundError(collection.noun, document_id)
    number(collection, document_id, ports)
    owner = None if managed_by is UNSAID else _owner(managed_by)
    stored = _data(ports.documents.get(path), path)
    spec = _unless_unchanged(collection, document_id, stored, spec)
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
        expect(document_id, data, seen, wanted)
        fields: JsonObject = {key: getattr(document, key) for key in wanted if key != "spec"}
        fields = {key: value for key, value in fields.items() if data.get(key) != value}
        if spec is not None and spec_hash(new_spec) != _full_spec_hash(
            collection, document_id, data
        ):
            _unlocked(collection, document_id, data, "Its spec cannot be changed any more.")
            for mark in read_named(transaction, collection, new_spec, now):
                transaction.delete(mark)
            fields["spec"] = new_spec
            fields["revision"] = _next_revision(data)
        if managed_by is not UNSAID:
            revision = fields.get("revision", data["revision"])
            owned = owner and owner.model_copy(update={"revision": revision}).model_dump()
            if owned != data.get("managed_by"):
                fields["managed_by"] = owned
        if fields:
            fields["updated_at"] = stamp(now)
            transaction.update(path, fields)
        after = {**data, **fields}
        if "spec" in fields:
            version = version_path(path, fields["revision"])
            transaction.set(version, version_data(after, now, changed_by))
        return after

    after = ports.documents.transact(change)
    return shown(collection, document_id, after)


def delete(
    ports: Ports,
    collection: Collection,
    document_id: str,
    *,
    seen: Seen | None = None,
) -> None:
    """Deletes a document. Its versions stay, as the audit trail; of a quick test nothing stays,
    neither versions nor model, files, job and run.

    Files go first and the document last, so that what was interrupted can be repeated.

    Raises:
        NotFoundError: no such document.
        InUseError: others name it.
        StaleError: it is no longer what the caller has seen.
        LockedError: a quick test, sweep or tuning that runs; cancel it first.
        UnavailableError, RefusedError: what a quick test has left cannot be deleted.
    """
    path = collection.path(document_id)
    if find(collection, document_id, ports) is None:
        raise NotFoundError(collection.noun, document_id)

    def refuse(data: JsonObject) -> None:
        expect(document_id, data, seen, {})
        _unlocked(collection, document_id, data, CANCEL_FIRST, but_ended=True)

    if collection in REFERENCES:
        _delete_unnamed(ports, collection, document_id, refuse)
        return
    if collection is Collection.QUICK_TESTS:
        _delete_test(ports, document_id, refuse)
        return
    _refuse_used(ports, collection, document_id)

    def change(transaction: Transaction) -> None:
        refuse(_data(transaction.get(path), path))
        transaction.delete(path)

    ports.documents.transact(change)


def _delete_test(ports: Ports, quick_test_id: str, refuse: Callable[[JsonObject], None]) -> None:
    """Deletes a test with all that it left; once its version is noted as deleted, however long the
    rest takes, it comes into no use. The mark is for a version that is registered meanwhile."""
    path = Collection.QUICK_TESTS.path(quick_test_id)
    registered = registration_of(ports.documents.get(path))
    if registered is not None:
        catch_up(registered.model_id, ports)

    def note(transaction: Transaction) -> None:
        snapshot = transaction.get(path)
        refuse(_data(snapshot, path))
        if not note_deleted(snapshot, transaction, ports):
            used_by = Collection.REGISTERED_MODELS.path(registered.model_id) if registered else ""
            raise InUseError(
                f"Full training {quick_test_id!r} is in use as {used_by}. "
                "Promote other versions in its place first.",
                [used_by],
            )

    mark = Mark.put_up(ports, Collection.QUICK_TESTS, quick_test_id)
    try:
        _refuse_used(ports, Collection.QUICK_TESTS, quick_test_id)
        ports.documents.transact(note)
        test = launched_or_none(quick_test_id, ports)
        remove_files(quick_test_id, ports)
        versions = [one.path for one in ports.documents.query(f"{path}/versions", fields=("name",))]

        def change(transaction: Transaction) -> None:
            note(transaction)
            transaction.delete(path)
            for version in versions:
                transaction.delete(version)

        ports.documents.transact(change)
    finally:
        mark.take_down(ports)
    if test is not None:
        record_result(test.spec.feature_config_id, test.status, ports)


def _refuse_used(ports: Ports, collection: Collection, document_id: str) -> None:
    """Raises InUseError."""
    users = users_of(ports, collection, document_id)
    if reason := in_use(collection, document_id, users):
        raise InUseError(reason, [user.collection.path(user.id) for user in users])


def _delete_unnamed(
    ports: Ports, collection: Collection, document_id: str, refuse: Callable[[JsonObject], None]
) -> None:
    """Deletes what others may name, unless somebody does, or comes to meanwhile. Raises
    ConflictError where others delete it all the while."""
    path = collection.path(document_id)
    for _ in range(_ATTEMPTS):
        mark = Mark.put_up(ports, collection, document_id)

        def change(transaction: Transaction, mark: Mark = mark) -> bool:
            data = _data(transaction.get(path), path)
            stands = mark.stands(transaction)
            refuse(data)
            if stands:
                transaction.delete(path)
                transaction.delete(mark.path)
            return stands

        try:
            _refuse_used(ports, collection, document_id)
            if collection is Collection.RULE_SETS:
                refuse(_data(ports.documents.get(path), path))
                withdraw_rules(document_id, ports)
            if ports.documents.transact(change):
                return
        except Exception:
            mark.take_down(ports)
            raise
    raise ConflictError(f"Others delete {collection.noun} {document_id!r} at the same time.")


def clone(
    ports: Ports,
    collection: Collection,
    document_id: str,
    *,
    name: Any = None,
    created_by: str | None = None,
    once: Once | None = None,
) -> AnyDocument:
    """A new document with the same spec. Raises NotFoundError, and what `create` raises:
    InvalidError too for settings that only a newer version knows."""
    original = get(ports, collection, document_id)
    parsed(collection, document_id, _data(find(collection, document_id, ports), document_id))
    return create(
        ports,
        collection,
        name=name if name is not None else f"{original.name[:248]} (copy)",
        description=original.description,
        spec=original.data()["spec"],
        created_by=created_by,
        once=once,
    )


def _owner(given: Any, revision: int = 0) -> ManagedBy | None:
    """Raises InvalidError."""
    if given is None:
        return None
    try:
        owner = ManagedBy.model_validate(given)
    except ValidationError as error:
        raise InvalidError(from_pydantic(error, "managed_by", frozenset())) from None
    return owner.model_copy(update={"revision": revision})


def _data(snapshot: Any, path: str) -> JsonObject:
    if snapshot is None:
        raise NotFoundError.document(path)
    data: JsonObject = snapshot.data
    return data


def _unless_unchanged(
    collection: Collection, document_id: str, stored: JsonObject, spec: Any
) -> Any:
    """None in place of a spec that leaves one of a newer version as it is. Raises LockedError where
    it would not: this version can neither judge that spec's other settings nor keep them."""
    newer = of_newer(collection, document_id, stored) if spec is not None else []
    if not newer:
        return spec
    whole = _full_spec_hash(collection, document_id, stored)
    sent = {**stored, "spec": spec}
    if spec_hash(spec) == spec_hash(stored.get("spec")) or whole == spec_hash(
        parsed(collection, document_id, sent).data()["spec"]
    ):
        return None
    raise LockedError(
        f"{collection.noun.capitalize()} {document_id!r} was written by a newer version of"
        f" Recsmith: this one does not know {', '.join(newer[:5])}, and would lose it."
        " Update Recsmith to change the document; its name and description can be changed."
    )


def _full_spec_hash(collection: Collection, document_id: str, data: JsonObject) -> str | None:
    """Hash of a stored spec with its defaults filled in; None where it is unreadable."""
    try:
        return spec_hash(shown(collection, document_id, data).data()["spec"])
    except InvalidError:
        return None


def _next_revision(data: JsonObject) -> int:
    revision = data["revision"]
    assert isinstance(revision, int), "the document has been numbered"
    return revision + 1


def _unlocked(
    collection: Collection,
    document_id: str,
    data: JsonObject,
    advice: str,
    *,
    but_ended: bool = False,
) -> None:
    """Raises LockedError."""
    if why := locked(collection, document_id, data, advice, but_ended=but_ended):
        raise LockedError(why)
