"""Rules that need a dataset's columns, judged before the system has the documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from shared.as_code.documents import FileDocument
from shared.as_code.reading import Finding
from shared.documents.base import Collection
from shared.documents.dataset import Dataset
from shared.documents.feature_config import FeatureConfigSpec
from shared.documents.rule_set import RuleSetSpec
from shared.problems import Problem
from shared.rules.feature_config import check_feature_config
from shared.rules.rule_columns import rule_columns
from shared.rules_of_lists import check_rules


def check_with_data(
    documents: Sequence[FileDocument], datasets: Mapping[str, Dataset]
) -> Iterator[Finding]:
    """What is to be said of documents over datasets whose columns are known, by their names."""
    for document in documents:
        dataset = datasets.get(str(document.spec.get("dataset")))
        if dataset is not None:
            for problem in _problems(document, dataset):
                yield document.finding(problem)


def _problems(document: FileDocument, dataset: Dataset) -> list[Problem]:
    spec: dict[str, Any] = document.body({("dataset", dataset.name): dataset.id})["spec"]
    if document.kind.collection is Collection.FEATURE_CONFIGS:
        return check_feature_config(FeatureConfigSpec.model_validate(spec), dataset)
    beside = len(dataset.spec.sides) != len(dataset.status.sides)  # what they hold is not known yet
    if document.kind.collection is Collection.RULE_SETS and not beside:
        rules = RuleSetSpec.model_validate(spec).rules
        return list(check_rules(rules, rule_columns(dataset), "spec.rules"))
    return []
