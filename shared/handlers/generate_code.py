"""Step 3: turn a valid config into source, stored under its content hash."""

from __future__ import annotations

from shared.codegen import generate_preprocessing, plan_features
from shared.codegen.check import UnexpectedSourceError
from shared.documents.base import Collection
from shared.documents.feature_config import FeatureConfigStatus
from shared.documents.quick_test import (
    GeneratedCode,
    QuickTest,
    QuickTestStatus,
    TestState,
)
from shared.errors import NotFoundError
from shared.events import Event, Topic
from shared.ports import JsonObject, Ports
from shared.problems import InvalidError
from shared.services.announcements import announce, publish
from shared.services.document_kind import is_current
from shared.services.generating import defective, generated_code, store_source
from shared.services.inputs import check_fit, pinned_inputs
from shared.services.quick_tests import fail, note
from shared.services.store import DATASET, FEATURE_CONFIG, QUICK_TEST, change_status, current
from shared.wording import sentence


def generate_code(event: Event, ports: Ports) -> None:
    """A feature config gets its preprocessing module, a quick test both modules."""
    if event.collection is Collection.FEATURE_CONFIGS:
        _for_feature_config(event, ports)
    elif event.collection is Collection.QUICK_TESTS:
        _for_quick_test(event, ports)


def _for_feature_config(event: Event, ports: Ports) -> None:
    snapshot = current(event, ports)
    if snapshot is None:
        return
    try:
        config = FEATURE_CONFIG.load_revision(event.document_id, event.revision, ports)
        if not config.status.validated(event.revision):
            return
        dataset = DATASET.load(config.spec.dataset_id, ports)
    except (NotFoundError, InvalidError):  # what it was judged by is gone: judge again
        announce(event.collection, event.document_id, ports)
        return
    try:
        check_fit(config, dataset)
    except InvalidError:  # the dataset's verdict, which is on its way, has the config judged again
        return
    artifact = store_source(generate_preprocessing(plan_features(config, dataset)), ports)

    def write(data: JsonObject, status: FeatureConfigStatus) -> None:
        if is_current(data, status, event.revision) and status.validated(event.revision):
            status.preprocessing = artifact

    status = change_status(FEATURE_CONFIG, event.document_id, write, ports)
    if status is not None and status.preprocessing == artifact:
        publish(Topic.CODE_GENERATED, event.collection, event.document_id, event.revision, ports)


def _for_quick_test(event: Event, ports: Ports) -> None:
    snapshot = current(event, ports)
    if snapshot is None:
        return
    try:
        test = QUICK_TEST.parse(snapshot.id, snapshot.data)
    except InvalidError:  # validation says so
        return
    status: QuickTestStatus | None = test.status
    if test.status.state is not TestState.PENDING or not test.status.validated(event.revision):
        return
    if test.status.pinned is None:  # whoever wrote that it is valid has not judged it
        announce(event.collection, event.document_id, ports)
        return
    if test.status.code is None:
        status = _generate(test, event, ports)
    if status is not None and status.code is not None and status.state is TestState.PENDING:
        publish(Topic.CODE_GENERATED, event.collection, event.document_id, event.revision, ports)


def _generate(test: QuickTest, event: Event, ports: Ports) -> QuickTestStatus | None:
    pinned = test.status.pinned
    assert pinned is not None, "a valid quick test is pinned"
    code: GeneratedCode | None = None
    fault = ""
    try:
        code = generated_code(pinned_inputs(test.spec, pinned, ports).plan, ports)
    except NotFoundError as gone:
        fault = sentence(f"{gone.thing} has been deleted since the test was validated")
    except InvalidError as invalid:
        fault = f"No longer valid: {invalid}"
    except UnexpectedSourceError as defect:
        fault = defective(defect)
    now = ports.clock.now()

    def write(data: JsonObject, status: QuickTestStatus) -> None:
        wanted = status.state is TestState.PENDING and status.validated(event.revision)
        if not wanted or not is_current(data, status, event.revision) or status.pinned != pinned:
            return
        if code is None:
            fail(status, now, fault)
        elif status.code is None:
            status.code = code
            note(status, now, "code generated")

    return change_status(QUICK_TEST, test.id, write, ports)
