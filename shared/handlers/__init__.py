"""The steps from a changed document to a tested model, as plain functions over ports.

Every event may come twice, late or out of order. A passing fault is raised, so that the event
comes again; a lasting one is written on the document.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from shared.events import Event, Topic
from shared.handlers.advance_sweep import advance_sweep, cancel_sweep
from shared.handlers.cancel_quick_test import cancel_quick_test
from shared.handlers.generate_code import generate_code
from shared.handlers.launch_quick_test import launch_quick_test
from shared.handlers.lifecycle import archive, unarchive
from shared.handlers.publish_change import failure, publish_change
from shared.handlers.reconcile import reconcile
from shared.handlers.record_experiment import record_experiment
from shared.handlers.silence import Patience
from shared.handlers.track_quick_test import track_quick_test
from shared.handlers.validate_config import validate_config
from shared.ports import Ports

Handler = Callable[[Event, Ports], None]

# Who listens to which topic, by the name of the subscription.
ROUTES: Mapping[Topic, Mapping[str, Handler]] = {
    Topic.CONFIG_CHANGED: {"validate_config": validate_config},
    Topic.CONFIG_VALIDATED: {"generate_code": generate_code},
    Topic.CODE_GENERATED: {"launch_quick_test": launch_quick_test},
    Topic.PIPELINE_STATUS: {"track_quick_test": track_quick_test},
    Topic.QUICK_TEST_ENDED: {"record_experiment": record_experiment},
}

__all__ = [
    "ROUTES",
    "Handler",
    "Patience",
    "advance_sweep",
    "archive",
    "cancel_quick_test",
    "cancel_sweep",
    "failure",
    "publish_change",
    "reconcile",
    "unarchive",
]
