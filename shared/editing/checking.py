"""A document as somebody wants it stored, parsed and judged."""

from __future__ import annotations

from typing import Any

from shared.documents.base import Collection
from shared.documents.dataset import Dataset, DatasetStatus
from shared.documents.feature_config import FeatureConfig
from shared.documents.model_config import ModelConfig
from shared.documents.quick_test import QuickTest
from shared.documents.sweep import Sweep
from shared.handlers.duplicates import duplicates
from shared.handlers.store import DATASET, KINDS, AnyDocument
from shared.handlers.sweep_verdict import judge_sweep
from shared.handlers.verdicts import (
    Verdict,
    judge_feature_config,
    judge_model_config,
    judge_quick_test,
)
from shared.ports import JsonObject, Ports
from shared.problems import Invalid, Problem, errors
from shared.rules.dataset import check_dataset
from shared.rules.feature_config import check_feature_config


def parsed(collection: Collection, document_id: str, data: Any) -> AnyDocument:
    document: AnyDocument = KINDS[collection].parse(document_id, data)
    return document


def checked(
    ports: Ports, collection: Collection, document_id: str, data: JsonObject, *, judge: bool = True
) -> AnyDocument:
    """The document, parsed and judged, with all warnings in its status. Raises Invalid."""
    document = parsed(collection, document_id, data)
    if judge:
        found = problems(ports, document)
        if faults := errors(found):
            raise Invalid(faults)
        document.status.validation.problems = found
    return document


def problems(ports: Ports, document: AnyDocument) -> list[Problem]:
    """Everything that is to be said of a document that need not be stored."""
    if isinstance(document, Dataset):
        return check_dataset(document.spec, ports.data.inspect(document.spec.source))
    if isinstance(document, FeatureConfig):
        return [*_feature_config_problems(ports, document), *duplicates(document, ports)]
    if isinstance(document, ModelConfig):
        return [*judge_model_config(document).problems, *duplicates(document, ports)]
    if isinstance(document, Sweep):
        return judge_sweep(document, ports).problems
    assert isinstance(document, QuickTest)
    return judge_quick_test(document.spec, ports).problems


def _feature_config_problems(ports: Ports, config: FeatureConfig) -> list[Problem]:
    """While the dataset is being profiled, its columns' names and types are enough."""
    verdict: Verdict = judge_feature_config(config, ports)
    if verdict.waiting_for is None:
        return verdict.problems
    dataset = DATASET.load(config.spec.dataset_id, ports)
    try:
        columns = ports.data.inspect(dataset.spec.source)
    except Invalid as invalid:
        listed = " ".join(problem.message for problem in invalid.problems)
        return [
            Problem(
                path="spec.dataset_id",
                code="invalid_dataset",
                message=f"Dataset {dataset.id!r} is not valid. {listed}",
                received=dataset.id,
            )
        ]
    known = dataset.model_copy(update={"status": DatasetStatus(columns=columns)})
    return check_feature_config(config.spec, known)
