"""A document that need not be stored, as the file that would keep it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from shared.as_code.kinds import KINDS, FileKind, kind_called
from shared.as_code.rendering import rendered
from shared.editing.checking import parsed
from shared.ports import Ports
from shared.problems import InvalidError, Problem

_UNSAVED = "unsaved"


def text_of_draft(ports: Ports, kind: str, name: Any, description: Any, spec: Any) -> str:
    """YAML, as an export writes it: with names in place of ids, and without defaults.

    Args:
        kind: `feature_config`, or whatever else people call it.
        spec: with ids, as the API has it; one that nothing has stays as it is.

    Raises:
        InvalidError: no files are of the kind, or the document is none.
    """
    of = kind_called(kind)
    if of is None:
        message = f"Files are of the kinds {', '.join(KINDS)}."
        raise InvalidError(
            [Problem(path="kind", code="unknown_kind", message=message, received=kind)]
        )
    draft = {"name": name, "description": description, "spec": spec}
    document = parsed(of.collection, _UNSAVED, draft)
    whole = document.data()["spec"]
    return rendered(of, document.name, document.description, whole, dict(_names(ports, of, whole)))


def _names(ports: Ports, kind: FileKind, spec: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Of the documents that a spec names, by id."""
    for reference in kind.references:
        value = spec.get(reference.field)
        for document_id in value if isinstance(value, list) else [value]:
            if not isinstance(document_id, str):
                continue
            found = ports.documents.get(reference.to.path(document_id))
            if found is not None and isinstance(name := found.data.get("name"), str):
                yield document_id, name
