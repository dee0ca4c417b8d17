"""Step 3: turn a valid config into source, stored under its content hash."""

from __future__ import annotations

import hashlib

from shared.codegen import generate_preprocessing, generate_trainer
from shared.codegen.check import UnexpectedSource
from shared.documents.base import CodeArtifact, Collection
from shared.documents.dataset import Dataset
from shared.documents.feature_config import FeatureConfig, FeatureConfigStatus
from shared.documents.model_config import ModelConfig
from shared.documents.quick_test import (
    GeneratedCode,
    QuickTest,
    QuickTestSpec,
    QuickTestStatus,
    TestState,
)
from shared.events import Event, Topic
from shared.handlers.inputs import check_fit, pinned_inputs
from shared.handlers.quick_tests import fail, note
from shared.handlers.store import (
    DATASET,
    FEATURE_CONFIG,
    QUICK_TEST,
    announce,
    change_status,
    current,
    is_current,
    publish,
)
from shared.ports import AlreadyExists, JsonObject, NotFound, Ports
from shared.problems import Invalid


def generate_code(event: Event, ports: Ports) -> None:
    """A feature config gets its preprocessing module, a quick test both modules."""
    if event.collection is Collection.FEATURE_CONFIGS:
        _for_feature_config(event, ports)
    elif event.collection is Collection.QUICK_TESTS:
        _for_quick_test(event, ports)


def trainer_source(
    feature_config: FeatureConfig,
    model_config: ModelConfig,
    dataset: Dataset,
    spec: QuickTestSpec,
) -> str:
    """The trainer module with a quick test's overrides."""
    model = model_config.spec
    return generate_trainer(
        feature_config,
        model_config,
        dataset,
        epochs=spec.epochs,
        batch_size=spec.batch_size_override or model.batch_size,
        learning_rate=spec.learning_rate_override or model.learning_rate,
        seed=spec.seed if spec.training_seed is None else spec.training_seed,
        early_stopping_patience=spec.early_stopping_patience,
        rating_column=rating_column(model_config, spec),
    )


def rating_column(model_config: ModelConfig, spec: QuickTestSpec) -> str | None:
    """The column that a test's model predicts; None where it predicts none."""
    return spec.rating_column if model_config.spec.rates else None


def _for_feature_config(event: Event, ports: Ports) -> None:
    snapshot = current(event, ports)
    if snapshot is None:
        return
    try:
        config = FEATURE_CONFIG.load_revision(event.document_id, event.revision, ports)
        if not config.status.validated(event.revision):
            return
        dataset = DATASET.load(config.spec.dataset_id, ports)
    except (NotFound, Invalid):  # what it was judged by is gone: judge again
        announce(event.collection, event.document_id, ports)
        return
    try:
        check_fit(config, dataset)
    except Invalid:  # the dataset's own verdict, which is on its way, has the config judged again
        return
    artifact = _store(generate_preprocessing(config, dataset), ports)

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
    except Invalid:  # validation says so
        return
    status: QuickTestStatus | None = test.status
    if test.status.state is not TestState.PENDING or not test.status.validated(event.revision):
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
        inputs = pinned_inputs(test.spec, pinned, ports)
        preprocessing = generate_preprocessing(
            inputs.feature_config, inputs.dataset, rating_column(inputs.model_config, test.spec)
        )
        trainer = trainer_source(
            inputs.feature_config, inputs.model_config, inputs.dataset, test.spec
        )
        code = GeneratedCode(
            preprocessing=_store(preprocessing, ports), trainer=_store(trainer, ports)
        )
    except NotFound as gone:
        fault = f"{gone} has been deleted since the test was validated."
    except Invalid as invalid:
        fault = f"No longer valid: {invalid}"
    except UnexpectedSource as defect:
        fault = f"The generated code is not as it should be: it {defect}. Please report this."
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


def _store(source: str, ports: Ports) -> CodeArtifact:
    content = source.encode()
    digest = hashlib.sha256(content).hexdigest()
    key = f"code/{digest}.py"
    try:
        uri = ports.artifacts.create(key, content)
    except AlreadyExists:
        uri = ports.artifacts.uri(key)
    return CodeArtifact(uri=uri, sha256=digest)
