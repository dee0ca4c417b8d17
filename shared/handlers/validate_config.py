"""Step 2: judge a changed document, and write the verdict on it."""

from __future__ import annotations

from dataclasses import fields

from shared.columns.source_rows import latest_time
from shared.documents.base import Collection, Status, ValidationState
from shared.documents.dataset import DatasetStatus, Profiling
from shared.documents.estimate import Estimate
from shared.documents.feature_config import FeatureConfigStatus, TensorDims
from shared.documents.model_config import ModelConfigStatus
from shared.documents.quick_test import QuickTestStatus, TestState
from shared.documents.registered_model import RegisteredModelStatus
from shared.documents.rule_set import RuleSet, RuleSetStatus
from shared.documents.schedule import ScheduleStatus
from shared.documents.sweep import SweepState, SweepStatus
from shared.documents.tuning import TuningStatus
from shared.events import Event, Topic
from shared.ports import Filter, JsonObject, Ports, Profile, Snapshot
from shared.problems import InvalidError, errors, listed, warnings
from shared.rules.config_hash import config_hash
from shared.rules.dataset import check_dataset
from shared.rules.source_rows import check_rows
from shared.rules.tensors import tensor_dims
from shared.services.announcements import announce, publish
from shared.services.daily_budget import over_budget
from shared.services.document_kind import find, is_current
from shared.services.estimates import Estimator, over_limit
from shared.services.profiling import as_of, turn
from shared.services.promoting import promote_wished
from shared.services.quick_tests import fail, note
from shared.services.rule_sets import judge_rule_set, publish_rules, withdraw_rules
from shared.services.schedules import judge_schedule, plan_next, validate_schedule
from shared.services.series import end
from shared.services.slim import slim
from shared.services.store import (
    DATASET,
    FEATURE_CONFIG,
    MODEL_CONFIG,
    QUICK_TEST,
    REGISTERED_MODEL,
    RULE_SET,
    SCHEDULE,
    SWEEP,
    TUNING,
    change_status,
    current,
)
from shared.services.sweep_verdict import SweepVerdict, judge_sweep
from shared.services.tuning_forecast import JudgedTuning, judge_tuning
from shared.services.verdicts import (
    QuickTestVerdict,
    Verdict,
    judge_feature_config,
    judge_model_config,
    judge_quick_test,
    record,
    with_duplicates,
)

_PROFILED = [field.name for field in fields(Profile)]


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
        case Collection.TUNINGS:
            status = _validate_tuning(snapshot, event.revision, ports)
        case Collection.REGISTERED_MODELS:
            _validate_registered_model(snapshot, event.revision, ports)
            return  # nothing is made of it
        case Collection.RULE_SETS:
            _validate_rule_set(snapshot, event.revision, ports)
            return  # no code comes of it
        case Collection.SCHEDULES:
            _validate_schedule(snapshot, event.revision, ports)
            return  # the clock goes on with it
    if status is not None and status.validated(event.revision):
        # There is no code to generate for those that go on with their first tests.
        going_on = {
            Collection.SWEEPS: Topic.SWEEP_STATUS,
            Collection.TUNINGS: Topic.TUNING_STATUS,
        }
        topic = going_on.get(event.collection, Topic.CONFIG_VALIDATED)
        publish(topic, event.collection, event.document_id, event.revision, ports)


