"""Checkpoints of a training: kept whole, verified, pruned, and refused where they are of no use.

A checkpoint is a folder `000007` with TensorFlow's files and `checkpoint.json`, which is written
last: the digests of the files, what the training is made of, and where it stands. A folder without
it is torn.
"""

from __future__ import annotations

import hashlib
import json
import os
import posixpath
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import tensorflow as tf

from trainer_image.job.status import JobFailedError

LIMIT_MIB = "RECSMITH_CHECKPOINTS_MIB"
_DEFAULT_MIB = 16384
_KEPT = 2
_NOTE = "checkpoint.json"
_FILES = "state"
_CHUNK_BYTES = 1 << 20
_FAULTS = (OSError, ValueError, TypeError, KeyError, AttributeError, tf.errors.OpError)


@dataclass(frozen=True)
class Position:
    """Where a training stands.

    Attributes:
        fit: which call of `fit` it is in, from 1.
        epoch: that it is in, or is to begin, from 0.
        step: batches of that epoch that it is done with.
        stopped: no further epoch is to begin.
        ended: the call of `fit` is over.
    """

    fit: int
    epoch: int
    step: int = 0
    stopped: bool = False
    ended: bool = False


@dataclass(frozen=True)
class Checkpoint:
    """A whole one.

    Attributes:
        files: what `tf.train.Checkpoint.read` takes.
        state: what is to be known of it besides tensors, as JSON.
    """

    position: Position
    files: str
    state: dict[str, Any] = field(default_factory=dict)


