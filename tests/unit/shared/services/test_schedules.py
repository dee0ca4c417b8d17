"""Schedules: what is due is refreshed, trained, compared and promoted, once, whatever happens."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from declared import within
from fakes import FakeMessenger
from registered import MODEL, Registered
from scenario import URI, metrics, profile

from shared import editing
from shared.channels import read_channels
from shared.documents.base import Collection
from shared.documents.registered_model import BeganFrom
from shared.documents.schedule import MOST_RUNS, ScheduledRun, ScheduleStatus
from shared.handlers import reconcile
from shared.jobs import (
    CHAMPION_FILE,
    MODEL_FILE,
    REPLICATES_FILE,
    WEIGHTS_FILE,
    Stage,
    State,
)
from shared.ports import Messages
from shared.problems import InvalidError
from shared.services.announcements import announce

DAILY = "0 3 * * *"
NEWER = "newer rows"


class Scheduled(Registered):
    """A shop with a version in production, and a schedule; its clock stands at 2025-01-01."""

    schedule_id: str

    def begin(self, **spec: Any) -> None:
        self.promote(MODEL, 1)
        self.plan(**spec)

    def plan(self, **spec: Any) -> str:
        made = editing.create(
            self.ports,
            Collection.SCHEDULES,
            name="Nightly",
            spec={"model_id": MODEL, "cron": DAILY, **spec},
            created_by="ann@shop.example",
        )
        self.schedule_id = made.id
        self.settle()
        return made.id

    @property
    def status(self) -> ScheduleStatus:
        data = self.documents.data(f"schedules/{self.schedule_id}")
        return ScheduleStatus.model_validate(data["status"])

    @property
    def last(self) -> ScheduledRun:
        return self.status.history[0]

    def beat(self) -> None:
        """The clock's step, and what follows from it."""
        reconcile(within("reconcile", self.ports))
        self.settle()

    def at(self, *moment: int) -> None:
        self.clock.time = datetime(*moment, tzinfo=UTC)  # type: ignore[misc,arg-type]

    def new_data(self, fingerprint: str = "v2") -> None:
        self.data.profiles[URI] = profile(fingerprint=fingerprint)

    def due(self) -> str:
        """Lets an occurrence with new data come; the id of its full training, whose job runs."""
        self.at(2025, 1, 2, 3)
        self.new_data()
        self.beat()
        self.beat()
        assert self.status.run is not None
        test_id = self.status.run.quick_test_id
        assert test_id is not None
        assert self.test(test_id).state == "running"
        return test_id

    def trained(self, test_id: str, recall: float, champion: float | None) -> None:
        """The job comes to its end, and has measured the champion over its rows too, or could
        not."""
        self.leave(test_id, MODEL_FILE, "a model")
        self.leave(test_id, REPLICATES_FILE, draws(recall))
        champion_id = self.documents.data(f"quick_tests/{test_id}")["spec"]["champion_test_id"]
        told: dict[str, Any] = {"quick_test_id": champion_id, "problem": "its files are gone"}
        if champion is not None:
            report = metrics(champion, holdout_fingerprint=NEWER)
            told |= {"problem": None, "report": report, "replicates": draws(champion)}
        self.leave(test_id, CHAMPION_FILE, told)
        self.succeed(test_id, recall, holdout_fingerprint=NEWER)
        self.settle()
        self.beat()
        self.beat()


def draws(recall: float) -> dict[str, Any]:
    values = [recall + 0.001 * (draw % 2) for draw in range(100)]
    return {"holdout_fingerprint": NEWER, "customers": 190, "metrics": {"recall_at_100": values}}


@cache
def _with_a_version() -> Scheduled:
    shop = Scheduled()
    shop.versions(0.2)
    return shop


@pytest.fixture
def shop() -> Scheduled:
    """With a version that is not in production yet."""
    return deepcopy(_with_a_version())


