"""Tasks: what models are trained to do, one file per kind.

A task knows its settings and their checks, what its tests are ranked by, its words, and by the
switches of `codegen/fragments` which code it needs.
"""

from __future__ import annotations

from typing import Any

from shared.kinds import registry
from shared.tasks.base import Task, TowerSettings
from shared.wording import alternatives

# By key.
TASKS: dict[str, Task[Any]] = {
    key: task()
    for key, task in registry(__name__, Task, lambda kind: kind.key).items()  # type: ignore[type-abstract]
}
# Such as "ranking or multitask".
TASKS_THAT_RATE = alternatives(key for key, task in TASKS.items() if task.rates)
TASKS_THAT_RETRIEVE = alternatives(key for key, task in TASKS.items() if task.retrieves)


def settings_of_tasks() -> tuple[type[TowerSettings], ...]:
    """The settings of all tasks, but for those that others inherit."""
    found = [task.settings for task in TASKS.values()]
    return tuple(
        one
        for one in dict.fromkeys(found)
        if not any(issubclass(other, one) for other in found if other is not one)
    )


def filled_in(spec: Any) -> Any:
    """A model config's spec as somebody wrote it, with what its task can add to it."""
    task = TASKS.get(str(spec.get("model_type"))) if isinstance(spec, dict) else None
    return spec if task is None else task.filled_in(spec)


__all__ = [
    "TASKS",
    "TASKS_THAT_RATE",
    "TASKS_THAT_RETRIEVE",
    "Task",
    "TowerSettings",
    "filled_in",
    "settings_of_tasks",
]