class Checkpoints:
    """
    Args:
        folder: of checkpoints of this training only, in any of TensorFlow's file systems.
        made_of: names what a training depends on; asked once, and only where there is or will be
            a checkpoint.
        limit_bytes: of all of them together.
    """

    def __init__(
        self, folder: str, made_of: Callable[[], str], limit_bytes: int = _DEFAULT_MIB << 20
    ) -> None:
        self._folder = folder
        self._ask = made_of
        self._made_of: str | None = None
        self._limit_bytes = limit_bytes
        self._last = 0
        self._kept: dict[str, Position] = {}
        self._drafts: list[tuple[str, dict[str, Any]]] = []
        self._noted: set[str] = set()

    def find(self) -> None:
        """Looks for those that an earlier process has left; removes what is of no use."""
        for name in sorted(self._names()):
            self._last = max(self._last, int(name))
            try:
                self._kept[name] = self._read(name).position
            except _FAULTS as error:
                _say(f"The checkpoint {name} is of no use, and is removed: {error}")
                self._remove(name)

    def newest(self, fit: int) -> int:
        """The number of the last one of a call of `fit`; 0 where there is none."""
        return max((int(one) for one, at in self._kept.items() if at.fit == fit), default=0)

    def read(self, number: int) -> Checkpoint:
        """One that this process or another has found whole."""
        return self._read(_name(number), verified=True)

    def write(self, state: tf.train.Checkpoint, size: int, position: Position, more: Any) -> None:
        """Writes one that counts once `commit` is called; does without where that cannot be.

        Args:
            size: of its tensors, in bytes.
            more: what is to be known of it besides, as JSON.
        """
        self.drop()
        if (fault := self._no_room(size)) is not None:
            if fault not in self._noted:
                self._noted.add(fault)
                _say(f"No checkpoint is written: {fault}")
            return
        self._last += 1
        name = _name(self._last)
        try:
            tf.io.gfile.makedirs(self._path(name))
            state.write(self._path(name, _FILES))
            files = {
                file: _digest(self._path(name, file))
                for file in sorted(tf.io.gfile.listdir(self._path(name)))
            }
        except _FAULTS as error:
            _say(f"A checkpoint could not be written: {error}")
            self._remove(name)
            return
        note = {"made_of": self._key(), "files": files, "position": asdict(position), "state": more}
        self._drafts.append((name, note))

    def commit(self) -> None:
        """Has what was written count, and removes what is older than the last two. The end of a
        call of `fit` stays: what comes between two of them begins there."""
        drafts, self._drafts = self._drafts, []
        for name, note in drafts:
            path = self._path(name, _NOTE)
            try:
                with tf.io.gfile.GFile(f"{path}.part", "w") as file:
                    file.write(json.dumps(note))
                tf.io.gfile.rename(f"{path}.part", path, overwrite=True)
            except _FAULTS as error:
                _say(f"A checkpoint could not be written: {error}")
                self._remove(name)
                continue
            self._kept[name] = Position(**note["position"])
        newest = sorted(self._kept)[-_KEPT:]
        current = max((self._kept[name].fit for name in newest), default=0)
        for name, position in sorted(self._kept.items()):
            if name not in newest and not (position.ended and position.fit < current):
                self._remove(name)

    def drop(self) -> None:
        """Forgets what was written and does not count yet."""
        drafts, self._drafts = self._drafts, []
        for name, _ in drafts:
            self._remove(name)

    def clear(self) -> None:
        """Removes all: the training has ended."""
        self._kept, self._drafts = {}, []
        if tf.io.gfile.exists(self._folder):
            tf.io.gfile.rmtree(self._folder)

    def _names(self) -> Iterator[str]:
        if tf.io.gfile.isdir(self._folder):
            for entry in tf.io.gfile.listdir(self._folder):
                if (name := entry.rstrip("/")).isdecimal():
                    yield name

    def _read(self, name: str, *, verified: bool = False) -> Checkpoint:
        """Raises one of _FAULTS where it is of no use."""
        path = self._path(name, _NOTE)
        if not tf.io.gfile.exists(path):
            raise ValueError("it is torn")
        with tf.io.gfile.GFile(path) as file:
            note = json.loads(file.read())
        if note["made_of"] != self._key():
            raise ValueError("it is of other code or other data")
        for file, digest in {} if verified else note["files"].items():
            if posixpath.basename(file) != file or _digest(self._path(name, file)) != digest:
                raise ValueError(f"{file} is damaged")
        return Checkpoint(Position(**note["position"]), self._path(name, _FILES), note["state"])

    def _key(self) -> str:
        if self._made_of is None:
            self._made_of = self._ask()
        return self._made_of

    def _no_room(self, size: int) -> str | None:
        """Why one of this size cannot be written."""
        # The last two, one that is being written, and the end of an earlier call of `fit`.
        if (_KEPT + 2) * size > self._limit_bytes:
            return (
                f"it takes {size >> 20} MiB, and {_KEPT + 2} such are more than the "
                f"{self._limit_bytes >> 20} MiB of {LIMIT_MIB}."
            )
        if "://" not in self._folder:
            Path(self._folder).mkdir(parents=True, exist_ok=True)
            # As much again stays free, for the model and what is saved with it.
            if shutil.disk_usage(self._folder).free < 2 * size:
                return "the disk is almost full."
        return None

    def _remove(self, name: str) -> None:
        self._kept.pop(name, None)
        try:
            if tf.io.gfile.exists(self._path(name)):
                tf.io.gfile.rmtree(self._path(name))
        except _FAULTS as error:
            _say(f"The checkpoint {name} could not be removed: {error}")

    def _path(self, name: str, file: str = "") -> str:
        return posixpath.join(self._folder, name, file) if file else f"{self._folder}/{name}"


def _name(number: int) -> str:
    return f"{number:06d}"


def limit_from_environment() -> int:
    """In bytes, by RECSMITH_CHECKPOINTS_MIB. Raises JobFailedError where it is no number."""
    given = os.environ.get(LIMIT_MIB) or str(_DEFAULT_MIB)
    if not given.isdecimal():
        raise JobFailedError(f"{LIMIT_MIB} is {given!r}; expected a whole number of MiB.")
    return int(given) << 20


def _digest(path: str) -> str:
    digest = hashlib.sha256()
    with tf.io.gfile.GFile(path, "rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def _say(note: str) -> None:
    sys.stderr.write(f"{note}\n")