def test_what_is_due_is_trained_again_on_new_data_and_promoted_where_it_is_not_worse(
    shop: Scheduled,
) -> None:
    shop.begin(epochs=7)
    assert shop.status.next_at == datetime(2025, 1, 1, 3, tzinfo=UTC)
    shop.at(2025, 1, 2, 2, 59)
    shop.documents.write(f"schedules/{shop.schedule_id}", planned_for_tomorrow(shop))
    shop.beat()
    assert shop.status.run is None
    test_id = shop.due()
    champion = shop.registered_model(MODEL).status.aliases.production
    assert champion is not None
    spec = shop.documents.data(f"quick_tests/{test_id}")["spec"]
    of_champion = shop.documents.data(f"quick_tests/{champion.quick_test_id}")["spec"]
    assert spec == {
        **of_champion,
        "epochs": 7,
        "feature_config_revision": 1,
        "model_config_revision": 1,
        "model_name": "Shop",
        "champion_test_id": champion.quick_test_id,
    }
    request = shop.pipelines.requests[shop.job_id(test_id)]
    assert request.champion is not None
    assert request.champion.artifacts_uri == champion.artifacts_uri
    shop.beat()
    assert shop.status.history == []
    shop.trained(test_id, 0.3, champion=0.21)
    assert shop.in_use() == (2, 1)
    assert (shop.last.outcome, shop.last.version) == ("promoted", 2)
    assert shop.last.sentence.startswith(
        "Version 2 is in production. Version 2 is clearly better than version 1, which is in "
        "production, over the rows that version 2 holds out: Recall@100"
    )
    line = shop.registered_model(MODEL).status.audit[0]
    assert (line.by, line.reason) == ("ann@shop.example", "by schedule 'Nightly'")
    assert shop.status.next_at == datetime(2025, 1, 3, 3, tzinfo=UTC)
    assert shop.status.due_at == shop.status.next_at
    shop.beat()
    assert len(shop.status.history) == 1


def planned_for_tomorrow(shop: Scheduled) -> Any:
    """Such as it would be, had the occurrence of the first day been looked after."""
    data = shop.documents.data(f"schedules/{shop.schedule_id}")
    moment = "2025-01-02T03:00:00Z"
    return {**data, "status": {**data["status"], "next_at": moment, "due_at": moment}}


def test_what_is_worse_than_the_champion_on_the_newest_rows_is_not_promoted(
    shop: Scheduled,
) -> None:
    shop.begin()
    shop.trained(shop.due(), 0.3, champion=0.4)
    assert shop.in_use() == (1, None)
    assert shop.last.outcome == "not_promoted"
    assert "Version 2 is clearly worse than version 1" in shop.last.sentence
    assert shop.last.verdict is not None
    assert shop.last.verdict.standing == "worse"


def test_what_cannot_be_compared_is_not_promoted_and_the_reason_is_told(shop: Scheduled) -> None:
    shop.begin()
    shop.trained(shop.due(), 0.9, champion=None)
    assert shop.in_use() == (1, None)
    assert "cannot be compared" in shop.last.sentence
    assert "its files are gone" in shop.last.sentence


def test_a_champion_that_was_replaced_meanwhile_is_not_what_was_measured(shop: Scheduled) -> None:
    shop.begin()
    shop.version(0.25)
    test_id = shop.due()
    shop.promote(MODEL, 2)
    shop.trained(test_id, 0.9, champion=0.2)
    assert shop.in_use() == (2, 1)
    assert (shop.last.outcome, shop.last.version) == ("not_promoted", 3)
    assert "cannot be compared" in shop.last.sentence


def test_a_schedule_that_never_promotes_says_how_the_version_stands(shop: Scheduled) -> None:
    shop.begin(promotion="never")
    shop.trained(shop.due(), 0.3, champion=0.2)
    assert shop.in_use() == (1, None)
    assert shop.last.outcome == "not_promoted"
    assert "this schedule promotes none. Version 2 is clearly better" in shop.last.sentence


def test_a_model_with_nothing_in_production_has_its_first_version_promoted(
    shop: Scheduled,
) -> None:
    shop.plan()
    test_id = shop.due()
    assert shop.documents.data(f"quick_tests/{test_id}")["spec"]["champion_test_id"] is None
    shop.leave(test_id, MODEL_FILE, "a model")
    shop.succeed(test_id, 0.3)
    shop.settle()
    shop.beat()
    shop.beat()
    assert (shop.in_use(), shop.last.outcome) == ((2, None), "promoted")


def test_a_wish_of_somebodys_that_is_pending_comes_first(shop: Scheduled) -> None:
    shop.begin()
    shop.version(0.25)
    test_id = shop.due()
    shop.leave(test_id, MODEL_FILE, "a model")
    shop.leave(test_id, REPLICATES_FILE, draws(0.3))
    shop.succeed(test_id, 0.3, holdout_fingerprint=NEWER)
    shop.settle()
    editing.promote(shop.ports, MODEL, 2)
    reconcile(shop.ports)
    assert shop.status.run is not None
    assert shop.status.run.stage == "training"
    shop.settle()
    shop.beat()
    assert (shop.in_use(), shop.last.outcome) == ((2, 1), "not_promoted")


