"""Step 2: judge a changed document, and write the verdict on it."""

from __future__ import annotations

from datetime import datetime

from shared.documents.base import Collection, Status, Validation, ValidationState
from shared.documents.dataset import DatasetStatus
from shared.documents.feature_config import FeatureConfigStatus, TensorDims
from shared.documents.model_config import ModelConfigStatus
from shared.documents.quick_test import Estimate, QuickTestStatus, TestState
from shared.documents.sweep import SweepState, SweepStatus
from shared.events import Event, Topic
from shared.handlers.advance_sweep import end
from shared.handlers.estimates import Estimator
from shared.handlers.quick_tests import fail, note
from shared.handlers.store import (
    DATASET,
    FEATURE_CONFIG,
    MODEL_CONFIG,
    QUICK_TEST,
    SWEEP,
    announce,
    change_status,
    current,
    is_current,
    publish,
)
from shared.handlers.sweep_verdict import SweepVerdict, judge_sweep
from shared.handlers.verdicts import (
    QuickTestVerdict,
    Verdict,
    judge_feature_config,
    judge_model_config,
    judge_quick_test,
    with_duplicates,
)
from shared.ports import Filter, JsonObject, Ports, Profile, Snapshot
from shared.problems import Invalid, errors, warnings
from shared.rules.config_hash import config_hash
from shared.rules.dataset import check_dataset
from shared.rules.tensors import tensor_dims


def validate_config(event: Event, ports: Ports) -> None:
    """Writes `status.validation`, and says where it is valid, that the next step may follow."""
    snapshot = current(event, ports)
    if snapshot is None:
        return
    status: Status | None
    match event.collection:
        case Collection.DATASETS:
            status = _validate_dataset(snapshot, event.revision, ports)
        case Collection.FEATURE_CONFIGS:
            status = _validate_feature_config(snapshot, event.revision, ports)
        case Collection.MODEL_CONFIGS:
            status = _validate_model_config(snapshot, event.revision, ports)
        case Collection.QUICK_TESTS:
            status = _validate_quick_test(snapshot, event.revision, ports)
        case Collection.SWEEPS:
            status = _validate_sweep(snapshot, event.revision, ports)
    if status is not None and status.validated(event.revision):
        # There is no code to generate for a sweep: it goes on with its first tests.
        sweep = event.collection is Collection.SWEEPS
        topic = Topic.PIPELINE_STATUS if sweep else Topic.CONFIG_VALIDATED
        publish(topic, event.collection, event.document_id, event.revision, ports)


def _validate_dataset(snapshot: Snapshot, revision: int, ports: Ports) -> Status | None:
    """Profiles the data, which may take minutes, unless this revision has been."""
    profile: Profile | None = None
    try:
        dataset = DATASET.parse(snapshot.id, snapshot.data)
        if dataset.status.validated(revision):
            _announce_dependents(snapshot, ports)
            return dataset.status
        profile = ports.data.profile(dataset.spec.source)
        verdict = Verdict(check_dataset(dataset.spec, profile.columns))
    except Invalid as invalid:
        verdict = Verdict(invalid.problems)
    now = ports.clock.now()

    def write(data: JsonObject, status: DatasetStatus) -> None:
        if not is_current(data, status, revision):
            return
        _record(status, verdict, revision, now)
        found = (
            (profile.columns, profile.row_count, profile.fingerprint)
            if profile
            else ([], None, None)
        )
        if found != (status.columns, status.row_count, status.fingerprint):
            status.columns, status.row_count, status.fingerprint = found
            status.profiled_at = now if profile else None

    status = change_status(DATASET, snapshot.id, write, ports)
    _announce_dependents(snapshot, ports)
    return status


def _announce_dependents(dataset: Snapshot, ports: Ports) -> None:
    """What was judged by the dataset's columns, or waits for them, is to be judged again."""
    on_it = Filter("spec.dataset_id", "==", dataset.id)
    for config in ports.documents.query(Collection.FEATURE_CONFIGS, [on_it]):
        announce(Collection.FEATURE_CONFIGS, config.id, ports)
    waiting = Filter("status.validation.waiting_for", "==", dataset.path)
    for collection in (Collection.QUICK_TESTS, Collection.SWEEPS):
        for document in ports.documents.query(collection, [waiting]):
            announce(collection, document.id, ports)


