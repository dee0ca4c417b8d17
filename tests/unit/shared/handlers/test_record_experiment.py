"""A test that has ended becomes one run, whatever happens on the way."""

from __future__ import annotations

import dataclasses

import pytest
from scenario import Shop, metrics

from functions.report import page_of
from shared.documents.base import Collection
from shared.errors import UnavailableError
from shared.events import Topic
from shared.experiments import RunRecord
from shared.handlers import reconcile
from shared.jobs import Stage, State
from shared.services import cancel_quick_test


@pytest.fixture
def shop() -> Shop:
    return Shop()


def ended(shop: Shop, test_id: str) -> None:
    """Delivers that a test has ended, once more."""
    shop.handle(shop.event(Topic.QUICK_TEST_ENDED, Collection.QUICK_TESTS, test_id, 0))


def completed(shop: Shop) -> str:
    test_id = shop.running_test()
    shop.succeed(test_id)
    shop.settle()
    return test_id


def only_run(shop: Shop) -> RunRecord:
    (run,) = shop.tracker.runs.values()
    return run


def test_a_completed_test_is_a_run_in_the_experiment_of_its_dataset(shop: Shop) -> None:
    test_id = completed(shop)
    run = only_run(shop)
    assert (run.key, run.experiment, run.name) == (test_id, "Shop", "Try")
    assert run.outcome == "completed"
    assert run.params["test.epochs"] == "2"
    assert run.params["model.buyer_tower_layers.0.units"] == "32"
    assert run.params["features.buyer_model_features.0.column"] == "customer"
    points = {(point.name, point.step): point.value for point in run.metrics}
    assert points["loss", 1] == 8.0
    assert points["loss", 2] == 4.0
    assert points["recall_at_100", 0] == 0.2
    assert points["baseline/popularity/recall_at_100", 0] == 0.1
    assert points["vocabulary/buyer/buyer_customer/oov_rate", 0] == 0.01
    assert run.tags["recsmith.dataset_fingerprint"] == "v1"
    assert run.tags["recsmith.dataset_revision"] == "1"
    assert run.tags["recsmith.purpose"] == "quick_test"
    assert run.tags["recsmith.feature_config_revision"] == "1"
    assert '"split":"temporal"' in run.tags["recsmith.protocol"]
    code = shop.test(test_id).code
    assert code is not None
    assert run.artifacts["code/trainer.py"] == shop.artifacts.read(code.trainer.uri)
    assert {"code/preprocessing.py", "metrics.json", "specs/model.json"} <= set(run.artifacts)
    tracking = shop.test(test_id).tracking
    assert (tracking.run_id, tracking.url, tracking.error) == ("run-1", "memory://run-1", None)


def test_the_report_of_a_completed_test_goes_with_its_run(shop: Shop) -> None:
    shop.ports = dataclasses.replace(shop.ports, report=page_of)
    test_id = completed(shop)
    assert only_run(shop).artifacts["report.html"] == page_of(test_id, shop.ports)
    failed = shop.running_test()
    shop.pipelines.advance(shop.job_id(failed), Stage.TRAIN, State.FAILED, "out of memory")
    shop.job_news(failed)
    shop.settle()
    (run,) = [run for run in shop.tracker.runs.values() if run.key == failed]
    assert "report.html" not in run.artifacts


def test_intervals_and_differences_are_metrics_with_bounds(shop: Shop) -> None:
    test_id = shop.running_test()
    shop.succeed(test_id)
    interval = {"low": -0.1, "high": 0.3}
    shop.leave(
        test_id,
        "metrics.json",
        metrics(0.2)
        | {
            "intervals": {"recall_at_100": interval},
            "differences": {"popularity": {"recall_at_100": interval}},
        },
    )
    document = shop.documents.data(f"quick_tests/{test_id}")
    document["status"]["results"] |= {
        "intervals": {"recall_at_100": interval},
        "differences": {"popularity": {"recall_at_100": interval}},
    }
    shop.documents.write(f"quick_tests/{test_id}", document)
    shop.settle()
    points = {point.name: point.value for point in only_run(shop).metrics}
    assert (points["recall_at_100/low"], points["recall_at_100/high"]) == (-0.1, 0.3)
    assert points["difference/popularity/recall_at_100/high"] == 0.3