def test_data_that_has_not_changed_is_not_trained_on_again(shop: Scheduled) -> None:
    shop.begin()
    made = len(shop.documents.query("quick_tests"))
    shop.at(2025, 1, 2, 3)
    shop.beat()
    shop.beat()
    assert shop.last.outcome == "unchanged"
    assert "not changed since version 1 was trained" in shop.last.sentence
    assert len(shop.documents.query("quick_tests")) == made
    assert shop.data.profiled == [URI, URI]


def test_other_epochs_are_trained_on_the_same_data(shop: Scheduled) -> None:
    shop.begin(epochs=3)
    shop.at(2025, 1, 2, 3)
    shop.beat()
    shop.beat()
    assert shop.status.run is not None
    assert shop.status.run.stage == "training"


def test_what_was_missed_while_nothing_ran_happens_once(shop: Scheduled) -> None:
    shop.begin()
    shop.at(2025, 1, 15, 12)
    shop.new_data()
    shop.beat()
    shop.beat()
    run = shop.status.run
    assert run is not None
    assert (run.due_at, run.missed) == (datetime(2025, 1, 1, 3, tzinfo=UTC), 14)
    assert shop.status.next_at == datetime(2025, 1, 16, 3, tzinfo=UTC)
    assert run.quick_test_id is not None
    shop.trained(run.quick_test_id, 0.3, champion=0.2)
    assert len(shop.status.history) == 1
    assert "14 further occurrences had passed" in shop.last.sentence


def test_a_system_that_ends_with_a_command_begins_nothing(shop: Scheduled) -> None:
    shop.begin()
    shop.at(2025, 1, 2, 3)
    reconcile(shop.ports, keeps_schedules=False)
    assert (shop.status.run, shop.status.history) == (None, [])


def test_what_comes_due_while_a_run_is_under_way_is_skipped(shop: Scheduled) -> None:
    shop.begin()
    test_id = shop.due()
    shop.at(2025, 1, 4, 4)
    shop.beat()
    assert (shop.last.outcome, shop.last.missed) == ("skipped", 1)
    assert shop.last.sentence.startswith(
        "Skipped: the run that began on 2025-01-02 at 03:00 UTC was still under way."
    )
    assert shop.status.next_at == datetime(2025, 1, 5, 3, tzinfo=UTC)
    shop.trained(test_id, 0.3, champion=0.2)
    assert [one.outcome for one in shop.status.history] == ["promoted", "skipped"]


def test_data_that_is_refused_ends_the_run_and_the_next_one_comes(shop: Scheduled) -> None:
    shop.begin()
    shop.at(2025, 1, 2, 3)
    kept = shop.data.profiles.pop(URI)
    shop.beat()
    shop.beat()
    assert shop.last.outcome == "failed"
    assert "There is no such file." in (shop.last.error or "")
    assert "not valid any more; nothing was trained" in shop.last.sentence
    assert shop.status.next_at == datetime(2025, 1, 3, 3, tzinfo=UTC)
    shop.data.profiles[URI] = replace(kept, fingerprint="v3")
    shop.at(2025, 1, 3, 3)
    shop.beat()
    shop.beat()
    assert shop.status.run is not None
    assert shop.status.run.stage == "training"


def test_a_training_that_fails_ends_the_run_and_says_where(shop: Scheduled) -> None:
    shop.begin()
    test_id = shop.due()
    shop.pipelines.advance(shop.job_id(test_id), Stage.TRAIN, State.FAILED, "out of memory")
    shop.job_news(test_id)
    shop.settle()
    shop.beat()
    assert (shop.last.outcome, shop.last.error) == ("failed", "out of memory")
    assert shop.last.sentence.startswith("The full training failed in stage train.")


def test_a_training_that_was_deleted_ends_the_run(shop: Scheduled) -> None:
    shop.begin()
    test_id = shop.due()
    shop.ports.documents.transact(lambda one: one.delete(f"quick_tests/{test_id}"))
    shop.beat()
    assert shop.last.sentence.startswith("The full training was deleted.")


