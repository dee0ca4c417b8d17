"""Stopping a quick test."""

from __future__ import annotations

from shared.documents.quick_test import QuickTestStatus, TestState
from shared.errors import NotFoundError
from shared.ports import JsonObject, Ports
from shared.services.quick_tests import cancel_job, end
from shared.services.store import QUICK_TEST, change_status


def cancel_quick_test(quick_test_id: str, ports: Ports) -> QuickTestStatus:
    """Cancels a test and its job; a test that has ended otherwise stays as it is.

    Returns the status as it now is. Raises NotFoundError.
    """
    now = ports.clock.now()

    def write(_: JsonObject, status: QuickTestStatus) -> None:
        if not status.state.ended:
            end(status, TestState.CANCELLED, now, "cancelled")

    status = change_status(QUICK_TEST, quick_test_id, write, ports)
    if status is None:
        raise NotFoundError(QUICK_TEST.collection.noun, quick_test_id)
    if status.state is TestState.CANCELLED and status.job is not None:
        cancel_job(quick_test_id, ports)
    return status
