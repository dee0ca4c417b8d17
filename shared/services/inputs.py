"""The documents that a quick test was pinned to, and the plan of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from shared.codegen import Plan, make_plan
from shared.documents.dataset import Dataset
from shared.documents.feature_config import FeatureConfig
from shared.documents.model_config import ModelConfig
from shared.documents.quick_test import Pinned, QuickTest, QuickTestSpec, QuickTestStatus
from shared.errors import NotFoundError
from shared.ports import Ports, Snapshot
from shared.problems import InvalidError, Problem, errors
from shared.rules.adapted import adapted, check_adapted
from shared.rules.dataset import check_dataset
from shared.rules.feature_config import check_feature_config
from shared.rules.model_config import check_model_config
from shared.rules.quick_test import check_quick_test
from shared.rules.tables import check_known
from shared.services.document_kind import find, is_current
from shared.services.quick_tests import mender
from shared.services.store import DATASET, FEATURE_CONFIG, MODEL_CONFIG, QUICK_TEST


@dataclass(frozen=True)
class Inputs:
    """Attributes:
    feature_config, model_config: without what the test leaves out, with what it sets.
    plan: all that its modules, its job and its estimate are made from.
    """

    feature_config: FeatureConfig
    model_config: ModelConfig
    dataset: Dataset
    plan: Plan


def pinned_inputs(spec: QuickTestSpec, pinned: Pinned, ports: Ports) -> Inputs:
    """The configs at their pinned revisions, over the dataset as it is now.

    All is judged once more: anybody may have written that it was found valid.

    Raises:
        NotFoundError: one of them has been deleted.
        InvalidError: one cannot be read, they do not fit each other or what was pinned, or the
            dataset has changed so that it no longer fits.
    """
    whole = FEATURE_CONFIG.load_revision(
        spec.feature_config_id, pinned.feature_config_revision, ports
    )
    model_config = MODEL_CONFIG.load_revision(
        spec.model_config_id, pinned.model_config_revision, ports
    )
    _check_pinned(spec, pinned, whole)
    dataset = DATASET.load(pinned.dataset_id, ports)
    check_fit(whole, dataset)
    _refuse(check_adapted(whole, model_config, spec))
    feature_config, model_config = adapted(whole, model_config, spec)
    check_fit(feature_config, dataset)
    _refuse(check_model_config(model_config.spec))
    _refuse(check_quick_test(spec, feature_config, model_config, dataset))
    plan = make_plan(feature_config, model_config, dataset, spec)
    return Inputs(feature_config, model_config, dataset, plan)


def _check_pinned(spec: QuickTestSpec, pinned: Pinned, feature_config: FeatureConfig) -> None:
    """Raises InvalidError where a status pins other than the test's spec and its config name."""
    for name, pins, names in (
        ("dataset_id", pinned.dataset_id, feature_config.spec.dataset_id),
        ("feature_config_revision", pinned.feature_config_revision, spec.feature_config_revision),
        ("model_config_revision", pinned.model_config_revision, spec.model_config_revision),
    ):
        if names is not None and pins != names:
            raise InvalidError(
                [
                    Problem(
                        path=f"status.pinned.{name}",
                        code="pinned_otherwise",
                        message=f"The test is pinned to another than its specs name, {names!r}.",
                        received=pins,
                    )
                ]
            )


def _refuse(problems: Iterable[Problem]) -> None:
    """Raises InvalidError where there are errors."""
    if faults := errors(problems):
        raise InvalidError(faults)


def check_fit(feature_config: FeatureConfig, dataset: Dataset) -> None:
    """Raises InvalidError where no code can be made from the two: generators presume valid
    documents, and either may have been rewritten since it was judged."""
    _refuse(
        [
            *check_dataset(dataset.spec, dataset.status.columns),
            *check_known(dataset.spec, dataset.status),
            *check_feature_config(feature_config.spec, dataset),
        ]
    )


def launched_spec(
    snapshot: Snapshot, status: QuickTestStatus, ports: Ports, test: QuickTest | None = None
) -> QuickTestSpec | None:
    """The spec that a test's job was made from, whatever has been written over it since; None
    where it cannot be read.

    Args:
        test: as `QUICK_TEST.shown` has parsed the snapshot, if somebody has.
    """
    revision = status.validation.revision
    try:
        if is_current(snapshot.data, status, revision):
            return (test or QUICK_TEST.shown.parse(snapshot.id, snapshot.data)).spec
        return QUICK_TEST.shown.load_revision(snapshot.id, revision, ports).spec
    except (NotFoundError, InvalidError):
        return None


def launched_test(quick_test_id: str, ports: Ports) -> QuickTest:
    """A test with the spec that its job was made from, so far as that can be read, and with the
    places of its code and its files as they are, whatever its status says of them.

    Raises:
        NotFoundError: there is no such test.
        InvalidError: it cannot be read.
    """
    snapshot = find(QUICK_TEST.collection, quick_test_id, ports)
    if snapshot is None:
        raise NotFoundError(QUICK_TEST.collection.noun, quick_test_id)
    test = QUICK_TEST.shown.parse(quick_test_id, snapshot.data)
    spec = launched_spec(snapshot, test.status, ports, test)
    mender(snapshot, test.status, ports.documents.get, ports)(test.status)
    return test.model_copy(update={"spec": spec or test.spec})
