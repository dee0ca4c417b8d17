"""A full disk, a power cut, a damaged copy, an older and a newer folder, two systems on one."""

from __future__ import annotations

import contextlib
import ctypes
import logging
import multiprocessing
import os
import random
import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from local.runtime import HomeInUseError
from local.state.documents import SqliteDocumentStore
from local.state.event_bus import Delivery
from local.state.sqlite import Database, UnusableStateError
from shared.documents.quick_test import TestState
from shared.errors import UnavailableError
from shared.ports import Transaction
from tests.torture import shop
from tests.torture.events import OPTIONS, Clock
from tests.torture.trial import Tally, trial
from tests.waiting import PATIENCE, happens

_FORK = multiprocessing.get_context("fork")
_CLONE_NEWNS, _CLONE_NEWUSER = 0x00020000, 0x10000000
_MEGABYTES = 24


@trial("faults", "a full disk", seconds=90)
def full_disk(tally: Tally) -> None:
    """In a process of its own, which may mount a small file system that nobody else sees."""
    for number in range(tally.of(3, 1)):
        folder = tally.folder / str(number)
        (folder / "home").mkdir(parents=True)
        own = Tally(folder, tally.small)
        reading, writing = _FORK.Pipe(duplex=False)
        process = _FORK.Process(target=_on_a_small_disk, args=(own, writing))
        process.start()
        writing.close()
        told = reading.recv() if reading.poll(60) else Tally(folder, tally.small, lost=["stuck"])
        process.join()
        tally.tried(told.tries)
        tally.lost += told.lost
        tally.figures = told.figures


def _on_a_small_disk(tally: Tally, report: Any) -> None:
    try:
        logging.disable()
        if _mount_tmpfs(tally.folder / "home"):
            _fill_up(tally)
        else:  # the rest is held by tests/integration/test_embedded_state.py
            tally.tried()
            tally.figure("NOT TRIED: this machine lets nobody mount a tmpfs")
    except BaseException as fault:
        tally.loses(f"the trial itself failed: {fault!r}")
    report.send(tally)


def _fill_up(tally: Tally) -> None:
    # A message whose end could not be noted comes again after its lease, else a minute.
    delivery = Delivery(visibility_seconds=3.0, backoff_seconds=0.05, backoff_cap_seconds=2.0)
    options = {**OPTIONS, "delivery": delivery}
    running = shop.system(tally.folder, clock=Clock(60), **options)
    home, ports = tally.folder / "home", running.ports
    chosen = shop.configs(tally.folder, ports)
    refused = 0
    accepted: list[str] = []
    with running.runtime:
        shop.settle(running)
        (home / "slow").touch()
        accepted.append(shop.quick_test(ports, chosen))
        happens(lambda: shop.status_of(ports, accepted[0]).stage == "train")
        with (home / "ballast").open("wb", buffering=0) as ballast, contextlib.suppress(OSError):
            while True:
                ballast.write(b"x" * 4096)
        for seed in range(60):
            tally.tried()
            if seed in (20, 40):  # a little room, soon used up
                os.truncate(home / "ballast", (home / "ballast").stat().st_size - 150_000)
            try:
                accepted.append(shop.quick_test(ports, chosen, training_seed=seed))
            except UnavailableError:
                refused += 1
        (home / "slow").unlink()
        time.sleep(2)
        (home / "ballast").unlink()
        for fault in shop.settle(running):
            tally.loses(fault)
        for letter in running.events.dead_letters():
            running.events.retry(letter.id)
        running.runtime.wait_idle(PATIENCE)
    for test_id in accepted:
        if ports.documents.get(shop.TESTS.path(test_id)) is None:
            tally.loses(f"the accepted test {test_id} is gone")
    states = shop.audit(home, ports, tally, may_fail=set(accepted))
    for test_id in accepted:
        status = shop.status_of(ports, test_id)
        if status.state is TestState.FAILED and (status.error is None or not status.error.message):
            tally.loses(f"{test_id} met the full disk and does not say why it failed")
    if not refused:
        tally.loses("the disk was never full")
    tally.figure(
        f"{_MEGABYTES} MB tmpfs: {refused} writes refused, {len(accepted)} accepted and there;"
        f" {', '.join(f'{n} {s}' for s, n in states.items())} once there was room"
    )


def _mount_tmpfs(folder: Path) -> bool:
    """Whether it worked; seen by this process and its children alone."""
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.getuid(), os.getgid()
    if libc.unshare(_CLONE_NEWNS) != 0:
        if libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNS) != 0:
            return False
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"0 {user} 1")
        Path("/proc/self/gid_map").write_text(f"0 {group} 1")
    private = 1 << 18 | 1 << 14  # MS_PRIVATE, MS_REC: the mount stays within
    if libc.mount(b"none", b"/", None, private, None) != 0:
        return False
    options = f"size={_MEGABYTES}m".encode()
    return bool(libc.mount(b"none", str(folder).encode(), b"tmpfs", 0, options) == 0)


