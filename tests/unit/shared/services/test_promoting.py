"""Versions come into production, and servers are told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from fakes import FakeArtifacts
from registered import MODEL, Registered

from shared import editing
from shared.documents.base import Collection
from shared.documents.registered_model import MOST_AUDITED, Promotion
from shared.events import Topic
from shared.handlers import publish_change
from shared.jobs import MODEL_FILE
from shared.problems import InvalidError
from shared.registry import Alias
from shared.services.deletion_marks import Mark
from shared.services.promoting import promote_wished
from shared.services.store import REGISTERED_MODEL


@pytest.fixture
def shop() -> Registered:
    return Registered()


def problem(found: pytest.ExceptionInfo[InvalidError]) -> tuple[str, str]:
    (one,) = found.value.problems
    return one.path, one.code


def test_the_first_version_comes_into_production_and_servers_are_told(shop: Registered) -> None:
    (test_id,) = shop.versions(0.2)
    editing.promote(shop.ports, MODEL, 1, changed_by="ann@shop.example")
    assert shop.in_use() == (None, None)
    shop.settle()
    assert shop.in_use() == (1, None)
    pointer = shop.pointer()
    assert (pointer.name, pointer.revision) == ("Shop", 1)
    served = pointer.aliases[Alias.PRODUCTION]
    assert (served.version, served.quick_test_id) == (1, test_id)
    assert served.artifacts_uri == shop.test(test_id).artifacts_uri
    assert list(pointer.aliases) == [Alias.PRODUCTION]
    (line,) = shop.registered_model(MODEL).status.audit
    assert (line.by, line.from_version, line.to_version) == ("ann@shop.example", None, 1)
    assert line.verdict.standing == "first"


def test_a_better_version_takes_its_place_and_one_may_go_back(shop: Registered) -> None:
    shop.versions(0.2, 0.3)
    shop.promote(MODEL, 1)
    shop.promote(MODEL, 2)
    assert shop.in_use() == (2, 1)
    editing.roll_back(shop.ports, MODEL, "empty lists", changed_by="bob@shop.example")
    shop.settle()
    assert shop.in_use() == (1, 2)
    assert {name: one.version for name, one in shop.pointer().aliases.items()} == {
        "production": 1,
        "previous": 2,
    }
    assert shop.pointer().revision == 3
    told = [
        (one.from_version, one.to_version, one.verdict.standing, one.reason, one.by)
        for one in shop.registered_model(MODEL).status.audit
    ]
    assert told == [
        (2, 1, "rollback", "empty lists", "bob@shop.example"),
        (1, 2, "better", None, None),
        (None, 1, "first", None, None),
    ]


def test_what_was_rolled_back_comes_back_only_as_any_other_version(shop: Registered) -> None:
    shop.versions(0.3, 0.2)
    shop.promote(MODEL, 1)
    shop.promote(MODEL, 2, "fairer to new customers")
    editing.roll_back(shop.ports, MODEL)
    shop.settle()
    assert shop.in_use() == (1, 2)
    assert shop.registered_model(MODEL).status.rolls_back_to is None
    with pytest.raises(InvalidError, match="rolled back to, from version 2") as found:
        editing.roll_back(shop.ports, MODEL)
    assert problem(found) == ("spec.production.version", "nothing_before")
    with pytest.raises(InvalidError, match="clearly worse than version 1") as found:
        editing.promote(shop.ports, MODEL, 2)
    assert problem(found) == ("spec.production.reason", "reason_needed")
    shop.promote(MODEL, 2, "fairer all the same")
    assert shop.registered_model(MODEL).status.rolls_back_to == 1
    editing.roll_back(shop.ports, MODEL)
    shop.settle()
    assert shop.in_use() == (1, 2)


def test_the_version_in_production_stays_where_it_is_asked_for_after_another(
    shop: Registered,
) -> None:
    shop.versions(0.2, 0.3)
    shop.promote(MODEL, 1)
    editing.promote(shop.ports, MODEL, 2)
    assert editing.promote(shop.ports, MODEL, 1).verdict.standing == "unchanged"
    shop.settle()
    assert shop.in_use() == (1, None)


def test_asking_for_what_is_in_production_clears_a_refused_wish(shop: Registered) -> None:
    shop.versions(0.3, 0.2)
    shop.promote(MODEL, 1)
    shop.wish(version=2)
    shop.settle()
    shop.promote(MODEL, 1)
    model = shop.registered_model(MODEL)
    assert model.spec.production is not None
    assert model.spec.production.version == 1
    assert model.status.validated(model.revision)
    assert shop.in_use() == (1, None)


@pytest.mark.parametrize("written", ["by the API", "into the store"])
def test_one_does_not_go_back_while_a_wish_is_pending(shop: Registered, written: str) -> None:
    shop.versions(0.2, 0.3, 0.4)
    shop.promote(MODEL, 1)
    shop.promote(MODEL, 2)
    if written == "by the API":
        editing.promote(shop.ports, MODEL, 3)
    else:
        shop.wish(version=3)
    with pytest.raises(editing.LockedError, match="Version 3 of 'Shop' is just being brought"):
        editing.roll_back(shop.ports, MODEL)
    shop.settle()
    assert shop.in_use() == (3, 2)
    editing.roll_back(shop.ports, MODEL)
    shop.settle()
    assert shop.in_use() == (2, 3)


def test_a_worse_version_needs_a_reason(shop: Registered) -> None:
    shop.versions(0.3, 0.2)
    shop.promote(MODEL, 1)
    revision = shop.registered_model(MODEL).revision
    with pytest.raises(InvalidError, match="clearly worse than version 1") as found:
        editing.promote(shop.ports, MODEL, 2)
    assert problem(found) == ("spec.production.reason", "reason_needed")
    assert shop.registered_model(MODEL).revision == revision
    shop.promote(MODEL, 2, "fairer to new customers")
    assert shop.in_use() == (2, 1)
    assert shop.registered_model(MODEL).status.audit[0].reason == "fairer to new customers"


def test_a_wish_in_the_store_is_judged_by_the_same_rule(shop: Registered) -> None:
    shop.versions(0.3, 0.2)
    shop.promote(MODEL, 1)
    shop.wish(version=2)
    shop.settle()
    status = shop.registered_model(MODEL).status
    (found,) = status.validation.problems
    assert (found.path, found.code) == ("spec.production.reason", "reason_needed")
    assert (shop.in_use(), shop.pointer().revision, len(status.audit)) == ((1, None), 1, 1)
    shop.wish(version=2, reason="fairer to new customers")
    shop.settle()
    assert shop.in_use() == (2, 1)


def test_other_data_needs_a_reason(shop: Registered) -> None:
    first, _ = shop.versions(0.2, 0.4)
    data = shop.documents.data(f"quick_tests/{first}")
    data["status"]["pinned"]["dataset_fingerprint"] = "of last year"
    shop.documents.write(f"quick_tests/{first}", data)
    shop.promote(MODEL, 1)
    with pytest.raises(InvalidError, match="other data") as found:
        editing.promote(shop.ports, MODEL, 2)
    assert problem(found) == ("spec.production.reason", "reason_needed")
    shop.promote(MODEL, 2, "new assortment")
    assert shop.registered_model(MODEL).status.audit[0].verdict.standing == "not_comparable"


@pytest.mark.parametrize("version", [3, 10**9])
def test_an_unknown_version_is_said_to_be_none(shop: Registered, version: int) -> None:
    shop.versions(0.2, 0.3)
    with pytest.raises(InvalidError, match="Give one of 1 to 2") as found:
        editing.promote(shop.ports, MODEL, version)
    assert problem(found) == ("spec.production.version", "unknown_version")


@pytest.mark.parametrize("version", [0, -1, 1.5, "two", None])
def test_what_is_no_version_is_refused(shop: Registered, version: Any) -> None:
    shop.versions(0.2)
    with pytest.raises(InvalidError) as found:
        editing.promote(shop.ports, MODEL, version)
    assert problem(found)[0] == "spec.production.version"


def test_one_cannot_go_back_to_nothing(shop: Registered) -> None:
    shop.versions(0.2)
    with pytest.raises(InvalidError) as found:
        editing.roll_back(shop.ports, MODEL)
    assert problem(found) == ("spec.production.version", "nothing_before")


def test_a_version_without_its_model_is_not_promoted(shop: Registered) -> None:
    _, half, deleted = shop.versions(0.2, 0.3, 0.3)
    del shop.artifacts.files[f"{shop.test(half).artifacts_uri}/{MODEL_FILE}"]
    editing.delete(shop.ports, Collection.QUICK_TESTS, deleted)
    for version in (2, 3):
        with pytest.raises(InvalidError, match="Promote another version") as found:
            editing.promote(shop.ports, MODEL, version, "all the same")
        assert problem(found) == ("spec.production.version", "model_deleted")


def test_what_is_in_use_cannot_be_deleted(shop: Registered) -> None:
    first, second, third = shop.versions(0.2, 0.3, 0.4)
    for version in (1, 2):
        shop.promote(MODEL, version)
    for test_id in (first, second):
        with pytest.raises(editing.InUseError, match="Promote other versions in its place first"):
            editing.delete(shop.ports, Collection.QUICK_TESTS, test_id)
        assert not editing.usage(shop.ports, Collection.QUICK_TESTS, test_id).deletable
        assert shop.artifacts.exists(f"{shop.test(test_id).artifacts_uri}/{MODEL_FILE}")
    shop.promote(MODEL, 3)
    editing.delete(shop.ports, Collection.QUICK_TESTS, first)
    assert editing.usage(shop.ports, Collection.QUICK_TESTS, third).total == 1


def test_a_version_that_is_being_deleted_does_not_come_into_production(shop: Registered) -> None:
    (test_id,) = shop.versions(0.2)
    editing.promote(shop.ports, MODEL, 1)
    Mark.put_up(shop.ports, Collection.QUICK_TESTS, test_id)
    shop.settle()
    (found,) = shop.registered_model(MODEL).status.validation.problems
    assert (found.code, shop.in_use()) == ("model_deleted", (None, None))
    shop.clock.advance(3600)  # the deletion came to nothing
    shop.promote(MODEL, 1)
    assert shop.in_use() == (1, None)


def test_of_two_promotions_at_once_the_later_wish_counts_in_any_order_of_events(
    shop: Registered,
) -> None:
    shop.versions(0.2, 0.3, 0.3)
    shop.promote(MODEL, 1)
    for version in (2, 3):
        editing.promote(shop.ports, MODEL, version)
        while shop.documents.changes:
            publish_change(shop.documents.changes.pop(0), shop.ports)
    events = shop.events.published[::-1] + shop.events.published
    shop.events.published.clear()
    assert len({event.revision for event in events}) > 1
    for event in events:
        shop.handle(event)
    shop.settle()
    assert shop.in_use() == (3, 1)
    assert [one.to_version for one in shop.registered_model(MODEL).status.audit] == [3, 1]


def test_a_verdict_beside_what_is_no_longer_in_production_is_made_anew(shop: Registered) -> None:
    """The wish was judged beside version 1; meanwhile the better version 2 has come."""
    shop.versions(0.2, 0.4, 0.3)
    shop.promote(MODEL, 1)
    before = REGISTERED_MODEL.load(MODEL, shop.ports)
    shop.promote(MODEL, 2)
    shop.wish(version=3)
    shop.handle_until(Topic.CONFIG_CHANGED)
    shop.events.published.clear()
    revision = shop.registered_model(MODEL).revision
    wished = before.model_copy(update={"spec": REGISTERED_MODEL.load(MODEL, shop.ports).spec})
    promote_wished(wished, revision, shop.ports)
    assert shop.in_use() == (2, 1)
    assert [one.code for one in shop.registered_model(MODEL).status.validation.problems] == [
        "reason_needed"
    ]


def test_the_audit_list_is_bounded(shop: Registered) -> None:
    shop.versions(0.2, 0.3)
    shop.promote(MODEL, 1)
    (line,) = shop.registered_model(MODEL).status.audit
    data = shop.documents.data(f"registered_models/{MODEL}")
    old = Promotion.model_validate({**line.model_dump(), "reason": "old"})
    data["status"]["audit"] = [old.model_dump(mode="json")] * MOST_AUDITED
    shop.documents.write(f"registered_models/{MODEL}", data)
    shop.promote(MODEL, 2)
    audit = shop.registered_model(MODEL).status.audit
    assert len(audit) == MOST_AUDITED
    assert (audit[0].to_version, audit[1].reason) == (2, "old")


def test_asking_for_what_is_in_production_changes_nothing(shop: Registered) -> None:
    shop.versions(0.2)
    shop.promote(MODEL, 1)
    before = shop.documents.data(f"registered_models/{MODEL}")
    assert editing.promote(shop.ports, MODEL, 1).verdict.standing == "unchanged"
    shop.settle()
    assert shop.documents.data(f"registered_models/{MODEL}") == before


def test_a_version_has_the_number_of_its_path(shop: Registered) -> None:
    shop.versions(0.2, 0.3)
    path = f"registered_models/{MODEL}/registered_versions/2"
    shop.documents.write(path, {**shop.documents.data(path), "version": 0})
    shop.promote(MODEL, 1)
    shop.promote(MODEL, 2)
    assert shop.in_use() == (2, 1)
    assert shop.pointer().aliases[Alias.PRODUCTION].version == 2


class Slow(FakeArtifacts):
    """Something else happens while files are being deleted."""

    meanwhile: Any = None

    def remove(self, folder: str) -> None:
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            meanwhile()
        super().remove(folder)


def test_a_version_does_not_come_into_production_however_long_its_deletion_takes(
    shop: Registered,
) -> None:
    (test_id,) = shop.versions(0.2)
    slow = Slow()
    slow.files = shop.artifacts.files
    shop.artifacts, shop.ports = slow, replace(shop.ports, artifacts=slow)

    def promote() -> None:
        shop.clock.advance(3600)
        with pytest.raises(InvalidError, match="The model of version 1 was deleted"):
            editing.promote(shop.ports, MODEL, 1)
        shop.wish(version=1)
        shop.settle()
        assert shop.in_use() == (None, None)

    slow.meanwhile = promote
    editing.delete(shop.ports, Collection.QUICK_TESTS, test_id)
    assert slow.meanwhile is None
    assert shop.in_use() == (None, None)


def test_a_wish_that_was_judged_before_a_deletion_began_is_refused(shop: Registered) -> None:
    shop.versions(0.2)
    path = f"registered_models/{MODEL}/registered_versions/1"
    shop.wish(version=1)
    shop.handle_until(Topic.CONFIG_CHANGED)

    class Late(FakeArtifacts):
        """The deletion begins once the model has been looked for."""

        def exists(self, uri: str) -> bool:
            stored = shop.documents.data(path)
            shop.documents.write(path, {**stored, "model_deleted_at": "2026-01-01T00:00:00Z"})
            return super().exists(uri)

    late = Late()
    late.files = shop.artifacts.files
    shop.artifacts, shop.ports = late, replace(shop.ports, artifacts=late)
    shop.settle()
    (found,) = shop.registered_model(MODEL).status.validation.problems
    assert (found.code, shop.in_use()) == ("model_deleted", (None, None))
