"""Stopping and cancelling tunings, and the tests that nobody waits for any more."""

from __future__ import annotations

import contextlib

from shared.documents.series import SweepState
from shared.documents.tuning import TuningStatus
from shared.errors import NotFoundError
from shared.ports import JsonObject, Ports
from shared.services.cancel_quick_test import cancel_quick_test
from shared.services.series import end, note, tests_of
from shared.services.store import TUNING, change_status


def stop_tuning(tuning_id: str, ports: Ports) -> TuningStatus:
    """Makes no more trials, gives up those under way, and has the best so far compared with the
    default; what has ended stays as it is.

    Returns the status as it now is: the rest is the step's, which hears of it. Raises
    NotFoundError.
    """
    return _request(tuning_id, ports, cancel=False)


def cancel_tuning(tuning_id: str, ports: Ports) -> TuningStatus:
    """Cancels a tuning and its tests; the trials that have completed, and the best of them, stay.

    Returns the status as it now is: the rest is the step's, which hears of it. Raises
    NotFoundError.
    """
    return _request(tuning_id, ports, cancel=True)


def _request(tuning_id: str, ports: Ports, *, cancel: bool) -> TuningStatus:
    now = ports.clock.now()

    def write(_: JsonObject, status: TuningStatus) -> None:
        if status.state.ended or status.cancel_requested or (status.stop_requested and not cancel):
            return
        status.stop_requested = True
        status.cancel_requested = cancel
        note(status, now, "cancel requested" if cancel else "stop requested")
        if not status.trials:
            end(status, SweepState.CANCELLED, now)

    status = change_status(TUNING, tuning_id, write, ports)
    if status is None:
        raise NotFoundError(TUNING.collection.noun, tuning_id)
    if not status.state.ended:
        give_up(tuning_id, status, ports)
    return status


def give_up(tuning_id: str, status: TuningStatus, ports: Ports) -> bool:
    """Cancels the tests that nobody waits for any more; whether there were any."""
    trials = [
        trial.quick_test_id
        for trial in status.trials
        if trial.pruned or (status.stop_requested and not trial.state.ended)
    ]
    if status.cancel_requested:
        trials += [test.quick_test_id for test in status.confirming]
    if not trials:
        return False
    own = tests_of("tuning_id", tuning_id, ports)
    doomed = [test_id for test_id in trials if test_id in own and not own[test_id].state.ended]
    for test_id in doomed:
        with contextlib.suppress(NotFoundError):
            cancel_quick_test(test_id, ports)
    return bool(doomed)