@trial("faults", "a power cut: the end of the write-ahead log is gone", seconds=90)
def power_cut(tally: Tally) -> None:
    """What is synced is in the log up to where it was when a write was acknowledged. The rest may
    be there, be missing, or be garbage."""
    logging.disable()
    source = tally.folder / "source"
    source.mkdir()
    path, log = source / "state.db", source / "state.db-wal"
    database = Database(path)
    user = SqliteDocumentStore(database)
    handler = SqliteDocumentStore(database, durable=False)
    synced: list[tuple[int, int]] = []  # the length of the log, the number of the write
    with shop.seeded(tally) as chance:
        for number in range(120):
            durable = chance.random() < 0.5
            _put(user if durable else handler, number, chance)
            if durable:
                synced.append((log.stat().st_size, number))
        length = log.stat().st_size
        for cut in [chance.randrange(length + 1) for _ in range(tally.of(300, 40))]:
            copy = tally.folder / f"cut-{tally.tries}"
            copy.mkdir()
            shutil.copy(path, copy / "state.db")
            torn = os.urandom(chance.choice([0, 0, 100, 5000]))
            (copy / "state.db-wal").write_bytes(log.read_bytes()[:cut] + torn)
            must = max((number for size, number in synced if size <= cut), default=-1)
            _after_the_cut(copy, must, tally)
            shutil.rmtree(copy)
            tally.tried()
    tally.figure(f"{len(synced)} of 120 writes by users: none lost once acknowledged")


def _put(store: SqliteDocumentStore, number: int, chance: random.Random) -> None:
    def change(transaction: Transaction) -> None:
        transaction.set(f"things/{number:03}", {"n": number, "x": "x" * chance.randrange(3000)})

    store.transact(change)


def _after_the_cut(home: Path, must: int, tally: Tally) -> None:
    database = Database(home / "state.db")
    database.check()
    store = SqliteDocumentStore(database)
    found = [one.data["n"] for one in store.query("things")]
    feed = {change.path for _, change in store.pending_changes(1000)}
    database.close()
    if found != list(range(len(found))):
        tally.loses(f"writes are missing from the middle: {found}")
    if len(found) <= must:
        tally.loses(f"the acknowledged write {must} is gone: there are {len(found)}")
    if feed != {f"things/{number:03}" for number in found}:
        tally.loses("the change feed and the documents are of unlike moments")


@trial("faults", "damaged, older and newer folders", seconds=60)
def folders(tally: Tally) -> None:
    logging.disable()
    home = tally.folder / "whole" / "home"
    (tally.folder / "whole").mkdir()
    running = shop.system(tally.folder / "whole")
    with running.runtime:
        chosen = shop.configs(tally.folder / "whole", running.ports)
        shop.quick_test(running.ports, chosen)
        shop.settle(running)
    whole = (home / "state.db").read_bytes()
    pages = len(whole) // 4096
    refused = unharmed = 0
    with shop.seeded(tally) as chance:
        for number in range(tally.of(60, 12)):
            page = chance.randrange(pages)
            wrecked = chance.choice([bytes(4096), os.urandom(4096), b""])
            end = page * 4096 if not wrecked else (page + 1) * 4096
            content = whole[: page * 4096] + wrecked + (whole[end:] if wrecked else b"")
            answer = _opened(tally.folder / f"damaged-{number}", content)
            tally.tried()
            if answer is None:
                unharmed += 1
            elif "cannot be used" in answer:
                refused += 1
            else:
                tally.loses(f"a damaged file is answered with: {answer}")
    newer = _with_version(tally.folder, whole, 99)
    if "newer Recsmith" not in (_opened(tally.folder / "newer", newer) or ""):
        tally.loses("a folder of a newer program is not refused")
    if fault := _opened(tally.folder / "older", _with_version(tally.folder, whole, 0)):
        tally.loses(f"an older folder is not taken over: {fault}")
    tally.tried(2)
    tally.figure(f"{refused} damaged files refused with a message, {unharmed} not harmed by it")


def _opened(folder: Path, content: bytes) -> str | None:
    """Why a system does not start over this state; None where it runs."""
    (folder / "home").mkdir(parents=True)
    (folder / "home" / "state.db").write_bytes(content)
    try:
        running = shop.system(folder)
        with running.runtime:
            for collection in (shop.DATASETS, shop.FEATURES, shop.MODELS, shop.TESTS):
                running.ports.documents.query(collection)
            running.runtime.wait_idle(PATIENCE)
    except UnusableStateError as refusal:
        return str(refusal)
    except Exception as fault:
        return repr(fault)
    return None


def _with_version(folder: Path, content: bytes, version: int) -> bytes:
    path = folder / "versioned.db"
    path.write_bytes(content)
    with closing(sqlite3.connect(path)) as state:
        state.execute(f"PRAGMA user_version = {version}")
        state.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path.read_bytes()


@trial("faults", "many systems started on one folder", seconds=60)
def one_folder(tally: Tally) -> None:
    shop.system(tally.folder)  # makes it
    for _ in range(tally.of(20, 3)):
        start = time.monotonic() + 0.3
        reading, writing = _FORK.Pipe(duplex=False)
        others = [
            _FORK.Process(target=_start, args=(tally.folder, start, writing)) for _ in range(4)
        ]
        for process in others:
            process.start()
        answers = [reading.recv() if reading.poll(20) else "stuck" for _ in others]
        for process in others:
            process.kill()
            process.join()
        tally.tried(len(others))
        refused = [answer for answer in answers if "is in use by process" in answer]
        if answers.count("up") != 1 or len(refused) != len(others) - 1:
            tally.loses(f"of four systems at once: {answers}")
    tally.figure("of four at once one runs, three are refused with its process id")


def _start(folder: Path, at: float, report: Any) -> None:
    logging.disable()
    try:
        running = shop.system(folder)
        time.sleep(max(0.0, at - time.monotonic()))
        running.runtime.start()
        report.send("up")
        time.sleep(30)
    except HomeInUseError as refusal:
        report.send(str(refusal))
    except BaseException as fault:
        report.send(repr(fault))
