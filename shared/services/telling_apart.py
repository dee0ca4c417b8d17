"""What a test of some size would tell apart on its data, before it is started."""

from __future__ import annotations

from shared.documents.base import Collection, read_status
from shared.documents.dataset import Dataset
from shared.documents.quick_test import QuickTestSpec, QuickTestStatus, TestState
from shared.errors import NotFoundError
from shared.ports import Filter, Ports
from shared.problems import InvalidError
from shared.rules.telling_apart import Spread, spread_of, telling_apart
from shared.services.store import MODEL_CONFIG
from shared.tasks import TASKS

_FIELDS = (
    "status.results.metrics",
    "status.results.baselines",
    "status.results.differences",
    "status.results.protocol",
    "status.pinned",
    "status.comparison",
    "status.ended_at",
)
# The latest tests, whose median is taken.
_MOST = 20
_LATEST = 200  # tests that are looked through for these


def tells_apart(spec: QuickTestSpec, dataset: Dataset, ports: Ports) -> str | None:
    """In words; None before there is a test of the same task with the same split on the data as it
    is now."""
    metric = _metric(spec, ports)
    if spec.sample_by != "customer" or metric is None:
        return None
    where = [
        Filter("status.pinned.dataset_id", "==", dataset.id),
        Filter("status.state", "==", TestState.COMPLETED.value),
    ]
    latest = ports.documents.query(
        Collection.QUICK_TESTS,
        where,
        order_by="status.ended_at",
        descending=True,
        limit=_LATEST,
        fields=_FIELDS,
    )
    ended = [read_status(QuickTestStatus, snapshot.data) for snapshot in latest]
    spreads = [spread for one in ended if (spread := _spread(spec, dataset, one)) is not None]
    alike = [spread for spread in spreads if spread.metric == metric]
    return telling_apart(alike[:_MOST], spec.data_sample_percent)


def _metric(spec: QuickTestSpec, ports: Ports) -> str | None:
    """What the test will be ranked by; None where there is no such model."""
    try:
        model = MODEL_CONFIG.load(spec.model_config_id, ports)
    except (NotFoundError, InvalidError):
        return None
    return TASKS[model.spec.model_type].main_metrics[0]


def _spread(spec: QuickTestSpec, dataset: Dataset, status: QuickTestStatus) -> Spread | None:
    results, pinned = status.results, status.pinned
    if results is None or pinned is None:
        return None
    if pinned.dataset_fingerprint != (dataset.status.fingerprint or ""):
        return None
    asked = spec.split.strategy, spec.split.holdout_percent / 100
    had = results.protocol.split, results.protocol.holdout_fraction
    alike = asked[0] in ("auto", had[0]) and abs(asked[1] - had[1]) < 1e-9
    return spread_of(results, status.comparison) if alike else None
