"""The documents that a quick test was pinned to, ready for code generation."""

from __future__ import annotations

from dataclasses import dataclass

from shared.documents.dataset import Dataset
from shared.documents.feature_config import FeatureConfig
from shared.documents.model_config import ModelConfig
from shared.documents.quick_test import Pinned, QuickTest, QuickTestSpec, QuickTestStatus
from shared.handlers.store import (
    DATASET,
    FEATURE_CONFIG,
    MODEL_CONFIG,
    QUICK_TEST,
    find,
    is_current,
)
from shared.ports import NotFound, Ports, Snapshot
from shared.problems import Invalid, errors
from shared.rules.ablation import reduced
from shared.rules.dataset import check_dataset
from shared.rules.feature_config import check_feature_config


@dataclass(frozen=True)
class Inputs:
    feature_config: FeatureConfig
    model_config: ModelConfig
    dataset: Dataset


def pinned_inputs(spec: QuickTestSpec, pinned: Pinned, ports: Ports) -> Inputs:
    """The configs at their pinned revisions, over the dataset as it is now; the feature config is
    without the columns that the test leaves out.

    Raises:
        NotFound: one of them has been deleted.
        Invalid: one cannot be read, or the dataset has changed so that it no longer fits.
    """
    feature_config = reduced(
        FEATURE_CONFIG.load_revision(spec.feature_config_id, pinned.feature_config_revision, ports),
        spec.leave_out,
    )
    model_config = MODEL_CONFIG.load_revision(
        spec.model_config_id, pinned.model_config_revision, ports
    )
    dataset = DATASET.load(pinned.dataset_id, ports)
    check_fit(feature_config, dataset)
    return Inputs(feature_config, model_config, dataset)


def check_fit(feature_config: FeatureConfig, dataset: Dataset) -> None:
    """Raises Invalid where no code can be made from the two: generators presume valid documents,
    and either may have been rewritten since it was judged."""
    faults = [
        *check_dataset(dataset.spec, dataset.status.columns),
        *check_feature_config(feature_config.spec, dataset),
    ]
    if errors(faults):
        raise Invalid(errors(faults))


def launched_spec(
    snapshot: Snapshot, status: QuickTestStatus, ports: Ports
) -> QuickTestSpec | None:
    """The spec that a test's job was made from, whatever has been written over it since; None
    where it cannot be read."""
    revision = status.validation.revision
    try:
        if is_current(snapshot.data, status, revision):
            return QUICK_TEST.parse(snapshot.id, snapshot.data).spec
        return QUICK_TEST.load_revision(snapshot.id, revision, ports).spec
    except (NotFound, Invalid):
        return None


def launched_test(quick_test_id: str, ports: Ports) -> QuickTest:
    """A test with the spec that its job was made from, so far as that can be read.

    Raises:
        NotFound: there is no such test.
        Invalid: it cannot be read.
    """
    snapshot = find(QUICK_TEST.collection, quick_test_id, ports)
    if snapshot is None:
        raise NotFound(QUICK_TEST.collection.path(quick_test_id))
    test = QUICK_TEST.parse(quick_test_id, snapshot.data)
    spec = launched_spec(snapshot, test.status, ports)
    return test if spec is None else test.model_copy(update={"spec": spec})