def _validate_feature_config(snapshot: Snapshot, revision: int, ports: Ports) -> Status | None:
    digest: str | None = None
    buyer: TensorDims | None = None
    product: TensorDims | None = None
    try:
        config = FEATURE_CONFIG.parse(snapshot.id, snapshot.data)
        verdict = with_duplicates(judge_feature_config(config, ports), config, ports)
        digest = config_hash(config.spec)
        if verdict.state is ValidationState.VALID:
            buyer, product = (
                tensor_dims(config.spec, "buyer"),
                tensor_dims(config.spec, "product"),
            )
    except Invalid as invalid:
        verdict = Verdict(invalid.problems)
    now = ports.clock.now()

    def write(data: JsonObject, status: FeatureConfigStatus) -> None:
        if not is_current(data, status, revision):
            return
        if status.validation.revision != revision or buyer is None:
            status.preprocessing = None
        _record(status, verdict, revision, now)
        status.buyer_tensor, status.product_tensor = buyer, product
        status.config_hash = digest

    return change_status(FEATURE_CONFIG, snapshot.id, write, ports)


def _validate_model_config(snapshot: Snapshot, revision: int, ports: Ports) -> Status | None:
    digest: str | None = None
    try:
        config = MODEL_CONFIG.parse(snapshot.id, snapshot.data)
        verdict = with_duplicates(judge_model_config(config), config, ports)
        digest = config_hash(config.spec)
    except Invalid as invalid:
        verdict = Verdict(invalid.problems)
    now = ports.clock.now()

    def write(data: JsonObject, status: ModelConfigStatus) -> None:
        if is_current(data, status, revision):
            _record(status, verdict, revision, now)
            status.config_hash = digest

    return change_status(MODEL_CONFIG, snapshot.id, write, ports)


def _validate_quick_test(snapshot: Snapshot, revision: int, ports: Ports) -> Status | None:
    """Pins what the test will use. A test that has been pinned at this revision stays so."""
    estimate: Estimate | None = None
    try:
        test = QUICK_TEST.parse(snapshot.id, snapshot.data)
        if test.status.state is not TestState.PENDING or test.status.job is not None:
            return None
        if test.status.validated(revision) and test.status.pinned is not None:
            return test.status
        verdict = judge_quick_test(test.spec, ports)
        if verdict.pinned is not None:
            estimate = Estimator(ports).estimate(test.spec, verdict.pinned)
    except Invalid as invalid:
        verdict = QuickTestVerdict(invalid.problems)
    now = ports.clock.now()

    def write(data: JsonObject, status: QuickTestStatus) -> None:
        untouched = status.state is TestState.PENDING and status.job is None
        if not untouched or not is_current(data, status, revision):
            return
        if status.validated(revision) and status.pinned is not None:
            return
        if _record(status, verdict, revision, now) and verdict.state is ValidationState.WAITING:
            note(status, now, f"waiting for {verdict.waiting_for}")
        status.pinned, status.code, status.estimate = verdict.pinned, None, estimate
        status.warnings = warnings(verdict.problems)
        if faults := errors(verdict.problems):
            fail(status, now, " ".join(f"{fault.path}: {fault.message}" for fault in faults))
        elif verdict.pinned is not None:
            note(status, now, "validated")

    return change_status(QUICK_TEST, snapshot.id, write, ports)


def _validate_sweep(snapshot: Snapshot, revision: int, ports: Ports) -> Status | None:
    """Fixes which tests the sweep is made of. From then on its spec is settled."""
    try:
        sweep = SWEEP.parse(snapshot.id, snapshot.data)
        if sweep.status.state.ended or sweep.status.tests:
            return sweep.status
        verdict = judge_sweep(sweep, ports)
    except Invalid as invalid:
        verdict = SweepVerdict(invalid.problems)
    now = ports.clock.now()

    def write(data: JsonObject, status: SweepStatus) -> None:
        if status.state.ended or status.tests or not is_current(data, status, revision):
            return
        _record(status, verdict, revision, now)
        status.warnings = warnings(verdict.problems)
        status.tests, status.estimate = verdict.tests, verdict.estimate
        if faults := errors(verdict.problems):
            status.error = " ".join(f"{fault.path}: {fault.message}" for fault in faults)
            end(status, SweepState.FAILED, now)

    return change_status(SWEEP, snapshot.id, write, ports)


def _record(status: Status, verdict: Verdict, revision: int, now: datetime) -> bool:
    """Writes a verdict down; False where it is the one that stands."""
    validation = Validation(
        state=verdict.state,
        revision=revision,
        problems=verdict.problems,
        waiting_for=verdict.waiting_for if verdict.state is ValidationState.WAITING else None,
        checked_at=status.validation.checked_at,
    )
    if validation == status.validation:
        return False
    status.validation = validation.model_copy(update={"checked_at": now})
    return True