class Killed(BaseException):
    """The process dies."""


@pytest.mark.parametrize("writes", range(1, 9))
def test_killed_after_any_write_it_goes_on_and_does_everything_once(
    shop: Scheduled, writes: int
) -> None:
    """Dies before and after each of the transactions of the clock, from the occurrence to its end;
    what was lost happens, and nothing twice."""
    shop.begin()
    transact = shop.documents.transact
    left = writes

    def dying(change: Any) -> Any:
        nonlocal left
        found = transact(change)
        left -= 1
        if left == 0:
            raise Killed
        return found

    def beat() -> None:
        shop.documents.transact = dying  # type: ignore[method-assign]
        try:
            reconcile(shop.ports)
        except Killed:
            pass
        finally:
            shop.documents.transact = transact  # type: ignore[method-assign]
        shop.settle()

    shop.at(2025, 1, 2, 3)
    shop.new_data()
    for _ in range(6):
        beat()
    run = shop.status.run
    assert run is not None
    assert run.quick_test_id is not None
    tests = [one for one in shop.documents.query("quick_tests") if one.id.startswith("qt-sc-")]
    assert [one.id for one in tests] == [run.quick_test_id]
    shop.leave(run.quick_test_id, MODEL_FILE, "a model")
    shop.leave(run.quick_test_id, REPLICATES_FILE, draws(0.3))
    champion = shop.documents.data(f"quick_tests/{run.quick_test_id}")["spec"]["champion_test_id"]
    measured = {"report": metrics(0.2, holdout_fingerprint=NEWER), "replicates": draws(0.2)}
    shop.leave(run.quick_test_id, CHAMPION_FILE, {"quick_test_id": champion, **measured})
    shop.succeed(run.quick_test_id, 0.3, holdout_fingerprint=NEWER)
    for _ in range(6):
        beat()
    assert [one.outcome for one in shop.status.history] == ["promoted"]
    assert shop.in_use() == (2, 1)
    assert len(shop.registered_model(MODEL).status.audit) == 2
    assert shop.registered_model(MODEL).status.versions == 2


def test_two_clocks_at_once_begin_one_run(shop: Scheduled) -> None:
    shop.begin()
    shop.at(2025, 1, 2, 3)
    shop.new_data()
    shop.documents.meanwhile = lambda: reconcile(shop.ports)
    shop.beat()
    shop.beat()
    assert len(shop.status.history) == 0
    tests = [one for one in shop.documents.query("quick_tests") if one.id.startswith("qt-sc-")]
    assert len(tests) == 1


def test_a_run_goes_by_what_the_schedule_said_when_it_began(shop: Scheduled) -> None:
    shop.begin(promotion="never")
    test_id = shop.due()
    spec = shop.documents.data(f"schedules/{shop.schedule_id}")["spec"]
    changed = {**spec, "promotion": "unless_worse", "cron": "0 5 * * *"}
    editing.update(shop.ports, Collection.SCHEDULES, shop.schedule_id, spec=changed)
    shop.settle()
    assert shop.status.next_at == datetime(2025, 1, 2, 5, tzinfo=UTC)
    shop.trained(test_id, 0.3, champion=0.2)
    assert shop.last.outcome == "not_promoted"


def test_a_paused_schedule_does_not_fire_and_its_run_goes_on(shop: Scheduled) -> None:
    shop.begin()
    test_id = shop.due()
    editing.enable(shop.ports, shop.schedule_id, False)
    shop.settle()
    shop.trained(test_id, 0.3, champion=0.2)
    assert shop.last.outcome == "promoted"
    assert (shop.status.next_at, shop.status.due_at) == (None, None)
    shop.at(2025, 2, 1)
    shop.beat()
    assert shop.status.run is None
    editing.enable(shop.ports, shop.schedule_id, True)
    shop.settle()
    assert shop.status.next_at == datetime(2025, 2, 1, 3, tzinfo=UTC)


def test_a_run_by_hand_begins_with_the_next_beat_and_leaves_the_next_occurrence(
    shop: Scheduled,
) -> None:
    shop.begin()
    editing.enable(shop.ports, shop.schedule_id, False)
    shop.settle()
    shop.new_data()
    editing.run_now(shop.ports, shop.schedule_id)
    editing.run_now(shop.ports, shop.schedule_id)
    shop.beat()
    run = shop.status.run
    assert run is not None
    assert (run.by_hand, run.due_at) == (True, shop.clock.now())
    with pytest.raises(editing.LockedError, match="A run of schedule 'Nightly' is under way"):
        editing.run_now(shop.ports, shop.schedule_id)
    shop.beat()
    assert shop.status.run is not None
    assert shop.status.run.quick_test_id is not None
    shop.trained(shop.status.run.quick_test_id, 0.3, champion=0.2)
    assert shop.last.outcome == "promoted"
    assert shop.status.due_at is None


