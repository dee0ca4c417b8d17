"""Full trainings as versions of registered models.

A test is registered once: its status says as what, written together with the version.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from pydantic import ValidationError

from shared.documents.base import Collection, read_status
from shared.documents.quick_test import QuickTest, QuickTestStatus, Registration, TestState
from shared.documents.registered_model import (
    CodeHashes,
    RegisteredModel,
    RegisteredModelStatus,
    RegisteredVersion,
    registered_model_id,
)
from shared.errors import NotFoundError
from shared.paths import is_id
from shared.places import model_folder
from shared.ports import ArtifactStore, Filter, JsonObject, Ports, Snapshot, Transaction
from shared.problems import InvalidError
from shared.rules.metrics import main_metric
from shared.services.document_kind import find, stamp
from shared.services.inputs import launched_test
from shared.services.store import DATASET, QUICK_TEST, REGISTERED_MODEL, status_update
from shared.services.warm_starts import began_from

_CAUGHT_UP_AT_ONCE = 50


def register(quick_test_id: str, ports: Ports) -> Registration | None:
    """Makes a completed full training the next version of its model, and the model where there is
    none. However often and by however many at once this is done, it is one version.

    Returns:
        What the test is registered as; None where it is no completed full training.
    """
    try:
        test = launched_test(quick_test_id, ports)
    except (NotFoundError, InvalidError):
        return None
    if test.status.registered is not None:
        return test.status.registered
    if test.spec.purpose != "full_training" or test.status.state is not TestState.COMPLETED:
        return None
    version = _version(test, ports)
    if version is None:
        return None
    name = test.spec.model_name or usual_name(test, ports)
    model_id = registered_model_id(name)
    path, test_path = (
        REGISTERED_MODEL.collection.path(model_id),
        QUICK_TEST.collection.path(quick_test_id),
    )

    def change(transaction: Transaction) -> Registration | None:
        stored, model = transaction.get(test_path), transaction.get(path)
        if stored is None:
            return None
        status = read_status(QuickTestStatus, stored.data)
        if status.registered is not None:
            return status.registered
        before = status.model_dump(mode="json")
        number = _next_number(model, path, transaction)
        made = version.model_copy(update={"version": number})
        called = _called(model, name)
        status.registered = Registration(model_id=model_id, name=called, version=number)
        transaction.create(version_path(model_id, number), made.model_dump(mode="json"))
        if model is None:
            transaction.create(path, _new_model(model_id, called, made, ports))
        else:
            transaction.update(path, _with_version(model, made, ports))
        transaction.update(test_path, status_update(QUICK_TEST, stored, before, status))
        return status.registered

    return ports.documents.transact(change)


def unregistered(ports: Ports, grace: timedelta) -> list[str]:
    """Ids of full trainings that completed longer than `grace` ago and are no versions, in that
    order, some at a time: those whose event was lost, and those of before models were registered.
    """
    missed = ports.documents.query(
        Collection.QUICK_TESTS,
        [
            Filter("spec.purpose", "==", "full_training"),
            Filter("status.state", "==", TestState.COMPLETED.value),
            Filter("status.registered", "==", None),
        ],
        fields=("status.ended_at",),
    )
    now = ports.clock.now()
    ended = [(read_status(QuickTestStatus, one.data).ended_at, one.id) for one in missed]
    due = sorted(
        (at, test_id) for at, test_id in ended if at and not timedelta() <= now - at < grace
    )
    return [test_id for _, test_id in due[:_CAUGHT_UP_AT_ONCE]]


def version_path(model_id: str, number: int) -> str:
    return f"{REGISTERED_MODEL.collection.path(model_id)}/registered_versions/{number}"


def read_version(model_id: str, number: int, ports: Ports) -> RegisteredVersion | None:
    """A version, with its place as it is; None where there is none that can be read."""
    return _read(ports.documents.get(version_path(model_id, number)), ports.artifacts)


def list_versions(model_id: str, ports: Ports) -> Sequence[RegisteredVersion]:
    """All versions of a model, latest first."""
    path = f"{REGISTERED_MODEL.collection.path(model_id)}/registered_versions"
    found = (_read(one, ports.artifacts) for one in ports.documents.query(path))
    return sorted((one for one in found if one), key=lambda one: -one.version)


def note_deleted(test: Snapshot | None, transaction: Transaction, ports: Ports) -> bool:
    """Notes on the version that a test is, if any, that its model is deleted with it: it can no
    longer be promoted then.

    Returns:
        False, and nothing is noted, where the version is in production or previous or part of an
        experiment that runs, or where that is not known.
    """
    registered = registration_of(test)
    if test is None or registered is None:
        return True
    path = version_path(registered.model_id, registered.version)
    version = transaction.get(path)
    if version is None or version.data.get("quick_test_id") != test.id:
        return True
    model = transaction.get(REGISTERED_MODEL.collection.path(registered.model_id))
    status = read_status(RegisteredModelStatus, model.data if model else None)
    if status.aliases_lost or test.id in status.tests_in_use:
        return False
    if version.data.get("model_deleted_at") is None:
        transaction.update(path, {"model_deleted_at": stamp(ports.clock.now())})
    return True


def registration_of(test: Snapshot | None) -> Registration | None:
    """As what a test is registered; None where it is not, or says so of an impossible model."""
    registered = read_status(QuickTestStatus, test.data).registered if test else None
    return registered if registered is not None and is_id(registered.model_id) else None


def _read(snapshot: Snapshot | None, artifacts: ArtifactStore) -> RegisteredVersion | None:
    """A version by the number that its path says, whatever it says itself."""
    if snapshot is None or not isinstance(snapshot.data, dict):
        return None
    try:
        version = RegisteredVersion.model_validate({**snapshot.data, "version": snapshot.id})
    except ValidationError:
        return None
    place = model_folder(version.quick_test_id, artifacts)
    return version.model_copy(update={"artifacts_uri": place})


def _version(test: QuickTest, ports: Ports) -> RegisteredVersion | None:
    """What is kept of a test, without a number yet; None where nothing was measured."""
    status, results, pinned = test.status, test.status.results, test.status.pinned
    if results is None or pinned is None or not results.metrics:
        return None
    metric = main_metric(results.metrics) or next(iter(results.metrics))
    code = status.code
    return RegisteredVersion(
        version=1,
        quick_test_id=test.id,
        name=test.name,
        artifacts_uri=model_folder(test.id, ports.artifacts),
        registered_at=ports.clock.now(),
        created_by=test.created_by,
        dataset_id=pinned.dataset_id,
        dataset_fingerprint=pinned.dataset_fingerprint,
        feature_config_id=test.spec.feature_config_id,
        feature_config_revision=pinned.feature_config_revision,
        model_config_id=test.spec.model_config_id,
        model_config_revision=pinned.model_config_revision,
        metric=metric,
        value=results.metrics[metric],
        interval=results.intervals.get(metric),
        protocol=results.protocol,
        code=CodeHashes(preprocessing=code.preprocessing.sha256, trainer=code.trainer.sha256)
        if code
        else None,
        trained_at=status.ended_at,
        duration_seconds=status.duration_seconds,
        cost_usd=status.cost_usd,
        began_from=began_from(test.spec, ports),
    )


def usual_name(test: QuickTest, ports: Ports) -> str:
    """That of a model whose latest version is of the same data and configs, else the dataset's."""
    pinned = test.status.pinned
    assert pinned is not None
    alike = ports.documents.query(
        Collection.REGISTERED_MODELS,
        [
            Filter("status.latest.dataset_id", "==", pinned.dataset_id),
            Filter("status.latest.feature_config_id", "==", test.spec.feature_config_id),
            Filter("status.latest.model_config_id", "==", test.spec.model_config_id),
        ],
        limit=1,
        fields=("name",),
    )
    dataset = find(DATASET.collection, pinned.dataset_id, ports)
    for snapshot in (*alike, dataset):
        name = snapshot.data.get("name") if snapshot else None
        if isinstance(name, str) and name:
            return name
    return test.name


def _called(model: Snapshot | None, name: str) -> str:
    """The name as it was given first."""
    stored = model.data.get("name") if model else None
    return stored if isinstance(stored, str) and stored else name


def _next_number(model: Snapshot | None, path: str, transaction: Transaction) -> int:
    known = read_status(RegisteredModelStatus, model.data).versions if model else 0
    number = known + 1
    while transaction.get(f"{path}/registered_versions/{number}") is not None:
        number += 1
    return number


def _new_model(model_id: str, name: str, first: RegisteredVersion, ports: Ports) -> JsonObject:
    now = ports.clock.now()
    model = RegisteredModel(
        id=model_id,
        name=name,
        created_at=now,
        updated_at=now,
        created_by=first.created_by,
        status=RegisteredModelStatus(versions=first.version, latest=first),
    )
    return model.data()


def _with_version(model: Snapshot, made: RegisteredVersion, ports: Ports) -> JsonObject:
    status = read_status(RegisteredModelStatus, model.data)
    before = status.model_dump(mode="json")
    status.versions, status.latest = made.version, made
    changed = status_update(REGISTERED_MODEL, model, before, status)
    return {**changed, "updated_at": stamp(ports.clock.now())}
