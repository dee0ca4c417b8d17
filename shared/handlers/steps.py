"""The steps, each declared once: what sets it off, what it publishes, and whose documents it reads
and writes.

The laptop's routes and those of the emulators are made from this. The entry points of
`functions/main.py` and Terraform's listeners, publications and rights are held to it by tests; so
is every step that a test runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from shared.documents.base import Collection
from shared.events import Event, Topic
from shared.handlers.advance_sweep import advance_sweep
from shared.handlers.advance_tuning import advance_tuning
from shared.handlers.generate_code import generate_code
from shared.handlers.launch_quick_test import launch_quick_test
from shared.handlers.record_experiment import record_experiment
from shared.handlers.register_model import register_model
from shared.handlers.send_messages import send_messages
from shared.handlers.track_quick_test import track_quick_test
from shared.handlers.validate_config import validate_config
from shared.ports import Ports

Handler = Callable[[Event, Ports], None]

_ALL = frozenset(Collection)
_CONFIGS = frozenset({Collection.DATASETS, Collection.FEATURE_CONFIGS, Collection.MODEL_CONFIGS})
_TESTS = frozenset({Collection.QUICK_TESTS})


@dataclass(frozen=True)
class Step:
    """Attributes:
    name: of its handler and its entry point; with dashes, of its deployed function.
    trigger: the topic that it listens to, every write of a document, or the clock.
    handler: of the topic's events; None for the others, which are called with something else.
    """

    name: str
    trigger: Topic | Literal["write", "clock"]
    handler: Handler | None = None
    publishes: frozenset[Topic] = frozenset()
    reads: frozenset[Collection] = _ALL
    writes: frozenset[Collection] = _ALL


STEPS = (
    Step(
        name="publish_change",
        trigger="write",
        publishes=frozenset(
            {
                Topic.CONFIG_CHANGED,
                Topic.SWEEP_STATUS,
                Topic.TUNING_STATUS,
                Topic.QUICK_TEST_ENDED,
                Topic.RUN_ENDED,
            }
        ),
    ),
    Step(
        name="validate_config",
        trigger=Topic.CONFIG_CHANGED,
        handler=validate_config,
        publishes=frozenset(
            {
                Topic.CONFIG_CHANGED,
                Topic.CONFIG_VALIDATED,
                Topic.SWEEP_STATUS,
                Topic.TUNING_STATUS,
            }
        ),
    ),
    Step(
        name="generate_code",
        trigger=Topic.CONFIG_VALIDATED,
        handler=generate_code,
        publishes=frozenset({Topic.CONFIG_CHANGED, Topic.CODE_GENERATED}),
        reads=_CONFIGS | _TESTS,
        writes=_TESTS | {Collection.FEATURE_CONFIGS},
    ),
    Step(
        name="launch_quick_test",
        trigger=Topic.CODE_GENERATED,
        handler=launch_quick_test,
        reads=_CONFIGS | _TESTS | {Collection.RULE_SETS},
        writes=_TESTS,
    ),
    Step(
        name="track_quick_test",
        trigger=Topic.PIPELINE_STATUS,
        handler=track_quick_test,
        reads=_TESTS | {Collection.DATASETS, Collection.FEATURE_CONFIGS},
        writes=_TESTS | {Collection.FEATURE_CONFIGS},
    ),
    Step(
        name="advance_sweep",
        trigger=Topic.SWEEP_STATUS,
        handler=advance_sweep,
        reads=_TESTS | {Collection.SWEEPS},
        writes=_TESTS | {Collection.SWEEPS},
    ),
    Step(
        name="advance_tuning",
        trigger=Topic.TUNING_STATUS,
        handler=advance_tuning,
        reads=_CONFIGS | _TESTS | {Collection.TUNINGS},
        writes=_TESTS | {Collection.TUNINGS},
    ),
    Step(
        name="record_experiment",
        trigger=Topic.QUICK_TEST_ENDED,
        handler=record_experiment,
        writes=_TESTS,
    ),
    Step(
        name="register_model",
        trigger=Topic.QUICK_TEST_ENDED,
        handler=register_model,
        reads=_CONFIGS | _TESTS | {Collection.REGISTERED_MODELS},
        writes=_TESTS | {Collection.REGISTERED_MODELS},
    ),
    Step(
        name="send_messages",
        trigger=Topic.RUN_ENDED,
        handler=send_messages,
        reads=_TESTS | {Collection.SWEEPS, Collection.TUNINGS, Collection.SCHEDULES},
        writes=frozenset(),
    ),
    Step(
        name="reconcile",
        trigger="clock",
        publishes=frozenset(
            {
                Topic.CONFIG_CHANGED,
                Topic.CONFIG_VALIDATED,
                Topic.CODE_GENERATED,
                Topic.TUNING_STATUS,
            }
        ),
    ),
)

# Who listens to which topic, by the name of the subscription.
ROUTES: Mapping[Topic, Mapping[str, Handler]] = {
    topic: {
        step.name: step.handler
        for step in STEPS
        if step.trigger is topic and step.handler is not None
    }
    for topic in Topic
}