def test_a_revision_that_is_judged_again_does_not_forget_what_is_due(shop: Scheduled) -> None:
    shop.begin()
    due = shop.status.next_at
    shop.clock.advance(5 * 86_400)
    announce(Collection.SCHEDULES, shop.schedule_id, shop.ports)
    shop.settle()
    assert shop.status.next_at == due


def test_the_history_is_bounded(shop: Scheduled) -> None:
    shop.begin()
    for day in range(2, MOST_RUNS + 5):
        shop.clock.time = datetime(2025, 1, 1, 3, tzinfo=UTC) + timedelta(days=day)
        shop.beat()
        shop.beat()
    assert [one.outcome for one in shop.status.history] == ["unchanged"] * MOST_RUNS


@pytest.mark.parametrize(
    ("spec", "path", "said"),
    [
        ({"cron": "0 3 * *"}, "spec.cron", "five fields"),
        ({"cron": "0 25 * * *"}, "spec.cron", "The hour is '25'; expected 0 to 23"),
        ({"cron": "0 3 31 2 *"}, "spec.cron", "never fires"),
        ({"cron": "*/5 * * * *"}, "spec.cron", "twice within 5 min; at least 60 min"),
        ({"cron": 3}, "spec.cron", "string"),
        ({"zone": "Europe/Atlantis"}, "spec.zone", "is no known time zone"),
        ({"model_id": "rm-none"}, "spec.model_id", "no registered model 'rm-none'"),
        ({"epochs": 0}, "spec.epochs", "greater than or equal to 1"),
        ({"promotion": "always"}, "spec.promotion", "'never' or 'unless_worse'"),
        ({"tell": ["Ops Team"]}, "spec.tell[0]", "pattern"),
        ({"every": "day"}, "spec.every", ""),
    ],
)
def test_bad_input_names_the_field_and_changes_nothing(
    shop: Scheduled, spec: dict[str, Any], path: str, said: str
) -> None:
    with pytest.raises(InvalidError) as found:
        shop.plan(**spec)
    (problem,) = found.value.problems
    assert (problem.path, said in problem.message) == (path, True), problem
    assert shop.documents.query("schedules") == []


def test_a_model_without_a_version_cannot_be_trained_again(shop: Scheduled) -> None:
    shop.write_status(versions=0, latest=None)
    with pytest.raises(InvalidError, match="has no version whose training could be repeated"):
        shop.plan()


def test_one_that_was_written_past_the_api_is_judged_by_the_same_rules(shop: Scheduled) -> None:
    for name, spec in (
        ("good", {"model_id": MODEL, "cron": "0 3 * * MON", "zone": "Europe/Berlin"}),
        ("bad", {"model_id": MODEL, "cron": "* * * * *"}),
    ):
        shop.documents.write(f"schedules/{name}", {"name": name, "spec": spec})
    shop.settle()
    shop.schedule_id = "good"
    assert shop.status.next_at == datetime(2025, 1, 6, 2, tzinfo=UTC)
    shop.schedule_id = "bad"
    assert (shop.status.validation.state, shop.status.due_at) == ("invalid", None)


def test_a_status_that_somebody_wrote_makes_no_other_test_its_own(shop: Scheduled) -> None:
    shop.begin()
    test_id = shop.due()
    data = shop.documents.data(f"schedules/{shop.schedule_id}")
    other = next(one.id for one in shop.documents.query("quick_tests") if one.id != test_id)
    data["status"]["run"]["quick_test_id"] = other
    shop.documents.write(f"schedules/{shop.schedule_id}", data)
    shop.trained(test_id, 0.3, champion=0.2)
    assert shop.registered_model(MODEL).status.versions == 2
    assert shop.last.version == 2


