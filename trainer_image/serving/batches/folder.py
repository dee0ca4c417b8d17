"""Where a run writes: a folder of this machine, or one of a bucket. A file is there whole or not at
all."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import posixpath
import re
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import IO, Protocol

from pydantic import ValidationError

from shared.batches import DATA, MANIFEST, BatchError, Manifest
from shared.wording import first_of
from trainer_image.job.locations import open_file, path_of

_LOCK = "lock"
_DRAFT = ".draft"
_DRAFTS = (f".{MANIFEST}{_DRAFT}", f"{DATA}/.part-*{_DRAFT}")
_DRAWN_UP = re.compile(r"lock|data|(\.manifest\.json|data/\.part-\d{5}\.[a-z]+)\.draft")
_NOTED = re.compile(r"manifest\.json|data/part-\d{5}\.[a-z]+")
_SHOWN = 5
_LONGEST_MANIFEST = 1 << 24
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Folder(Protocol):
    """A run's folder."""

    target: str

    def claim(self) -> Manifest | None:
        """Takes the folder for this process: the run that was begun there, if there is one.

        Raises:
            BatchError: another process has it, or something else lies there.
        """

    def leave(self) -> None:
        """Gives the folder back. Where nothing was noted in it, it is as it was."""

    def note(self, manifest: Manifest) -> None:
        """Replaces the manifest whole. Raises BatchError."""

    def put(self, name: str) -> AbstractContextManager[Path]:
        """A path to write a file to, which is there, whole, once the block ends. Raises
        BatchError where there is no room for it."""

    def sha256(self, name: str) -> str | None:
        """Of a file; None where there is none."""

    def finish(self, manifest: Manifest) -> None:
        """Shows the run as complete."""


def folder_of(target: str) -> Folder:
    """By where it is: `gs://bucket/folder`, or a folder of this machine."""
    path = path_of(target)
    return RemoteFolder(path) if "://" in path else LocalFolder(Path(path))


class LocalFolder:
    """A run lies in `TARGET.unfinished` until it is complete: then that becomes the target, by one
    rename."""

    def __init__(self, target: Path) -> None:
        self._target = target.absolute()
        self.target = str(self._target)
        self._work = self._target.with_name(f"{self._target.name}.unfinished")
        self._lock: IO[bytes] | None = None

    def claim(self) -> Manifest | None:
        self._refuse_what_is_there()
        try:
            self._refuse_what_is_not_ours()
            (self._work / DATA).mkdir(parents=True, exist_ok=True)
            self._lock = self._locked()
        except FileNotFoundError:
            raise self._busy() from None  # it was renamed at this moment
        except OSError as error:
            raise BatchError(f"{self._work} cannot be written to: {error.strerror}.") from None
        self._refuse_what_is_there()
        self._drop_drafts()
        return _read(self._work / MANIFEST)

    def leave(self) -> None:
        if self._lock is None:
            return
        if not (self._work / MANIFEST).exists():
            with suppress(OSError):  # whatever else came meanwhile stays
                self._drop_drafts()
                (self._work / DATA).rmdir()
                (self._work / _LOCK).unlink()
                self._work.rmdir()
        self._lock.close()
        self._lock = None

    def _drop_drafts(self) -> None:
        for pattern in _DRAFTS:
            for draft in self._work.glob(pattern):
                draft.unlink()

    def _refuse_what_is_not_ours(self) -> None:
        """So that nothing of somebody's is written over, shown with the run, or deleted."""
        paths = [*self._work.glob("*"), *self._work.glob(f"{DATA}/*")]
        noted = _read(self._work / MANIFEST) is not None
        foreign = [
            name
            for name in sorted(path.relative_to(self._work).as_posix() for path in paths)
            if not (_DRAWN_UP.fullmatch(name) or (noted and _NOTED.fullmatch(name)))
        ]
        if foreign:
            raise BatchError(
                f"{self._work}, where the run would be until it is complete, holds something else: "
                f"{first_of(foreign, _SHOWN)}. Move that away, or choose another folder."
            )

    def _refuse_what_is_there(self) -> None:
        if self._target.is_dir() and not any(self._target.iterdir()):
            return
        if self._target.exists():
            raise _there(self.target, _read(self._target / MANIFEST))

    def _locked(self) -> IO[bytes]:
        path = self._work / _LOCK
        lock = path.open("ab")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if path.stat().st_ino != os.fstat(lock.fileno()).st_ino:
                raise FileNotFoundError
        except BlockingIOError:
            lock.close()
            raise self._busy() from None
        return lock

    def _busy(self) -> BatchError:
        return BatchError(
            f"Another process is writing {self.target} at this moment. Wait for it, or choose "
            "another folder."
        )

    def note(self, manifest: Manifest) -> None:
        with self.put(MANIFEST) as draft:
            draft.write_text(manifest.model_dump_json(indent=2), encoding="utf-8")

    @contextmanager
    def put(self, name: str) -> Iterator[Path]:
        path = self._work / name
        draft = path.with_name(f".{path.name}{_DRAFT}")
        try:
            yield draft
            with draft.open("rb") as file:
                os.fsync(file.fileno())
            draft.replace(path)
            _sync(path.parent)
        except OSError as error:
            raise _unwritable(self.target, error) from error
        finally:
            with suppress(OSError):
                draft.unlink(missing_ok=True)

    def sha256(self, name: str) -> str | None:
        try:
            return sha256_of(self._work / name)
        except FileNotFoundError:
            return None

    def finish(self, manifest: Manifest) -> None:
        self.note(manifest)
        (self._work / _LOCK).unlink()
        try:
            self._work.rename(self._target)
        except OSError:
            raise _there(self.target, _read(self._target / MANIFEST)) from None
        _sync(self._target.parent)
        if self._lock is not None:
            self._lock.close()
            self._lock = None


