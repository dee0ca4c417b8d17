"""What a laptop's jobs keep beside their artifacts, and a customer's rows or id in there."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

from local.jobs.job_folder import JobFolder
from local.jobs.pipelines import JOB_ID
from shared.customers import CUSTOMERS_FILE, Customer
from shared.errors import UnavailableError

_STALE_SECONDS = 3600.0
_TEXTS = ("log.txt", "status.jsonl", "exit.json")


class KeptExamples:
    """Examples that later tests take over: an entry goes whole, and one that does not say whose
    rows it has as well."""

    what = ("kept set of examples", "kept sets of examples")

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def holding(self, customer: Customer) -> int:
        return sum(1 for _ in self._found(customer))

    def erase(self, customer: Customer) -> int:
        found = list(self._found(customer))
        for entry in found:
            _remove(entry)
        return len(found)

    def _found(self, customer: Customer) -> Iterator[Path]:
        for entry in folders(self._folder):
            with contextlib.suppress(FileNotFoundError):  # evicted, or complete, by now
                if entry.name.startswith("."):  # a copy that is being made, or that a kill has left
                    if time.time() - entry.stat().st_mtime > _STALE_SECONDS:
                        yield entry
                elif _may_hold(entry / CUSTOMERS_FILE, customer):
                    yield entry


class JobTraces:
    """What TFX's components handed each other, and what jobs have said, where the job has ended;
    and what the process that predicts has said."""

    what = ("folder or log of a job", "folders or logs of jobs")

    def __init__(self, jobs: Path, *logs: Path) -> None:
        self._jobs = jobs
        self._logs = logs

    def holding(self, customer: Customer) -> int:
        return sum(1 for _ in self._found(customer))

    def erase(self, customer: Customer) -> int:
        found = list(self._found(customer))
        for path in found:
            if path.is_dir():
                _remove(path)
            else:
                _rewrite(path, customer)
        return len(found)

    def _found(self, customer: Customer) -> Iterator[Path]:
        texts = list(self._logs)
        for path in folders(self._jobs):
            if not JOB_ID.fullmatch(path.name) or not JobFolder(path).exited:
                continue
            handed = path / "pipeline"
            if any(_may_hold(one, customer) for one in handed.rglob(CUSTOMERS_FILE)):
                yield handed
            texts += [path / name for name in _TEXTS]
        for text in texts:
            with contextlib.suppress(FileNotFoundError):
                said = _text(text)
                if customer.erased(said) != said:
                    yield text


class UploadedFiles:
    """Copies of what jobs have left, from where it was uploaded; a copy goes whole, once its job
    has ended."""

    what = ("copy of a job's files", "copies of jobs' files")

    def __init__(self, copies: Path, jobs: Path) -> None:
        self._copies = copies
        self._jobs = jobs

    def holding(self, customer: Customer) -> int:
        return sum(1 for _ in self._found(customer))

    def erase(self, customer: Customer) -> int:
        found = list(self._found(customer))
        for copy in found:
            _remove(copy)
        return len(found)

    def _found(self, customer: Customer) -> Iterator[Path]:
        for copy in folders(self._copies):
            ended = JOB_ID.fullmatch(copy.name) and JobFolder(self._jobs / copy.name).exited
            if ended and _may_hold(copy / CUSTOMERS_FILE, customer):
                yield copy


def folders(folder: Path) -> list[Path]:
    """Those directly in it; none where it is not there."""
    try:
        return sorted(path for path in folder.iterdir() if path.is_dir() and not path.is_symlink())
    except FileNotFoundError:
        return []


def _may_hold(index: Path, customer: Customer) -> bool:
    try:
        return customer.is_in(index.read_bytes())
    except FileNotFoundError:
        return True


def _remove(folder: Path) -> None:
    """At once for whoever looks. Raises UnavailableError."""
    draft = folder.parent / f".{uuid.uuid4().hex}.draft"
    with contextlib.suppress(FileNotFoundError):
        folder.rename(draft)
    shutil.rmtree(draft, ignore_errors=True)
    if draft.exists():
        raise UnavailableError(f"{draft} cannot be deleted.")


def _text(path: Path) -> str:
    return path.read_bytes().decode(errors="surrogateescape")


def _rewrite(path: Path, customer: Customer) -> None:
    draft = path.parent / f".{uuid.uuid4().hex}.draft"
    try:
        draft.write_bytes(customer.erased(_text(path)).encode(errors="surrogateescape"))
        os.utime(draft, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
