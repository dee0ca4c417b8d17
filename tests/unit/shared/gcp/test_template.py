"""What a launch tells a compiled pipeline, and what Vertex AI says of the job then."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fakes import FakeArtifacts
from google.cloud.aiplatform_v1 import PipelineJob, PipelineState, PipelineTaskDetail

from shared.gcp import template
from shared.gcp.vertex_jobs import job_of
from shared.jobs import Stage, State, Task

TASK = PipelineTaskDetail.State


def _spec(**parameters: Any) -> dict[str, Any]:
    return {"root": {"inputDefinitions": {"parameters": parameters}, "dag": {"tasks": {}}}}


def test_only_what_the_template_declares_is_sent() -> None:
    spec = _spec(job_request={"parameterType": "STRING"}, extra={"defaultValue": "x"})
    sent = template.fit(spec, {"job_request": "{}", "trainer_config": "{}"})
    assert sent == {"job_request": "{}"}


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (_spec(), "no parameter 'job_request'"),
        (_spec(job_request={"parameterType": "STRUCT"}), "is STRUCT; only text"),
        (
            _spec(job_request={"parameterType": "STRING"}, zone={"parameterType": "STRING"}),
            "requires 'zone'",
        ),
    ],
)
def test_a_template_that_wants_something_else_is_refused_before_the_launch(
    spec: Any, message: str
) -> None:
    with pytest.raises(template.TemplateError, match=message):
        template.fit(spec, {"job_request": "{}"})


@pytest.mark.parametrize("content", [b"no json", b"[]", b"{}", b'{"pipelineSpec": {}}'])
def test_what_is_no_template_is_refused(content: bytes) -> None:
    with pytest.raises(template.TemplateError):
        template.pipeline_spec(content)


def test_a_template_is_read_with_and_without_its_envelope() -> None:
    spec = _spec()
    for written in (spec, {"pipelineSpec": spec, "runtimeConfig": {}}):
        assert template.pipeline_spec(json.dumps(written).encode()) == spec


def test_a_long_value_is_stored_once_and_sent_as_its_uri() -> None:
    artifacts = FakeArtifacts()
    values = {"short": "x", "long": "y" * 9_000}
    sent = template.short(values, "jobs/j/parameters", artifacts)
    assert sent == template.short(values, "jobs/j/parameters", artifacts)
    assert sent["short"] == "x"
    assert artifacts.read(sent["long"]) == values["long"].encode()


def _job(state: PipelineState, *tasks: tuple[str, Any], error: str = "") -> PipelineJob:
    names = ["SampledExampleGen", "ImportSchemaGen", "Transform", "Trainer", "HeldOutEvaluator"]
    details = [
        PipelineTaskDetail(
            task_name=name, state=task, error={"message": error}, create_time={"seconds": place}
        )
        for place, (name, task) in enumerate(tasks)
    ]
    return PipelineJob(
        state=state,
        pipeline_spec={"root": {"dag": {"tasks": {name: {} for name in names}}}},
        job_detail={"task_details": details},
    )


def _states(job: PipelineJob, **reasons: str) -> list[State]:
    return [task.state for task in job_of(job, "j", "t", reasons).tasks]


def test_a_stage_has_succeeded_when_all_its_tasks_have_cached_ones_included() -> None:
    running = PipelineState.PIPELINE_STATE_RUNNING
    first = _job(running, ("SampledExampleGen", TASK.SUCCEEDED))
    assert _states(first)[0] is State.RUNNING
    both = _job(running, ("SampledExampleGen", TASK.SUCCEEDED), ("ImportSchemaGen", TASK.SKIPPED))
    assert _states(both) == [State.SUCCEEDED, *[State.PENDING] * 3]


def test_a_task_that_was_tried_again_is_what_its_last_try_is() -> None:
    running = PipelineState.PIPELINE_STATE_RUNNING
    job = _job(running, ("Transform", TASK.FAILED), ("Transform", TASK.RUNNING))
    assert _states(job)[1] is State.RUNNING


def test_a_failed_job_has_the_trainers_reason_where_it_gave_one() -> None:
    failed = PipelineState.PIPELINE_STATE_FAILED
    job = _job(failed, ("Trainer", TASK.FAILED), error="exit status 1")
    assert job_of(job, "j", "t", {}).error == "exit status 1"
    said = job_of(job, "j", "t", {"Trainer": "out of memory"})
    assert said.error == "out of memory"
    assert said.tasks[list(Stage).index(Stage.TRAIN)].error == "out of memory"


def _whole(state: PipelineState, error: str = "") -> PipelineJob:
    details = [PipelineTaskDetail(task_name=template.WHOLE_JOB, error={"message": error})]
    return PipelineJob(
        state=state,
        pipeline_spec={"root": {"dag": {"tasks": {template.WHOLE_JOB: {}}}}},
        job_detail={"task_details": details},
    )


TOLD = [Task(name=Stage.EXAMPLES, state=State.SUCCEEDED), Task(name=Stage.TRANSFORM)]
TOLD[1].state = State.RUNNING


@pytest.mark.parametrize(
    ("state", "told", "expected"),
    [
        ("RUNNING", [], ["pending"] * 4),
        ("RUNNING", TOLD, ["succeeded", "running", "pending", "pending"]),
        ("SUCCEEDED", TOLD, ["succeeded"] * 4),
        ("CANCELLED", TOLD, ["succeeded", "cancelled", "pending", "pending"]),
        ("FAILED", TOLD, ["succeeded", "failed", "pending", "pending"]),
        ("FAILED", [], ["failed", "pending", "pending", "pending"]),
    ],
)
def test_where_one_task_is_all_stages_they_are_what_the_job_told_until_it_ended(
    state: str, told: list[Task], expected: list[str]
) -> None:
    found = _whole(PipelineState[f"PIPELINE_STATE_{state}"], error="exit status 137")
    job = job_of(found, "j", "t", {}, told)
    assert [task.state for task in job.tasks] == expected
    assert job.error == ("exit status 137" if state == "FAILED" else None)


def test_what_a_job_told_of_its_failure_is_kept() -> None:
    told = [Task(name=Stage.TRAIN, state=State.FAILED, error="the loss is not finite")]
    job = job_of(_whole(PipelineState.PIPELINE_STATE_FAILED, "exit status 1"), "j", "t", {}, told)
    assert job.error == "the loss is not finite"


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("QUEUED", State.PENDING),
        ("PENDING", State.PENDING),
        ("RUNNING", State.RUNNING),
        ("PAUSED", State.RUNNING),
        ("CANCELLING", State.RUNNING),
        ("CANCELLED", State.CANCELLED),
        ("FAILED", State.FAILED),
        ("SUCCEEDED", State.SUCCEEDED),
    ],
)
def test_every_state_of_a_job_is_one_of_ours(state: str, expected: State) -> None:
    job = _job(PipelineState[f"PIPELINE_STATE_{state}"])
    assert job_of(job, "j", "t", {}).state is expected
