"""Step 1: a document was written; say so where its spec changed, or where a test has ended."""

from __future__ import annotations

from typing import Any

from shared.documents.base import Collection, read_status, spec_hash
from shared.documents.quick_test import QuickTestStatus, TestState
from shared.events import Topic
from shared.handlers.store import announce, publish
from shared.ports import DocumentChange, Ports

_ENDED = {state.value for state in TestState if state.ended}


def publish_change(change: DocumentChange, ports: Ports) -> None:
    """Publishes `config-changed` for a changed spec, after giving it a revision, and
    `quick-test-ended` once a test's state says so, whoever wrote it.

    Any other status that a handler writes changes no spec and ends here, so that no loop starts;
    but a sweep hears of what becomes of its tests. A change that is delivered again is published
    again: the first time may have failed half-way.
    """
    collection, _, document_id = change.path.partition("/")
    if collection not in set(Collection) or not document_id or "/" in document_id:
        return
    if collection == Collection.QUICK_TESTS:
        _tell_sweep(change, ports)
    if change.after is None:
        return
    if _spec(change.before) != _spec(change.after):
        announce(Collection(collection), document_id, ports)
    if collection == Collection.QUICK_TESTS and _ended(change.after) and not _ended(change.before):
        publish(Topic.QUICK_TEST_ENDED, Collection.QUICK_TESTS, document_id, 0, ports)


def failure(change: DocumentChange) -> str | None:
    """Why a test has failed, where this change is the one that says so."""
    collection, _, document_id = change.path.partition("/")
    if collection != Collection.QUICK_TESTS or "/" in document_id or not _ended(change.after):
        return None
    status = read_status(QuickTestStatus, change.after)
    if _ended(change.before) or status.state is not TestState.FAILED:
        return None
    return status.error.message if status.error else "it does not say why."


def _spec(data: Any) -> str | None:
    """The hash of a document's spec, or None where there is no document."""
    return spec_hash(data.get("spec")) if isinstance(data, dict) else None


def _tell_sweep(change: DocumentChange, ports: Ports) -> None:
    """Says that a sweep's test has moved, ended or been deleted."""
    before, after = _stand(change.before), _stand(change.after)
    if before == after:
        return
    for sweep_id in {stand[0] for stand in (before, after) if stand is not None}:
        publish(Topic.PIPELINE_STATUS, Collection.SWEEPS, sweep_id, 0, ports)


def _stand(data: Any) -> tuple[str, Any, Any] | None:
    """A test's sweep, and how far the test is; None where it belongs to none."""
    spec, status = (data.get(key) if isinstance(data, dict) else None for key in ("spec", "status"))
    sweep_id = spec.get("sweep_id") if isinstance(spec, dict) else None
    if not isinstance(sweep_id, str) or not sweep_id or "/" in sweep_id:
        return None
    told = status if isinstance(status, dict) else {}
    return sweep_id, told.get("state"), told.get("progress")


def _ended(data: Any) -> bool:
    status = data.get("status") if isinstance(data, dict) else None
    return isinstance(status, dict) and status.get("state") in _ENDED