def test_the_share_held_out_and_the_rows_are_metrics(shop: Shop) -> None:
    test_id = shop.running_test()
    selected = {"total": 1500, "other_kind": 300}
    rows = {"read": 1200, "without_customer": 400, "without_time": None, "selected": selected}
    report = metrics(0.2, train_rows=500, holdout_rows=700) | {"rows": rows}
    shop.succeed(test_id, report=report)
    shop.settle()
    points = {point.name: point.value for point in only_run(shop).metrics}
    assert points["holdout_share"] == pytest.approx(700 / 1200)
    assert (points["rows/read"], points["rows/without_customer"]) == (1200, 400)
    assert points["rows/without_product"] == 0
    assert (points["rows/total"], points["rows/other_kind"]) == (1500, 300)
    assert "rows/without_time" not in points
    assert '"holdout_share":0.58' in only_run(shop).tags["recsmith.protocol"]


def test_failed_and_cancelled_tests_are_runs_too(shop: Shop) -> None:
    failed = shop.running_test()
    shop.pipelines.advance(shop.job_id(failed), Stage.TRAIN, State.FAILED, "out of memory")
    shop.job_news(failed)
    cancelled = shop.running_test()
    cancel_quick_test(cancelled, shop.ports)
    shop.settle()
    runs = {run.key: run for run in shop.tracker.runs.values()}
    assert (runs[failed].outcome, runs[cancelled].outcome) == ("failed", "cancelled")
    assert runs[failed].tags["recsmith.error"] == "out of memory"


def test_of_a_document_that_somebody_has_wrecked_what_can_be_read_is_kept(shop: Shop) -> None:
    shop.documents.write("quick_tests/wreck", {"name": 7, "status": {"state": "failed"}})
    shop.settle()
    run = only_run(shop)
    assert (run.key, run.experiment, run.name, run.params) == ("wreck", "Recsmith", "7", {})


def test_events_may_come_twice(shop: Shop) -> None:
    test_id = completed(shop)
    before = shop.documents.data(f"quick_tests/{test_id}")
    for _ in range(3):
        ended(shop, test_id)
    assert list(shop.tracker.runs) == ["run-1"]
    assert shop.documents.data(f"quick_tests/{test_id}") == before


def test_an_event_before_the_end_is_nothing(shop: Shop) -> None:
    ended(shop, shop.running_test())
    ended(shop, "nothing")
    assert shop.tracker.runs == {}


def test_two_that_record_at_once_leave_one_run(shop: Shop) -> None:
    """Both have looked and found nothing; the other is done before this one goes on."""
    test_id = shop.running_test()
    shop.succeed(test_id)

    def other() -> None:
        record = only_run(shop)
        theirs = shop.tracker.write(record)
        data = shop.documents.data(f"quick_tests/{test_id}")
        data["status"]["tracking"] = {"run_id": theirs.run_id, "url": theirs.url, "error": None}
        shop.documents.write(f"quick_tests/{test_id}", data)

    shop.tracker.meanwhile = other
    shop.settle()
    assert list(shop.tracker.runs) == ["run-2"]
    assert shop.test(test_id).tracking.run_id == "run-2"


def test_a_tracker_that_is_down_fails_no_test_and_is_caught_up_with(shop: Shop) -> None:
    test_id = shop.running_test()
    shop.tracker.down = True
    shop.succeed(test_id)
    with pytest.raises(UnavailableError):  # so that the event comes again
        shop.settle()
    status = shop.test(test_id)
    assert status.state == "completed"
    assert status.tracking.error == "The tracker does not answer."
    reconcile(shop.ports)  # raises nothing, and is too early
    shop.clock.advance(61)
    reconcile(shop.ports)
    assert shop.test(test_id).tracking.run_id is None
    shop.tracker.down = False
    reconcile(shop.ports)
    tracking = shop.test(test_id).tracking
    assert (tracking.run_id, tracking.error) == ("run-1", None)
    calls = shop.tracker.calls
    reconcile(shop.ports)
    assert shop.tracker.calls == calls  # nothing is missed any more


def test_catching_up_stops_at_the_first_fault(shop: Shop) -> None:
    shop.tracker.down = True
    for _ in range(3):
        shop.succeed(shop.running_test())
        with pytest.raises(UnavailableError):
            shop.settle()
    shop.documents.changes.clear()
    shop.events.published.clear()
    shop.clock.advance(61)
    calls = shop.tracker.calls
    reconcile(shop.ports)
    assert shop.tracker.calls == calls + 1


def test_without_tracking_nothing_is_tried(shop: Shop) -> None:
    shop.ports = dataclasses.replace(shop.ports, tracker=None)
    test_id = completed(shop)
    shop.clock.advance(61)
    reconcile(shop.ports)
    assert shop.tracker.calls == 0
    assert shop.test(test_id).tracking.run_id is None
