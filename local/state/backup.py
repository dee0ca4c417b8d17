"""A copy of a home that can be put back: made while the system runs, checked file by file.

The documents come first, by SQLite's online backup, then the artifacts, which are written once and
before any document names them: whatever the copied documents name is there.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from local.state.sqlite import SCHEMA_VERSION
from shared.version import version

MANIFEST = "backup.json"
_STATE = "state.db"
_DATABASES = (_STATE, "mlflow.db")
_FOLDERS = ("artifacts", "jobs", "mlflow-artifacts")
_CHUNK_BYTES = 1 << 20


class BackupError(Exception):
    """A backup cannot be made, or is not whole; the message says why."""


@dataclass(frozen=True)
class Backup:
    """What a backup holds."""

    files: int
    size_bytes: int
    made_at: str


def back_up(home: Path, target: Path) -> Backup:
    """Copies a home into a new folder, which appears whole, and reads the copy again. What can be
    made anew, the cache, stays behind.

    Raises:
        BackupError: the home holds no system, or the target holds something.
    """
    if not (home / _STATE).is_file():
        raise BackupError(f"{home} holds no system that could be backed up.")
    _refuse_taken(target)
    if target.resolve().is_relative_to(home.resolve()):
        raise BackupError(f"{target} lies in what is to be backed up. Choose another folder.")
    draft = _draft_of(target)
    try:
        draft.mkdir(parents=True, mode=0o700)
        files = {}
        for name in _DATABASES:
            if (home / name).is_file():
                _copy_database(home / name, draft / name)
                files[name] = _digest(draft / name)
        for file in _files(home):
            with suppress(FileNotFoundError):  # a draft, or what was deleted meanwhile
                _copy(home / file, draft / file)
                files[file.as_posix()] = _digest(draft / file)
        manifest = {
            "version": version(),
            "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "files": files,
        }
        (draft / MANIFEST).write_text(json.dumps(manifest, indent=1))
        found = check(draft)
        _put_in_place(draft, target)
    except OSError as error:
        raise BackupError(f"The backup could not be written: {error}.") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return found


def restore(source: Path, home: Path) -> Backup:
    """Makes a home of a backup, once it has been checked.

    Raises:
        BackupError: the backup is not whole, or the home holds something.
    """
    _refuse_taken(home)
    found = check(source)
    draft = _draft_of(home)
    try:
        draft.mkdir(parents=True, mode=0o700)
        for name in _manifest(source).files:
            _copy(source / name, draft / name)
        shutil.copyfile(source / MANIFEST, draft / MANIFEST)
        check(draft)
        (draft / MANIFEST).unlink()
        _put_in_place(draft, home)
    except OSError as error:
        raise BackupError(f"The backup could not be put back: {error}.") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return found


def check(folder: Path) -> Backup:
    """Reads a whole backup. Raises BackupError for the first file that is not as it was copied."""
    manifest = _manifest(folder)
    size = 0
    for name, (expected, digest) in manifest.files.items():
        try:
            present = _digest(folder / name)
        except OSError:
            raise BackupError(f"{folder} is not whole: {name} is missing.") from None
        if present != (expected, digest):
            raise BackupError(f"{folder} is not whole: {name} is not what was copied.")
        size += expected
    _check_state(folder / _STATE)
    return Backup(len(manifest.files), size, manifest.made_at)


def _check_state(file: Path) -> None:
    """Raises BackupError for documents that are damaged, or a newer program's."""
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?immutable=1", uri=True)) as state:
            (found,) = state.execute("PRAGMA quick_check(1)").fetchone()
            (shape,) = state.execute("PRAGMA user_version").fetchone()
    except sqlite3.DatabaseError as error:
        found, shape = str(error), 0
    if found != "ok":
        raise BackupError(f"{file} is damaged: {found}.")
    if shape > SCHEMA_VERSION:
        raise BackupError(f"{file} was written by a newer Recsmith. Update Recsmith first.")


@dataclass(frozen=True)
class _Manifest:
    """Sizes and SHA-256 of the files, by their path within the backup."""

    made_at: str
    files: dict[str, tuple[int, str]]


def _manifest(folder: Path) -> _Manifest:
    try:
        told = json.loads((folder / MANIFEST).read_bytes())
        files = {name: (int(size), str(digest)) for name, (size, digest) in told["files"].items()}
        inside = all(
            not Path(name).is_absolute() and ".." not in Path(name).parts for name in files
        )
        if _STATE in files and inside:
            return _Manifest(str(told["made_at"]), files)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        pass
    raise BackupError(f"{folder} is no backup: its {MANIFEST} is missing or cannot be read.")


def _files(home: Path) -> Iterator[Path]:
    """Paths within the home, drafts and links left out."""
    for folder in _FOLDERS:
        for path, folders, names in os.walk(home / folder):
            folders[:] = [name for name in folders if not name.startswith(".")]
            for name in names:
                file = Path(path) / name
                if not name.startswith(".") and not file.is_symlink():
                    yield file.relative_to(home)


def _copy_database(source: Path, target: Path) -> None:
    """One moment of a database, whoever writes to it meanwhile."""
    with (
        closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as reading,
        closing(sqlite3.connect(target)) as writing,
    ):
        reading.backup(writing)
        writing.execute("PRAGMA journal_mode = DELETE")


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(source, target)


def _digest(file: Path) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    with file.open("rb") as reading:
        while chunk := reading.read(_CHUNK_BYTES):
            digest.update(chunk)
            size += len(chunk)
    return size, digest.hexdigest()


def _refuse_taken(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BackupError(f"{folder} holds something already. Choose a new folder.")


def _draft_of(folder: Path) -> Path:
    return folder.resolve().with_name(f".{folder.resolve().name}.{uuid.uuid4().hex}.draft")


def _put_in_place(draft: Path, target: Path) -> None:
    with suppress(FileNotFoundError):
        target.rmdir()  # it was found empty
    draft.rename(target.resolve())