def _validate_dataset(snapshot: Snapshot, revision: int, ports: Ports) -> Status | None:
    """Profiles the data, which may take minutes, unless this revision has been, or another is at
    it."""
    profile: Profile | None = None
    mine: Profiling | None = None
    now = ports.clock.now()
    try:
        dataset = DATASET.parse(snapshot.id, snapshot.data)
        if dataset.status.validated(revision):
            _announce_dependents(snapshot, ports)
            return dataset.status
        with turn(snapshot.id, revision, ports) as mine:
            if mine is None:
                return None
            now = mine.as_of
            spec = as_of(dataset.spec, now)
            profile = ports.data.profile(spec.source, spec.column_mapping, latest_time(now), spec)
        if profile is None:  # the next try goes on
            return None
        profile = slim(profile, snapshot.data)
        problems = check_dataset(dataset.spec, profile.columns)
        verdict = Verdict([*problems, *check_rows(dataset.spec, profile.rows)])
    except InvalidError as invalid:
        verdict = Verdict(invalid.problems)

    def write(data: JsonObject, status: DatasetStatus) -> None:
        if not is_current(data, status, revision):
            return
        if mine is not None:  # it has been given up otherwise, until somebody asks again
            status.profiling = None
        judged = record(status, verdict, revision, now)
        found = {name: getattr(profile or DatasetStatus(), name) for name in _PROFILED}
        if judged or found != {name: getattr(status, name) for name in _PROFILED}:
            for name, value in found.items():
                setattr(status, name, value)
            status.profiled_at = now if profile else None

    status = change_status(DATASET, snapshot.id, write, ports)
    _announce_dependents(snapshot, ports)
    return status


def _announce_dependents(dataset: Snapshot, ports: Ports) -> None:
    """What was judged by the dataset's columns, or waits for them, is to be judged again."""
    on_it = Filter("spec.dataset_id", "==", dataset.id)
    for collection in (Collection.FEATURE_CONFIGS, Collection.RULE_SETS):
        for document in ports.documents.query(collection, [on_it]):
            announce(collection, document.id, ports)
    waiting = Filter("status.validation.waiting_for", "==", dataset.path)
    for collection in (Collection.QUICK_TESTS, Collection.SWEEPS, Collection.TUNINGS):
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
    except InvalidError as invalid:
        verdict = Verdict(invalid.problems)
    now = ports.clock.now()

    def write(data: JsonObject, status: FeatureConfigStatus) -> None:
        if not is_current(data, status, revision):
            return
        if status.validation.revision != revision or buyer is None:
            status.preprocessing = None
        record(status, verdict, revision, now)
        status.buyer_tensor, status.product_tensor = buyer, product
        status.config_hash = digest

    return change_status(FEATURE_CONFIG, snapshot.id, write, ports)


def _validate_model_config(snapshot: Snapshot, revision: int, ports: Ports) -> Status | None:
    digest: str | None = None
    try:
        config = MODEL_CONFIG.parse(snapshot.id, snapshot.data)
        verdict = with_duplicates(judge_model_config(config), config, ports)
        digest = config_hash(config.spec)
    except InvalidError as invalid:
        verdict = Verdict(invalid.problems)
    now = ports.clock.now()

    def write(data: JsonObject, status: ModelConfigStatus) -> None:
        if is_current(data, status, revision):
            record(status, verdict, revision, now)
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
            too_much = over_limit(estimate, ports) + over_budget(estimate, ports, snapshot.id)
            if too_much:
                verdict = QuickTestVerdict([*verdict.problems, *too_much])
    except InvalidError as invalid:
        verdict = QuickTestVerdict(invalid.problems)
    now = ports.clock.now()

    def write(data: JsonObject, status: QuickTestStatus) -> None:
        untouched = status.state is TestState.PENDING and status.job is None
        if not untouched or not is_current(data, status, revision):
            return
        if status.validated(revision) and status.pinned is not None:
            return
        if record(status, verdict, revision, now) and verdict.state is ValidationState.WAITING:
            note(status, now, f"waiting for {verdict.waiting_for}")
        status.pinned, status.code, status.estimate = verdict.pinned, None, estimate
        status.warnings = warnings(verdict.problems)
        if faults := errors(verdict.problems):
            fail(status, now, listed(faults))
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
    except InvalidError as invalid:
        verdict = SweepVerdict(invalid.problems)
    now = ports.clock.now()

    def write(data: JsonObject, status: SweepStatus) -> None:
        if status.state.ended or status.tests or not is_current(data, status, revision):
            return
        record(status, verdict, revision, now)
        status.warnings = warnings(verdict.problems)
        status.tests, status.estimate = verdict.tests, verdict.estimate
        if faults := errors(verdict.problems):
            status.error = listed(faults)
            end(status, SweepState.FAILED, now)

    return change_status(SWEEP, snapshot.id, write, ports)


