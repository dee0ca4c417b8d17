"""What Vertex AI says of a PipelineJob, as a Job."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from shared.gcp.template import STAGE_OF, WHOLE_JOB, task_names
from shared.gcp.vertex_library import PipelineJob, PipelineState, PipelineTaskDetail
from shared.jobs import Job, Stage, State, Task

_JOB_STATES = {
    PipelineState.PIPELINE_STATE_QUEUED: State.PENDING,
    PipelineState.PIPELINE_STATE_PENDING: State.PENDING,
    PipelineState.PIPELINE_STATE_SUCCEEDED: State.SUCCEEDED,
    PipelineState.PIPELINE_STATE_FAILED: State.FAILED,
    PipelineState.PIPELINE_STATE_CANCELLED: State.CANCELLED,
}
_TASK = PipelineTaskDetail.State
_TASK_STATES = {
    _TASK.RUNNING: State.RUNNING,
    _TASK.CANCEL_PENDING: State.RUNNING,
    _TASK.CANCELLING: State.RUNNING,
    _TASK.SUCCEEDED: State.SUCCEEDED,
    _TASK.SKIPPED: State.SUCCEEDED,  # its output was in the cache
    _TASK.FAILED: State.FAILED,
    _TASK.CANCELLED: State.CANCELLED,
}


def job_of(
    found: PipelineJob,
    job_id: str,
    quick_test_id: str,
    reasons: Mapping[str, str],
    told: Sequence[Task] = (),
) -> Job:
    """Tasks become stages; a stage has succeeded when all its tasks have.

    Args:
        reasons: by task, why it failed, where that is known better than Vertex AI says it.
        told: what the job itself told of its stages, where one task is all of them.
    """
    state = _JOB_STATES.get(found.state, State.RUNNING)
    tasks = _told(found, state, told, reasons) if is_whole(found) else _stages(found, reasons)
    error = None
    if state is State.FAILED:
        failed = [task.error for task in tasks if task.state is State.FAILED and task.error]
        error = next(iter(failed), None) or found.error.message or None
    return Job(
        job_id=job_id,
        quick_test_id=quick_test_id,
        state=state,
        tasks=tasks,
        started_at=_time(found, "start_time") or _time(found, "create_time"),
        ended_at=_time(found, "end_time") if state.ended else None,
        error=error,
        taken_up=_tries(found) - 1,
    )


def _tries(found: PipelineJob) -> int:
    """How often the task that was tried most often was tried."""
    names = Counter(detail.task_name for detail in found.job_detail.task_details)
    return max(names.values(), default=1)


def is_whole(found: PipelineJob) -> bool:
    """Whether one task is all stages of the job."""
    return WHOLE_JOB in task_names(found.pipeline_spec)


def _told(
    found: PipelineJob, state: State, told: Sequence[Task], reasons: Mapping[str, str]
) -> list[Task]:
    """The stages as the job told of them, in accord with how it ended: a container that is killed
    tells nothing any more."""
    by_name = {task.name: task for task in told}
    stages = [by_name.get(stage) or Task(name=stage) for stage in Stage]
    if not state.ended or any(task.state is State.FAILED for task in stages):
        return stages
    if state is State.SUCCEEDED:
        return [task.model_copy(update={"state": state}) for task in stages]
    end: dict[str, Any] = {"state": state, "ended_at": _time(found, "end_time")}
    if state is State.FAILED:
        detail = next(iter(found.job_detail.task_details), None)
        said = detail.error.message if detail is not None else ""
        end["error"] = reasons.get(WHOLE_JOB) or said or f"{WHOLE_JOB} failed"
    unfinished = next((task for task in stages if task.state is not State.SUCCEEDED), stages[-1])
    return [task.model_copy(update=end) if task is unfinished else task for task in stages]


def _stages(found: PipelineJob, reasons: Mapping[str, str]) -> list[Task]:
    seen: dict[str, PipelineTaskDetail] = {}
    for detail in found.job_detail.task_details:
        before = seen.get(detail.task_name)
        if before is None or detail.create_time >= before.create_time:  # a retry is a later one
            seen[detail.task_name] = detail
    expected = {*task_names(found.pipeline_spec), *seen}
    stages = []
    for stage in Stage:
        names = [name for name in expected if STAGE_OF.get(name) is stage]
        details = [seen.get(name) for name in names]
        stages.append(_stage(stage, details, reasons))
    return stages


def _stage(
    stage: Stage, details: list[PipelineTaskDetail | None], reasons: Mapping[str, str]
) -> Task:
    begun = [detail for detail in details if detail is not None]
    states = [_TASK_STATES.get(detail.state, State.PENDING) for detail in begun]
    state = _together([*states, *[State.PENDING] * (len(details) - len(begun))])
    started = [at for detail in begun if (at := _time(detail, "start_time"))]
    ended = [at for detail in begun if (at := _time(detail, "end_time"))]
    error = None
    if state is State.FAILED:
        error = next(
            reasons.get(detail.task_name) or detail.error.message or f"{detail.task_name} failed"
            for detail, one in zip(begun, states, strict=True)
            if one is State.FAILED
        )
    return Task(
        name=stage,
        state=state,
        started_at=min(started, default=None) if state is not State.PENDING else None,
        ended_at=max(ended, default=None) if state.ended else None,
        error=error,
    )


def _together(states: list[State]) -> State:
    for decisive in (State.FAILED, State.CANCELLED, State.RUNNING):
        if decisive in states:
            return decisive
    if states and all(state is State.SUCCEEDED for state in states):
        return State.SUCCEEDED
    return State.RUNNING if State.SUCCEEDED in states else State.PENDING


def _time(message: Any, name: str) -> datetime | None:
    """A time that is set; the libraries give 1970 for one that is not."""
    return getattr(message, name) if name in message else None
