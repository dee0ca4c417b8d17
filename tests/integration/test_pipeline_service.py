"""The contract of PipelineService, for every adapter that can run a stand-in for the trainer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.errors import AlreadyExistsError, NotFoundError
from shared.jobs import Job, JobRequest, Stage, State
from shared.ports import PipelineService
from tests.integration.conftest import Cloud, job_request
from tests.waiting import eventually

SUCCEEDS = "succeed('examples', 'transform', 'train', 'evaluate'); finish()"
HANGS_IN_TRANSFORM = "succeed('examples'); status('transform', 'running'); time.sleep(60)"


def request(cloud: Cloud, quick_test_id: str = "test") -> JobRequest:
    output = cloud.artifacts.uri("jobs/qt-1")
    return job_request("qt-1", quick_test_id).model_copy(update={"output_uri": output})


def ended(service: PipelineService, job_id: str = "qt-1") -> Job:
    eventually(lambda: service.get(job_id).state.ended)
    return service.get(job_id)


def states(job: Job) -> list[State]:
    return [task.state for task in job.tasks]


def test_a_job_that_does_all_its_tasks_succeeds(cloud: Cloud) -> None:
    with cloud.pipelines(SUCCEEDS) as service:
        service.launch(request(cloud, "test-7"))
        job = ended(service)
    assert (job.state, job.error, job.quick_test_id) == (State.SUCCEEDED, None, "test-7")
    assert [task.name for task in job.tasks] == list(Stage)
    assert states(job) == [State.SUCCEEDED] * 4
    assert all(task.started_at and task.ended_at for task in job.tasks)
    assert job.started_at
    assert job.ended_at
    assert job.started_at <= job.ended_at


def test_a_running_job_shows_how_far_it_is(cloud: Cloud) -> None:
    with cloud.pipelines(HANGS_IN_TRANSFORM) as service:
        service.launch(request(cloud))
        eventually(lambda: service.get("qt-1").tasks[1].state is State.RUNNING)
        job = service.get("qt-1")
    assert job.state is State.RUNNING
    assert states(job) == [State.SUCCEEDED, State.RUNNING, State.PENDING, State.PENDING]
    assert job.ended_at is None


def test_a_job_fails_with_the_error_and_the_stage_that_it_reports(cloud: Cloud) -> None:
    program = """
        succeed('examples')
        status('transform', 'running')
        status('transform', 'failed', 'column "x" is not a number')
        sys.exit(1)
    """
    with cloud.pipelines(program) as service:
        service.launch(request(cloud))
        job = ended(service)
    assert (job.state, job.error) == (State.FAILED, 'column "x" is not a number')
    assert states(job) == [State.SUCCEEDED, State.FAILED, State.PENDING, State.PENDING]


def test_a_job_that_ends_before_its_tasks_are_done_has_failed(cloud: Cloud) -> None:
    with cloud.pipelines("succeed('examples', 'transform', 'train')") as service:
        service.launch(request(cloud))
        job = ended(service)
    assert job.state is State.FAILED
    assert "evaluate" in (job.error or "")


def test_a_cancelled_job_ends_and_stays_cancelled(cloud: Cloud) -> None:
    with cloud.pipelines(HANGS_IN_TRANSFORM) as service:
        service.launch(request(cloud))
        eventually(lambda: service.get("qt-1").tasks[1].state is State.RUNNING)
        service.cancel("qt-1")
        service.cancel("qt-1")
        job = ended(service)
    assert (job.state, job.error) == (State.CANCELLED, None)
    assert states(job)[1] is State.CANCELLED


def test_cancelling_a_job_that_has_ended_changes_nothing(cloud: Cloud) -> None:
    with cloud.pipelines(SUCCEEDS) as service:
        service.launch(request(cloud))
        ended(service)
        service.cancel("qt-1")
        assert service.get("qt-1").state is State.SUCCEEDED


def test_a_job_is_launched_once(cloud: Cloud) -> None:
    def launch(_: int) -> bool:
        try:
            service.launch(request(cloud))
        except AlreadyExistsError:
            return False
        return True

    with cloud.pipelines(SUCCEEDS) as service:
        with ThreadPoolExecutor(4) as pool:
            assert sorted(pool.map(launch, range(4))) == [False, False, False, True]
        assert ended(service).state is State.SUCCEEDED
        assert not launch(5)


@pytest.mark.parametrize("job_id", ["nothing", "../jobs", "", "A b"])
def test_an_unknown_job_is_not_found(cloud: Cloud, job_id: str) -> None:
    with cloud.pipelines(SUCCEEDS) as service:
        with pytest.raises(NotFoundError):
            service.get(job_id)
        with pytest.raises(NotFoundError):
            service.cancel(job_id)
