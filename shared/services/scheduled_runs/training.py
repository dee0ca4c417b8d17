"""The full training of a run, once its dataset has been read again."""

from __future__ import annotations

from datetime import datetime

from shared.codegen import Plan
from shared.documents.base import ValidationState
from shared.documents.dataset import Dataset
from shared.documents.quick_test import QuickTestSpec
from shared.documents.registered_model import RegisteredModel, RegisteredVersion
from shared.documents.schedule import ScheduledRun, ScheduleStatus
from shared.errors import NotFoundError
from shared.ports import Ports, Transaction
from shared.problems import InvalidError, listed
from shared.services.inputs import launched_test, pinned_inputs
from shared.services.registering import read_version
from shared.services.scheduled_runs.run import Ended, Read, training_id, write
from shared.services.series import new_test, series_name, store_test
from shared.services.store import DATASET, QUICK_TEST
from shared.services.warm_starts import check_warm_start


def train(read: Read, run: ScheduledRun, ports: Ports) -> bool:
    """Once the dataset has been read again, makes the full training."""
    try:
        dataset = DATASET.load(read.base.dataset_id, ports)
    except NotFoundError:
        raise Ended("failed", "The model's dataset has been deleted.") from None
    except InvalidError as invalid:
        raise _refused(listed(invalid.problems)) from None
    validation = dataset.status.validation
    if validation.revision != dataset.revision or validation.state in (
        ValidationState.PENDING,
        ValidationState.WAITING,
    ):
        return False
    if validation.state is ValidationState.INVALID:
        raise _refused(listed(validation.problems))
    spec = _training(read, run, ports)
    if _holds_nothing_new(dataset, spec, read.model, ports):
        latest = read.model.status.versions
        raise Ended(
            "unchanged",
            f"The data has not changed since version {latest} was trained, so that nothing was "
            "trained.",
        )
    test_id = training_id(read.schedule.id, run)
    spec, note = _begun(read, spec, ports)

    def change(status: ScheduleStatus, now: datetime, transaction: Transaction) -> None:
        assert status.run is not None
        status.run.stage, status.run.quick_test_id = "training", test_id
        status.run.note = note
        if transaction.get(QUICK_TEST.collection.path(test_id)) is None:
            name = f"{series_name(read.model.name)}: {run.due_at:%Y-%m-%d %H:%M}"
            made = new_test(test_id, name, spec, read.schedule.created_by, now)
            store_test(made, now, transaction)

    return write(read.schedule.id, run, change, ports)


def _refused(problems: str) -> Ended:
    sentence = "The dataset was read again and is not valid any more; nothing was trained."
    return Ended("failed", sentence, error=problems)


def _training(read: Read, run: ScheduledRun, ports: Ports) -> QuickTestSpec:
    """The base's training once more, with what the schedule says. Raises Ended."""
    base = _trained(read.base, ports)
    champion = read_version(read.model.id, run.champion_version or 0, ports)
    wanted = {
        name: value
        for name in ("epochs", "early_stopping_patience", "data_sample_percent")
        if (value := getattr(read.spec, name)) is not None
    }
    return base.model_copy(
        update={
            **wanted,
            "feature_config_revision": read.base.feature_config_revision,
            "model_config_revision": read.base.model_config_revision,
            "model_name": read.model.name,
            "champion_test_id": champion.quick_test_id if champion else None,
            "warm_start_test_id": None,
        }
    )


def _begun(read: Read, spec: QuickTestSpec, ports: Ports) -> tuple[QuickTestSpec, str]:
    """The training with what it begins with, and that in words."""
    if not read.spec.warm_start:
        return spec, ""
    warm = spec.model_copy(update={"warm_start_test_id": read.base.quick_test_id})
    problems = check_warm_start(warm, _plan(spec, read.base, ports), ports)
    if problems:
        return spec, f"It was trained from scratch. {problems[0].message}"
    return warm, f"It began with the weights of version {read.base.version}."


def _plan(spec: QuickTestSpec, version: RegisteredVersion, ports: Ports) -> Plan:
    """Raises Ended."""
    try:
        pinned = launched_test(version.quick_test_id, ports).status.pinned
        if pinned is not None:
            return pinned_inputs(spec, pinned, ports).plan
        why = "Its training does not say what it was pinned to."
    except (NotFoundError, InvalidError) as error:
        why = str(error)
    sentence = f"What version {version.version} was made from is not valid any more."
    raise Ended("failed", sentence, error=why)


def _trained(version: RegisteredVersion, ports: Ports) -> QuickTestSpec:
    try:
        return launched_test(version.quick_test_id, ports).spec
    except (NotFoundError, InvalidError) as error:
        sentence = f"The training of version {version.version} can no longer be read."
        raise Ended("failed", sentence, error=str(error)) from None


def _holds_nothing_new(
    dataset: Dataset, spec: QuickTestSpec, model: RegisteredModel, ports: Ports
) -> bool:
    """Whether the latest version was trained on the same data in the same way."""
    latest = model.status.latest
    if latest is None or latest.dataset_fingerprint != dataset.status.fingerprint:
        return False
    try:
        other = launched_test(latest.quick_test_id, ports).spec
    except (NotFoundError, InvalidError):
        return False
    names = ("champion_test_id", "warm_start_test_id", "model_name", "source_test_id")
    beside = dict.fromkeys(names)
    pinned = {
        "feature_config_revision": latest.feature_config_revision,
        "model_config_revision": latest.model_config_revision,
    }
    return other.model_copy(update={**beside, **pinned}) == spec.model_copy(update=beside)
