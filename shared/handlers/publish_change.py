"""Step 1: a document was written; say so where its spec changed, or where a test has ended."""

from __future__ import annotations

from typing import Any

from shared.documents.base import Collection, spec_hash
from shared.documents.quick_test import TestState
from shared.events import Topic
from shared.handlers.store import announce, publish
from shared.ports import DocumentChange, Ports

_ENDED = {state.value for state in TestState if state.ended}


def publish_change(change: DocumentChange, ports: Ports) -> None:
    """Publishes `config-changed` for a changed spec, after giving it a revision, and
    `quick-test-ended` once a test's state says so, whoever wrote it.

    Any other status that a handler writes ends here, so that no loop starts. A change that is
    delivered again is published again: the first time may have failed half-way.
    """
    collection, _, document_id = change.path.partition("/")
    if collection not in set(Collection) or not document_id or "/" in document_id:
        return
    if change.after is None:
        return
    if _spec(change.before) != _spec(change.after):
        announce(Collection(collection), document_id, ports)
    if collection == Collection.QUICK_TESTS and _ended(change.after) and not _ended(change.before):
        publish(Topic.QUICK_TEST_ENDED, Collection.QUICK_TESTS, document_id, 0, ports)


def _spec(data: Any) -> str | None:
    """The hash of a document's spec, or None where there is no document."""
    return spec_hash(data.get("spec")) if isinstance(data, dict) else None


def _ended(data: Any) -> bool:
    status = data.get("status") if isinstance(data, dict) else None
    return isinstance(status, dict) and status.get("state") in _ENDED
