"""A completed test's result, on the feature config that it tested."""

from __future__ import annotations

from shared.documents.base import read_status
from shared.documents.dataset import DatasetStatus
from shared.documents.feature_config import BestMetrics, FeatureConfigStatus, Lifecycle
from shared.documents.quick_test import Pinned, QuickTestStatus, TestState
from shared.handlers.store import DATASET, FEATURE_CONFIG, QUICK_TEST
from shared.ports import Ports, Transaction
from shared.rules.results import RANKED_BY, comparable


def record_result(
    quick_test_id: str, feature_config_id: str, status: QuickTestStatus, ports: Ports
) -> None:
    """Marks the config as tested, and keeps this result where it is the best of those with recall.

    The standing best gives way to a better one that is comparable, and to any where it no longer
    says anything: its test is gone, or the data has changed since. Others leave it.
    """
    path = FEATURE_CONFIG.collection.path(feature_config_id)
    results = status.results
    if status.state is not TestState.COMPLETED or results is None:
        return

    def change(transaction: Transaction) -> None:
        snapshot = transaction.get(path)
        if snapshot is None:
            return
        config = read_status(FeatureConfigStatus, snapshot.data)
        before = config.model_dump(mode="json")
        rival = _rival(config.best, transaction)
        recalls = RANKED_BY in results.metrics
        if recalls and (rival is None or _beats(status, rival, transaction)):
            config.best = BestMetrics(quick_test_id=quick_test_id, metrics=results.metrics)
        if config.lifecycle is Lifecycle.DRAFT:
            config.lifecycle = Lifecycle.TESTED
        after = config.model_dump(mode="json")
        if after != before:
            stored = snapshot.data.get("status")
            kept = stored if isinstance(stored, dict) else {}
            transaction.update(path, {"status": {**kept, **after}})

    ports.documents.transact(change)


def _rival(best: BestMetrics | None, transaction: Transaction) -> QuickTestStatus | None:
    """The status of the test that holds the standing best, or None where there is none."""
    if best is None:
        return None
    snapshot = transaction.get(QUICK_TEST.collection.path(best.quick_test_id))
    if snapshot is None:
        return None
    status = read_status(QuickTestStatus, snapshot.data)
    return status if status.results is not None else None


def _beats(status: QuickTestStatus, rival: QuickTestStatus, transaction: Transaction) -> bool:
    if status.results is None or status.pinned is None or rival.results is None:
        return False
    if comparable(status, rival):
        return status.results.metrics[RANKED_BY] > rival.results.metrics.get(RANKED_BY, 0.0)
    if rival.pinned is not None and _on_same_data(status.pinned, rival.pinned):
        return False
    snapshot = transaction.get(DATASET.collection.path(status.pinned.dataset_id))
    present = read_status(DatasetStatus, snapshot.data).fingerprint if snapshot else None
    return status.pinned.dataset_fingerprint == present


def _on_same_data(one: Pinned, other: Pinned) -> bool:
    return (one.dataset_id, one.dataset_fingerprint) == (
        other.dataset_id,
        other.dataset_fingerprint,
    )
