"""Completed tests with everything that they were made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel

from shared.documents.base import Collection
from shared.documents.dataset import Dataset
from shared.documents.feature_config import FeatureConfig
from shared.documents.model_config import ModelConfig
from shared.documents.quick_test import Pinned, QuickTest, TestState
from shared.errors import NotFoundError
from shared.jobs import MetricsReport
from shared.metrics import metric as metric_of
from shared.ports import Ports, Snapshot
from shared.problems import InvalidError, Problem, shorten
from shared.rules.adapted import adapted
from shared.rules.comparability import Measurement
from shared.rules.metrics import main_metric
from shared.services.document_kind import find
from shared.services.inputs import launched_spec
from shared.services.quick_tests import mender
from shared.services.store import DATASET, FEATURE_CONFIG, MODEL_CONFIG, QUICK_TEST

T = TypeVar("T")

# Of each of many tests, no more than what tables say of it.
FIELDS = (
    "name",
    "revision",
    "spec",
    "updated_at",
    "status.state",
    "status.observed",
    "status.validation.revision",
    "status.pinned",
    "status.results",
    "status.artifacts_uri",
)


@dataclass(frozen=True)
class Tested:
    """A completed test; a config or dataset is None where it has been deleted since.

    Attributes:
        test: with the spec that its job was made from, and with its places put right.
        features, model: at the revisions that the test pinned, with what the test sets.
        dataset: as it is now.
    """

    test: QuickTest
    results: MetricsReport
    pinned: Pinned
    features: FeatureConfig | None
    model: ModelConfig | None
    dataset: Dataset | None

    @property
    def measurement(self) -> Measurement:
        return Measurement(
            self.pinned.dataset_id, self.pinned.dataset_fingerprint, self.results.protocol
        )


class LeftOut(BaseModel):
    """A test that was asked for but cannot be shown, and why."""

    quick_test_id: str
    name: str
    reason: str


@dataclass(frozen=True)
class Loaded:
    tests: list[Tested]
    left_out: list[LeftOut]


def load_by_id(ids: Sequence[str], ports: Ports, path: str = "") -> Loaded:
    """Raises InvalidError, naming each id that there is no test of.

    Args:
        path: of a single id; several are items of `quick_test_ids`.
    """
    snapshots = [
        (number, find(Collection.QUICK_TESTS, wanted, ports)) for number, wanted in enumerate(ids)
    ]
    unknown = [
        Problem(
            path=path or f"quick_test_ids[{number}]",
            code="unknown_quick_test",
            message=f"There is no quick test {shorten(ids[number])!r}. Give the id of one that "
            "exists.",
            received=ids[number],
        )
        for number, snapshot in snapshots
        if snapshot is None
    ]
    if unknown:
        raise InvalidError(unknown)
    return load([snapshot for _, snapshot in snapshots if snapshot is not None], ports)


def load(snapshots: Iterable[Snapshot], ports: Ports) -> Loaded:
    """Those of some stored tests that have completed, and why the others are left out."""
    tests, left_out = [], []
    documents = _Documents(ports)
    for snapshot in snapshots:
        found = _tested(snapshot, documents, ports)
        if isinstance(found, Tested):
            tests.append(found)
        else:
            left_out.append(found)
    return Loaded(tests, left_out)


def having(loaded: Loaded, metric: str | None) -> tuple[str, Loaded]:
    """The tests that have a metric; where none is named, the one that most tests are ranked by."""
    if metric is None:
        ranked_by = [main_metric(tested.results.metrics) for tested in loaded.tests]
        names = [name for name in ranked_by if name is not None]
        # Of equally many, recall: "recall_at_100" < "rmse".
        metric = min(set(names), key=lambda name: (-names.count(name), name), default="")
    kept, left_out = [], list(loaded.left_out)
    for tested in loaded.tests:
        if metric in tested.results.metrics:
            kept.append(tested)
        else:
            reason = f"It has no {metric_of(metric).label}."
            left_out.append(
                LeftOut(quick_test_id=tested.test.id, name=tested.test.name, reason=reason)
            )
    return metric, Loaded(kept, left_out)


class _Documents:
    """Configs and datasets, each read once however many tests share it."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._features: dict[tuple[str, int], FeatureConfig | None] = {}
        self._models: dict[tuple[str, int], ModelConfig | None] = {}
        self._datasets: dict[str, Dataset | None] = {}

    def features(self, config_id: str, revision: int) -> FeatureConfig | None:
        key = config_id, revision
        if key not in self._features:
            self._features[key] = _or_none(
                lambda: FEATURE_CONFIG.shown.load_revision(config_id, revision, self._ports)
            )
        return self._features[key]

    def model(self, config_id: str, revision: int) -> ModelConfig | None:
        key = config_id, revision
        if key not in self._models:
            self._models[key] = _or_none(
                lambda: MODEL_CONFIG.shown.load_revision(config_id, revision, self._ports)
            )
        return self._models[key]

    def dataset(self, dataset_id: str) -> Dataset | None:
        if dataset_id not in self._datasets:
            self._datasets[dataset_id] = _or_none(
                lambda: DATASET.shown.load(dataset_id, self._ports)
            )
        return self._datasets[dataset_id]


def _tested(snapshot: Snapshot, documents: _Documents, ports: Ports) -> Tested | LeftOut:
    try:
        test = QUICK_TEST.shown.parse(snapshot.id, snapshot.data)
    except InvalidError as invalid:
        return LeftOut(quick_test_id=snapshot.id, name="", reason=f"It cannot be read: {invalid}.")
    status = test.status
    spec = launched_spec(snapshot, status, ports, test)
    if status.state is not TestState.COMPLETED or status.results is None:
        reason = f"It is {status.state.value}; only completed tests have results."
    elif status.pinned is None or spec is None:
        reason = "What it was made of is not known any more."
    else:
        pinned = status.pinned
        features = documents.features(spec.feature_config_id, pinned.feature_config_revision)
        model = documents.model(spec.model_config_id, pinned.model_config_revision)
        if features is not None and model is not None and spec.settings:
            set_alone = spec.model_copy(update={"leave_out": []})
            features, model = adapted(features, model, set_alone)
        mender(snapshot, status, ports.documents.get, ports)(status)
        return Tested(
            test=test.model_copy(update={"spec": spec}),
            results=status.results,
            pinned=pinned,
            features=features,
            model=model,
            dataset=documents.dataset(pinned.dataset_id),
        )
    return LeftOut(quick_test_id=test.id, name=test.name, reason=reason)


def _or_none(read: Callable[[], T]) -> T | None:
    try:
        return read()
    except (NotFoundError, InvalidError):
        return None
