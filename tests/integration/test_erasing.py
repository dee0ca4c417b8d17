"""What a laptop keeps beside documents and artifacts is rid of a customer."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from functions import deployed
from local.emulated import system
from local.jobs.erasing import JobTraces, KeptExamples, UploadedFiles
from local.state.erasing import KeptChanges
from shared.customers import CUSTOMERS_FILE, Customer, index_of
from tests.integration.conftest import EmbeddedCloud

WHO = "C-1003-gone"
CUSTOMER = Customer(WHO)


def entry(folder: Path, *customers: str) -> Path:
    folder.mkdir(parents=True)
    (folder / CUSTOMERS_FILE).write_bytes(index_of(customers))
    return folder


def test_kept_examples_of_the_customer_go_and_those_that_do_not_say_whose(tmp_path: Path) -> None:
    mine = entry(tmp_path / "1", "a", WHO)
    other = entry(tmp_path / "2", "a")
    silent = tmp_path / "3"
    abandoned, under_way = tmp_path / ".a.draft", tmp_path / ".b.draft"
    for folder in (silent, abandoned, under_way):
        folder.mkdir()
    os.utime(abandoned, (time.time() - 4000,) * 2)
    kept = KeptExamples(tmp_path)
    assert kept.holding(CUSTOMER) == kept.erase(CUSTOMER) == 3
    assert sorted(tmp_path.iterdir()) == sorted([under_way, other])
    assert not mine.exists()
    assert kept.erase(CUSTOMER) == KeptExamples(tmp_path / "none").erase(CUSTOMER) == 0


def test_logs_and_what_components_handed_on_are_cleaned_once_a_job_has_ended(
    tmp_path: Path,
) -> None:
    jobs = tmp_path / "jobs"
    said = f"no row of {WHO} fits\n"
    for name in ("quick-test-1", "quick-test-2"):
        entry(jobs / name / "pipeline" / "Gen" / "examples" / "1" / "tables", WHO)
        (jobs / name / "log.txt").write_bytes(said.encode() + b"\xff\n")
    (jobs / "quick-test-1" / "exit.json").write_text("{}")
    log = tmp_path / "predictions.log"
    log.write_text(said)
    traces = JobTraces(jobs, log, tmp_path / "none.log")
    assert traces.holding(CUSTOMER) == traces.erase(CUSTOMER) == 3
    assert (jobs / "quick-test-1" / "log.txt").read_bytes() == b"no row of (erased) fits\n\xff\n"
    assert log.read_text() == "no row of (erased) fits\n"
    assert not (jobs / "quick-test-1" / "pipeline").exists()
    assert WHO in (jobs / "quick-test-2" / "log.txt").read_text(errors="replace")
    assert traces.holding(CUSTOMER) == 0


def test_copies_of_what_was_uploaded_go_whole_once_their_job_has_ended(tmp_path: Path) -> None:
    jobs, copies = tmp_path / "jobs", tmp_path / "files"
    entry(copies / "quick-test-mine", "a", WHO)
    others = [entry(copies / "quick-test-other", "a"), entry(copies / "quick-test-runs", WHO)]
    for name in ("quick-test-mine", "quick-test-other", "quick-test-silent"):
        (jobs / name).mkdir(parents=True)
        (jobs / name / "exit.json").write_text("{}")
    (copies / "quick-test-silent").mkdir()  # it does not say whose rows it has
    (copies / "code").mkdir()
    kept = UploadedFiles(copies, jobs)
    assert kept.holding(CUSTOMER) == kept.erase(CUSTOMER) == 2
    assert sorted(copies.iterdir()) == sorted([copies / "code", *others])


def test_over_the_emulators_the_functions_know_what_this_machine_keeps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PROJECT", "BUCKET"):
        monkeypatch.setenv(f"RECSMITH_{name}", "shop-recsmith")
    monkeypatch.setenv("RECSMITH_LOCATION", "local1")
    before = deployed._installed
    try:
        system.install(tmp_path, None)
        assert [keeper.holding(CUSTOMER) for keeper in deployed.ports().keepers] == [0, 0]
        entry(tmp_path / "vertex" / "files" / "quick-test-1", WHO)
        (tmp_path / "jobs" / "quick-test-1").mkdir(parents=True)
        (tmp_path / "jobs" / "quick-test-1" / "exit.json").write_text("{}")
        assert [keeper.holding(CUSTOMER) for keeper in deployed.ports().keepers] == [0, 1]
    finally:
        deployed._installed = before
        deployed.settings.cache_clear()
        deployed.google_cloud_ports.cache_clear()


def test_nothing_of_a_document_s_past_is_left_in_the_file(embedded: EmbeddedCloud) -> None:
    documents = embedded.documents
    dirty = {"status": {"error": {"message": f"no row of {WHO} fits"}}}
    for path in ("quick_tests/a", "quick_tests/b"):
        documents.transact(lambda transaction, path=path: transaction.set(path, dirty))
    ((_, change), _) = documents.pending_changes()
    embedded.events.bury_change(change, 1, ValueError(f"{WHO} is wrong"))
    documents.transact(lambda transaction: transaction.delete("quick_tests/a"))
    clean = {"status": None, "name": "Ünique"}
    documents.transact(lambda transaction: transaction.set("quick_tests/b", clean))
    kept = KeptChanges(embedded.database)
    assert kept.holding(CUSTOMER) == kept.erase(CUSTOMER) == 5
    files = [path for path in embedded.home.rglob("*") if path.is_file()]
    assert not [path for path in files if WHO.encode() in path.read_bytes()]
    # The feed still says what has happened.
    changes = [change for _, change in documents.pending_changes()]
    assert [change.path[-1] for change in changes] == ["a", "b", "a", "b"]
    assert changes[3].after == clean
    assert changes[3].before == {"status": {"error": {"message": "no row of (erased) fits"}}}
    (letter,) = embedded.events.dead_letters()
    assert letter.reason == "ValueError: (erased) is wrong"
    embedded.events.retry(letter.id)
