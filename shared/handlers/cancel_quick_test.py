"""Stopping a quick test."""

from __future__ import annotations

from shared.documents.quick_test import QuickTestStatus, TestState
from shared.handlers.quick_tests import cancel_job, end
from shared.handlers.store import QUICK_TEST, change_status
from shared.ports import JsonObject, NotFound, Ports


def cancel_quick_test(quick_test_id: str, ports: Ports) -> QuickTestStatus:
    """Cancels a test and its job; a test that has ended otherwise stays as it is.

    Returns the status as it now is. Raises NotFound.
    """
    now = ports.clock.now()

    def write(_: JsonObject, status: QuickTestStatus) -> None:
        if not status.state.ended:
            end(status, TestState.CANCELLED, now, "cancelled")

    status = change_status(QUICK_TEST, quick_test_id, write, ports)
    if status is None:
        raise NotFound(QUICK_TEST.collection.path(quick_test_id))
    if status.state is TestState.CANCELLED and status.job is not None:
        cancel_job(status.job.job_id, ports)
    return status