class RemoteFolder:
    """A folder in any of TensorFlow's file systems, where nothing can be renamed: the manifest says
    whether the run is complete. A file is written here first, and appears there at once."""

    def __init__(self, target: str) -> None:
        self.target = target.rstrip("/")

    def claim(self) -> Manifest | None:
        found = self._manifest()
        if found is not None and found.complete:
            raise _there(self.target, found)
        return found

    def _manifest(self) -> Manifest | None:
        import tensorflow as tf

        path = self._path(MANIFEST)
        try:
            if not tf.io.gfile.exists(path):
                if tf.io.gfile.exists(self.target) and tf.io.gfile.glob(self._path("*")):
                    raise _there(self.target, None)
                return None
            # With a length: TensorFlow holds the size of a file that has changed for seconds.
            with open_file(path, "rb") as file:
                return _parsed(file.read(_LONGEST_MANIFEST), self.target)
        except tf.errors.OpError as error:
            raise BatchError(f"{path} cannot be read: {error.message}") from error

    def leave(self) -> None:
        pass  # nothing was made

    def note(self, manifest: Manifest) -> None:
        found = self._manifest()
        if found is not None and found.run_id != manifest.run_id:
            raise BatchError(
                f"Another process has begun the run {found.run_id} in {self.target} meanwhile. "
                "Choose another folder."
            )
        with self.put(MANIFEST) as draft:
            draft.write_text(manifest.model_dump_json(indent=2), encoding="utf-8")

    @contextmanager
    def put(self, name: str) -> Iterator[Path]:
        import tensorflow as tf

        path = self._path(name)
        with tempfile.TemporaryDirectory(prefix="recsmith-") as folder:
            draft = Path(folder) / posixpath.basename(name)
            try:
                yield draft
                tf.io.gfile.makedirs(posixpath.dirname(path))
                tf.io.gfile.copy(str(draft), path, overwrite=True)
            except tf.errors.OpError as error:
                raise BatchError(f"{path} cannot be written: {error.message}") from error
            except OSError as error:
                raise _unwritable(folder, error) from error

    def sha256(self, name: str) -> str | None:
        import tensorflow as tf

        digest = hashlib.sha256()
        try:
            with open_file(self._path(name), "rb") as file:
                while part := file.read(1 << 20):
                    digest.update(part)
        except tf.errors.NotFoundError:
            return None
        except tf.errors.OpError as error:
            raise BatchError(f"{self._path(name)} cannot be read: {error.message}") from error
        return digest.hexdigest()

    def finish(self, manifest: Manifest) -> None:
        self.note(manifest)

    def _path(self, name: str) -> str:
        return posixpath.join(self.target, name)


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read(path: Path) -> Manifest | None:
    try:
        return _parsed(path.read_bytes(), str(path.parent))
    except FileNotFoundError:
        return None


def _parsed(text: bytes, folder: str) -> Manifest:
    try:
        return Manifest.model_validate_json(text)
    except ValidationError:
        raise BatchError(
            f"{folder}/{MANIFEST} is no run's of this version of Recsmith. Choose another folder."
        ) from None


def _there(target: str, manifest: Manifest | None) -> BatchError:
    what = "something else lies there" if manifest is None else f"run {manifest.run_id} is complete"
    return BatchError(f"{target}: {what}. Choose a folder that is not there yet, or remove it.")


def _unwritable(target: str, error: OSError) -> BatchError:
    if error.errno in _FULL:
        return BatchError(f"There is no room left for {target}. Make some, then go on.")
    return BatchError(f"{target} cannot be written: {error.strerror or error}.")


def _sync(folder: Path) -> None:
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
