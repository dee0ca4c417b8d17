"""That nothing comes to name what is gone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from shared.documents.base import Collection
from shared.documents.references import fields_that_name
from shared.paths import is_id
from shared.ports import JsonObject, Transaction
from shared.problems import InvalidError, Problem
from shared.services.deletion_marks import lasts, mark_path


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
