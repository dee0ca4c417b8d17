"""A document as somebody wants it stored, parsed and judged."""

from __future__ import annotations

from typing import Any

from shared.documents.base import Collection, Status, read_status
from shared.documents.dataset import Dataset, DatasetStatus
from shared.documents.feature_config import FeatureConfig
from shared.documents.model_config import ModelConfig
from shared.documents.quick_test import QuickTest
from shared.documents.registered_model import RegisteredModel
from shared.documents.rule_set import RuleSet
from shared.documents.schedule import Schedule
from shared.documents.sweep import Sweep
from shared.documents.tuning import Tuning
from shared.errors import NotFoundError
from shared.ports import JsonObject, Ports
from shared.problems import InvalidError, Problem, errors
from shared.rules.dataset import check_dataset
from shared.rules.feature_config import check_feature_config
from shared.services.document_kind import AnyDocument, stated_revision
from shared.services.duplicates import duplicates
from shared.services.looking import columns_of
from shared.services.promoting import judge_wish
from shared.services.rule_sets import judge_rule_set
from shared.services.schedules import judge_schedule
from shared.services.store import DATASET, KINDS, REGISTERED_MODEL
from shared.services.sweep_verdict import judge_sweep
from shared.services.tuning_forecast import judge_tuning
from shared.services.verdicts import (
    Verdict,
    judge_feature_config,
    judge_model_config,
    judge_quick_test,
)


def parsed(collection: Collection, document_id: str, data: Any) -> AnyDocument:
    document: AnyDocument = KINDS[collection].parse(document_id, data)
    return document


def shown(collection: Collection, document_id: str, data: Any) -> AnyDocument:
    """A stored document without the settings that a newer version has written. Raises
    InvalidError."""
    document: AnyDocument = KINDS[collection].shown.parse(document_id, data)
    return document


def of_newer(collection: Collection, document_id: str, data: JsonObject) -> list[str]:
    """Paths of the settings that nobody here knows, in a spec that was found valid: a newer
    version has written it."""
    try:
        parsed(collection, document_id, data)
    except InvalidError as invalid:
        status = read_status(Status, data)
        if any(problem.code != "extra_forbidden" for problem in invalid.problems):
            return []
        valid = status.validated(stated_revision(data))
        return [problem.path for problem in invalid.problems] if valid else []
    return []


def checked(
    ports: Ports, collection: Collection, document_id: str, data: JsonObject, *, judge: bool = True
) -> AnyDocument:
    """The document, parsed and judged, with all warnings in its status. Raises InvalidError."""
    document = (parsed if judge else shown)(collection, document_id, data)
    if judge:
        found = problems(ports, document)
        if faults := errors(found):
            raise InvalidError(faults)
        document.status.validation.problems = found
    return document


def problems(ports: Ports, document: AnyDocument) -> list[Problem]:
    """Everything that is to be said of a document that need not be stored."""
    if isinstance(document, Dataset):
        spec = document.spec
        return check_dataset(spec, columns_of(spec, spec.column_mapping, ports))
    if isinstance(document, FeatureConfig):
        return [*_feature_config_problems(ports, document), *duplicates(document, ports)]
    if isinstance(document, ModelConfig):
        return [*judge_model_config(document).problems, *duplicates(document, ports)]
    if isinstance(document, Sweep):
        return judge_sweep(document, ports).problems
    if isinstance(document, Tuning):
        return judge_tuning(document, ports).problems
    if isinstance(document, RegisteredModel):
        stored = REGISTERED_MODEL.load(document.id, ports)
        return judge_wish(document.model_copy(update={"status": stored.status}), ports).problems
    if isinstance(document, RuleSet):
        return judge_rule_set(document, ports).problems
    if isinstance(document, Schedule):
        return judge_schedule(document, ports).problems
    assert isinstance(document, QuickTest)
    return judge_quick_test(document.spec, ports).problems


def _feature_config_problems(ports: Ports, config: FeatureConfig) -> list[Problem]:
    """While the dataset is being profiled, its columns' names and types are enough."""
    verdict: Verdict = judge_feature_config(config, ports)
    if verdict.waiting_for is None:
        return verdict.problems
    try:
        dataset = DATASET.load(config.spec.dataset_id, ports)
    except NotFoundError:  # deleted since it was judged, by what says so now
        return judge_feature_config(config, ports).problems
    try:
        columns = columns_of(dataset.spec, dataset.spec.column_mapping, ports)
    except InvalidError as invalid:
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
