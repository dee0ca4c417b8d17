"""Servers are told of what is in production, whatever is lost or comes late."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from fakes import FakeArtifacts
from registered import MODEL, Registered

from shared import editing
from shared.documents.base import Collection
from shared.errors import UnavailableError
from shared.handlers import reconcile
from shared.problems import InvalidError
from shared.registry import Alias, Pointer, pointer_key


@pytest.fixture
def shop() -> Registered:
    return Registered()


class Interrupted(FakeArtifacts):
    """Something else happens while the first pointer is being written."""

    def __init__(self, files: dict[str, bytes]) -> None:
        super().__init__()
        self.files = files
        self.meanwhile: Any = None

    def replace(self, key: str, content: bytes) -> str:
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            meanwhile()
        return super().replace(key, content)


def test_an_older_pointer_does_not_stay_over_a_newer_one(shop: Registered) -> None:
    shop.versions(0.2, 0.3)
    slow = Interrupted(shop.artifacts.files)
    slow.meanwhile = lambda: shop.promote(MODEL, 2)
    shop.artifacts, shop.ports = slow, replace(shop.ports, artifacts=slow)
    shop.promote(MODEL, 1)
    assert shop.in_use() == (2, 1)
    assert shop.pointer().revision == 2
    assert shop.pointer().aliases[Alias.PRODUCTION].version == 2
    assert not shop.registered_model(MODEL).status.pointer_due


def test_a_pointer_that_could_not_be_written_is_written_by_the_clock(shop: Registered) -> None:
    shop.versions(0.2)
    store = Interrupted(shop.artifacts.files)

    def fail() -> None:
        raise UnavailableError("The bucket cannot be had.")

    store.meanwhile = fail
    shop.artifacts, shop.ports = store, replace(shop.ports, artifacts=store)
    editing.promote(shop.ports, MODEL, 1)
    with pytest.raises(UnavailableError):
        shop.settle()
    assert shop.registered_model(MODEL).status.pointer_due
    shop.clock.advance(3600)
    reconcile(shop.ports)
    assert shop.pointer().aliases[Alias.PRODUCTION].version == 1
    assert not shop.registered_model(MODEL).status.pointer_due


def test_a_place_that_a_status_names_is_not_followed(shop: Registered) -> None:
    (test_id,) = shop.versions(0.2)
    shop.promote(MODEL, 1)
    data = shop.documents.data(f"registered_models/{MODEL}")
    data["status"]["aliases"]["production"]["artifacts_uri"] = "memory://elsewhere"
    data["status"]["pointer_due"] = True
    shop.documents.write(f"registered_models/{MODEL}", data)
    reconcile(shop.ports)
    place = shop.test(test_id).artifacts_uri
    assert shop.pointer().aliases[Alias.PRODUCTION].artifacts_uri == place
    found = editing.get(shop.ports, Collection.REGISTERED_MODELS, MODEL)
    assert found.status.aliases.production.artifacts_uri == place


def test_the_folder_of_a_version_is_a_key_in_the_store(shop: Registered) -> None:
    (test_id,) = shop.versions(0.2)
    shop.promote(MODEL, 1)
    stored = Pointer.model_validate_json(shop.artifacts.files[f"memory://{pointer_key(MODEL)}"])
    assert stored.aliases[Alias.PRODUCTION].artifacts_uri == f"models/{shop.job_id(test_id)}"


def test_the_clock_mends_an_older_pointer_that_was_written_over_a_newer_one(
    shop: Registered,
) -> None:
    """Whoever wrote the older one has died before looking again."""
    shop.versions(0.2, 0.3)
    shop.promote(MODEL, 1)
    older = shop.artifacts.files[f"memory://{pointer_key(MODEL)}"]
    shop.promote(MODEL, 2)
    shop.artifacts.replace(pointer_key(MODEL), older)
    assert not shop.registered_model(MODEL).status.pointer_due
    reconcile(shop.ports)
    assert (shop.pointer().revision, shop.pointer().aliases[Alias.PRODUCTION].version) == (2, 2)


def test_servers_are_told_of_what_an_older_backup_of_the_document_says(shop: Registered) -> None:
    shop.versions(0.2, 0.3, 0.4)
    shop.promote(MODEL, 1)
    backup = shop.documents.data(f"registered_models/{MODEL}")
    for version in (2, 3):
        shop.promote(MODEL, version)
    shop.documents.write(f"registered_models/{MODEL}", backup)
    shop.settle()
    reconcile(shop.ports)
    assert (shop.pointer().revision, shop.pointer().aliases[Alias.PRODUCTION].version) == (4, 1)


@pytest.mark.parametrize(
    "lost",
    [
        {"aliases": "production: 2"},
        {"aliases": {"production": {"version": 0}}},
        {"pointer_revision": "two"},
        {"validation": 7},
        {"latest": {"version": "three"}},
        {"versions": None},
        {"audit": [{"to_version": "x"}]},
        {"aliases": None, "pointer_revision": None, "audit": None},
        {"aliases": {}, "pointer_revision": 0, "audit": []},
    ],
)
def test_a_status_that_was_lost_in_part_opens_no_gate(shop: Registered, lost: Any) -> None:
    shop.versions(0.2, 0.4, 0.3)
    shop.promote(MODEL, 1)
    shop.promote(MODEL, 2)
    shop.write_status(**lost)
    with pytest.raises(InvalidError, match="clearly worse than version 2"):
        editing.promote(shop.ports, MODEL, 3)
    shop.wish(version=3)
    shop.settle()
    (found,) = shop.registered_model(MODEL).status.validation.problems
    assert found.code == "reason_needed"
    assert shop.in_use() == (2, 1)
    reconcile(shop.ports)
    assert shop.pointer().revision >= 2
    assert shop.pointer().aliases[Alias.PRODUCTION].version == 2
    shop.promote(MODEL, 3, "fairer to new customers")
    assert shop.in_use() == (3, 2)
    assert shop.pointer().revision >= 3


def test_a_line_of_the_audit_list_that_cannot_be_read_takes_no_other_with_it(
    shop: Registered,
) -> None:
    shop.versions(0.2, 0.3)
    shop.promote(MODEL, 1)
    shop.promote(MODEL, 2)
    audit = shop.documents.data(f"registered_models/{MODEL}")["status"]["audit"]
    shop.write_status(audit=[audit[0], {"to_version": "x"}, audit[1]])
    shop.version(0.1)  # which writes the status, and leaves the list as it is
    assert len(shop.documents.data(f"registered_models/{MODEL}")["status"]["audit"]) == 3
    editing.roll_back(shop.ports, MODEL)
    shop.settle()
    assert [one.to_version for one in shop.registered_model(MODEL).status.audit] == [1, 2, 1]


def test_nothing_is_promoted_over_what_nobody_knows(shop: Registered) -> None:
    first, second = shop.versions(0.3, 0.2)
    shop.promote(MODEL, 1)
    del shop.artifacts.files[f"memory://{pointer_key(MODEL)}"]
    shop.write_status(aliases="lost")
    with pytest.raises(InvalidError, match="can be read neither from its document") as found:
        editing.promote(shop.ports, MODEL, 2)
    assert [(one.path, one.code) for one in found.value.problems] == [
        ("status.aliases", "aliases_lost")
    ]
    shop.wish(version=2)
    shop.settle()
    assert shop.registered_model(MODEL).status.validation.problems[0].code == "aliases_lost"
    for test_id in (first, second):
        with pytest.raises(editing.InUseError):
            editing.delete(shop.ports, Collection.QUICK_TESTS, test_id)
    assert shop.documents.data(f"registered_models/{MODEL}")["status"]["aliases"] == "lost"


class Unreadable(FakeArtifacts):
    """A store that does not let go of the pointer of one model."""

    def read(self, uri: str) -> bytes:
        if "rm-aa" in uri:
            raise UnavailableError("The bucket cannot be had.")
        return super().read(uri)


def test_one_models_fault_does_not_keep_the_clock_from_the_others(shop: Registered) -> None:
    shop.versions(0.2)
    shop.promote(MODEL, 1)
    pointer = f"memory://{pointer_key(MODEL)}"
    store = Unreadable()
    store.files = {key: file for key, file in shop.artifacts.files.items() if key != pointer}
    shop.artifacts, shop.ports = store, replace(shop.ports, artifacts=store)
    broken = shop.documents.data(f"registered_models/{MODEL}")
    shop.documents.write("registered_models/rm-aa", broken)
    with pytest.raises(ExceptionGroup):
        reconcile(shop.ports)
    assert shop.pointer().aliases[Alias.PRODUCTION].version == 1
