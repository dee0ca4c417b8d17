"""How far a job has come. Every function here only moves a status forward, in whatever order jobs
are seen."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from shared.documents.estimate import Estimate
from shared.documents.quick_test import QuickTestStatus
from shared.jobs import EpochProgress, Job, Stage, State, Task, asked_epochs

# Share of the whole, in percent, where there is no estimate: about what each stage takes on the
# demo data.
_WEIGHTS: Mapping[Stage, float] = {
    Stage.EXAMPLES: 10,
    Stage.TRANSFORM: 25,
    Stage.TRAIN: 45,
    Stage.EVALUATE: 20,
}
_ORDER = list(Stage)
_RANK = {State.PENDING: 0, State.RUNNING: 1}
_ENDED = 2


def advance(
    status: QuickTestStatus, job: Job, epochs: Sequence[EpochProgress], total_epochs: int
) -> None:
    """Takes over a running job's tasks, epochs, stage and progress."""
    status.stages = merged(status.stages, job.tasks)
    if len(epochs) > len(status.epochs):
        status.epochs = list(epochs)
    status.stage = furthest(status.stages)
    trained = len(asked_epochs(status.epochs))
    done = percent(status.stages, trained, total_epochs, weights_of(status.estimate))
    status.progress = max(status.progress, min(done, 99))


def merged(known: Sequence[Task], seen: Sequence[Task]) -> list[Task]:
    """For each stage, whichever of the two views is further on, in the order of the stages."""
    tasks = {task.name: task for task in known}
    for task in seen:
        before = tasks.get(task.name)
        if before is None or _rank(task) >= _rank(before):
            tasks[task.name] = task
    return [tasks[name] for name in _ORDER if name in tasks]


def _rank(task: Task) -> tuple[int, float]:
    return _RANK.get(task.state, _ENDED), task.done if task.state is State.RUNNING else 0.0


def furthest(tasks: Sequence[Task]) -> Stage | None:
    """The last stage that has begun."""
    begun = [task.name for task in tasks if task.state is not State.PENDING]
    return begun[-1] if begun else None


def failed_stage(tasks: Sequence[Task]) -> Task | None:
    """The task that a job failed in: one that says so, or that was running when it ended."""
    for state in (State.FAILED, State.RUNNING):
        for task in tasks:
            if task.state is state:
                return task
    return None


def weights_of(estimate: Estimate | None) -> Mapping[Stage, float]:
    """The share of each stage in a run, in percent: of the seconds that it is expected to take,
    which earlier runs on this system have taught."""
    told = estimate.stages if estimate else {}
    seconds = {stage: max(0.0, told.get(stage.value, 0.0)) for stage in Stage}
    whole = sum(seconds.values())
    if not 0 < whole < math.inf:
        return _WEIGHTS
    return {stage: 100 * seconds[stage] / whole for stage in Stage}


def percent(
    tasks: Sequence[Task],
    epochs: int,
    total_epochs: int,
    weights: Mapping[Stage, float] = _WEIGHTS,
) -> int:
    """0 to 100; a running stage counts by what it says of itself, and training by its epochs."""
    done = 0.0
    for task in tasks:
        if task.state is State.SUCCEEDED:
            done += weights[task.name]
        elif task.state is State.RUNNING:
            trained = epochs / max(total_epochs, 1) if task.name is Stage.TRAIN else 0.0
            done += weights[task.name] * min(max(trained, task.done), 1.0)
    return int(round(done, 6))  # of shares that add up to 100 but for their rounding