def test_a_status_that_was_lost_is_planned_anew(shop: Scheduled) -> None:
    shop.begin()
    path = f"schedules/{shop.schedule_id}"
    data = shop.documents.data(path)
    shop.documents.write(path, {**data, "status": {"history": "none"}})
    shop.settle()
    shop.clock.advance(120)
    shop.beat()
    assert shop.status.next_at == datetime(2025, 1, 1, 3, tzinfo=UTC)


def test_only_what_is_due_is_read(shop: Scheduled, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.begin()
    read: list[str] = []
    get = type(shop.documents).get

    def noted(self: Any, path: str) -> Any:
        read.append(path)
        return get(self, path)

    shop.clock.advance(60 * 61)
    monkeypatch.setattr(type(shop.documents), "get", noted)
    reconcile(shop.ports)
    assert [path for path in read if path.startswith("schedules/")] == []


def test_each_end_is_told_to_the_channels_that_the_schedule_names(shop: Scheduled) -> None:
    channels = read_channels(
        '[{"name": "ops", "form": "slack", "url": "https://chat.example/ops"},'
        ' {"name": "all", "form": "webhook", "url": "https://chat.example/all"},'
        ' {"name": "tests", "form": "slack", "url": "https://chat.example/t", "about": ["sweep"]}]'
    )
    messenger = FakeMessenger()
    shop.ports = replace(shop.ports, messages=Messages(channels, messenger, "https://recsmith"))
    with pytest.raises(InvalidError, match="there are ops, all, tests"):
        shop.plan(tell=["opps"])
    shop.promote(MODEL, 1)
    shop.plan(tell=["ops"])
    messenger.sent.clear()
    test_id = shop.due()
    shop.pipelines.advance(shop.job_id(test_id), Stage.TRAIN, State.FAILED, "row of c-17")
    shop.job_news(test_id)
    shop.settle()
    shop.beat()
    told = [(url, body) for url, _, body in messenger.sent if "Nightly" in str(body)]
    assert [url for url, _ in told] == ["https://chat.example/ops"]
    assert "The full training failed in stage train." in str(told[0][1])
    assert "c-17" not in str(told)
    assert f"https://recsmith/in-use/{MODEL}" in str(told[0][1])


def test_a_schedule_can_be_deleted_while_its_run_goes_on(shop: Scheduled) -> None:
    shop.begin()
    test_id = shop.due()
    editing.delete(shop.ports, Collection.SCHEDULES, shop.schedule_id)
    shop.settle()
    shop.leave(test_id, MODEL_FILE, "a model")
    shop.succeed(test_id, 0.3)
    shop.settle()
    shop.beat()
    assert shop.registered_model(MODEL).status.versions == 2
    assert shop.in_use() == (1, None)


def test_a_warm_start_begins_with_the_weights_of_the_version_in_production(
    shop: Scheduled,
) -> None:
    shop.begin(warm_start=True)
    champion = shop.registered_model(MODEL).status.aliases.production
    assert champion is not None
    shop.leave(champion.quick_test_id, WEIGHTS_FILE, "weights")
    test_id = shop.due()
    request = shop.pipelines.requests[shop.job_id(test_id)]
    assert request.warm_start is not None
    assert request.warm_start.artifacts_uri == champion.artifacts_uri
    assert shop.status.run is not None
    assert shop.status.run.note == "It began with the weights of version 1."
    shop.trained(test_id, 0.3, champion=0.21)
    assert "It began with the weights of version 1." in shop.last.sentence
    latest = shop.registered_model(MODEL).status.latest
    assert latest is not None
    assert latest.began_from == BeganFrom(
        quick_test_id=champion.quick_test_id, model_id=MODEL, version=1
    )


def test_a_version_that_has_left_no_weights_is_trained_again_from_scratch(shop: Scheduled) -> None:
    shop.begin(warm_start=True)
    test_id = shop.due()
    assert shop.pipelines.requests[shop.job_id(test_id)].warm_start is None
    assert shop.status.run is not None
    assert shop.status.run.note.startswith("It was trained from scratch. ")
    assert "has left no weights to begin with" in shop.status.run.note


def test_data_that_has_not_changed_is_not_trained_on_again_by_a_warm_start(
    shop: Scheduled,
) -> None:
    shop.begin(warm_start=True)
    champion = shop.registered_model(MODEL).status.aliases.production
    assert champion is not None
    shop.leave(champion.quick_test_id, WEIGHTS_FILE, "weights")
    shop.at(2025, 1, 2, 3)
    shop.beat()
    shop.beat()
    assert shop.last.outcome == "unchanged"
