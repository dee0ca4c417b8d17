"""What would be said of a config, without storing it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from shared.documents.base import Collection
from shared.editing.checking import parsed, problems
from shared.errors import NotFoundError
from shared.ports import Ports
from shared.problems import InvalidError, Problem, errors
from shared.services.document_kind import AnyDocument, find


@dataclass(frozen=True)
class Trial:
    """`document` is None where the spec cannot be read; `problems` say why."""

    document: AnyDocument | None
    problems: list[Problem]

    @property
    def valid(self) -> bool:
        return not errors(self.problems)


def try_out(
    ports: Ports, collection: Collection, spec: Any, document_id: str | None = None
) -> Trial:
    """Judges a spec as `create`, or `update` of `document_id`, would. Raises NotFoundError."""
    data = {"name": "unsaved", "spec": spec}
    if document_id is not None:
        stored = find(collection, document_id, ports)
        if stored is None:
            raise NotFoundError(collection.noun, document_id)
        data["created_at"] = stored.data.get("created_at")
    try:
        document = parsed(collection, document_id or "unsaved", data)
    except InvalidError as invalid:
        return Trial(None, invalid.problems)
    return Trial(document, problems(ports, document))
