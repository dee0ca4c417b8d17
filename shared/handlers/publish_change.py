"""Step 1: a document was written; say so where its spec changed."""

from __future__ import annotations

from typing import Any

from shared.documents.base import Collection, spec_hash
from shared.handlers.store import announce
from shared.ports import DocumentChange, Ports


def publish_change(change: DocumentChange, ports: Ports) -> None:
    """Publishes `config-changed` for a changed spec, after giving it a revision.

    A status written by a handler changes no spec and ends here, so that no loop starts. A change
    that is delivered again is published again: the first time may have failed half-way.
    """
    collection, _, document_id = change.path.partition("/")
    if collection not in set(Collection) or not document_id or "/" in document_id:
        return
    if change.after is None or _spec(change.before) == _spec(change.after):
        return
    announce(Collection(collection), document_id, ports)


def _spec(data: Any) -> str | None:
    """The hash of a document's spec, or None where there is no document."""
    return spec_hash(data.get("spec")) if isinstance(data, dict) else None
