"""What the pipeline service says of a job, as it ends up on the quick test."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scenario import Shop, epoch, metrics, vocabulary

from shared import editing
from shared.documents.base import Collection
from shared.documents.estimate import Estimate, Range
from shared.documents.quick_test import TestState as State_
from shared.errors import NotFoundError
from shared.jobs import METRICS_FILE, PROGRESS_FILE, VOCABULARY_FILE, Stage, State, Task
from shared.services import cancel_quick_test
from shared.services.progress import furthest, merged, percent, weights_of
from shared.services.store import QUICK_TEST, change_status


@pytest.fixture
def shop():
    return Shop()


@pytest.fixture
def running(shop):
    return shop.running_test(epochs=2)


def seen(shop, test_id, stage, state, error=None):
    shop.pipelines.advance(shop.job_id(test_id), stage, state, error)
    shop.job_news(test_id)
    return shop.test(test_id)


def whats(test):
    return [entry.what for entry in test.timeline]


def done(shop, test_id, *stages, trained=0.0):
    """The progress of a test with these stages behind it, and a share of its training."""
    weights = weights_of(shop.test(test_id).estimate)
    return int(sum(weights[stage] for stage in stages) + trained * weights[Stage.TRAIN] + 1e-6)


BEFORE_TRAINING = (Stage.EXAMPLES, Stage.TRANSFORM)


def test_progress_goes_by_stages_and_within_training_by_epochs(shop, running):
    assert seen(shop, running, Stage.EXAMPLES, State.RUNNING).progress == 0
    read = done(shop, running, Stage.EXAMPLES)
    assert seen(shop, running, Stage.TRANSFORM, State.RUNNING).progress == read
    begun = done(shop, running, *BEFORE_TRAINING)
    assert seen(shop, running, Stage.TRAIN, State.RUNNING).progress == begun
    shop.leave(running, PROGRESS_FILE, [epoch(1)])
    test = seen(shop, running, Stage.TRAIN, State.RUNNING)
    half = done(shop, running, *BEFORE_TRAINING, trained=0.5)
    assert (test.progress, test.stage, test.epochs[0].loss) == (half, "train", 8.0)
    shop.leave(running, PROGRESS_FILE, [epoch(1), epoch(2)])
    trained = done(shop, running, *BEFORE_TRAINING, Stage.TRAIN)
    assert 0 < begun < half < trained < 100
    assert seen(shop, running, Stage.TRAIN, State.RUNNING).progress == trained
    assert seen(shop, running, Stage.EVALUATE, State.RUNNING).progress == trained
    assert [task.state for task in test.stages] == ["succeeded", "succeeded", "running", "pending"]


def test_progress_does_not_fall_where_a_stage_turns_out_to_have_failed(shop, running):
    trained = done(shop, running, *BEFORE_TRAINING, Stage.TRAIN)
    assert seen(shop, running, Stage.EVALUATE, State.RUNNING).progress == trained
    assert seen(shop, running, Stage.TRAIN, State.FAILED, "lost its model").progress == trained


def test_what_was_reused_is_told_once(shop, running):
    seen(shop, running, Stage.TRANSFORM, State.RUNNING)
    job = shop.pipelines.jobs[shop.job_id(running)]
    for task in job.tasks[:2]:
        task.reused = True
    for _ in range(2):
        shop.job_news(running)
    test = shop.test(running)
    assert [task.reused for task in test.stages] == [True, True, False, False]
    assert whats(test).count("reused from an earlier test: examples, transform") == 1


def test_a_completed_test_has_its_results(shop, running):
    shop.clock.advance(90)
    shop.succeed(running, recall=0.3)
    test = shop.test(running)
    assert (test.state, test.progress, test.stage) == ("completed", 100, "evaluate")
    assert test.results.metrics == {"recall_at_10": 0.15, "recall_at_100": 0.3}
    assert test.results.baselines["popularity"] == {"recall_at_100": 0.1}
    assert [report.column for report in test.vocabulary] == ["customer"]
    assert len(test.epochs) == 2
    assert test.duration_seconds == 90
    assert whats(test)[-1] == "completed"
    assert test.error is None


def test_vocabularies_that_leave_out_much_are_warned_of(shop, running):
    shop.leave(running, METRICS_FILE, metrics(0.2))
    shop.leave(running, VOCABULARY_FILE, [vocabulary(oov_rate=0.5)])
    seen(shop, running, Stage.EVALUATE, State.SUCCEEDED)
    assert [warning.code for warning in shop.test(running).warnings] == ["high_oov_rate"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (METRICS_FILE, None, "left no metrics.json."),
        (VOCABULARY_FILE, None, "left no vocabulary.json."),
        (METRICS_FILE, "{", "metrics.json is malformed: the file: Invalid JSON"),
        (METRICS_FILE, {"metrics": {}}, "metrics.json is malformed: baselines: Field required"),
        (METRICS_FILE, metrics(float("nan")), "metrics.json says that Recall@10 is nan"),
        (VOCABULARY_FILE, [{}], "vocabulary.json is malformed: 0.key: Field required"),
    ],
)
def test_a_job_without_usable_results_fails_its_test(shop, running, name, content, message):
    files = {METRICS_FILE: metrics(0.2), VOCABULARY_FILE: [vocabulary()], name: content}
    for file, data in files.items():
        if data is not None:
            shop.leave(running, file, data)
    test = seen(shop, running, Stage.EVALUATE, State.SUCCEEDED)
    assert (test.state, test.error.stage) == ("failed", "evaluate")
    assert message in test.error.message
    before = len(test.timeline)
    shop.job_news(running)
    assert len(shop.test(running).timeline) == before


def test_malformed_progress_stops_nothing(shop, running):
    shop.leave(running, PROGRESS_FILE, '[{"epoch": 1')
    test = seen(shop, running, Stage.TRAIN, State.RUNNING)
    assert (test.state, test.epochs) == ("running", [])


def test_a_failed_job_says_where_and_why(shop, running):
    test = seen(shop, running, Stage.TRAIN, State.FAILED, "killed by signal 9")
    assert (test.state, test.error.stage) == ("failed", "train")
    assert test.error.message == "killed by signal 9"
    assert whats(test)[-1] == "failed in stage train: killed by signal 9"
    assert test.progress == done(shop, running, *BEFORE_TRAINING)


def test_a_job_that_dies_between_the_lines_fails_in_the_stage_that_ran(shop, running):
    seen(shop, running, Stage.TRANSFORM, State.RUNNING)
    job_id = shop.job_id(running)
    shop.pipelines.jobs[job_id] = shop.pipelines.jobs[job_id].model_copy(
        update={"state": State.FAILED}
    )
    shop.job_news(running)
    test = shop.test(running)
    assert (test.state, test.error.stage) == ("failed", "transform")
    assert test.error.message == "The job failed without saying why."


def test_a_job_that_nobody_knows_is_final(shop, running):
    shop.pipelines.jobs.clear()
    shop.job_news(running)
    test = shop.test(running)
    assert test.state == "failed"
    assert test.error.message == f"The pipeline service does not know the job {test.job.job_id}."


def test_a_job_that_is_launched_while_the_service_is_asked_is_not_lost(shop, running, monkeypatch):
    def write(state):
        change_status(
            QUICK_TEST, running, lambda _, status: setattr(status, "state", state), shop.ports
        )

    def get(job_id):
        write(State_.RUNNING)  # by the launcher, meanwhile
        raise NotFoundError("job", job_id)

    write(State_.PENDING)
    monkeypatch.setattr(shop.pipelines, "get", get)
    shop.job_news(running)
    assert shop.test(running).state == "running"


def test_a_fault_of_the_service_is_raised_and_changes_nothing(shop, running):
    before = shop.documents.documents
    shop.pipelines.fault = ConnectionError("away")
    with pytest.raises(ConnectionError):
        shop.job_news(running)
    assert shop.documents.documents == before


def test_nothing_is_written_where_nothing_changed(shop, running):
    seen(shop, running, Stage.TRAIN, State.RUNNING)
    shop.documents.changes.clear()
    for _ in range(3):
        shop.clock.advance(5)
        shop.job_news(running)
    assert shop.documents.changes == []


class TestCancelled:
    def test_stays_so_and_notes_what_comes_late_once(self, shop, running):
        cancel_quick_test(running, shop.ports)
        for _ in range(3):
            shop.succeed(running)
        test = shop.test(running)
        assert test.state == "cancelled"
        assert test.results is None
        assert whats(test)[-2:] == ["cancelled", "ignored: the job has succeeded"]

    def test_has_its_job_cancelled(self, shop, running):
        shop.clock.advance(10)
        status = cancel_quick_test(running, shop.ports)
        assert (status.state, status.duration_seconds) == ("cancelled", 10)
        assert shop.pipelines.cancelled == [shop.job_id(running)]
        shop.job_news(running)
        assert whats(shop.test(running))[-1] == "cancelled"

    def test_asks_again_where_the_first_time_failed(self, shop, running):
        shop.pipelines.fault = ConnectionError("away")
        with pytest.raises(ConnectionError):
            cancel_quick_test(running, shop.ports)
        assert shop.test(running).state == "cancelled"
        shop.job_news(running)
        assert shop.pipelines.cancelled == [shop.job_id(running)]

    def test_by_the_service_is_cancelled_here(self, shop, running):
        shop.pipelines.cancel(shop.job_id(running))
        shop.job_news(running)
        assert shop.test(running).state == "cancelled"

    def test_too_late_changes_nothing(self, shop, running):
        shop.succeed(running)
        assert cancel_quick_test(running, shop.ports).state == "completed"
        assert shop.pipelines.cancelled == []

    def test_of_nothing(self, shop):
        with pytest.raises(NotFoundError):
            cancel_quick_test("none", shop.ports)


class TestBest:
    @pytest.fixture
    def ids(self, shop):
        dataset_id = shop.dataset()
        shop.settle()
        ids = shop.feature_config(dataset_id), shop.model_config()
        shop.settle()
        return ids

    def result(self, shop, ids, recall, fingerprint=None, **protocol):
        shop.clock.advance(1)
        test_id = shop.quick_test(*ids)
        shop.settle()
        if fingerprint:
            path = f"quick_tests/{test_id}"
            data = shop.documents.data(path)
            data["status"]["pinned"]["dataset_fingerprint"] = fingerprint
            shop.documents.write(path, data)
        shop.succeed(test_id, recall, **protocol)
        return test_id

    def best(self, shop, ids):
        return shop.config(ids[0]).best.quick_test_id

    def test_is_the_one_with_the_highest_recall(self, shop, ids):
        assert shop.config(ids[0]).lifecycle == "draft"
        self.result(shop, ids, 0.2)
        assert shop.config(ids[0]).lifecycle == "tested"
        better = self.result(shop, ids, 0.3)
        self.result(shop, ids, 0.25)
        assert self.best(shop, ids) == better
        assert shop.config(ids[0]).best.metrics["recall_at_100"] == 0.3

    def test_is_not_beaten_by_numbers_of_another_protocol(self, shop, ids):
        first = self.result(shop, ids, 0.2)
        self.result(shop, ids, 0.9, sample_percent=50.0)
        assert self.best(shop, ids) == first

    def test_gives_way_to_any_on_the_present_data(self, shop, ids):
        self.result(shop, ids, 0.9, fingerprint="v0")
        present = self.result(shop, ids, 0.2)
        assert self.best(shop, ids) == present
        self.result(shop, ids, 0.95, fingerprint="v0")
        assert self.best(shop, ids) == present

    def test_gives_way_where_its_test_is_gone(self, shop, ids):
        first = self.result(shop, ids, 0.9)
        editing.delete(shop.ports, Collection.QUICK_TESTS, first)
        second = self.result(shop, ids, 0.2)
        assert self.best(shop, ids) == second

    def test_is_mended_by_a_late_event_where_it_was_lost(self, shop, ids):
        test_id = self.result(shop, ids, 0.2)
        path = f"feature_configs/{ids[0]}"
        data = shop.documents.data(path)
        data["status"] |= {"best": None, "lifecycle": "draft"}
        shop.documents.write(path, data)
        shop.job_news(test_id)
        assert self.best(shop, ids) == test_id
        assert shop.config(ids[0]).lifecycle == "tested"

    def test_leaves_a_promoted_config_promoted(self, shop, ids):
        path = f"feature_configs/{ids[0]}"
        data = shop.documents.data(path)
        data["status"]["lifecycle"] = "promoted"
        shop.documents.write(path, data)
        self.result(shop, ids, 0.2)
        assert shop.config(ids[0]).lifecycle == "promoted"


tasks = st.lists(
    st.builds(Task, name=st.sampled_from(Stage), state=st.sampled_from(State)),
    max_size=4,
    unique_by=lambda task: task.name,
)


@given(st.lists(tasks, max_size=6), st.integers(0, 5), st.integers(0, 3))
def test_no_view_of_a_job_moves_a_stage_back(views, epochs, total):
    rank = {State.PENDING: 0, State.RUNNING: 1}
    known: list[Task] = []
    for view in views:
        after = merged(known, view)
        for task in known:
            now = next(later for later in after if later.name is task.name)
            assert rank.get(now.state, 2) >= rank.get(task.state, 2)
        assert [task.name for task in after] == [s for s in Stage if s in {t.name for t in after}]
        known = after
    assert 0 <= percent(known, epochs, total) <= 100
    assert (furthest(known) is None) == all(task.state is State.PENDING for task in known)


def test_a_late_view_of_a_running_stage_takes_nothing_of_its_progress_back():
    def at(done: float, doing: str) -> list[Task]:
        return [Task(name=Stage.TRANSFORM, state=State.RUNNING, doing=doing, done=done)]

    assert merged(at(0.6, "now"), at(0.4, "before")) == at(0.6, "now")
    assert merged(at(0.4, "before"), at(0.6, "now")) == at(0.6, "now")


VIEWS = [
    *((stage, state) for stage in Stage for state in (State.RUNNING, State.SUCCEEDED)),
    (Stage.TRAIN, State.FAILED),
]


@settings(max_examples=20, deadline=None)
@given(st.lists(st.sampled_from(VIEWS), max_size=10))
def test_in_whatever_order_jobs_are_seen_progress_never_falls_and_an_end_is_an_end(views):
    shop = Shop()
    test_id = shop.running_test()
    shop.leave(test_id, METRICS_FILE, metrics(0.2))
    shop.leave(test_id, VOCABULARY_FILE, [vocabulary()])
    before = shop.test(test_id)
    for stage, state in views:
        test = seen(shop, test_id, stage, state)
        assert test.progress >= before.progress
        if before.state is not State_.RUNNING:
            assert (test.state, test.ended_at) == (before.state, before.ended_at)
        assert len(whats(test)) == len(set(whats(test)))
        before = test


def expected(**stages: float) -> Estimate:
    return Estimate(seconds=Range(low=1, likely=2, high=3), basis="12 earlier runs", stages=stages)


def test_progress_goes_by_what_each_stage_is_expected_to_take():
    slow = weights_of(expected(examples=10, transform=10, train=60, evaluate=20))
    read = [Task(name=Stage.EXAMPLES, state=State.SUCCEEDED)]
    assert percent(read, 0, 4, slow) == 10
    training = [
        *read,
        Task(name=Stage.TRANSFORM, state=State.SUCCEEDED),
        Task(name=Stage.TRAIN, state=State.RUNNING),
    ]
    assert percent(training, 1, 4, slow) == 20 + 15
    training[-1].done = 0.5
    assert percent(training, 1, 4, slow) == 20 + 30
    assert percent(training, 3, 4, slow) == 20 + 45
    all_done = [Task(name=stage, state=State.SUCCEEDED) for stage in Stage]
    assert percent(all_done, 4, 4, weights_of(expected(examples=1, transform=1, train=1))) == 100


@pytest.mark.parametrize(
    "estimate",
    [
        None,
        expected(),
        expected(train=0.0),
        expected(train=-5.0),
        expected(train=1e308, evaluate=1e308),
    ],
    ids=["none", "older", "nothing", "negative", "endless"],
)
def test_without_a_usable_estimate_progress_goes_by_usual_shares(estimate):
    read = [Task(name=Stage.EXAMPLES, state=State.SUCCEEDED)]
    assert percent(read, 0, 1, weights_of(estimate)) == 10
