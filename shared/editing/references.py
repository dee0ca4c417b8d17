"""Which documents name which, and that nothing comes to name what is gone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from shared.documents.base import Collection
from shared.paths import is_id
from shared.ports import JsonObject, Transaction
from shared.problems import InvalidError, Problem
from shared.services.deletion_marks import lasts, mark_path

# Where documents of one collection are named in those of others.
REFERENCES: dict[Collection, tuple[tuple[Collection, str], ...]] = {
    Collection.DATASETS: (
        (Collection.FEATURE_CONFIGS, "spec.dataset_id"),
        (Collection.RULE_SETS, "spec.dataset_id"),
    ),
    Collection.FEATURE_CONFIGS: ((Collection.QUICK_TESTS, "spec.feature_config_id"),),
    Collection.MODEL_CONFIGS: ((Collection.QUICK_TESTS, "spec.model_config_id"),),
    Collection.RULE_SETS: ((Collection.QUICK_TESTS, "spec.rule_set_id"),),
    Collection.REGISTERED_MODELS: ((Collection.SCHEDULES, "spec.model_id"),),
}
# Fields of sweeps and of tunings that name configs. Once one has ended, its tests name them.
SWEPT = {
    Collection.FEATURE_CONFIGS: ("feature_config_ids", "feature_config_id"),
    Collection.MODEL_CONFIGS: ("model_config_ids", "model_config_id"),
}


def read_named(
    transaction: Transaction, collection: Collection, spec: JsonObject, now: datetime
) -> list[str]:
    """Reads what a spec names, so that the transaction holds only while it is there.

    Returns:
        Paths for the transaction to delete: marks of deletions that came to no end.

    Raises:
        InvalidError: some of it is gone, or about to go.
    """
    problems, over = [], []
    for field, named, document_id in _named(collection, spec):
        mark = transaction.get(mark_path(named, document_id))
        if transaction.get(named.path(document_id)) is None:
            problems.append(_problem(field, named, document_id, "has been deleted"))
        elif mark is not None and lasts(mark, now):
            problems.append(_problem(field, named, document_id, "is being deleted"))
        elif mark is not None:
            over.append(mark.path)
    if problems:
        raise InvalidError(problems)
    return over


def fields_that_name(collection: Collection) -> list[tuple[str, Collection]]:
    """The fields of a collection's specs that hold ids of other documents, and of which."""
    fields = [
        (field.removeprefix("spec."), named)
        for named, users in REFERENCES.items()
        for user, field in users
        if user is collection
    ]
    if collection in (Collection.SWEEPS, Collection.TUNINGS):
        place = 0 if collection is Collection.SWEEPS else 1
        fields = [(names[place], named) for named, names in SWEPT.items()]
    return fields


def _named(collection: Collection, spec: JsonObject) -> Iterator[tuple[str, Collection, str]]:
    """Each document that a spec names, with the field."""
    seen = set()
    for field, named in fields_that_name(collection):
        value = spec.get(field)
        for document_id in value if isinstance(value, list) else [value]:
            if not isinstance(document_id, str) or not is_id(document_id):
                continue
            if (named, document_id) not in seen:
                seen.add((named, document_id))
                yield f"spec.{field}", named, document_id


def _problem(field: str, named: Collection, document_id: str, what: str) -> Problem:
    message = f"The {named.noun} {document_id!r} {what}. Choose another one."
    return Problem(path=field, code="deleted", message=message, received=document_id)