def _validate_tuning(snapshot: Snapshot, revision: int, ports: Ports) -> Status | None:
    """Fixes what the tuning searches, and of which revisions. From then on its spec is settled."""
    parallel = 1
    try:
        tuning = TUNING.parse(snapshot.id, snapshot.data)
        if tuning.status.state.ended or tuning.status.space:
            return tuning.status
        verdict = judge_tuning(tuning, ports)
        # Here, where nothing is rented, tests run one after another.
        parallel = tuning.spec.in_flight if ports.prices is not None else 1
    except InvalidError as invalid:
        verdict = JudgedTuning(invalid.problems)
    now = ports.clock.now()

    def write(data: JsonObject, status: TuningStatus) -> None:
        if status.state.ended or status.space or not is_current(data, status, revision):
            return
        record(status, verdict, revision, now)
        status.warnings = warnings(verdict.problems)
        if verdict.revisions is not None:
            status.space, status.metric, status.parallel = verdict.space, verdict.metric, parallel
            status.feature_config_revision, status.model_config_revision = verdict.revisions
            status.estimate, status.estimate_of_one = verdict.estimate, verdict.estimate_of_one
        if faults := errors(verdict.problems):
            status.error = listed(faults)
            end(status, SweepState.FAILED, now)

    return change_status(TUNING, snapshot.id, write, ports)


def _validate_rule_set(snapshot: Snapshot, revision: int, ports: Ports) -> None:
    """Writes one that is valid for servers."""
    rule_set: RuleSet | None = None
    try:
        rule_set = RULE_SET.parse(snapshot.id, snapshot.data)
        verdict = judge_rule_set(rule_set, ports)
    except InvalidError as invalid:
        verdict = Verdict(invalid.problems)
    published = rule_set if verdict.state is ValidationState.VALID else None
    if published is not None:
        publish_rules(published, ports)
        _keep_up(published, ports)
    now = ports.clock.now()

    def write(data: JsonObject, status: RuleSetStatus) -> None:
        if not is_current(data, status, revision):
            return
        record(status, verdict, revision, now)
        if published is not None:
            status.published_revision = published.revision
            status.published_name = published.name

    change_status(RULE_SET, snapshot.id, write, ports)


def _validate_schedule(snapshot: Snapshot, revision: int, ports: Ports) -> None:
    """Plans its next occurrence."""
    try:
        schedule = SCHEDULE.parse(snapshot.id, snapshot.data)
    except InvalidError as invalid:
        verdict, now = Verdict(invalid.problems), ports.clock.now()

        def write(data: JsonObject, status: ScheduleStatus) -> None:
            if is_current(data, status, revision):
                record(status, verdict, revision, now)
                plan_next(status, None, revision, now)

        change_status(SCHEDULE, snapshot.id, write, ports)
    else:
        validate_schedule(schedule, judge_schedule(schedule, ports), revision, ports)


def _keep_up(published: RuleSet, ports: Ports) -> None:
    """Where a rule set was changed or deleted while it was written, servers get what it is now."""
    now = find(Collection.RULE_SETS, published.id, ports)
    if now is None:
        withdraw_rules(published.id, ports)
    elif now.data.get("name") != published.name or now.data.get("spec") != published.data()["spec"]:
        announce(Collection.RULE_SETS, published.id, ports)


def _validate_registered_model(snapshot: Snapshot, revision: int, ports: Ports) -> None:
    """A version that may come into production does, with the verdict."""
    try:
        model = REGISTERED_MODEL.parse(snapshot.id, snapshot.data)
    except InvalidError as invalid:
        verdict, now = Verdict(invalid.problems), ports.clock.now()

        def write(data: JsonObject, status: RegisteredModelStatus) -> None:
            if is_current(data, status, revision):
                record(status, verdict, revision, now)

        change_status(REGISTERED_MODEL, snapshot.id, write, ports)
    else:
        promote_wished(model, revision, ports)
