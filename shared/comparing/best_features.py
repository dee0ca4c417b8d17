"""Which feature config of a dataset is best, by the best tests of all of them."""

from __future__ import annotations

from pydantic import BaseModel

from shared.comparing.loading import Loaded, Tested, having, load
from shared.documents.base import Collection, read_status
from shared.documents.feature_config import FeatureConfigStatus, Lifecycle
from shared.ports import Ports
from shared.rules.comparability import grouped
from shared.rules.verdict import (
    Candidate,
    best_of,
    best_sentence,
    differences_to_first,
    ranked,
)
from shared.services.document_kind import find
from shared.services.replicates import read_replicates


class BestFeatures(BaseModel):
    """The feature configs of a dataset that were measured alike, each by its best test.

    Attributes:
        feature_config_id: the one with the star; null where there is no clear best.
        leading: those that cannot be told apart from the best value, with that value first.
        summary: what comes of it, in words.
    """

    dataset_id: str
    feature_config_id: str | None
    leading: list[str]
    summary: str


def best_features(ports: Ports) -> list[BestFeatures]:
    """Of each dataset with at least two such configs, archived ones aside: in the largest group of
    tests that may be ranked."""
    names: dict[str, str] = {}
    snapshots = []
    fields = ("name", "status.lifecycle", "status.best")
    for config in ports.documents.query(Collection.FEATURE_CONFIGS, fields=fields):
        status = read_status(FeatureConfigStatus, config.data)
        if status.best is None or status.lifecycle is Lifecycle.ARCHIVED:
            continue
        test = find(Collection.QUICK_TESTS, status.best.quick_test_id, ports)
        if test is not None:
            snapshots.append(test)
            names[config.id] = str(config.data.get("name"))
    datasets: dict[str, list[Tested]] = {}
    for tested in load(snapshots, ports).tests:
        if tested.test.spec.feature_config_id in names:
            datasets.setdefault(tested.pinned.dataset_id, []).append(tested)
    found = (_best(dataset_id, tests, names, ports) for dataset_id, tests in datasets.items())
    return [one for one in found if one is not None]


def _best(
    dataset_id: str, tests: list[Tested], names: dict[str, str], ports: Ports
) -> BestFeatures | None:
    metric, measured = having(Loaded(tests, []), None)
    groups = grouped(measured.tests, lambda tested: tested.measurement, metric)
    group = max(groups, key=len, default=[])
    if len(group) < 2:
        return None
    order = ranked(
        [
            Candidate(
                tested.test.spec.feature_config_id,
                tested.results.metrics[metric],
                [tested.results],
                read_replicates(tested.test.status, ports),
            )
            for tested in group
        ],
        metric,
    )
    found = best_of(order, differences_to_first(order, metric), metric)
    told = {one.id: (names[one.id], one.value) for one in order}
    return BestFeatures(
        dataset_id=dataset_id,
        feature_config_id=found.best,
        leading=found.leading,
        summary=best_sentence(found, told, metric),
    )
